"""documents and pairs without those that hold a benchmark's words, and the evidence; measured by canaries."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.spark import contamination, documents, extraction, refinement
from mammoth_spark.spark.contamination import Benchmarks
from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.stage import Counts, StageFailed, committed, last_settings
from mammoth_spark.spark.tables import EXTRACTED_PAIRS, REFINED_PAIRS, Lake

_STAGE = "decontaminate"
PAIRS_STAGE = "decontaminate_pairs"
# No word of it is one of a benchmark's, so that no n-gram reaches from one text into the next.
_BETWEEN = "\n\nzzzz zzzz\n\n"
_DOCUMENTS = "documents"
# Texts around the canaries, and for false hits; drawn by hash from the documents themselves.
_PROSE = 200
_LONGEST_PROSE = 4_000
_ALL = 1_000_000


@contextmanager
def checked(
    lake: Lake, benchmarks: Benchmarks, round_: int
) -> Iterator[tuple[DataFrame, DataFrame, DataFrame, Counts]]:
    """Rows of `dropped` for documents with a match, rows of `contamination`, its n-grams by number of documents, and
    the counts."""
    documents = documents_of(lake, round_)
    texts = documents.select(F.col("document").alias("id"), "url", "text")
    with _evidence(benchmarks, texts, _STAGE, _DOCUMENTS) as evidence:
        dropped, counts = contamination.taken_out(evidence, documents, _STAGE, "contaminated")
        common = evidence.groupBy("ngram").agg(F.countDistinct("id").alias("documents"))
        yield dropped, evidence, common, counts


@contextmanager
def checked_pairs(lake: Lake, benchmarks: Benchmarks, round_: int) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """Rows of `dropped` for pairs with a match, in what stands on the page or in what a model made of it, and for pairs
    of documents that went; rows of `contamination`, and the counts."""
    pairs = committed(lake, EXTRACTED_PAIRS, extraction.STAGE, round_)
    documents = documents_of(lake, round_).select("document", "url")
    refined = committed(lake, REFINED_PAIRS, refinement.STAGE, round_)
    whole = F.concat_ws(_BETWEEN, "question", F.concat_ws(_BETWEEN, "choices"), "answer")
    made = F.concat_ws(_BETWEEN, F.collect_list(F.concat_ws(_BETWEEN, "question", "solution", "final_answer"))).alias(
        "made"
    )
    texts = (
        pairs.join(documents, "document")
        .join(refined.groupBy("pair").agg(made), "pair", "left")
        .select(F.col("pair").alias("id"), "url", F.concat_ws(_BETWEEN, whole, "made").alias("text"))
    )
    with _evidence(benchmarks, texts, PAIRS_STAGE, "extracted_pairs") as evidence:
        contaminated, counts = contamination.taken_out(evidence, pairs, PAIRS_STAGE, "contaminated")
        orphans = pairs.join(documents, "document", "left_anti").select(
            F.lit(PAIRS_STAGE).alias("stage"),
            F.col("pair").alias("id"),
            F.lit("document_gone").alias("reason"),
            F.col("document").alias("detail"),
        )
        gone = orphans.count()
        dropped = {**counts.dropped, "document_gone": gone} if gone else counts.dropped
        counts = Counts(1, 0, counts.rows_in, counts.rows_out - gone, dropped)
        yield contaminated.unionByName(orphans), evidence, counts


def pairs_settings(lake: Lake, run_file: config.RunFile) -> str:
    """Hash of what decides which pairs are taken out: settings and benchmarks, documents, pairs and refinements."""
    known = documents.digest(lake, run_file.round, documents.STAGES), refinement.digest(lake, run_file.round)
    return config.settings_sha256(contamination.rows_decided_by(run_file.decontamination), known)


def check_pairs_checked(lake: Lake, run_file: config.RunFile) -> None:
    """A stage that was forgotten, or came before these pairs, must not read as a clean bill."""
    if last_settings(lake, PAIRS_STAGE, run_file.round) != pairs_settings(lake, run_file):
        raise ValueError(
            f"the pairs of round {run_file.round} as they stand were not compared with decontamination.benchmarks; run"
            f" jobs/decontaminate_pairs.py with round={run_file.round}"
        )


@contextmanager
def _evidence(benchmarks: Benchmarks, texts: DataFrame, stage: str, found_in: str) -> Iterator[DataFrame]:
    with benchmarks.evidence_in(texts) as found:
        named = texts.select("id", "url").join(found, "id")
        evidence = named.withColumns({"stage": F.lit(stage), "found_in": F.lit(found_in)}).persist()
        try:
            yield evidence
        finally:
            evidence.unpersist()


def measured(spark: SparkSession, lake: Lake, run_file: config.RunFile, benchmarks: Benchmarks) -> dict[str, float]:
    """What the very same check finds of items planted on purpose, and what it finds where nothing stands."""
    prose = _prose(lake, run_file.round)
    figures: dict[str, float] = {}
    texts, counts = contamination.planted(spark, lake, run_file.decontamination, run_file.round, prose)
    if counts:
        # Each is to be found as itself, also where others have the same words.
        with benchmarks.evidence_in(texts, items_an_ngram=_ALL) as evidence:
            shares = contamination.shares_found(evidence, counts)
            figures |= {f"recall_{kind}": share for kind, share in shares.items()}
    if prose:
        with benchmarks.evidence_in(contamination.clean_texts(spark, prose)) as evidence:
            figures["false_hits"] = float(evidence.select("id").distinct().count())
    if figures.get("recall_verbatim", 1.0) < 1.0:
        raise StageFailed(
            f"{_STAGE}: of benchmark items planted word for word only {figures['recall_verbatim']:.1%} were found, so"
            " its answer could not be trusted; nothing was changed"
        )
    return figures


def _prose(lake: Lake, round_: int) -> Sequence[str]:
    sample = documents_of(lake, round_).orderBy(F.xxhash64("document")).limit(_PROSE)
    return [row["text"][:_LONGEST_PROSE] for row in sample.select("text").collect()]
