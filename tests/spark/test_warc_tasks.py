"""Files are dealt out one a task, and their rows gathered in batches that fit."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BinaryType, StringType, StructField, StructType

from mammoth_spark.spark.warc_tasks import batched, one_file_a_task, rows_of_files


@pytest.mark.parametrize("count", [1, 2, 7, 48])
def test_each_file_has_a_task_of_its_own(spark: SparkSession, count: int) -> None:
    names = [f"segment/{number}.warc.gz" for number in range(count)]
    tasks = one_file_a_task(spark, names).select("warc_file", F.spark_partition_id().alias("task")).collect()
    assert sorted(row["warc_file"] for row in tasks) == sorted(names)
    assert len({row["task"] for row in tasks}) == count


def test_rows_of_all_files_come_back(spark: SparkSession) -> None:
    schema = StructType([StructField("name", StringType()), StructField("content", BinaryType())])
    rows = rows_of_files(spark, ["a", "b"], lambda name: [{"name": name, "content": b"x"}] * 300, schema)
    assert {row["name"]: row["count"] for row in rows.groupBy("name").count().collect()} == {"a": 300, "b": 300}


def test_a_batch_ends_at_its_rows_or_its_bytes() -> None:
    assert [len(rows) for rows in batched({"a": 1} for _ in range(600))] == [256, 256, 88]
    page = {"page": {"html": bytes(3 << 20), "title": "x"}, "report": None}
    assert [len(rows) for rows in batched([page] * 7)] == [3, 3, 1]
    assert list(batched([])) == []
