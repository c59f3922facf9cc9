"""rows -> llm_calls: a stage for tests, which asks about as many titles as ROWS says, DISTINCT of them different."""

import os
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark.config import RunFile
from mammoth_spark.spark import llm_calls, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, Lake
from tests.llm.questions import poisoned, question


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    folder = Path(os.environ["QUESTION"])
    asked = question(folder)
    if "POISON" in os.environ:
        asked = poisoned(asked, "Exercise 7 on fractions", folder / "deaths")
    number = F.col("id") % int(os.environ["DISTINCT"])
    titles = F.concat(F.lit("Exercise "), number.cast("string"), F.lit(" on fractions"))
    rows = spark.range(int(os.environ["ROWS"])).select(F.create_map(F.lit("title"), titles).alias("slots"))
    with stage.opened(spark, lake, run_file, asked.stage, "buckets", (LLM_REQUESTS, LLM_CALLS), "settings") as work:
        llm_calls.ask(spark, lake, run_file, work, asked, rows)


if __name__ == "__main__":
    main("ask_titles", __doc__, run, uses=("llm",))
