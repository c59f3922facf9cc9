"""Rows of a Python task gathered in batches, as Spark takes them."""

from collections.abc import Iterable, Iterator, Mapping

# A batch goes to the JVM when it holds so much text or so many rows.
_BATCH_BYTES, _BATCH_ROWS = 8 << 20, 256

Fields = Mapping[str, object]


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
