"""mammoth sql: ask a lake's tables by their names."""

import datetime
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from mammoth_spark import config
from mammoth_spark.lake import query

# A screen and some more; who wants all writes them to a file by the platform's own tools.
_MOST_ROWS = 1_000
# On a screen; a file gets all. A hash is 64 characters.
_WIDEST_CELL = 64


def run(lake: config.Lake, sql: str) -> None:
    if not sql.strip():
        raise ValueError('give a query: make sql Q="SELECT ...", or mammoth sql "SELECT ..."')
    with query(lake, sql) as reader:
        names = reader.schema.names
        lines: list[list[str]] = []
        for batch in reader:
            lines += [[_shown(value) for value in row.values()] for row in batch.to_pylist()]
            if len(lines) > _MOST_ROWS:
                break
    print(as_table(names, lines[:_MOST_ROWS]))
    if len(lines) > _MOST_ROWS:
        print(f"the first {_MOST_ROWS:,} rows; add a LIMIT or an aggregate to see others")


def as_table(names: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Aligned columns, numbers to the right; on a terminal cut to its width."""
    right = [bool(lines) and all(_is_number(line[column]) for line in lines) for column in range(len(names))]
    widths = [max(len(name), *(len(line[c]) for line in lines), 1) for c, name in enumerate(names)]
    cells = [names, ["-" * width for width in widths], *lines]
    aligned = (
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in cells
    )
    if not sys.stdout.isatty():
        return "\n".join(aligned)
    screen = max(shutil.get_terminal_size((120, 24)).columns, 80)
    return "\n".join(line if len(line) <= screen else line[: screen - 3] + "..." for line in aligned)


def harmless(text: str) -> str:
    """Strangers' words for a terminal: what would steer it is left out."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _is_number(cell: str) -> bool:
    return not cell.strip("0123456789.,-") and any(character.isdigit() for character in cell)


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list) and value and all(isinstance(item, tuple) for item in value):
        value = ", ".join(f"{name} {number}" for name, number in value)
    text = "" if value is None or value == [] else " ".join(harmless(str(value)).split())
    fits = len(text) <= _WIDEST_CELL or not sys.stdout.isatty()
    return text if fits else text[: _WIDEST_CELL - 3] + "..."
