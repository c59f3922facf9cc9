"""documents without those that hold a benchmark's words, and the evidence; measured by canaries in every run."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.spark import contamination
from mammoth_spark.spark.contamination import Benchmarks
from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.stage import Counts, StageFailed
from mammoth_spark.spark.tables import Lake

_STAGE = "decontaminate"
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
    texts = documents.select(F.col("document").alias("id"), "text")
    with benchmarks.evidence_in(texts) as found, ExitStack() as held:
        named = documents.select(F.col("document").alias("id"), "url").join(found, "id")
        evidence = named.withColumns({"stage": F.lit(_STAGE), "found_in": F.lit(_DOCUMENTS)}).persist()
        held.callback(evidence.unpersist)
        dropped, counts = contamination.taken_out(evidence, documents, _STAGE, "contaminated")
        common = evidence.groupBy("ngram").agg(F.countDistinct("id").alias("documents"))
        yield dropped, evidence, common, counts


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
