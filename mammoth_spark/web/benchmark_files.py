"""Benchmarks in the files that their authors publish -> items: question, answer, choices.

JSON, JSON lines, CSV and Parquet, gzipped or not, one file or a folder of them. Some megabytes each, read on the
driver.
"""

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mammoth_spark.config import Benchmark, Http
from mammoth_spark.web.storage import files_below, read_bytes

_MOST_BYTES = 1 << 30
_SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Item:
    benchmark: str
    item: str
    question: str
    answer: str
    choices: tuple[str, ...] = ()


def items_of(benchmark: Benchmark, http: Http) -> list[Item]:
    """All of them. What is wrong with a file is told before any work is done with it."""
    where = f"decontamination.benchmarks, {benchmark.name}"
    files = [(name, read_bytes(name, _MOST_BYTES, http)) for name in _files(benchmark.path)]
    found = _sha256(benchmark.path, files)
    if found != benchmark.sha256:
        raise ValueError(
            f"{where}: {benchmark.path} has the SHA-256 {found}, and the run file says {benchmark.sha256}; another"
            " version has other items, so look what has changed before you write the new hash"
        )
    items: list[Item] = []
    for name, content in files:
        prefix = f"{_without_suffix(name[len(benchmark.path.rstrip('/')) + 1 :])}-" if len(files) > 1 else ""
        for number, row in enumerate(_rows(name, content, benchmark), 1):
            items.append(_item(benchmark, row, f"{prefix}{number}", f"{where}: {name}, item {number}"))
    if not items:
        raise ValueError(f"{where}: {benchmark.path} holds no item")
    names = Counter(item.item for item in items)
    name, count = names.most_common(1)[0]
    if count > 1:
        raise ValueError(f"{where}: {count} items of {benchmark.path} are named {name!r}; give another field as `item`")
    return items


def _without_suffix(name: str) -> str:
    name = name.removesuffix(".gz")
    return next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)


def _files(path: str) -> list[str]:
    """The path itself, or the files in and below the folder that it names."""
    if path.partition("?")[0].removesuffix(".gz").endswith(_SUFFIXES):
        return [path]
    names = [name for name in files_below(path) if name.removesuffix(".gz").endswith(_SUFFIXES)]
    if not names:
        raise ValueError(f"{path}: neither a file nor a folder of files that end in {', '.join(_SUFFIXES)}")
    return names


def _sha256(path: str, files: Sequence[tuple[str, bytes]]) -> str:
    if len(files) == 1 and files[0][0] == path:
        return hashlib.sha256(files[0][1]).hexdigest()
    begin = len(path.rstrip("/")) + 1
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name[begin:]}\n" for name, content in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _rows(name: str, content: bytes, benchmark: Benchmark) -> Iterator[Any]:
    """The items as the file has them."""
    try:
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        kind = name.partition("?")[0].removesuffix(".gz").rpartition(".")[2]
        if kind == "parquet":
            yield from pq.read_table(pa.BufferReader(content)).to_pylist()
        elif kind in ("csv", "tsv"):
            yield from _csv_rows(
                content.decode("utf-8-sig"), "\t" if kind == "tsv" else ",", not benchmark.question.isdigit()
            )
        elif kind == "json":
            yield from _json_rows(name, json.loads(content), benchmark.rows)
        else:
            yield from (json.loads(line) for line in content.splitlines() if line.strip())
    except (ValueError, OSError, EOFError, zlib.error, csv.Error, pa.ArrowException) as error:
        raise ValueError(f"{name}: not readable as {name.rpartition('.')[2]}: {' '.join(str(error).split())}") from None


def _json_rows(name: str, data: Any, holder: str | None) -> Iterator[Any]:
    for step in (holder or "").split("."):
        data = data.get(step) if step and isinstance(data, dict) else data
    if isinstance(data, dict) and not holder:
        data = [data]  # An item a file, as MATH has it.
    if not isinstance(data, list):
        raise ValueError(f"{name} holds {type(data).__name__} where a list of items is expected; name it by `rows`")
    yield from data


def _csv_rows(text: str, delimiter: str, has_names: bool) -> Iterator[dict[str, str]]:
    """Fields by name; by number where the file has no line of names, as MMLU's."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = next(lines, []) if has_names else []
    for line in lines:
        if line:
            yield dict(zip(names or map(str, range(len(line))), line, strict=False))


def _item(benchmark: Benchmark, row: Any, number: str, where: str) -> Item:
    question = _text(_field(row, benchmark.question, where))
    choices = tuple(choice for name in benchmark.choices for choice in _choices(_field(row, name, where)))
    answer = _answer(_field(row, benchmark.answer, where), choices, row) if benchmark.answer is not None else ""
    if not question.strip():
        raise ValueError(f"{where}: the field {benchmark.question!r} is empty")
    item = _text(_field(row, benchmark.item, where)) if benchmark.item is not None else number
    return Item(benchmark.name, item, question, answer, choices)


def _field(row: Any, name: str, where: str) -> Any:
    value = row
    for step in name.split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            known = f"it has {', '.join(map(str, row))}" if isinstance(row, Mapping) else f"it is {type(row).__name__}"
            raise ValueError(f"{where}: no field {name!r}; {known}")
    return value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(map(_text, value))
    return "" if value is None else str(value)


def _choices(value: Any) -> Iterator[str]:
    """Of a list of texts, of things with a text, or of texts by label."""
    if isinstance(value, Mapping):
        value = value["text"] if "text" in value else list(value.values())
    for one in value if isinstance(value, list) else [value]:
        yield _text(one["text"] if isinstance(one, Mapping) and "text" in one else one)


def _answer(value: Any, choices: Sequence[str], row: Any) -> str:
    """The text of the right choice, where the answer only says which it is."""
    text = _text(value).strip()
    place = _place(text, choices, row)
    return choices[place] if place is not None and place < len(choices) else _text(value)


def _place(text: str, choices: Sequence[str], row: Any) -> int | None:
    if not choices or text in choices:
        return None
    labels = _labels(row)
    if text in labels:
        return labels.index(text)
    if len(text) == 1 and text.upper() in "ABCDEFGHIJ":
        return ord(text.upper()) - ord("A")
    return int(text) if text.isdecimal() and len(text) < 3 else None


def _labels(row: Any) -> list[str]:
    """ARC names its choices A to D, or 1 to 4."""
    question = row.get("question") if isinstance(row, Mapping) else None
    holder = question if isinstance(question, Mapping) else row
    choices = holder.get("choices") if isinstance(holder, Mapping) else None
    if isinstance(choices, Mapping) and isinstance(choices.get("label"), list):
        return [str(label) for label in choices["label"]]
    if isinstance(choices, list):
        return [str(one["label"]) for one in choices if isinstance(one, Mapping) and "label" in one]
    return []
