"""Benchmarks are read as their authors publish them; a file that is not what the run file says stops the stage."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mammoth_spark.config import Benchmark, Http
from mammoth_spark.web.benchmark_files import Item, items_of


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def parquet(*rows: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(list(rows)), sink)
    return sink.getvalue().to_pybytes()


# As each is published; what is no text of an item is left out.
GSM8K = lines({"question": "How many eggs?", "answer": "9 * 2 = 18\n#### 18"})
MATH = json.dumps({"problem": "Find $x$.", "level": "Level 5", "solution": "$\\boxed{2}$"}).encode()
THEOREMQA = json.dumps([{"Question": "Is it so?", "Answer": True, "id": "q1"}]).encode()
GPQA = b'Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2\r\n"Why, and\nhow?",because,so,thus\r\n'
MMLU = b"What is it?,this,that,these,those,B\n"
MMLU_STEM = parquet({"question": "What is it?", "choices": ["this", "that"], "answer": 1})
BBH = json.dumps({"canary": "x", "examples": [{"input": "not ( True )", "target": "False"}]}).encode()
_CHOICES = [{"text": "ice", "label": "1"}, {"text": "fire", "label": "2"}]
ARC = lines({"id": "a1", "question": {"stem": "Which?", "choices": _CHOICES}, "answerKey": "2"})
ARC_PARQUET = parquet(
    {"id": "a1", "question": "Which?", "choices": {"text": ["ice", "fire"], "label": ["A", "B"]}, "answerKey": "B"}
)
MBPP = lines({"task_id": 601, "text": "Write a function.", "code": "def f():\n    pass", "test_list": ["assert f()"]})
HUMANEVAL = gzip.compress(lines({"task_id": "HumanEval/0", "prompt": "def g():", "canonical_solution": "return 1"}))


@pytest.mark.parametrize(
    ("name", "content", "fields", "expected"),
    [
        ("gsm8k.jsonl", GSM8K, {"answer": "answer"}, ("1", "How many eggs?", "9 * 2 = 18\n#### 18", ())),
        ("math.json", MATH, {"question": "problem", "answer": "solution"}, ("1", "Find $x$.", "$\\boxed{2}$", ())),
        ("theoremqa.json", THEOREMQA, {"question": "Question", "answer": "Answer", "item": "id"},
         ("q1", "Is it so?", "True", ())),
        ("gpqa.csv", GPQA, {"question": "Question", "answer": "Correct Answer", "choices": ["Incorrect Answer 1"]},
         ("1", "Why, and\nhow?", "because", ("so",))),
        ("mmlu.csv", MMLU, {"question": "0", "choices": ["1", "2", "3", "4"], "answer": "5"},
         ("1", "What is it?", "that", ("this", "that", "these", "those"))),
        ("mmlu.parquet", MMLU_STEM, {"choices": ["choices"], "answer": "answer"},
         ("1", "What is it?", "that", ("this", "that"))),
        ("bbh.json", BBH, {"rows": "examples", "question": "input", "answer": "target"},
         ("1", "not ( True )", "False", ())),
        ("arc.jsonl", ARC,
         {"question": "question.stem", "choices": ["question.choices"], "answer": "answerKey", "item": "id"},
         ("a1", "Which?", "fire", ("ice", "fire"))),
        ("arc.parquet", ARC_PARQUET, {"choices": ["choices"], "answer": "answerKey", "item": "id"},
         ("a1", "Which?", "fire", ("ice", "fire"))),
        ("mbpp.jsonl", MBPP, {"question": "text", "answer": "code", "item": "task_id"},
         ("601", "Write a function.", "def f():\n    pass", ())),
        ("humaneval.jsonl.gz", HUMANEVAL, {"question": "prompt", "answer": "canonical_solution", "item": "task_id"},
         ("HumanEval/0", "def g():", "return 1", ())),
    ],
)  # fmt: skip
def test_each_published_form_is_read(
    tmp_path: Path, name: str, content: bytes, fields: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert items_of(benchmark(tmp_path / name, content, **fields), Http()) == [Item("b", *expected)]


def benchmark(path: Path, content: bytes, **fields: Any) -> Benchmark:
    values = {"name": "b", "path": str(path), "sha256": hashlib.sha256(content).hexdigest(), "question": "question"}
    return Benchmark.model_validate(values | fields)


def test_a_folder_is_one_benchmark_and_its_hash_is_told(tmp_path: Path) -> None:
    for name in ("algebra/1.json", "algebra/2.json", "geometry/1.json"):
        path = tmp_path / "math" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"question": f"of {name}"}))
    (tmp_path / "math/readme.txt").write_text("no item")
    wrong = benchmark(tmp_path / "math", b"")
    with pytest.raises(ValueError, match=r"has the SHA-256 ([0-9a-f]{64})") as told:
        items_of(wrong, Http())
    right = wrong.model_copy(update={"sha256": str(told.value).split("SHA-256 ")[1][:64]})
    assert [(item.item, item.question) for item in items_of(right, Http())] == [
        ("algebra/1-1", "of algebra/1.json"),
        ("algebra/2-1", "of algebra/2.json"),
        ("geometry/1-1", "of geometry/1.json"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "change", "message"),
    [
        ("b.jsonl", GSM8K, {"sha256": "0" * 64}, "another version has other items"),
        ("b.jsonl", GSM8K, {"question": "text"}, r"b\.jsonl, item 1: no field 'text'; it has question, answer"),
        ("b.jsonl", lines({"question": " "}), {}, "the field 'question' is empty"),
        ("b.jsonl", b"", {}, "holds no item"),
        ("b.json", b"[]", {}, "holds no item"),
        ("b.json", b"{", {}, "not readable as json"),
        ("b.json", b'{"examples": []}', {"rows": "items"}, "name it by `rows`"),
        ("b.parquet", b"PAR1", {}, "not readable as parquet"),
        ("b.jsonl.gz", b"\x1f\x8b\x08broken", {}, "not readable as gz"),
        ("b.txt", b"question", {}, "neither a file nor a folder"),
    ],
)
def test_a_wrong_file_stops_the_stage_and_is_named(
    tmp_path: Path, name: str, content: bytes, change: dict[str, Any], message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message) as told:
        items_of(benchmark(tmp_path / name, content, **change), Http())
    assert str(tmp_path / name) in str(told.value)
