"""How files are dealt out to tasks: of the crawl, of what was visited, of the URL index."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from mammoth_spark.spark.batches import Fields, batched

# Spark fails a job when a task has died four times, unless told otherwise. The fourth attempt gives the file up.
_LAST_ATTEMPT = 3

FileReader = Callable[[str], Iterable[Fields]]
"""The rows of one file."""
FileFailed = Callable[[str, str], Fields]
"""The row that says of a file why it could not be read; what was read of it before is void."""


def rows_of_files(
    spark: SparkSession, warc_files: Sequence[str], read: FileReader, failed: FileFailed, schema: StructType
) -> DataFrame:
    """The rows of all files; each file is read in a task of its own, and none can fail the stage."""
    arrow_schema = to_arrow_schema(schema)

    def rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for name in batch.column(0).to_pylist():
                for rows in batched(rows_of_file(name, read, failed)):
                    yield pa.RecordBatch.from_pylist(rows, arrow_schema)

    return one_file_a_task(spark, warc_files).mapInArrow(rows_of, schema)


def rows_of_file(name: str, read: FileReader, failed: FileFailed) -> Iterator[Fields]:
    """Of a file that may kill its worker, or its reader."""
    task = TaskContext.get()
    if task is not None and task.attemptNumber() >= _LAST_ATTEMPT:
        yield failed(name, f"{name}: {_LAST_ATTEMPT} workers died while they read it; look at their logs")
        return
    try:
        yield from read(name)
    except (GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # A panic of a library in Rust is no Exception.
        yield failed(name, f"{name}: {type(error).__name__}: {' '.join(str(error).split())}")


def failed_files(failed: DataFrame, stage: str, file: str) -> tuple[DataFrame, list[str]]:
    """Rows of `dropped` for files that failed, and their names. What was read of them before is void."""
    rows = failed.select(
        F.lit(stage).alias("stage"),
        F.col(file).alias("id"),
        F.lit("file_failed").alias("reason"),
        F.col("reason").alias("detail"),
    )
    return rows, [row["id"] for row in rows.select("id").toLocalIterator()]


def one_file_a_task(spark: SparkSession, warc_files: Sequence[str]) -> DataFrame:
    """A row and a partition for each file. Repartitioned rows would fall where they will, two to one task."""
    count = len(warc_files)
    names = F.array(*map(F.lit, warc_files))
    return spark.range(0, count, 1, count).select(names[F.col("id")].alias("warc_file"))
