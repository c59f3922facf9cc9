"""Files are dealt out one a task, and their rows gathered in batches that fit."""

import os
import signal
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import BinaryType, StringType, StructField, StructType

from mammoth_spark.spark.file_tasks import batched, one_file_a_task, rows_of_files


@pytest.mark.parametrize("count", [1, 2, 7, 48])
def test_each_file_has_a_task_of_its_own(spark: SparkSession, count: int) -> None:
    names = [f"segment/{number}.warc.gz" for number in range(count)]
    tasks = one_file_a_task(spark, names).select("warc_file", F.spark_partition_id().alias("task")).collect()
    assert sorted(row["warc_file"] for row in tasks) == sorted(names)
    assert len({row["task"] for row in tasks}) == count


SCHEMA = StructType([StructField("name", StringType()), StructField("content", BinaryType())])


def failed(name: str, reason: str) -> dict[str, object]:
    return {"name": f"failed {name}", "content": reason.encode()}


def test_rows_of_all_files_come_back(spark: SparkSession) -> None:
    rows = rows_of_files(spark, ["a", "b"], lambda name: [{"name": name, "content": b"x"}] * 300, failed, SCHEMA)
    assert {row["name"]: row["count"] for row in rows.groupBy("name").count().collect()} == {"a": 300, "b": 300}


def test_a_file_that_breaks_its_reader_or_kills_its_worker_costs_no_other(spark: SparkSession) -> None:
    def read(name: str) -> Iterator[dict[str, object]]:
        yield {"name": name, "content": b"x"}
        if name == "raises":
            raise RuntimeError("a parser's\nmistake")
        if name == "panics":
            raise BaseException("a panic in Rust")
        if name == "kills":
            os.kill(os.getpid(), signal.SIGKILL)

    rows = rows_of_files(spark, ["raises", "sound", "panics", "kills"], read, failed, SCHEMA)
    found = {row["name"]: row["content"].decode() for row in rows.collect()}
    assert found == {
        "raises": "x",
        "failed raises": "raises: RuntimeError: a parser's mistake",
        "panics": "x",
        "failed panics": "panics: BaseException: a panic in Rust",
        "sound": "x",
        "failed kills": "kills: 3 workers died while they read it; look at their logs",
    }


def test_a_batch_ends_at_its_rows_or_its_bytes() -> None:
    assert [len(rows) for rows in batched({"a": 1} for _ in range(600))] == [256, 256, 88]
    page = {"page": {"html": bytes(3 << 20), "title": "x"}, "report": None}
    assert [len(rows) for rows in batched([page] * 7)] == [3, 3, 1]
    assert list(batched([])) == []
