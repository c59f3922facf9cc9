"""WARC paths -> every table that the suite makes so far, stage by stage in one session.

What is done stays done, so the same command resumes a run. Sections: those of the stages.
"""

import collect_seeds
import recall_pages
import train_recall
from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.spark.job import main

STAGES = (collect_seeds, train_recall, recall_pages)


def run(spark: SparkSession, run_file: RunFile) -> None:
    for stage in STAGES:
        stage.run(spark, run_file)


if __name__ == "__main__":
    sections = ("crawl", "pages", "seeds", "classifier", "recall", "http")
    main("run_pipeline", __doc__, run, uses=sections, needs=("seeds.sites",))
