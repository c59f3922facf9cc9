"""How WARC files are dealt out to tasks, and their rows gathered in batches."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

# A batch goes to the JVM when it holds so much text or so many rows.
_BATCH_BYTES, _BATCH_ROWS = 8 << 20, 256

FileReader = Callable[[str], Iterable[Mapping[str, object]]]
"""The rows of one file."""


def rows_of_files(spark: SparkSession, warc_files: Sequence[str], read: FileReader, schema: StructType) -> DataFrame:
    """The rows of all files; each file is read in a task of its own."""
    arrow_schema = to_arrow_schema(schema)

    def rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for name in batch.column(0).to_pylist():
                for rows in batched(read(name)):
                    yield pa.RecordBatch.from_pylist(rows, arrow_schema)

    return one_file_a_task(spark, warc_files).mapInArrow(rows_of, schema)


def one_file_a_task(spark: SparkSession, warc_files: Sequence[str]) -> DataFrame:
    """A row and a partition for each file. Repartitioned rows would fall where they will, two to one task."""
    count = len(warc_files)
    names = F.array(*map(F.lit, warc_files))
    return spark.range(0, count, 1, count).select(names[F.col("id")].alias("warc_file"))


def batched(rows: Iterable[Mapping[str, object]]) -> Iterator[list[Mapping[str, object]]]:
    waiting: list[Mapping[str, object]] = []
    size = 0
    for row in rows:
        waiting.append(row)
        size += _bytes_in(row)
        if size >= _BATCH_BYTES or len(waiting) >= _BATCH_ROWS:
            yield waiting
            waiting, size = [], 0
    if waiting:
        yield waiting


def _bytes_in(value: object) -> int:
    if isinstance(value, Mapping):
        return sum(map(_bytes_in, value.values()))
    return len(value) if isinstance(value, bytes | str) else 0
