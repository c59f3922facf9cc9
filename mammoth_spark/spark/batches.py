"""Rows of a Python task gathered in batches, as Spark takes them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

# A batch goes to the JVM when it holds so much text or so many rows.
_BATCH_BYTES, _BATCH_ROWS = 8 << 20, 256

Fields = Mapping[str, object]


def mapped(frame: DataFrame, rows_of: Callable[[Mapping[str, Any]], Iterator[Fields]], schema: StructType) -> DataFrame:
    """The rows that a function makes of each row."""
    arrow_schema = to_arrow_schema(schema)

    def map_all(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = (row for batch in batches for row in batch.to_pylist(maps_as_pydicts="strict"))
        for some in batched(one for row in rows for one in rows_of(row)):
            yield pa.RecordBatch.from_pylist(list(some), arrow_schema)

    return frame.mapInArrow(map_all, schema)


def batched(rows: Iterable[Fields]) -> Iterator[list[Fields]]:
    waiting: list[Fields] = []
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
