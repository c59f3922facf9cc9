"""WARC paths -> every table that the suite makes so far, stage by stage in one session.

Recall, and the choice of sites by it, are made in as many rounds as the run file's `round` says; the last one's pages
become documents. What is done stays done, so the same command resumes a run. Sections: those of the stages.
"""

import clean_pages
import collect_seeds
import decontaminate
import decontaminate_pairs
import extract_pairs
import find_places
import group_sites
import judge_rewordings
import recall_pages
import refine_pairs
import select_sites
import train_recall
from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.spark.job import main

ROUND = (collect_seeds, train_recall, find_places, recall_pages, group_sites, select_sites)
SECTIONS = (
    "crawl",
    "pages",
    "seeds",
    "visits",
    "classifier",
    "recall",
    "sites",
    "llm",
    "documents",
    "decontamination",
    "extraction",
    "refinement",
    "http",
)


def run(spark: SparkSession, run_file: RunFile) -> None:
    for round_ in range(1, run_file.round + 1):
        by_index = bool(run_file.recall.index) and round_ > 1
        for stage in ROUND if by_index else [stage for stage in ROUND if stage is not find_places]:
            stage.run(spark, run_file.model_copy(update={"round": round_}))
    clean_pages.run(spark, run_file)
    if run_file.decontamination.benchmarks:
        decontaminate.run(spark, run_file)
    extract_pairs.run(spark, run_file)
    refine_pairs.run(spark, run_file)
    if run_file.decontamination.judge is not None:
        judge_rewordings.run(spark, run_file)
    if run_file.decontamination.benchmarks:
        decontaminate_pairs.run(spark, run_file)


def models(run_file: RunFile) -> list[str]:
    judge = run_file.decontamination.judge
    of_pairs = [run_file.extraction.model, *run_file.refinement.all_models]
    return [run_file.sites.model, *([judge] if judge is not None else []), *of_pairs]


if __name__ == "__main__":
    main("run_pipeline", __doc__, run, uses=SECTIONS, asks=models)
