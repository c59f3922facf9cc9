"""Rows -> llm_calls: each distinct request is asked once, whatever stops or dies in between."""

import itertools
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.config import RunFile
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.spark import llm_batches, llm_calls, stage
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.spark.tables import LLM_CALLS, STAGE_RUNS, Lake
from tests.llm.questions import poisoned, quick
from tests.spark import asking
from tests.spark.asking import about_titles, own_question

COUNT = 300
_ROUNDS = itertools.count(1)


def ask(spark: SparkSession, run_file: RunFile, folder: Path, titles: list[str], **settings: object) -> None:
    run_file = run_file.model_copy(update={"llm": run_file.llm.model_copy(update=settings)})
    asking.ask(spark, run_file, own_question(folder), about_titles(spark, titles))


@pytest.fixture
def at(run_file: RunFile, llm_lake: config.Lake) -> Callable[[RulesServer], RunFile]:
    """The run file, with a server of the test's, and a round by which its rows are told."""
    own = {"lake": llm_lake, "round": next(_ROUNDS)}
    return lambda server: run_file.model_copy(update={**own, "llm": quick(server.base_url)})


def titles(count: int = COUNT) -> list[str]:
    return [f"Exercise {number} on fractions" for number in range(count)]


def calls(spark: SparkSession, run_file: RunFile, where: str = "true") -> list[Any]:
    mine = Lake(spark, run_file.lake).read(LLM_CALLS).where(F.col("round") == run_file.round)
    return mine.where(where).collect()


@contextmanager
def killed_in(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Iterator[None]:
    """A driver that ends there, with no more said than by a kill."""

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_each_distinct_request_is_asked_once(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer() as server:
        run_file = at(server)
        ask(spark, run_file, tmp_path, titles(), tasks=2)
        assert sum(server.calls.values()) == COUNT
        # Other tasks, other waves, rows twice over: nothing is asked again.
        ask(spark, run_file, tmp_path, titles() * 2 + titles(COUNT + 20), tasks=3, requests_per_wave=10)
        assert sum(server.calls.values()) == COUNT + 20
    rows = calls(spark, run_file)
    assert len({row["fingerprint"] for row in rows}) == len(rows) == COUNT + 20
    assert {(row["status"], row["model"], row["reply"]) for row in rows} == {
        ("ok", "mammoth-rules", '{"subject": "mathematics"}')
    }
    runs = Lake(spark, run_file.lake).read(STAGE_RUNS).where(F.col("round") == run_file.round).collect()
    assert sum(run["rows_out"] for run in runs) == COUNT + 20
    assert sum(run["tokens"] for run in runs) == server.tokens
    assert sum(run["cost"] for run in runs) == pytest.approx(sum(row["cost"] for row in rows))


@pytest.mark.slow
def test_a_killed_drivers_answers_are_taken_over(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RulesServer() as server:
        run_file = at(server)
        with killed_in(monkeypatch, stage.Stage, "commit"):
            ask(spark, run_file, tmp_path, titles(), requests_per_wave=100)
        assert 50 < sum(server.calls.values()) < COUNT
        assert not calls(spark, run_file)
        ask(spark, run_file, tmp_path, titles())
        assert sum(server.calls.values()) == COUNT
    assert len(calls(spark, run_file)) == COUNT


def test_a_driver_killed_within_a_commit_loses_nothing_and_pays_nothing_twice(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RulesServer() as server:
        run_file = at(server)
        # The rows stand, and `stage_runs` does not know of them.
        with killed_in(monkeypatch, stage.Stage, "_stage_run"):
            ask(spark, run_file, tmp_path, titles())
        assert len(calls(spark, run_file)) == COUNT
        ask(spark, run_file, tmp_path, titles(COUNT + 10))
        assert set(server.generations.values()) == {1}
    rows = calls(spark, run_file)
    assert len({row["fingerprint"] for row in rows}) == len(rows) == COUNT + 10


def test_a_request_that_kills_its_worker_is_dead_and_the_rest_is_done(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RulesServer() as server:
        run_file = at(server)
        killing = poisoned(own_question(tmp_path), "poison", tmp_path / "deaths")
        asking.ask(spark, run_file, killing, about_titles(spark, [*titles(60), "poison"]))
        repeated = sum(server.calls.values()) - 60
    rows = calls(spark, run_file)
    assert Counter(row["status"] for row in rows) == {"ok": 60, "dead": 1}
    assert {row["reason"] for row in rows if row["status"] == "dead"} == {"kills_worker"}
    assert len((tmp_path / "deaths").read_bytes()) == 2
    assert repeated <= 2 * (16 + 32)


@pytest.mark.slow
def test_a_batch_api_gives_the_same_table(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer({"expired": 0.2, "refusal": 0.02, "length": 0.05}) as server:
        run_file = at(server)
        batching = run_file.llm.endpoints[0].model_copy(update={"batch": True})
        ask(spark, run_file, tmp_path, titles(), endpoints=[batching], backoff_cap_s=0.05)
        assert server.batches.ordered > 1
        refused = server.calls["refusal"]
        assert refused
        assert server.calls["length"]
    # A reply that was cut is an open row, and then another.
    rows = calls(spark, run_file, "status <> 'open'")
    assert Counter(row["status"] for row in rows) == {"ok": COUNT - refused, "dead": refused}
    assert len({row["fingerprint"] for row in rows}) == COUNT


@pytest.mark.slow
def test_a_batch_that_a_killed_driver_waited_for_is_collected(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RulesServer() as server:
        run_file = at(server)
        settings = {"endpoints": [run_file.llm.endpoints[0].model_copy(update={"batch": True})], "backoff_cap_s": 0.05}
        with killed_in(monkeypatch, llm_batches, "_outcomes"):
            ask(spark, run_file, tmp_path, titles(), **settings)
        ask(spark, run_file, tmp_path, titles(), **settings)
        assert server.batches.ordered == 1
        assert sum(server.generations.values()) == COUNT
    assert len(calls(spark, run_file, "status = 'ok'")) == COUNT


@pytest.mark.slow
def test_a_batch_whose_rows_stand_already_is_booked_once(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RulesServer({"500": 0.3}) as server:
        run_file = at(server)
        settings = {"endpoints": [run_file.llm.endpoints[0].model_copy(update={"batch": True})], "backoff_cap_s": 0.05}
        with killed_in(monkeypatch, llm_batches, "_forget"):
            ask(spark, run_file, tmp_path, titles(60), **settings)
        assert calls(spark, run_file, "status = 'open'")
        server.faults.clear()
        ask(spark, run_file, tmp_path, titles(60), **settings)
        rows = calls(spark, run_file)
        assert sum(row["attempts"] for row in rows) == sum(server.calls.values())
    assert Counter(row["status"] for row in rows)["ok"] == 60


@pytest.mark.slow
def test_after_a_batch_that_failed_the_same_command_orders_another(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer({"batch_failed": 1.0}) as server:
        run_file = at(server)
        settings = {"endpoints": [run_file.llm.endpoints[0].model_copy(update={"batch": True})], "backoff_cap_s": 0.05}
        with pytest.raises(StageFailed, match=r"the Batch API refuses the batch batch-1: .*it was told to fail"):
            ask(spark, run_file, tmp_path, titles(), **settings)
        server.faults.clear()
        ask(spark, run_file, tmp_path, titles(), **settings)
        assert server.batches.ordered == 2
        assert set(server.generations.values()) == {1}
    assert len(calls(spark, run_file, "status = 'ok'")) == COUNT


@pytest.mark.slow
def test_dead_requests_are_asked_again_when_a_person_says_so(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer({"500": 0.5}) as server:
        run_file = at(server)
        with pytest.raises(StageFailed, match=r"of 60 requests \d+ are dead \(\d+ http_500\).*llm\.ask_dead_again"):
            ask(spark, run_file, tmp_path, titles(60), attempts=1)
        server.faults.clear()
        with pytest.raises(StageFailed, match="are dead"):
            ask(spark, run_file, tmp_path, titles(60))
        ask(spark, run_file, tmp_path, titles(60), ask_dead_again=True)
        rows = calls(spark, run_file)
        assert sum(row["attempts"] for row in rows) == sum(server.calls.values())
    assert Counter(row["status"] for row in rows)["ok"] == 60
    assert not [row for row in rows if row["status"] == "dead"]


@pytest.mark.slow
def test_who_has_died_again_in_a_run_is_not_asked_a_third_time(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer({"500": 1.0}) as server:
        run_file = at(server)
        for again in (False, True):
            with pytest.raises(StageFailed, match="are dead"):
                ask(spark, run_file, tmp_path, titles(20), attempts=1, ask_dead_again=again)
        # Once in each run, and the ledger knows of all.
        rows = calls(spark, run_file)
        assert sum(server.calls.values()) == sum(row["attempts"] for row in rows) == 40
    assert Counter(row["status"] for row in rows) == {"open": 20, "dead": 20}


@pytest.mark.slow
def test_another_models_dead_requests_fail_no_stage(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer({"500": 0.5}) as server:
        run_file = at(server)
        with pytest.raises(StageFailed, match="are dead"):
            ask(spark, run_file, tmp_path, titles(60), attempts=1)
        server.faults.clear()
        other = replace(own_question(tmp_path), model="better")
        endpoints = [run_file.llm.endpoints[0].model_copy(update={"model": "better"})]
        llm = run_file.llm.model_copy(update={"endpoints": endpoints})
        better = run_file.model_copy(update={"llm": llm})
        asking.ask(spark, better, other, about_titles(spark, titles(60)))
    assert len(calls(spark, run_file, "asked_model = 'better' AND status = 'ok'")) == 60


@pytest.mark.slow
def test_a_cap_that_is_just_enough_stops_nothing(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer() as server:
        run_file = at(server)
        ask(spark, run_file, tmp_path, titles(21), max_calls=21, tasks=2)
        assert sum(server.calls.values()) == 21
        batching = [run_file.llm.endpoints[0].model_copy(update={"batch": True})]
        settings = {"endpoints": batching, "backoff_cap_s": 0.05}
        with pytest.raises(StageFailed, match=r"llm\.max_calls is reached"):
            ask(spark, run_file, tmp_path, titles(40), max_calls=31, **settings)
        assert sum(server.calls.values()) == 31


@pytest.mark.slow
def test_a_batch_that_its_server_has_lost_is_ordered_again(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RulesServer() as server:
        run_file = at(server)
        settings = {"endpoints": [run_file.llm.endpoints[0].model_copy(update={"batch": True})], "backoff_cap_s": 0.05}
        with killed_in(monkeypatch, llm_batches, "_outcomes"):
            ask(spark, run_file, tmp_path, titles(30), **settings)
        server.batches.forget()
        ask(spark, run_file, tmp_path, titles(30), **settings)
    assert len(calls(spark, run_file, "status = 'ok'")) == 30


@pytest.mark.slow
def test_ctrl_c_ends_the_calls_and_the_same_command_goes_on(
    spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path
) -> None:
    with RulesServer(seconds=0.8) as server:
        run_file = at(server)

        def interrupt() -> None:
            while server.calls["answered"] < 20:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            ask(spark, run_file, tmp_path, titles())
        asked = sum(server.calls.values())
        time.sleep(1.0)
        assert sum(server.calls.values()) == asked < COUNT / 2
        server.seconds = 0.0
        # The lease was given back.
        ask(spark, run_file, tmp_path, titles())
        assert sum(server.generations.values()) <= COUNT + 16 + 32
    assert len(calls(spark, run_file, "status = 'ok'")) == COUNT


def test_speculation_is_refused(spark: SparkSession, at: Callable[[RulesServer], RunFile], tmp_path: Path) -> None:
    with RulesServer() as server:
        run_file = at(server)
        lake = Lake(spark, run_file.lake)
        speculating = SimpleNamespace(conf={"spark.speculation": "true"})
        with pytest.raises(ValueError, match=r"spark\.speculation would pay for calls twice"):
            llm_calls.ask(speculating, lake, run_file, None, own_question(tmp_path), None)  # type: ignore[arg-type]
