"""refined_pairs -> question_clusters: which pairs ask almost the same, and which of them stands for all.

Two questions are one if the same numbers stand in them and almost the same words: an exercise with other numbers is
another. None is compared with all others.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, StringType, StructField, StructType

from mammoth_spark.spark import extraction, refinement
from mammoth_spark.spark.batches import Fields, mapped
from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.similar_texts import WORDS, like_one_before, signed
from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import EXTRACTED_PAIRS, LLM_CALLS, REFINED_PAIRS, Lake
from mammoth_spark.text import answers

STAGE = "cluster_questions"
# Words in a row by which questions are compared.
_SHINGLE = 3
# A chain of questions, each like the next, is halved so often; one of a million links needs twenty.
_MOST_JUMPS = 40
_MEMBER = StructType([StructField("pair", StringType()), StructField("agrees", BooleanType())])


@contextmanager
def clustered(
    lake: Lake, round_: int, similarity: float | None, models: Sequence[str]
) -> Iterator[tuple[DataFrame, Counts]]:
    """Rows of `question_clusters`, and the counts."""
    with ExitStack() as held:
        best = best_of_pairs(refinements(lake, round_, models)).persist()
        held.callback(best.unpersist)
        count = best.count()
        yield _clusters(best, similarity, held), Counts(1, 0, count, count)


def _clusters(best: DataFrame, similarity: float | None, held: ExitStack) -> DataFrame:
    """Each pair with the one that stands for its cluster, and what is known of that."""
    roots = (
        best.select("pair", F.col("pair").alias("cluster")) if similarity is None else _roots(best, similarity, held)
    )
    members = best.join(roots, "pair")
    heads = best.select(
        F.col("pair").alias("cluster"), F.col("answer").alias("head"), F.col("choices").alias("head_choices")
    )

    def compare(row: Mapping[str, Any]) -> Iterator[Fields]:
        mine = answers.in_words(row["answer"], row["choices"] or ())
        head = answers.in_words(row["head"], row["head_choices"] or ())
        yield {"pair": row["pair"], "agrees": answers.same(mine, head)}

    others = members.where("pair <> cluster").join(heads, "cluster")
    agree = mapped(others.select("pair", "answer", "choices", "head", "head_choices"), compare, _MEMBER)
    of_cluster = (
        members.join(agree, "pair", "left")
        .groupBy("cluster")
        .agg(
            F.count("*").alias("cluster_size"),
            F.countDistinct("root_url").alias("cluster_sites"),
            F.coalesce(F.bool_and("agrees"), F.lit(True)).alias("cluster_agrees"),
        )
    )
    return members.select("pair", "cluster").join(of_cluster, "cluster")


def _roots(best: DataFrame, similarity: float, held: ExitStack) -> DataFrame:
    """Each pair with the first of those that it is like, over however many links."""
    words = F.array_join(F.regexp_extract_all(F.lower("text"), F.lit(WORDS), F.lit(1)), " ")
    same = best.select("pair", "rank", "group", "text", F.xxhash64(words).alias("words"))
    first_of = same.groupBy("words").agg(F.min("rank").alias("first"))
    exact = same.join(first_of, "words").select("pair", "rank", "group", "text", F.col("first.pair").alias("first"))
    signatures = signed(exact.where("pair = first").select("rank", "group", "text"), _SHINGLE).persist()
    held.callback(signatures.unpersist)
    near = like_one_before(signatures, similarity).select(
        F.col("rank.pair").alias("pair"), F.col("first.pair").alias("nearest")
    )
    links = exact.join(near, "pair", "left").select("pair", F.coalesce("nearest", "first").alias("cluster"))
    for _ in range(_MOST_JUMPS):
        # Without the plan that made them: it would double with each jump.
        links = links.localCheckpoint()
        next_ = links.select(F.col("pair").alias("cluster"), F.col("cluster").alias("further"))
        jumped = links.join(next_, "cluster")
        if jumped.where("further <> cluster").isEmpty():
            return links
        links = jumped.select("pair", F.col("further").alias("cluster"))
    raise AssertionError("a chain of questions has no end")


def refinements(lake: Lake, round_: int, models: Sequence[str]) -> DataFrame:
    """All of the round, with pair and page where these still stand, and the place of their model in the run file; those
    of models that it names no more come last."""
    refined = committed(lake, REFINED_PAIRS, refinement.STAGE, round_).select(
        "pair",
        F.col("model").alias("refined_by"),
        F.col("question").alias("refined_question"),
        *("solution", "final_answer", "checks", "agreement", "passed"),
        F.col("call").alias("refining_call"),
    )
    pairs = committed(lake, EXTRACTED_PAIRS, extraction.STAGE, round_).select(
        *("pair", "document", "question", "choices", "grounding"), F.col("call").alias("extracting_call")
    )
    pages = documents_of(lake, round_).select(
        *("document", "text", "warc_file", "warc_offset", "warc_length", "url", "root_url", "score")
    )
    names = F.array(*map(F.lit, models))
    calls = lake.read(LLM_CALLS).where("status = 'ok'")
    by_call = [
        calls.select(F.col("fingerprint").alias(f"{part}_call"), F.col("model").alias(f"{part}_model"))
        for part in ("refining", "extracting")
    ]
    return (
        refined.join(pairs.join(pages, "document"), "pair", "left")
        .join(by_call[0], "refining_call", "left")
        .join(by_call[1], "extracting_call", "left")
        .withColumn(
            "place", F.coalesce(F.nullif(F.array_position(names, "refined_by"), F.lit(0)), F.lit(len(models) + 1))
        )
    )


def best_of_pairs(refined: DataFrame) -> DataFrame:
    """Of refinements that have passed a row a pair: its rank, what its question is compared by, and the answer of its
    first one."""
    first = (
        refined.where("passed AND text IS NOT NULL")
        .groupBy("pair")
        .agg(
            F.min(
                F.struct("place", "refined_by", "final_answer", "question", "choices", "root_url", "agreement", "score")
            ).alias("first")
        )
    )
    # Where models agree a pair is worth more, and then where its page is.
    rank = F.struct(
        (F.col("first.agreement") != "gold").alias("is_not_gold"), (-F.col("first.score")).alias("score"), "pair"
    )
    text = F.concat_ws("\n", "first.question", F.concat_ws("\n", "first.choices"))
    numbers = F.sort_array(F.regexp_extract_all(text, F.lit(r"(\d+(?:[.,]\d+)*)"), F.lit(1)))
    return first.select(
        "pair",
        rank.alias("rank"),
        text.alias("text"),
        F.xxhash64(numbers).alias("group"),
        F.col("first.final_answer").alias("answer"),
        F.col("first.choices").alias("choices"),
        F.col("first.root_url").alias("root_url"),
    )
