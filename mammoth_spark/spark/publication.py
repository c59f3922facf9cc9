"""refined_pairs, question_clusters -> instructions: which refinements are published, and with which tier and ancestry.

Of questions that are almost the same one pair stays. What is left out has its row with the reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from mammoth_spark import config
from mammoth_spark.spark import question_clusters
from mammoth_spark.spark.batches import Fields, mapped
from mammoth_spark.spark.question_clusters import best_of_pairs, refinements
from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import INSTRUCTIONS, QUESTION_CLUSTERS, Lake
from mammoth_spark.text import checkable, samples, subjects

STAGE = "publish_dataset"
_ADDED = ("round", "wave")
_ROW = StructType(
    [StructField(field.name, field.dataType) for field in INSTRUCTIONS.schema if field.name not in _ADDED]
)
_CHECKER = "mammoth_spark.text.answers.same"
_CLUSTER = ("cluster", "cluster_size", "cluster_sites", "cluster_agrees")


@contextmanager
def published(
    lake: Lake, round_: int, settings: config.Publication, models: Sequence[str]
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """Rows of `instructions`, of `dropped` for refinements that are not published, and the counts."""
    with ExitStack() as held:

        def kept(rows: DataFrame) -> DataFrame:
            held.callback(rows.persist().unpersist)
            return rows

        all_ = kept(refinements(lake, round_, models))
        clusters = committed(lake, QUESTION_CLUSTERS, question_clusters.STAGE, round_).drop("round", "wave")
        decided = kept(_decided(all_, best_of_pairs(all_).join(clusters, "pair"), settings))
        made = mapped(decided.where("reason IS NULL"), _sample, _ROW)
        # Two models at times write the very same.
        numbered = made.withColumn("nth", F.row_number().over(Window.partitionBy("id").orderBy("pair", "refined_by")))
        numbered = kept(_mixed(numbered, settings.mixture))
        name = F.concat_ws(" ", "pair", "refined_by").alias("name")
        dropped = kept(
            decided.where("reason IS NOT NULL")
            .select(name, "reason", "detail")
            .unionByName(numbered.where("reason IS NOT NULL").select(name, "reason", F.col("id").alias("detail")))
        )
        counts = {row["reason"]: row["count"] for row in dropped.groupBy("reason").count().collect()}
        rows = numbered.where("reason IS NULL").drop("nth", "reason")
        yield (
            rows,
            dropped.select(F.lit(STAGE).alias("stage"), F.col("name").alias("id"), "reason", "detail"),
            Counts(1, 0, all_.count(), rows.count(), counts),
        )


def _decided(all_: DataFrame, pairs: DataFrame, settings: config.Publication) -> DataFrame:
    """The refinements with their pair's cluster, and with the reason for which one is not published."""
    if settings.pairs_per_site is not None:
        of_site = Window.partitionBy("root_url").orderBy("rank")
        chosen = pairs.where("pair = cluster").withColumn("nth", F.row_number().over(of_site))
        chosen = chosen.where(F.col("nth") <= settings.pairs_per_site).select("pair", F.lit(True).alias("has_room"))
        pairs = pairs.join(chosen, "pair", "left")
    else:
        pairs = pairs.withColumn("has_room", F.lit(True))
    joined = all_.join(pairs.select("pair", "has_room", *_CLUSTER), "pair", "left")
    may = F.col("passed") & F.col("text").isNotNull()
    nth = F.row_number().over(Window.partitionBy("pair", may).orderBy("place", "refined_by"))
    why_not = F.concat_ws(", ", F.array_sort(F.map_keys(F.map_filter("checks", _fails))))
    reason = (
        F.when(F.col("text").isNull(), "pair_gone")
        .when(~F.col("passed"), "not_passed")
        .when(F.col("pair") != F.col("cluster"), "near_duplicate")
        .when(F.col("has_room").isNull(), "site_full")
        .when(F.col("nth") > settings.refinements, "refined_enough")
    )
    detail = (
        F.when(F.col("reason") == "not_passed", F.concat_ws("; ", "agreement", why_not))
        .when(F.col("reason") == "near_duplicate", F.col("cluster"))
        .when(F.col("reason") == "site_full", F.col("root_url"))
        .otherwise(F.col("pair"))
    )
    return (
        joined.withColumn("nth", nth).withColumn("reason", reason).withColumn("detail", detail).drop("nth", "has_room")
    )


def _fails(check: Column, found: Column) -> Column:
    """What the sentences are is an account, and no verdict."""
    return (found != "same") & (check != "sentences")


def _mixed(numbered: DataFrame, mixture: Mapping[str, float]) -> DataFrame:
    """With the reason for which a sample is left out after all."""
    reason = F.when(F.col("nth") > 1, "same_sample")
    if mixture:
        counts = {
            row["subject"]: row["count"] for row in numbered.where("nth = 1").groupBy("subject").count().collect()
        }
        shares = kept_shares(counts, mixture)
        # By hash: the same ones whatever the parallelism.
        drawn = F.pmod(F.xxhash64("id"), F.lit(1 << 32)) / F.lit(float(1 << 32))
        for subject, share in shares.items():
            reason = reason.when((F.col("subject") == subject) & (drawn >= share), "out_of_mixture")
    return numbered.withColumn("reason", reason)


def kept_shares(counts: Mapping[str, int], mixture: Mapping[str, float]) -> dict[str, float]:
    """How much of each subject may stay, so that they stand in these shares and as much as possible stays."""
    wanted = {subject: share for subject, share in mixture.items() if share}
    lacking = [subject for subject in wanted if not counts.get(subject)]
    if lacking:
        raise ValueError(f"publication.mixture wants {', '.join(lacking)}, and no sample has that subject")
    total = min(counts[subject] / share for subject, share in wanted.items())
    return {subject: wanted.get(subject, 0.0) * total / count for subject, count in counts.items()}


def _sample(row: Mapping[str, Any]) -> Iterator[Fields]:
    choices = row["choices"] or ()
    chat = samples.messages(row["refined_question"], choices, row["solution"])
    subject, subject_by = subjects.subject_of(chat[0]["content"])
    kind, kind_by = subjects.kind_of(row["url"], row["text"])
    labels = {"subject_by": subject_by, "kind_by": kind_by}
    tier, answer = "plain", row["final_answer"]
    if row["agreement"] == "gold":
        tier = "gold"
    elif row["cluster_sites"] > 1 and row["cluster_agrees"]:
        tier, labels["gold_by"] = "gold", f"{row['cluster_sites']} sites"
    found = checkable.checked(answer, choices)
    if isinstance(found, checkable.NotCheckable):
        labels["not_verifiable"] = f"{found.reason}: {found.detail}"
    else:
        answer = found.answer
        # Two refiners are needed, who agree; sites that agree may have copied each other.
        if row["agreement"] == "gold":
            tier = "verifiable"
        else:
            labels["not_verifiable"] = f"agreement: {row['agreement']}"
    is_checked = tier == "verifiable"
    calls = [call for call in (row["extracting_call"], row["refining_call"]) if call is not None]
    models = dict.fromkeys(model for model in (row["extracting_model"], row["refining_model"]) if model is not None)
    same = ("pair", "refined_by", "agreement", "grounding", "document", "url", "root_url", "score", *_CLUSTER)
    ancestry = ("warc_file", "warc_offset", "warc_length")
    yield {
        **{name: row[name] for name in (*same, *ancestry)},
        "id": samples.sample_id(chat),
        "messages": chat,
        "subject": subject,
        "kind": kind,
        "tier": tier,
        "final_answer": answer,
        "answer_kind": found.kind if is_checked and isinstance(found, checkable.Checkable) else None,
        "checker": _CHECKER if is_checked else None,
        "choices": list(choices),
        "labels": list(labels.items()),
        "checks": list((row["checks"] or {}).items()),
        "calls": calls,
        "models": list(models),
    }
