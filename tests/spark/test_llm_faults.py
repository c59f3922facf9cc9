"""Rows -> llm_calls against a server that goes wrong: a row for each request, and a ledger that is the server's own."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.config import RunFile
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.spark.tables import LLM_CALLS, Lake
from tests.llm.questions import quick
from tests.spark.asking import about_titles, ask, own_question

WINDOW = 32
PASSING = ("429", "429_date", "500", "502", "503", "reset", "lost", "no_choices", "no_content", "broken_json")
LASTING = ("content_filter", "refusal", "too_long")


class Asking:
    """A stage over a lake of its own."""

    def __init__(self, spark: SparkSession, lake: config.Lake, folder: Path, server: RulesServer) -> None:
        self._spark, self._lake, self.server = spark, lake, server
        self._question = own_question(folder)
        self._llm = quick(server.base_url, window=WINDOW)

    def ask(self, titles: Sequence[str], **settings: object) -> None:
        crawl = config.Crawl(manifests=["none.gz"], base="/nowhere")
        llm = self._llm.model_copy(update=settings)
        run_file = RunFile(run="test", lake=self._lake, crawl=crawl, llm=llm)
        ask(self._spark, run_file, self._question, about_titles(self._spark, titles))

    def rows(self, where: str = "status <> 'open'") -> list[Any]:
        mine = Lake(self._spark, self._lake).read(LLM_CALLS).where(F.col("stage") == self._question.stage)
        return mine.where(where).collect()

    @property
    def sent(self) -> int:
        return sum(self.server.calls.values())


Open = Callable[..., Asking]


@pytest.fixture
def asking(spark: SparkSession, llm_lake: config.Lake, tmp_path: Path) -> Open:
    return lambda server: Asking(spark, llm_lake, tmp_path, server)


def titles(count: int) -> list[str]:
    """Of which each tenth has no subject."""
    return [f"Walk {n}" if n % 10 == 0 else f"Exercise {n} on fractions" for n in range(count)]


@pytest.mark.slow
def test_of_five_thousand_requests_none_is_lost_and_none_comes_twice(asking: Open) -> None:
    faults = (*PASSING, "length", *LASTING, "surrogate", "nul")
    with RulesServer({name: 0.3 / len(faults) for name in faults}) as server:
        stage = asking(server)
        with pytest.raises(
            StageFailed, match=r"of 5,000 requests \d+ are dead \(\d+ (content_filter|refusal|too_long), "
        ):
            # With five attempts, one of so many requests may meet a passing fault each time.
            stage.ask(titles(5000), attempts=10)
        met = server.calls
        assert set(faults) <= met.keys()
        after_work = sum(met[name] for name in ("lost", "no_choices", "no_content", "broken_json", "length"))
        assert sum(server.generations.values()) <= 5000 - met["too_long"] + after_work
        rows = stage.rows()
        assert sum(row["attempts"] for row in rows) == stage.sent
    with pytest.raises(StageFailed, match=r"of 5,000 requests \d+ are dead"):
        # Nothing is left to ask, and they are as dead as before.
        stage.ask(titles(5000))
    assert len({row["fingerprint"] for row in rows}) == len(rows) == 5000
    by_status = Counter(row["status"] for row in rows)
    assert by_status["ok"] + by_status["void"] + by_status["dead"] == 5000
    assert by_status["void"] > 400
    dead = Counter(row["reason"] for row in rows if row["status"] == "dead")
    assert dead == {name: met[name] for name in LASTING}
    cut = [row for row in rows if "length" in row["faults"]]
    assert 2 * len(cut) == met["length"], "the fault is met by the second call as well, and has no effect"
    assert {row["faults"]["length"] for row in cut} == {1}
    assert {row["status"] for row in cut} <= {"ok", "void"}
    # What UTF-8 cannot hold, and NUL, have become other characters.
    subjects = Counter(json.loads(row["reply"])["subject"] for row in rows if row["reply"])
    assert {subject.lstrip("\ufffd?") for subject in subjects} == {"mathematics", "other"}
    assert len(subjects) > 2
    assert subjects["other"] == by_status["void"]


@pytest.mark.slow
def test_a_thousand_duplicates_among_five_thousand_are_asked_once(asking: Open) -> None:
    with RulesServer() as server:
        stage = asking(server)
        stage.ask(titles(4000) + titles(1000))
        assert stage.sent == 4000
        assert len(stage.rows()) == 4000


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["unauthorized", "quota"])
def test_a_key_refused_in_the_middle_stops_the_stage_and_kills_no_request(asking: Open, fault: str) -> None:
    with RulesServer(seconds=0.02) as server:
        stage = asking(server)

        def refuse() -> None:
            while server.calls["answered"] < 200:
                time.sleep(0.005)
            server.faults[fault] = 1.0

        refusing = threading.Thread(target=refuse)
        refusing.start()
        with pytest.raises(StageFailed, match="the endpoint refuses every request"):
            stage.ask(titles(1000))
        refusing.join()
        assert 0 < server.calls[fault] <= 2 * WINDOW
        assert not stage.rows("status = 'dead'")
        server.faults.clear()
        stage.ask(titles(1000))
        assert set(server.generations.values()) == {1}
    assert len(stage.rows()) == 1000


@pytest.mark.slow
def test_a_stage_stops_at_half_of_its_cost(asking: Open) -> None:
    with RulesServer(seconds=0.01) as server:
        stage = asking(server)
        stage.ask(titles(100))
        each = sum(row["cost"] for row in stage.rows()) / 100
        cap = 500 * each
        with pytest.raises(StageFailed, match=r"llm\.max_cost is reached"):
            stage.ask(titles(1000), max_cost=cap)
        paid = stage.rows("true")
        assert cap <= sum(row["cost"] for row in paid) <= cap + WINDOW * each * 1.1
        assert sum(row["prompt_tokens"] + row["reply_tokens"] for row in paid) == server.tokens
        assert sum(row["attempts"] for row in paid) == stage.sent


@pytest.mark.slow
def test_other_partitions_batches_and_plans_repeat_no_call(asking: Open, spark: SparkSession) -> None:
    with RulesServer() as server:
        stage = asking(server)
        with pytest.raises(StageFailed, match=r"llm\.max_calls is reached"):
            stage.ask(titles(600), max_calls=300)
        others = {"spark.sql.adaptive.enabled": "false", "spark.sql.execution.arrow.maxRecordsPerBatch": "7"}
        others["spark.sql.shuffle.partitions"] = "5"
        before = {name: spark.conf.get(name) for name in others}
        try:
            for name, value in others.items():
                spark.conf.set(name, value)
            stage.ask(titles(600)[::-1], tasks=3, requests_per_wave=100)
        finally:
            for name, value in before.items():
                spark.conf.set(name, str(value))
        assert set(server.generations.values()) == {1}
        assert len(server.generations) == 600


def test_while_a_wave_runs_people_see_how_far_it_is(
    asking: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mammoth_spark.progress.TELL_EVERY_S", 0.5)
    with RulesServer({"500": 0.1}, seconds=0.05) as server:
        asking(server).ask(titles(1000), backoff_s=0.01)
    lines = [line for line in capsys.readouterr().err.splitlines() if " requests, " in line]
    assert len(lines) > 1
    for part in ("1,000 of 1,000 requests", "calls/s", "tokens", "paid", "http_500", "0:00 left"):
        assert part in lines[-1]
