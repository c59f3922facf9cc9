"""How WARC files are dealt out to tasks."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession


def one_file_a_task(spark: SparkSession, warc_files: Sequence[str]) -> DataFrame:
    """A row and a partition for each file: rows of one partition are dealt out in turn."""
    names = spark.createDataFrame([(name,) for name in warc_files], "warc_file string")
    return names.coalesce(1).repartition(len(warc_files))
