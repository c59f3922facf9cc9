import json
from pathlib import Path

from mammoth_spark.demo.benchmarks import all_items, ten_grams, write_benchmarks


def test_there_are_three_benchmarks_of_forty_different_items(tmp_path: Path) -> None:
    write_benchmarks(tmp_path, all_items())
    questions = set()
    for name in ("demo_arithmetic", "demo_science", "demo_theorems"):
        items = [json.loads(line) for line in (tmp_path / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        assert len(items) == 40
        assert len({item["item"] for item in items}) == 40
        questions |= {item["question"] for item in items}
    assert len(questions) == 120


def test_answers_of_arithmetic_are_worked_out_and_closed_by_their_number() -> None:
    item = next(item for item in all_items() if item.item == "demo_arithmetic-short_sum-01")
    a, b, c = (int(word.strip("?")) for word in item.wording.question.split() if word.strip("?").isdigit())
    assert item.wording.answer.endswith(f"\n#### {a * b + c}")


def test_right_choices_are_among_the_choices_of_science() -> None:
    science = [item for item in all_items() if item.benchmark == "demo_science"]
    assert all(item.wording.choices and item.wording.answer in item.wording.choices for item in science)
    assert all(len(set(item.wording.choices or ())) == 4 for item in science)


def test_some_questions_are_shorter_than_ten_words() -> None:
    assert any(not ten_grams(item.wording.question) for item in all_items())


def test_ten_grams_do_not_see_case_and_punctuation() -> None:
    text = "One, two: three four FIVE six seven eight nine ten"
    assert ten_grams(text) == {("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")}
    assert ten_grams("only nine words stand in this very short text") == set()
