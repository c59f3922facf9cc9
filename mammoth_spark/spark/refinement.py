"""extracted_pairs -> refined_pairs, preferences: what each model makes of each pair, and what the checks find in it.

Answers are read and checked anew for the whole round whenever there are other pairs, answers or settings: that costs
nothing. A page comes once, with all of its pairs and what was answered about them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, MapType, StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.llm import pair_faults, pair_refinement, refined_pairs
from mammoth_spark.llm.refined_pairs import Extracted, Outcome, Refined
from mammoth_spark.spark import extraction
from mammoth_spark.spark.batches import Fields, mapped
from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.llm_calls import Asked
from mammoth_spark.spark.llm_ledger import answers, statuses
from mammoth_spark.spark.stage import Counts, committed, last_settings
from mammoth_spark.spark.tables import EXTRACTED_PAIRS, REFINED_PAIRS, STAGE_RUNS, Lake
from mammoth_spark.text.grounding import Document

STAGE = "check_refinements"
_ADDED = ("round", "wave")
_SLOTS = MapType(StringType(), StringType())
_REQUEST = StructType(
    [StructField(name, StringType()) for name in ("document", "pair")] + [StructField("slots", _SLOTS)]
)
REFINED, REFUSED, PREFERRED = "refined", "refused", "preferred"
_ROW = StructType(
    [StructField(field.name, field.dataType) for field in REFINED_PAIRS.schema if field.name not in _ADDED]
    + [StructField("choices", ArrayType(StringType()))]
    + [
        StructField(name, StringType())
        for name in ("kind", "disagrees", "id", "reason", "detail", "chosen", "rejected")
    ]
)
_REASONS = {"void": "void", "dead": "dead_call", None: "not_asked"}
_DOCUMENT_GONE = "document_gone"
_LONGEST_DETAIL = 300
Accounted = AbstractContextManager[tuple[DataFrame, DataFrame, DataFrame, Counts]]


def _pages(lake: Lake, round_: int) -> DataFrame:
    """Documents with their pairs; of a document that went since, without its text."""
    pair = F.struct("pair", "question", "choices", "answer", "question_span", "answer_span").alias("pair")
    pairs = committed(lake, EXTRACTED_PAIRS, extraction.STAGE, round_).select("document", pair)
    of_document = pairs.groupBy("document").agg(F.collect_list("pair").alias("pairs"))
    return of_document.join(documents_of(lake, round_).select("document", "text"), "document", "left")


def digest(lake: Lake, round_: int) -> list[str | None]:
    """Tells the round's pairs and refinements from those of before."""
    return [last_settings(lake, stage, round_) for stage in (extraction.STAGE, STAGE)]


def check_extracted(lake: Lake, round_: int) -> None:
    runs = lake.read(STAGE_RUNS).where((F.col("stage") == extraction.STAGE) & (F.col("round") == round_))
    if runs.isEmpty():
        raise ValueError(f"no pairs of round {round_} were extracted; run jobs/extract_pairs.py with round={round_}")


def check_refined(lake: Lake, round_: int) -> None:
    if last_settings(lake, STAGE, round_) is None:
        raise ValueError(f"no pairs of round {round_} were refined; run jobs/refine_pairs.py with round={round_}")


@contextmanager
def requested(lake: Lake, round_: int) -> Iterator[tuple[DataFrame, DataFrame]]:
    """The round's pages with their pairs, and what a model is asked: a row a pair, with the `slots` of a request."""
    pages = _pages(lake, round_).persist()
    requests = mapped(pages.where("text IS NOT NULL"), _requests_of, _REQUEST).persist()
    try:
        yield pages, requests
    finally:
        requests.unpersist()
        pages.unpersist()


def _requests_of(page: Mapping[str, Any]) -> Iterator[Fields]:
    for pair in page["pairs"]:
        spans = [(pair[span]["begin"], pair[span]["end"]) for span in ("question_span", "answer_span")]
        slots = pair_refinement.slots(page["text"], spans, pair["question"], pair["choices"] or (), pair["answer"])
        yield {"document": page["document"], "pair": pair["pair"], "slots": list(slots.items())}


@contextmanager
def refined(lake: Lake, pages: DataFrame, asked: Sequence[Asked], settings: config.Refinement) -> Iterator[DataFrame]:
    """Rows for the refinements of pairs, for those that are none and for preferences; their `kind` tells which.

    `asked` are the questions of each model, and what it was asked about."""
    by_model = [statuses(lake, question, rows).withColumn("asked", F.lit(question.model)) for question, rows in asked]
    answer = F.struct("pair", "asked", "status", "fingerprint", "reply").alias("answer")
    replies = reduce(DataFrame.unionByName, by_model).select("document", answer)
    of_document = replies.groupBy("document").agg(F.collect_list("answer").alias("answers"))
    models, arbiter = [question.model for question, _ in asked], settings.arbiter

    def check(page: Mapping[str, Any]) -> Iterator[Fields]:
        if page["text"] is None:
            for pair in page["pairs"]:
                yield _refusal(pair["pair"], pair["pair"], _DOCUMENT_GONE, page["document"])
            return
        document, answers_of = Document(page["text"]), defaultdict(list)
        for one in sorted(page["answers"] or (), key=lambda one: models.index(one["asked"])):
            answers_of[one["pair"]].append(one)
        for pair in page["pairs"]:
            yield from _of_pair(pair, document, answers_of[pair["pair"]], arbiter)

    rows = mapped(pages.join(of_document, "document", "left"), check, _ROW).persist()
    try:
        yield rows
    finally:
        rows.unpersist()


@contextmanager
def disagreeing(rows: DataFrame, requests: DataFrame) -> Iterator[DataFrame]:
    """Of the requests those about pairs on which the models disagree and nobody has decided."""
    pairs = rows.where("disagrees IS NOT NULL").select("pair").distinct()
    contested = requests.join(pairs, "pair", "left_semi").persist()
    try:
        yield contested
    finally:
        contested.unpersist()


def to_judge(rows: DataFrame, judge: str) -> list[Asked]:
    """What a judge is asked about refinements that have passed: about each, and about the options of those that have
    some."""
    schema = StructType([StructField("pair", StringType()), StructField("refined_by", StringType()), _REQUEST["slots"]])

    def of_pair(row: Mapping[str, Any]) -> Iterator[Fields]:
        slots = pair_faults.slots_of_pair(row["question"], row["choices"], row["solution"], row["final_answer"])
        yield {"pair": row["pair"], "refined_by": row["model"], "slots": list(slots.items())}

    def of_choices(row: Mapping[str, Any]) -> Iterator[Fields]:
        slots = pair_faults.slots_of_choices(row["choices"])
        yield {"pair": row["pair"], "refined_by": row["model"], "slots": list(slots.items())}

    passed = rows.where((F.col("kind") == REFINED) & F.col("passed"))
    with_choices = passed.where(F.size("choices") > 0)
    return [
        (pair_faults.of_pair(judge), mapped(passed, of_pair, schema)),
        (pair_faults.of_choices(judge), mapped(with_choices, of_choices, schema)),
    ]


def judged(lake: Lake, rows: DataFrame, asked: Sequence[Asked]) -> DataFrame:
    """The rows with what the judge has said, if it was asked: about pairs and about options."""
    if not asked:
        return rows
    for name, (question, about) in zip(("faults", "told"), asked, strict=True):
        of_model = (F.col("refined_by").alias("model"), F.col("reply").alias(name))
        said = answers(lake, question, about).select("pair", *of_model)
        rows = rows.join(said, ["pair", "model"], "left")

    def merge(row: Mapping[str, Any]) -> Iterator[Fields]:
        if row["kind"] != REFINED or not row["passed"]:
            yield {**row, "checks": list((row["checks"] or {}).items())}
            return
        one = refined_pairs.judged(_refined(row), row["choices"], row["faults"], row["told"])
        yield {**row, "checks": list(one.checks.items()), "passed": one.passed}

    return mapped(rows, merge, _ROW)


@contextmanager
def accounted(
    rows: DataFrame, pages: DataFrame, asked: Sequence[Asked]
) -> Iterator[tuple[DataFrame, DataFrame, DataFrame, Counts]]:
    """Rows of `refined_pairs`, of `preferences` and of `dropped`, and the counts.

    What comes in are pairs as each model was asked about them, and those whose page went."""
    rows = rows.persist()
    try:
        gone = pages.where("text IS NULL").agg(F.sum(F.size("pairs")).alias("pairs")).collect()[0]["pairs"] or 0
        rows_in = gone + sum(about.count() for _, about in asked)
        groups = rows.where(F.col("kind") != PREFERRED).groupBy("reason").count().collect()
        counts = {row["reason"]: row["count"] for row in groups}
        out = counts.pop(None, 0)
        refused = rows.where(F.col("kind") == REFUSED).select(F.lit(STAGE).alias("stage"), "id", "reason", "detail")
        preferred = rows.where(F.col("kind") == PREFERRED)
        preferences = preferred.select("pair", "question", "chosen", "rejected", F.col("detail").alias("reason"))
        # What is wrong with those that may not be published is counted in their checks.
        yield rows.where(F.col("kind") == REFINED), preferences, refused, Counts(1, 0, rows_in, out, counts)
    finally:
        rows.unpersist()


def _of_pair(
    pair: Mapping[str, Any], page: Document, answers: Sequence[Mapping[str, Any]], arbiter: str | None
) -> Iterator[Fields]:
    """What the models' answers about a pair come to."""
    extracted = Extracted(pair["question"], tuple(pair["choices"] or ()), pair["answer"])
    found: list[Refined] = []
    for one in answers:
        id_ = f"{pair['pair']} {one['asked']}"
        if one["status"] != "ok":
            yield _refusal(pair["pair"], id_, _REASONS[one["status"]], "")
            continue
        try:
            found.append(refined_pairs.read(one["asked"], one["fingerprint"], one["reply"], extracted, page))
        except Exception as error:  # Whatever a page and a model have written, it costs this row and no task.
            yield _refusal(pair["pair"], id_, f"error_{type(error).__name__}", str(error)[:_LONGEST_DETAIL])
    yield from _rows(pair["pair"], extracted, refined_pairs.together(found, extracted.choices, arbiter))


def _refusal(pair: str, id_: str, reason: str, detail: str) -> Fields:
    return {"pair": pair, "kind": REFUSED, "id": id_, "reason": reason, "detail": detail}


def _rows(name: str, pair: Extracted, outcome: Outcome) -> Iterator[Fields]:
    for one in outcome.refined:
        yield {
            "pair": name,
            "model": one.model,
            "question": one.question,
            "solution": one.solution,
            "final_answer": one.final_answer,
            "changes": list(one.changes),
            "checks": list(one.checks.items()),
            "sentences": [{"sentence": sentence, "tag": tag} for sentence, tag in one.sentences],
            "agreement": one.agreement,
            "passed": one.passed,
            "call": one.call,
            "choices": list(pair.choices),
            "kind": REFINED,
            "disagrees": "yes" if outcome.disagrees else None,
        }
    if outcome.preference is not None:
        yield {
            "pair": name,
            "question": outcome.preference.question,
            "kind": PREFERRED,
            "detail": outcome.preference.reason,
            "chosen": outcome.preference.chosen,
            "rejected": outcome.preference.rejected,
        }


def _refined(row: Mapping[str, Any]) -> Refined:
    return Refined(
        row["model"],
        row["call"],
        row["question"],
        row["solution"],
        row["final_answer"],
        tuple(row["changes"]),
        row["checks"],
        tuple((one["sentence"], one["tag"]) for one in row["sentences"]),
        row["agreement"],
    )
