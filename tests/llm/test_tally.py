"""How far the tasks of a stage are can be read while they work."""

from pathlib import Path

from mammoth_spark.llm import tally
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.reply import Usage
from mammoth_spark.llm.tally import Tally


def test_tallies_of_all_tasks_are_summed(tmp_path: Path) -> None:
    one, other = Tally(), Tally()
    with tally.shown(one, f"{tmp_path}/0"), tally.shown(other, f"{tmp_path}/1"):
        one.called(Usage(10, 5), 0.25, None)
        one.called(Usage(), 0.0, "http_429")
        other.called(Usage(), 0.0, "http_429")
        one.requests += 1
    assert tally.total(str(tmp_path)) == Tally(1, 3, 15, 0.25, {"http_429": 2})


def test_journals_beside_tallies_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()
    (tmp_path / "other.jsonl").write_text("no tally")
    assert tally.total(str(tmp_path)) == Tally()


def test_what_outcomes_took_is_a_tally() -> None:
    outcome = Outcome("a", prompt_tokens=7, reply_tokens=3, cost=0.5, attempts=2, faults={"reset": 1})
    assert tally.of([outcome, outcome]) == Tally(2, 4, 20, 1.0, {"reset": 2})


def test_people_read_calls_tokens_money_and_errors() -> None:
    found = Tally(90, 100, 2_000, 1.5, {"reset": 2, "http_429": 8})
    assert found.told(10.0) == "100 calls, 10.0 calls/s, 2,000 tokens, 1.50 paid, 8 http_429, 2 reset"
