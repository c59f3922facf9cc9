"""A window of calls against a server that goes wrong: every request comes back once, and nothing is asked in vain."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import pytest

from mammoth_spark.config import Llm
from mammoth_spark.llm.budget import Room
from mammoth_spark.llm.client import Client
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.pace import Pace
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.llm.transport import Answer, Call, CallFailed, HttpTransport, Transport
from tests.llm.questions import quick, requests

UNLIMITED = Room()


def asked(
    settings: Llm, some: list[Request], room: Room = UNLIMITED, keys: dict[str, str] | None = None
) -> tuple[list[Outcome], str | None]:
    with client_of(settings, HttpTransport(settings.window), keys, room) as client:
        return list(client.ask(some)), client.why_stopped or client.cap


def client_of(
    settings: Llm, transport: Transport, keys: dict[str, str] | None = None, room: Room = UNLIMITED
) -> Client:
    pace = Pace(settings.window, settings.requests_per_minute, settings.tokens_per_minute)
    return Client(settings.endpoints, keys or {}, settings, transport, settings.window, pace, room)


def test_every_request_comes_back_once(tmp_path: Path) -> None:
    with RulesServer() as server:
        outcomes, stopped = asked(quick(server.base_url), requests(tmp_path, 200))
        assert sum(server.generations.values()) == 200
    assert stopped is None
    assert Counter(outcome.status for outcome in outcomes) == {"ok": 200}
    assert len({outcome.fingerprint for outcome in outcomes}) == 200
    assert {outcome.model for outcome in outcomes} == {"mammoth-rules"}
    assert all(outcome.prompt_tokens > 0 and outcome.cost > 0 and outcome.attempts == 1 for outcome in outcomes)


PASSING = ("429", "429_date", "500", "502", "503", "reset", "lost", "no_choices", "no_content", "broken_json")
LASTING = {"content_filter": "content_filter", "refusal": "refusal", "too_long": "too_long"}


def test_a_third_of_the_calls_may_go_wrong_in_every_way(tmp_path: Path) -> None:
    names = (*PASSING, "length", *LASTING, "surrogate", "nul")
    faults = {name: 0.3 / len(names) for name in names}
    with RulesServer(faults) as server:
        outcomes, stopped = asked(quick(server.base_url), requests(tmp_path, 1000))
        met = server.calls
        needed = 1000 - met["too_long"]
        # Whatever comes after the work is done has been paid for.
        after_work = sum(met[name] for name in ("lost", "no_choices", "no_content", "broken_json", "length"))
        assert sum(server.generations.values()) <= needed + after_work
    assert stopped is None
    assert len({outcome.fingerprint for outcome in outcomes}) == len(outcomes) == 1000
    dead = Counter(outcome.reason for outcome in outcomes if outcome.status == "dead")
    assert dead == {LASTING[name]: met[name] for name in LASTING}
    assert {outcome.status for outcome in outcomes} == {"ok", "dead"}
    assert set(names) <= met.keys()
    cut = [outcome for outcome in outcomes if outcome.attempts == 2 and outcome.status == "ok"]
    assert len(cut) >= met["length"] > 0


def test_a_reply_without_room_is_asked_for_once_more_and_no_more(tmp_path: Path) -> None:
    with RulesServer({"length": 1.0}) as server:
        (outcome,), _ = asked(quick(server.base_url), requests(tmp_path, 1))
        assert (outcome.status, outcome.attempts) == ("ok", 2)


@pytest.mark.parametrize("fault", ["unauthorized", "quota"])
def test_a_refused_key_stops_at_once_and_kills_no_request(tmp_path: Path, fault: str) -> None:
    with RulesServer({fault: 1.0}) as server:
        outcomes, stopped = asked(quick(server.base_url), requests(tmp_path, 500))
        assert sum(server.calls.values()) <= 2 * 16
    assert stopped is not None
    assert "the endpoint refuses every request (http_4" in stopped
    assert {outcome.status for outcome in outcomes} <= {"open"}


def test_a_mistake_in_the_run_file_kills_no_request(tmp_path: Path) -> None:
    with RulesServer() as server:
        outcomes, stopped = asked(quick(server.base_url.replace("/v1", "/v1/no")), requests(tmp_path, 500))
    assert stopped is not None
    assert stopped.startswith("the endpoint refuses every request (http_404)")
    assert {outcome.status for outcome in outcomes} <= {"open"}


def test_a_server_that_is_away_stops_the_stage_when_patience_ends(tmp_path: Path) -> None:
    with RulesServer() as server:
        gone = server.base_url
    outcomes, stopped = asked(quick(gone, patience_s=0.5), requests(tmp_path, 100))
    assert stopped is not None
    assert "busy or away" in stopped
    assert {outcome.status for outcome in outcomes} <= {"open"}


@pytest.mark.parametrize(
    ("outage_s", "backoff_s", "backoff_cap_s", "count"),
    [(4.0, 0.2, 1.0, 1500), pytest.param(120.0, 1.0, 60.0, 5000, marks=pytest.mark.slow)],
)
def test_after_an_outage_calls_come_back_without_bursts(
    tmp_path: Path, outage_s: float, backoff_s: float, backoff_cap_s: float, count: int
) -> None:
    with RulesServer({"429": 1.0}, seconds=0.005) as server:
        threading.Timer(outage_s, server.faults.clear).start()
        settings = quick(
            server.base_url, window=64, backoff_s=backoff_s, backoff_cap_s=backoff_cap_s, patience_s=1800.0
        )
        outcomes, stopped = asked(settings, requests(tmp_path, count))
        times = [moment - server.times[0] for moment in server.times]
    assert stopped is None
    assert {outcome.status for outcome in outcomes} == {"ok"}
    healthy = [moment for moment in times if moment > outage_s]
    assert max(counts(healthy, 1.0)) <= 3 * mean_but_last(counts(healthy, 1.0))
    # While it lasts, the 64 that were refused together do not come back together. Its first half is left out, in which
    # pauses still grow, and its last moments, which the server may have ended.
    refused = [moment for moment in times if outage_s / 2 < moment < outage_s - 0.2]
    assert max(counts(refused, backoff_cap_s / 20)) <= 64 / 3


def counts(moments: list[float], seconds: float) -> list[int]:
    """How many there are in each period of so many seconds."""
    found = Counter(int((moment - moments[0]) / seconds) for moment in moments)
    return [found[period] for period in range(max(found) + 1)]


def mean_but_last(numbers: list[int]) -> float:
    """Of the whole periods; where there is but one, of that."""
    return fmean(numbers[:-1] or numbers)


def test_asking_stops_at_a_cap(tmp_path: Path) -> None:
    with RulesServer() as server:
        outcomes, stopped = asked(quick(server.base_url), requests(tmp_path, 500), Room(calls=100))
        assert 100 <= sum(server.calls.values()) <= 100 + 16
    assert stopped == "llm.max_calls"
    assert len(outcomes) == sum(server.calls.values())


# A request is of 483 bytes, a token to each four, and its reply may have fifty tokens.
@pytest.mark.parametrize("limit", [{"requests_per_minute": 600}, {"tokens_per_minute": 600 * (483 // 4 + 50)}])
def test_what_is_allowed_a_minute_is_kept(tmp_path: Path, limit: dict[str, int]) -> None:
    with RulesServer() as server:
        began = time.monotonic()
        asked(quick(server.base_url, **limit), requests(tmp_path, 30))
        assert time.monotonic() - began >= 2.8
        gaps = [later - earlier for earlier, later in zip(server.times, server.times[1:], strict=False)]
    assert sorted(gaps)[len(gaps) // 2] == pytest.approx(0.1, abs=0.03)


def test_endpoints_share_the_load_by_weight(tmp_path: Path) -> None:
    with RulesServer() as one, RulesServer() as three:
        settings = quick(one.base_url)
        light = settings.endpoints[0]
        heavy = light.model_copy(update={"base_url": three.base_url, "weight": 3})
        asked(settings.model_copy(update={"endpoints": [light, heavy]}), requests(tmp_path, 400))
        assert 60 < one.calls["answered"] < 145
        assert one.calls["answered"] + three.calls["answered"] == 400


def test_the_key_goes_into_the_header_and_nowhere_else(tmp_path: Path) -> None:
    with RulesServer(key="canary-key") as server:
        settings = quick(server.base_url)
        keyed = settings.endpoints[0].model_copy(update={"key_env": "THE_KEY"})
        settings = settings.model_copy(update={"endpoints": [keyed]})
        outcomes, stopped = asked(settings, requests(tmp_path, 20), keys={"THE_KEY": "canary-key"})
        refused, why = asked(settings, requests(tmp_path, 20), keys={"THE_KEY": "wrong-key"})
    assert {outcome.status for outcome in outcomes} == {"ok"}
    assert "wrong-key" not in f"{why}{refused}"
    assert "canary-key" not in f"{stopped}{outcomes}"


def test_a_server_that_goes_wrong_for_good_kills_no_request(tmp_path: Path) -> None:
    with RulesServer(seconds=0.002) as server:

        def break_down() -> None:
            while server.calls["answered"] < 100:
                time.sleep(0.002)
            server.faults["500"] = 1.0

        breaking = threading.Thread(target=break_down)
        breaking.start()
        outcomes, stopped = asked(quick(server.base_url, attempts=2), requests(tmp_path, 1000))
        breaking.join()
    assert stopped == "the endpoint fails every request (http_500)"
    assert {outcome.status for outcome in outcomes} == {"ok", "open"}


@pytest.mark.parametrize(("has_answered", "status"), [(False, "open"), (True, "dead")])
def test_the_last_few_are_dead_only_where_the_endpoint_is_known_to_answer(
    tmp_path: Path, has_answered: bool, status: str
) -> None:
    with RulesServer({"500": 1.0}) as server:
        settings = quick(server.base_url, attempts=2)
        with client_of(settings, HttpTransport(16)) as client:
            client.has_answered = has_answered
            outcomes = list(client.ask(requests(tmp_path, 5)))
    assert {outcome.status for outcome in outcomes} == {status}
    assert (client.why_stopped is None) == has_answered


def test_a_model_that_never_answers_in_the_form_is_not_paid_to_the_end(tmp_path: Path) -> None:
    with RulesServer({"broken_json": 1.0}) as server:
        outcomes, stopped = asked(quick(server.base_url, attempts=2), requests(tmp_path, 500))
        assert sum(server.calls.values()) <= 2 * (20 + 16)
    assert stopped == "the endpoint fails every request (broken_json)"
    assert {outcome.status for outcome in outcomes} == {"open"}


def test_a_few_that_the_model_cannot_answer_are_dead(tmp_path: Path) -> None:
    with RulesServer({"refusal": 1.0}) as server:
        outcomes, stopped = asked(quick(server.base_url), requests(tmp_path, 5))
    assert stopped is None
    assert {(outcome.status, outcome.reason) for outcome in outcomes} == {("dead", "refusal")}


def test_of_a_small_cap_no_more_is_asked_at_once(tmp_path: Path) -> None:
    with RulesServer(seconds=0.05) as server:
        _, stopped = asked(quick(server.base_url), requests(tmp_path, 50), Room(calls=5))
        assert sum(server.calls.values()) == 5
    assert stopped == "llm.max_calls"


def test_a_cap_holds_for_repeated_calls_as_well(tmp_path: Path) -> None:
    with RulesServer({"broken_json": 1.0}) as server:
        _, stopped = asked(quick(server.base_url), requests(tmp_path, 500), Room(calls=20))
        assert 20 <= sum(server.calls.values()) <= 20 + 16
    assert stopped == "llm.max_calls"


@dataclass
class Answers:
    """A transport that gives these answers, the last one again and again, and keeps what was sent."""

    answers: list[Answer | CallFailed]
    sent: list[Call] = field(default_factory=list)

    async def send(self, call: Call) -> Answer:
        self.sent.append(call)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, CallFailed):
            raise answer
        return answer

    async def close(self) -> None: ...


def test_a_server_that_repeats_the_key_does_not_spread_it(tmp_path: Path) -> None:
    settings = quick("http://127.0.0.1:1/v1")
    keyed = settings.endpoints[0].model_copy(update={"key_env": "THE_KEY"})
    settings = settings.model_copy(update={"endpoints": [keyed]})
    transport = Answers([Answer(401, {}, b"the key canary-key is not known")])
    with client_of(settings, transport, {"THE_KEY": "canary-key"}) as client:
        assert list(client.ask(requests(tmp_path, 1)))
    assert transport.sent[0].key == "canary-key"
    assert client.why_stopped is not None
    assert "the key (the key) is not known" in client.why_stopped


def test_a_lost_reply_is_asked_for_by_the_same_name_and_another_by_a_new_one(tmp_path: Path) -> None:
    lost, other_form = CallFailed("reset", "lost"), Answer(200, {}, b"{}")
    transport = Answers([lost, other_form, Answer(500, {}, b""), Answer(400, {}, b"")])
    some = requests(tmp_path, 1)
    with client_of(quick("http://127.0.0.1:1/v1"), transport) as client:
        list(client.ask(some))
    name = some[0].fingerprint
    assert [call.idempotency_key for call in transport.sent] == [f"{name}-0", f"{name}-0", f"{name}-1", f"{name}-1"]


def test_threads_end_when_nobody_wants_the_rest(tmp_path: Path) -> None:
    before = threading.active_count()
    with RulesServer(seconds=0.05) as server:
        settings = quick(server.base_url)
        with client_of(settings, HttpTransport(16)) as client:
            outcomes = client.ask(requests(tmp_path, 1000))
            next(outcomes)
            outcomes.close()
        assert sum(server.calls.values()) < 100
    time.sleep(0.3)
    assert threading.active_count() <= before
