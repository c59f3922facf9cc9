"""documents -> extracted_pairs: what pages mark as questions, and what a model finds in the passages of the others.

Whoever says that a pair is there, it is looked for on its page, and the page's own words are kept. Reading answers into
pairs costs nothing, so it is done anew for the whole round whenever there are other documents, answers or settings.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, LongType, MapType, StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.llm import pair_extraction
from mammoth_spark.llm.request import Question
from mammoth_spark.spark.batches import Fields, mapped
from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.llm_ledger import statuses
from mammoth_spark.spark.stage import Counts
from mammoth_spark.spark.tables import EXTRACTED_PAIRS, Lake
from mammoth_spark.text import marked_pairs
from mammoth_spark.text.grounding import Document
from mammoth_spark.text.page_pairs import NoPair, PagePair, of_page, on_page
from mammoth_spark.text.passages import passages
from mammoth_spark.text.words import name_of

STAGE = "ground_pairs"
_ADDED = ("round", "wave")
_PASSAGE = StructType(
    [
        StructField("document", StringType()),
        StructField("begin", LongType()),
        StructField("slots", MapType(StringType(), StringType())),
        StructField("is_passed_over", BooleanType()),
    ]
)
_ROW = StructType(
    [StructField(field.name, field.dataType) for field in EXTRACTED_PAIRS.schema if field.name not in _ADDED]
    + [StructField(name, StringType()) for name in ("id", "reason", "detail")]
    + [StructField(name, LongType()) for name in ("claims", "passages")]
)
PASSED_OVER = "void_expected"
# Why a passage gave no claim, by the status of its call.
_REASONS = {"void": "void", "dead": "dead_call", "ok": "void", None: "not_asked"}
# Of a row that tells how much of a document was read.
_READ = "read"


def passages_of(documents: DataFrame, settings: config.Extraction) -> DataFrame:
    """What a model is asked about, with the `slots` of a request: the passages of documents without a pair that they
    mark themselves."""

    def cut(row: Mapping[str, Any]) -> Iterator[Fields]:
        if any(isinstance(one, PagePair) for one in of_page(_marked(row, Document(row["text"]), settings))):
            return
        for one in passages(row["text"], settings.passage_words, settings.overlap_words):
            slots = pair_extraction.slots(row["text"][one.begin : one.end])
            yield {
                "document": row["document"],
                "begin": one.begin,
                "slots": list(slots.items()),
                "is_passed_over": False,
            }

    return mapped(documents.select("document", "text", "questions"), cut, _PASSAGE)


@contextmanager
def grounded(
    lake: Lake, round_: int, settings: config.Extraction, question: Question, asked: DataFrame
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """Rows of `extracted_pairs`, rows of `dropped` for claims that are none and passages without any, and the counts.

    `asked` are the passages. What comes in are the claims of pages and models, and the passages without any."""
    answers = statuses(lake, question, asked).select(
        "document", F.struct("begin", "status", "fingerprint", "reply", "is_passed_over").alias("answer")
    )
    of_document = answers.groupBy("document").agg(F.sort_array(F.collect_list("answer")).alias("answers"))
    documents = documents_of(lake, round_).select("document", "text", "questions")

    def ground(row: Mapping[str, Any]) -> Iterator[Fields]:
        yield from _pairs_of(row, settings)

    found = mapped(documents.join(of_document, "document", "left"), ground, _ROW).persist()
    try:
        sums = (F.count("*").alias("rows"), F.sum("claims").alias("claims"), F.sum("passages").alias("passages"))
        groups = {row["reason"]: row for row in found.groupBy("reason").agg(*sums).collect()}
        read, read_passages = (groups[_READ][name] if _READ in groups else 0 for name in ("claims", "passages"))
        passages = asked.count()
        assert read_passages == passages, f"of {passages} passages {read_passages} were read"
        counts = {reason: row["rows"] for reason, row in groups.items() if reason != _READ}
        out = counts.pop(None, 0)
        is_dropped = F.col("reason") != _READ
        dropped = found.where(is_dropped).select(F.lit(STAGE).alias("stage"), "id", "reason", "detail")
        pairs = found.where("reason IS NULL").drop("id", "reason", "detail", "claims", "passages")
        yield pairs, dropped, Counts(1, 0, read, out, counts)
    finally:
        found.unpersist()


def _pairs_of(row: Mapping[str, Any], settings: config.Extraction) -> Iterator[Fields]:
    """A document's pairs, why its other claims are none, and how much there was to read."""
    document = Document(row["text"])
    found = list(_marked(row, document, settings))
    answers, empty = row["answers"] or (), 0
    for answer in answers:
        is_ok = answer["status"] == "ok"
        claims = pair_extraction.claims(answer["reply"], answer["fingerprint"]) if is_ok else []
        found += [on_page(document, claim, settings.least_grounding, answer["begin"]) for claim in claims]
        if not claims:
            empty += 1
            id_ = f"{row['document']} {answer['begin']}"
            is_passed_over = answer["is_passed_over"] and answer["status"] is None
            reason = PASSED_OVER if is_passed_over else _REASONS[answer["status"]]
            yield _no_pair(row, id_, reason, f"the passage that begins at {answer['begin']:,}")
    for number, one in enumerate(of_page(found)):
        if isinstance(one, NoPair):
            yield _no_pair(row, f"{row['document']} {number} of what was claimed", one.reason, one.detail)
        else:
            yield _pair(row, one)
    yield {"document": row["document"], "reason": _READ, "claims": len(found) + empty, "passages": len(answers)}


def _marked(row: Mapping[str, Any], document: Document, settings: config.Extraction) -> Iterator[PagePair | NoPair]:
    for claim in marked_pairs.claims(row["questions"] or ()):
        yield on_page(document, claim, settings.least_grounding)


def _pair(row: Mapping[str, Any], one: PagePair) -> Fields:
    return {
        "pair": name_of(f"{row['document']} {one.question_span} {one.answer_span}"),
        "document": row["document"],
        "question": one.question,
        "choices": list(one.choices),
        "answer": one.answer,
        "question_span": dict(zip(("begin", "end"), one.question_span, strict=True)),
        "answer_span": dict(zip(("begin", "end"), one.answer_span, strict=True)),
        "grounding": one.share,
        "rule": one.claim.rule,
        "call": one.claim.call,
    }


def _no_pair(row: Mapping[str, Any], id_: str, reason: str, detail: str) -> Fields:
    return {"document": row["document"], "id": id_, "reason": reason, "detail": detail}
