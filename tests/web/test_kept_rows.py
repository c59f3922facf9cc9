"""Rows of a file that are made once, and found where they were kept."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from mammoth_spark.web.kept_rows import Row, kept_rows

SCHEMA = pa.schema([("url", pa.string()), ("words", pa.int64()), ("reason", pa.string())])
ROWS: list[Row] = [
    {"url": "https://a.example/\u00fc", "words": 3, "reason": None},
    {"url": "b", "words": 0, "reason": "short"},
]
FAILED: Row = {"url": "", "words": 0, "reason": "the store is away"}


class File:
    def __init__(self, *rows: Row) -> None:
        self.rows, self.reads = rows, 0

    def read(self) -> Iterator[Row]:
        self.reads += 1
        yield from self.rows

    def kept(self, folder: Path, name: str = "a") -> list[Row]:
        return list(kept_rows(str(folder), name, SCHEMA, self.read, lambda last: bool(last["url"])))


def test_a_file_is_read_once(tmp_path: Path) -> None:
    file = File(*ROWS)
    assert file.kept(tmp_path) == file.kept(tmp_path) == ROWS
    assert file.reads == 1
    assert file.kept(tmp_path, "b") == ROWS
    assert file.reads == 2


def test_a_file_without_a_row_is_read_once_as_well(tmp_path: Path) -> None:
    file = File()
    assert file.kept(tmp_path) == file.kept(tmp_path) == []
    assert file.reads == 1


def test_what_failed_is_not_kept(tmp_path: Path) -> None:
    file = File(ROWS[0], FAILED)
    assert file.kept(tmp_path) == file.kept(tmp_path) == [ROWS[0], FAILED]
    assert file.reads == 2


def test_a_read_that_is_cut_off_keeps_nothing(tmp_path: Path) -> None:
    file = File(*ROWS)
    rows = kept_rows(str(tmp_path), "a", SCHEMA, file.read, lambda last: bool(last["url"]))
    assert list(tmp_path.iterdir()) == []
    next(rows)
    # They are kept before the first is handed on: a task that is killed later reads none again.
    assert len(list(tmp_path.iterdir())) == 1
