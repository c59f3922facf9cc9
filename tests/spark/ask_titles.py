"""rows -> llm_calls: a stage for tests, which asks about as many titles as ROWS says, DISTINCT of them different."""

import os
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark.config import RunFile
from mammoth_spark.spark.job import main
from tests.llm.questions import poisoned, question
from tests.spark.asking import ask


def run(spark: SparkSession, run_file: RunFile) -> None:
    folder = Path(os.environ["QUESTION"])
    asked = question(folder)
    if "POISON" in os.environ:
        asked = poisoned(asked, "Exercise 7 on fractions", folder / "deaths")
    number = F.col("id") % int(os.environ["DISTINCT"])
    titles = F.concat(F.lit("Exercise "), number.cast("string"), F.lit(" on fractions"))
    rows = spark.range(int(os.environ["ROWS"])).select(F.create_map(F.lit("title"), titles).alias("slots"))
    ask(spark, run_file, asked, rows)


if __name__ == "__main__":
    main("ask_titles", __doc__, run, uses=("llm",))
