"""extracted_pairs, refined_pairs, benchmark files -> both without matches, contamination.

Takes out pairs that hold a benchmark's words, as they stand on the page or as a model wrote them, and pairs of
documents that went since. A new benchmark is looked for in what stands by the same command. Section: decontamination.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.spark import benchmarks, contamination, decontamination, refinement, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.stage import Stage
from mammoth_spark.spark.tables import (
    CONTAMINATION,
    DOCUMENTS,
    DROPPED,
    EXTRACTED_PAIRS,
    PREFERENCES,
    REFINED_PAIRS,
    STAGE_RUNS,
    Lake,
)


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_, wanted = Lake(spark, run_file.lake), run_file.round, run_file.decontamination
    if not wanted.benchmarks:
        raise ValueError("decontamination.benchmarks names none; docs/operations.md shows how they are named")
    lake.create(DOCUMENTS, STAGE_RUNS)
    refinement.check_extracted(lake, round_)
    benchmarks.load(spark, lake, run_file)
    settings = decontamination.pairs_settings(lake, run_file)
    writes = (CONTAMINATION, DROPPED, EXTRACTED_PAIRS, REFINED_PAIRS, PREFERENCES)
    with stage.opened(spark, lake, run_file, decontamination.PAIRS_STAGE, "check", writes, settings) as work:
        take_out(work)
        left = [] if work.is_settled else ["check"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            known_items = contamination.benchmarks_of(lake, wanted, round_)
            with decontamination.checked_pairs(lake, known_items, round_) as (dropped, evidence, counts):
                work.commit({DROPPED: dropped, CONTAMINATION: evidence}, counts)
            take_out(work)
        work.close(1)


def take_out(work: Stage) -> None:
    for table in (EXTRACTED_PAIRS, REFINED_PAIRS, PREFERENCES):
        work.take_out(table, "pair")


if __name__ == "__main__":
    main("decontaminate_pairs", __doc__, run, uses=("decontamination", "http"))
