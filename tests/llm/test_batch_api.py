"""The same requests by a Batch API: handed in as a file, answered after a while, perhaps in part."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mammoth_spark.llm.batch_api import Batch, BatchApi, outcome_of
from mammoth_spark.llm.reply import Fault, Reply
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.retry import EndpointStopped
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.llm.transport import Answer, Call, CallFailed, HttpTransport, Waiting
from tests.llm.questions import PageSubject, quick, requests


@contextmanager
def api_of(server: RulesServer, key: str | None = None) -> Iterator[BatchApi]:
    settings = quick(server.base_url)
    with closing(Waiting(HttpTransport(2))) as transport:
        yield BatchApi(settings.endpoints[0], key, settings, transport, sleep=lambda _: None)


def lines(api: BatchApi, some: list[Request]) -> bytes:
    return b"".join(map(api.line, some))


def ended(api: BatchApi, batch: Batch) -> Batch:
    while batch.state == "working":
        batch = api.state(batch.name)
    return batch


def test_each_line_is_a_request_by_its_fingerprint(tmp_path: Path) -> None:
    some = requests(tmp_path, 3)
    with RulesServer() as server, api_of(server) as api:
        found = [json.loads(line) for line in lines(api, some).splitlines()]
    assert [line["custom_id"] for line in found] == [request.fingerprint for request in some]
    assert {(line["method"], line["url"]) for line in found} == {("POST", "/v1/chat/completions")}
    assert found[0]["body"] == json.loads(some[0].body(api.endpoint, 1))


def test_a_batch_is_answered_as_calls_are(tmp_path: Path) -> None:
    some = requests(tmp_path, 50)
    with RulesServer(seconds=0.1) as server, api_of(server) as api:
        batch = ended(api, api.order(api.upload(lines(api, some))))
        answers = dict(api.answers(batch, PageSubject))
    assert batch.state == "ended"
    assert answers.keys() == {request.fingerprint for request in some}
    assert all(isinstance(answer, Reply) for answer in answers.values())


def test_what_expired_is_left_open_and_what_failed_says_why(tmp_path: Path) -> None:
    some = requests(tmp_path, 300)
    with RulesServer({"expired": 0.2, "500": 0.1, "refusal": 0.1}) as server, api_of(server) as api:
        batch = ended(api, api.order(api.upload(lines(api, some))))
        answers = dict(api.answers(batch, PageSubject))
        assert len(answers) == 300 - server.calls["expired"]
        rows = [outcome_of(name, "v", answer, api.endpoint) for name, answer in answers.items()]
    assert Counter((row.status, row.reason) for row in rows) == {
        ("ok", None): server.calls["answered"],
        ("open", "http_500"): server.calls["500"],
        ("dead", "refusal"): server.calls["refusal"],
    }


def test_an_order_whose_answer_is_lost_is_not_placed_again(tmp_path: Path) -> None:
    class Loses:
        """Loses the answer to the first order."""

        def __init__(self, transport: HttpTransport) -> None:
            self._transport, self.lost = transport, 0

        async def send(self, call: Call) -> Answer:
            answer = await self._transport.send(call)
            if call.url.endswith("/batches") and call.body is not None and not self.lost:
                self.lost += 1
                raise CallFailed("reset", "gone")
            return answer

        async def close(self) -> None:
            await self._transport.close()

    loses = Loses(HttpTransport(2))
    with RulesServer() as server, api_of(server) as api, closing(Waiting(loses)) as waiting:
        losing = BatchApi(api.endpoint, None, api.settings, waiting, lambda _: None)
        file = losing.upload(lines(api, requests(tmp_path, 3)))
        batch = losing.order(file)
        assert losing.order(file).name == batch.name
        assert (loses.lost, server.batches.ordered) == (1, 1)
        assert ended(api, batch).state == "ended"


def test_a_refused_key_is_told_without_it(tmp_path: Path) -> None:
    with (
        RulesServer(key="right") as server,
        api_of(server, "canary-key") as api,
        pytest.raises(EndpointStopped, match=r"the Batch API refuses /files \(http_401\)") as caught,
    ):
        api.upload(lines(api, requests(tmp_path, 3)))
    assert "canary-key" not in str(caught.value)


def test_a_fault_of_the_account_is_no_outcome() -> None:
    row = outcome_of("f", "v", Fault("account", "http_401"), quick("http://127.0.0.1/v1").endpoints[0])
    assert row.status == "open"
