"""A task goes on where its journal ends, and finds the request that killed the one before."""

from collections import Counter
from pathlib import Path

import pytest

from mammoth_spark.config import Llm
from mammoth_spark.llm import journal
from mammoth_spark.llm.budget import Room
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.llm.task import CAPPED, outcomes, servers_of
from tests.llm.questions import quick, requests


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "journal")


def done(tmp_path: Path, settings: Llm, folder: str, count: int, room: Room | None = None) -> list[Outcome]:
    servers = servers_of(settings, "rules")
    return list(outcomes(iter(requests(tmp_path, count)), servers, settings, room or Room(), folder))


def test_what_the_journal_holds_is_not_asked_again(tmp_path: Path, folder: str) -> None:
    with RulesServer() as server:
        first = done(tmp_path, quick(server.base_url), folder, 30)
        again = done(tmp_path, quick(server.base_url), folder, 40)
        assert sum(server.calls.values()) == 40
    assert {outcome.fingerprint for outcome in first} < {outcome.fingerprint for outcome in again}
    assert len(again) == 40


def test_a_cap_counts_what_the_journal_holds(tmp_path: Path, folder: str) -> None:
    with RulesServer() as server:
        done(tmp_path, quick(server.base_url), folder, 30)
        found = done(tmp_path, quick(server.base_url), folder, 500, Room(calls=50))
        assert 50 <= sum(server.calls.values()) <= 50 + 8
    assert (found[-1].status, found[-1].reason) == (CAPPED, "llm.max_calls")


def test_what_was_being_handled_when_a_worker_died_is_dead(tmp_path: Path, folder: str) -> None:
    some = [request.fingerprint for request in requests(tmp_path, 3)]
    with journal.opened(folder, 32, 5.0) as writer:
        writer.mark(some)
        writer.mark(some)
        guard = writer.guarding(some[1])
        guard.__enter__()
    with RulesServer() as server:
        found = done(tmp_path, quick(server.base_url), folder, 3)
    assert {(outcome.status, outcome.reason) for outcome in found} == {("ok", None), ("dead", "kills_worker")}
    assert [outcome.fingerprint for outcome in found if outcome.status == "dead"] == [some[1]]


@pytest.mark.parametrize(("deaths", "at_once"), [(0, 8), (1, 8), (2, 1)])
def test_requests_that_were_in_flight_at_two_deaths_are_asked_alone(
    tmp_path: Path, folder: str, deaths: int, at_once: int
) -> None:
    some = [request.fingerprint for request in requests(tmp_path, 20)]
    with journal.opened(folder, 32, 5.0) as writer:
        for _ in range(deaths):
            writer.mark(some)
    with RulesServer(seconds=0.05) as server:
        found = done(tmp_path, quick(server.base_url), folder, 20)
        assert server.most_at_once == at_once
        assert sum(server.calls.values()) == 20
    assert Counter(outcome.status for outcome in found) == {"ok": 20}


def test_a_journal_that_holds_other_requests_adds_no_rows(tmp_path: Path, folder: str) -> None:
    with journal.opened(folder, 32, 5.0) as writer:
        writer.add(Outcome("another's", status="ok"))
    with RulesServer() as server:
        found = done(tmp_path, quick(server.base_url), folder, 10)
    assert {outcome.fingerprint for outcome in found} == {request.fingerprint for request in requests(tmp_path, 10)}


def test_after_a_stop_the_journals_answers_are_given_all_the_same(tmp_path: Path, folder: str) -> None:
    with RulesServer() as server:
        first = done(tmp_path, quick(server.base_url), folder, 200)
        found = done(tmp_path, quick(server.base_url), folder, 200, Room(calls=1))
        assert sum(server.calls.values()) == 200
    assert {one.fingerprint for one in first} == {one.fingerprint for one in found if one.status == "ok"}


@pytest.mark.parametrize("key", ["", "two\nlines", "schl\u00fcssel"])
def test_a_key_that_no_header_can_carry_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    settings = quick("http://127.0.0.1:1/v1")
    keyed = settings.model_copy(update={"endpoints": [settings.endpoints[0].model_copy(update={"key_env": "THE_KEY"})]})
    monkeypatch.setenv("THE_KEY", key)
    with pytest.raises(ValueError, match="THE_KEY holds no key that a header can carry"):
        servers_of(keyed, "rules")
    monkeypatch.setenv("THE_KEY", "a-key\n")
    assert servers_of(keyed, "rules").keys == {"THE_KEY": "a-key"}
