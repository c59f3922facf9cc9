"""documents, benchmark files -> documents without matches, contamination, benchmark_items, benchmark_ngrams.

Takes out documents that hold words of a benchmark's question or answer, and keeps the evidence. Each run plants
canaries in texts of its own and tells how many it found. A new benchmark in the run file, or a changed one, is looked
for in what stands by the same command. Section: decontamination.
"""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import benchmarks, contamination, decontamination, documents, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import (
    CONTAMINATION,
    DOCUMENTS,
    DROPPED,
    STAGE_RUNS,
    Lake,
)

_TOLD = 5


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_, wanted = Lake(spark, run_file.lake), run_file.round, run_file.decontamination
    if not wanted.benchmarks:
        raise ValueError("decontamination.benchmarks names none; docs/operations.md shows how they are named")
    lake.create(DOCUMENTS, STAGE_RUNS)
    documents.check_cleaned(lake, round_)
    benchmarks.load(spark, lake, run_file)
    known = documents.digest(lake, round_, documents.STAGES[:2])
    settings = settings_sha256(contamination.rows_decided_by(wanted), known)
    with stage.opened(spark, lake, run_file, "decontaminate", "check", (CONTAMINATION, DROPPED), settings) as work:
        work.take_out(DOCUMENTS)
        left = [] if work.is_settled else ["check"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            known_items = contamination.benchmarks_of(lake, wanted, round_)
            figures = decontamination.measured(spark, lake, run_file, known_items)
            work.say(", ".join(f"{name} {value:g}" for name, value in figures.items()))
            with decontamination.checked(lake, known_items, round_) as (dropped, evidence, common, counts):
                work.commit({DROPPED: dropped, CONTAMINATION: evidence}, counts, figures)
                often = common.where(F.col("documents") >= wanted.common_ngram_documents)
                for row in often.orderBy(F.desc("documents"), "ngram").limit(_TOLD).collect():
                    work.say(f"in {row['documents']:,} documents, so perhaps a phrase that all use: {row['ngram']!r}")
            work.take_out(DOCUMENTS)
        work.close(1)


if __name__ == "__main__":
    main("decontaminate", __doc__, run, uses=("decontamination", "http"))
