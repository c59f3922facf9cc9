"""What a task was answered lies in whole files, and survives the task."""

import datetime
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mammoth_spark.llm import journal
from mammoth_spark.llm.outcome import Outcome

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)


def test_outcomes_come_back_as_they_were(tmp_path: Path) -> None:
    outcome = Outcome("a", "v", "ok", None, '{"x": "\u00e4"}', "m", 7, 3, 0.1, 2, {"http_500": 1}, 1, 1.5, NOW)
    with journal.opened(str(tmp_path), flush_calls=32, flush_s=5) as writer:
        writer.add(outcome)
        writer.add(Outcome("b", reason="refusal"))
    assert journal.entries(str(tmp_path)).outcomes == {"a": outcome, "b": Outcome("b", reason="refusal")}


def test_a_journal_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert journal.entries(str(tmp_path / "none")).outcomes == {}


def test_answers_are_written_when_there_are_enough_or_when_they_have_waited(tmp_path: Path) -> None:
    with journal.opened(str(tmp_path), flush_calls=3, flush_s=0.5) as writer:
        for name in "abcd":
            writer.add(Outcome(name))
        assert set(journal.entries(str(tmp_path)).outcomes) == {"a", "b", "c"}
        time.sleep(1.0)
        assert set(journal.entries(str(tmp_path)).outcomes) == {"a", "b", "c", "d"}


def test_what_was_in_flight_when_a_task_died_is_known(tmp_path: Path) -> None:
    with journal.opened(str(tmp_path), flush_calls=1, flush_s=5) as writer:
        writer.mark(["a", "b", "c"])
        writer.add(Outcome("a"))
    assert journal.entries(str(tmp_path)).deaths == {"b": 1, "c": 1}
    with journal.opened(str(tmp_path), flush_calls=1, flush_s=5) as writer:
        writer.mark(["b", "c"])
        writer.add(Outcome("c"))
    assert journal.entries(str(tmp_path)).deaths == {"b": 2}


def test_what_was_being_handled_when_a_task_died_is_known(tmp_path: Path) -> None:
    with journal.opened(str(tmp_path), flush_calls=1, flush_s=5) as writer:
        with writer.guarding("a"):
            assert journal.entries(str(tmp_path)).killers == {"a"}
        with writer.guarding("b"):
            assert journal.entries(str(tmp_path)).killers == {"b"}
        assert journal.entries(str(tmp_path)).killers == set()


def test_a_task_that_is_cancelled_suspects_none(tmp_path: Path) -> None:
    with journal.opened(str(tmp_path), flush_calls=1, flush_s=5) as writer:

        def handling() -> Iterator[None]:
            with writer.guarding("a"):
                yield

        handled = handling()
        next(handled)
        handled.close()
    assert journal.entries(str(tmp_path)).killers == set()


def test_of_several_journals_the_answer_counts_and_all_costs(tmp_path: Path) -> None:
    files = str(tmp_path)
    folders = [f"{journal.wave(files, 'stage', '1-0-0')}/0"] + [f"{journal.sample(files, 'stage')}/0" for _ in range(2)]
    for folder, status in zip(folders, ("ok", "open", "ok"), strict=True):
        with journal.opened(folder, 32, 5) as writer:
            writer.mark(["a", "b"])
            writer.add(Outcome("a", "v", status, prompt_tokens=10, cost=1.0, attempts=1, faults={"reset": 1}))
    left = journal.Left(files, "stage")
    assert left.outcomes["a"] == Outcome("a", "v", "ok", prompt_tokens=30, cost=3.0, attempts=3, faults={"reset": 3})
    assert (left.outcomes["b"].status, left.outcomes["b"].deaths) == ("open", 3)
    # A sample that is still being asked writes on.
    with journal.opened(folders[1], 32, 5) as writer:
        writer.add(Outcome("c", "v", "ok"))
    left.remove()
    assert journal.Left(files, "stage").outcomes == {"c": Outcome("c", "v", "ok")}


def test_answers_that_could_not_be_written_are_written_by_the_next_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("no room")

    with journal.opened(str(tmp_path), flush_calls=2, flush_s=60) as writer:
        writer.add(Outcome("a"))
        with monkeypatch.context() as patch:
            patch.setattr(journal, "put_bytes", fails)
            with pytest.raises(OSError, match="no room"):
                writer.add(Outcome("b"))
    assert set(journal.entries(str(tmp_path)).outcomes) == {"a", "b"}
