"""The same requests by a Batch API: a file of them is handed in, and its answers are fetched when they are done.

    lines -> upload -> order -> (wait) state -> answers

A batch may expire with a part of its requests answered: the answers count, the others are asked again.
"""

import datetime
import json
import secrets
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm import reply
from mammoth_spark.llm.budget import cost_of
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.reply import Fault, Form, Reply
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.retry import EndpointStopped
from mammoth_spark.llm.transport import Answer, Call, CallFailed, Waiting

# What OpenAI takes in one file; others take as much or more.
MOST_REQUESTS, MOST_BYTES = 50_000, 200 << 20
_ANSWERS_BYTES = 2 << 30

State = Literal["working", "ended", "failed"]
_ENDED = ("completed", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as its server describes it."""

    name: str
    state: State
    detail: str
    file: str
    """The file of its requests."""
    files: tuple[str, ...] = ()
    """Where its answers and errors lie."""
    ordered_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class BatchApi:
    endpoint: Endpoint
    key: str | None = field(repr=False)
    settings: Llm
    transport: Waiting
    sleep: Callable[[float], None] = time.sleep

    def line(self, request: Request, cut: Container[str] = ()) -> bytes:
        """Of the file that is handed in, with twice the room for those whose reply was cut."""
        body = request.body(self.endpoint, 2 if request.fingerprint in cut else 1)
        form = b'{"custom_id": "%b", "method": "POST", "url": "/v1/chat/completions", "body": %b}\n'
        return form % (request.fingerprint.encode(), body)

    def upload(self, lines: bytes) -> str:
        """Hands in a file of requests; gives its name."""
        boundary = secrets.token_hex(16)
        form = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--{boundary}\r\n'
            'Content-Disposition: form-data; name="file"; filename="requests.jsonl"\r\n'
            "Content-Type: application/jsonl\r\n\r\n"
        ).encode()
        body = b"%b%b\r\n--%b--\r\n" % (form, lines, boundary.encode())
        return str(self._asked("/files", body, f"multipart/form-data; boundary={boundary}")["id"])

    def order(self, file: str) -> Batch:
        """Has a file answered. One that was ordered already is not ordered, and paid, again."""
        order = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        ordered = self._ordered(file) or self._asked(
            "/batches", json.dumps(order).encode(), found_done=lambda: self._ordered(file)
        )
        return _batch(ordered)

    def _ordered(self, file: str) -> dict[str, Any] | None:
        after = ""
        while True:
            page = self._asked(f"/batches?limit=100{after}")
            batches = page.get("data") or []
            found = next((batch for batch in batches if batch.get("input_file_id") == file), None)
            if found is not None or not batches or not page.get("has_more"):
                return found
            after = f"&after={quote(str(batches[-1]['id']))}"

    def state(self, name: str) -> Batch:
        return _batch(self._asked(f"/batches/{name}"))

    def answers(self, batch: Batch, form: type[Form]) -> Iterator[tuple[str, Reply | Fault]]:
        """What was answered, by fingerprint. What expired unanswered is not among it."""
        for file in batch.files:
            for line in self._content(file).splitlines():
                found = json.loads(line)
                response = found.get("response")
                if isinstance(response, dict):
                    body = json.dumps(response.get("body")).encode()
                    yield str(found["custom_id"]), reply.read(int(response.get("status_code") or 0), body, form)

    def _content(self, file: str) -> bytes:
        pause = self.settings.backoff_s
        for _ in range(self.settings.attempts):
            with suppress(_TryAgain):
                return self._sent(f"/files/{file}/content").body
            self.sleep(pause)
            pause = min(2 * pause, self.settings.backoff_cap_s)
        raise EndpointStopped(f"the Batch API does not give the file {file}; start the same command again later")

    def _asked(
        self,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        found_done: Callable[[], dict[str, Any] | None] = lambda: None,
    ) -> dict[str, Any]:
        """The object that the server answers with, asked for again while it is busy or away.

        Where asking twice would cost, `found_done` looks whether what failed was done all the same."""
        began, pause = time.monotonic(), self.settings.backoff_s
        while True:
            try:
                return _object(path, self._sent(path, body, content_type).body)
            except _TryAgain as failed:
                if time.monotonic() - began > self.settings.patience_s:
                    raise EndpointStopped(f"the Batch API is busy or away ({failed}); start again later") from None
            self.sleep(pause)
            pause = min(2 * pause, self.settings.backoff_cap_s)
            done = found_done()
            if done is not None:
                return done

    def _sent(self, path: str, body: bytes | None = None, content_type: str = "application/json") -> Answer:
        url = f"{self.endpoint.base_url.rstrip('/')}{path}"
        try:
            call = Call(url, body, self.key, self.settings.deadline_s, _ANSWERS_BYTES, content_type)
            answer = self.transport.send(call)
        except CallFailed as failed:
            raise _TryAgain(failed.detail) from None
        if answer.status in (200, 201):
            return answer
        fault = reply.read(answer.status, answer.body, Form)
        assert isinstance(fault, Fault), "only 200 is a reply"
        if fault.blames in ("account", "request"):
            # A server may repeat what it was sent.
            detail = fault.detail.replace(self.key, "(the key)") if self.key else fault.detail
            refusal = BatchGone if body is not None and answer.status in (400, 404, 410) else EndpointStopped
            raise refusal(f"the Batch API refuses {path} ({fault.reason}): {detail}")
        raise _TryAgain(fault.reason)


class BatchGone(EndpointStopped):
    """The server does not know the file that it is to answer."""


class _TryAgain(Exception):
    """The server is busy or away."""


def _object(path: str, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise EndpointStopped(f"{path} is answered with no JSON object: is this the address of a Batch API?")
    return answer


def outcome_of(
    fingerprint: str,
    prompt_version: str,
    read: Reply | Fault,
    endpoint: Endpoint,
    is_last: bool = False,
    asked_at: datetime.datetime | None = None,
) -> Outcome:
    """A batch's answer as a row. What another batch may answer is open, unless this was the last for it."""
    outcome = Outcome(fingerprint, prompt_version, attempts=1, cost=cost_of(read.usage, endpoint), asked_at=asked_at)
    outcome.prompt_tokens, outcome.reply_tokens = read.usage.prompt_tokens, read.usage.reply_tokens
    if isinstance(read, Reply):
        outcome.status = "void" if read.is_void else "ok"
        outcome.reply, outcome.model = read.text, read.model
    else:
        is_lasting = read.blames == "request" and read.reason != "length"
        outcome.status = "dead" if is_lasting or (is_last and read.blames in ("request", "attempt")) else "open"
        outcome.reason, outcome.faults = read.reason, {read.reason: 1}
    return outcome


def _batch(answer: Mapping[str, Any]) -> Batch:
    status = str(answer.get("status"))
    state: State = "ended" if status in _ENDED else "failed" if status == "failed" else "working"
    files = tuple(str(answer[name]) for name in ("output_file_id", "error_file_id") if answer.get(name))
    counts, errors = answer.get("request_counts"), answer.get("errors")
    detail = reply.clean(f"{status} {counts or ''} {errors or ''}".strip())
    created = answer.get("created_at")
    ordered_at = datetime.datetime.fromtimestamp(created, datetime.UTC) if isinstance(created, int) else None
    return Batch(str(answer["id"]), state, detail, str(answer["input_file_id"]), files, ordered_at)
