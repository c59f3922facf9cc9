"""An endpoint that answers by rules: a real HTTP server on loopback for laptops and tests, which says so in each reply.

It speaks chat completions with structured output and token usage. The name of the form that is asked for chooses the
rule. It can be told to misbehave: each fault takes its share of the calls, decided by a hash of the request and of how
often it came, so that the same calls meet the same faults.
"""

import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from mammoth_spark.llm.rulebook import RULES, SECOND_MODEL, SECOND_RULES, Rule
from mammoth_spark.llm.rules_batches import Batches, BatchFailed
from mammoth_spark.web.loopback import HOST, serving

MODEL = "mammoth-rules"
_HUGE_BYTES = 1 << 30

FAULTS = {
    "429": "429 with Retry-After in seconds",
    "429_date": "429 with Retry-After as a date",
    "500": "500, before any work",
    "502": "502, before any work",
    "503": "503, before any work",
    "reset": "the connection is reset before any work",
    "lost": "the work is done, and its reply never sent",
    "no_choices": "a reply with empty choices",
    "no_content": "a reply whose content is null",
    "broken_json": "a reply that is cut within its JSON, and says it ended well",
    "length": "a reply that was cut for lack of room; with twice the room it is whole",
    "content_filter": "a reply that a filter held back",
    "refusal": "a model that refuses",
    "too_long": "400, since the prompt exceeds the context",
    "surrogate": "a lone surrogate within the reply",
    "nul": "a NUL within the reply",
    "trickle": "one byte each half second",
    "silence": "headers, then nothing",
    "huge": "an answer of a gigabyte",
    "unauthorized": "401",
    "quota": "429, since the quota is exhausted",
    "redirect": "a redirect to elsewhere",
    "expired": "in a batch: it ends before the request is answered",
    "batch_failed": "in a batch: the whole of it fails",
}
# These are met again by the same request however often it is sent.
_LASTING = ("length", "content_filter", "refusal", "too_long")
_STATUSES = {
    "429": 429,
    "429_date": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "too_long": 400,
    "unauthorized": 401,
    "quota": 429,
}
_CODES = {"too_long": "context_length_exceeded", "unauthorized": "invalid_api_key", "quota": "insufficient_quota"}
_NOT_HERE = {"error": {"message": "there is no such thing here; chat completions are at /v1/chat/completions"}}


class RulesServer:
    """Serves `/v1/chat/completions` and a Batch API, and counts what it did."""

    def __init__(
        self,
        faults: Mapping[str, float] | None = None,
        seconds: float = 0.0,
        port: int = 0,
        key: str | None = None,
        rules: Mapping[str, Rule] | None = None,
        second_rules: Mapping[str, Rule] | None = None,
    ) -> None:
        unknown = sorted((faults or {}).keys() - FAULTS.keys())
        if unknown:
            raise ValueError(f"unknown fault {unknown[0]}; there are {', '.join(FAULTS)}")
        self.faults, self.seconds, self.key = dict(faults or {}), seconds, key
        self.rules = {**RULES, **(rules or {})}
        self.second_rules = {**self.rules, **SECOND_RULES, **(second_rules or {})}
        self.batches = Batches(self._answer_in_batch, seconds)
        self.calls: Counter[str] = Counter()
        """Calls by what they met: `answered`, or a fault."""
        self.generations: Counter[str] = Counter()
        """Replies made, and so paid, by the hash of the request."""
        self.tokens = 0
        self.most_at_once = 0
        self.times: list[float] = []
        self._came: Counter[str] = Counter()
        self._first_rooms: dict[str, int] = {}
        self._at_once = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._port, self._running = port, ExitStack()

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self._port}/v1"

    def __enter__(self) -> Self:
        self._port = self._running.enter_context(serving(_handler_of(self), self._port))
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._running.close()

    def wait(self, seconds: float) -> bool:
        """False if the server ends meanwhile."""
        return not self._over.wait(seconds)

    def arrived(self, body: bytes) -> tuple[str, str | None]:
        """The request's hash, and the fault that this call of it meets."""
        name = hashlib.sha256(_without_room(body)).hexdigest()
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.times.append(time.monotonic())
            self._came[name] += 1
            time_of = self._came[name]
        begin = 0.0
        for fault, share in self.faults.items():
            turn = "" if fault in _LASTING else f" {time_of}"
            lot = int.from_bytes(hashlib.sha256(f"{name}{turn}".encode()).digest()[:8]) / 2**64
            if begin <= lot < begin + share:
                return name, fault
            begin += share
        return name, None

    def left(self, fault: str | None) -> None:
        with self._lock:
            self._at_once -= 1
            self.calls[fault or "answered"] += 1

    def was_refused(self) -> None:
        """A call with a wrong key."""
        with self._lock:
            self.calls["unauthorized"] += 1

    def answer(self, name: str, fault: str | None, request: dict[str, Any]) -> dict[str, Any]:
        """Does the work of a request, and to it what the fault does."""
        is_second = request.get("model") == SECOND_MODEL
        rules, model = (self.second_rules, f"{MODEL}-2") if is_second else (self.rules, MODEL)
        answer = _completion(request, rules, model)
        room = request.get("max_tokens") or request.get("max_completion_tokens") or 0
        with self._lock:
            self.generations[name] += 1
            self.tokens += answer["usage"]["total_tokens"]
            has_first_room = room <= self._first_rooms.setdefault(name, room)
        if fault is not None:
            _spoil(answer, fault, has_first_room)
        return answer

    def _answer_in_batch(self, body: bytes) -> tuple[int, dict[str, Any]] | None:
        name, fault = self.arrived(body)
        self.left(fault)
        if fault == "expired":
            return None
        if fault == "batch_failed":
            raise BatchFailed
        if fault in _STATUSES:
            return _STATUSES[fault], _error_of(fault)
        return 200, self.answer(name, fault, json.loads(body))


def _without_room(body: bytes) -> bytes:
    """A request asked again with more room is the same request."""
    return re.sub(rb'"max_(completion_)?tokens": ?[0-9]+', b"", body)


def _handler_of(server: RulesServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            if self._has_key():
                found = server.batches.get(self.path)
                if isinstance(found, bytes):
                    self._head(200, len(found))
                    self.wfile.write(found)
                else:
                    self._send(404 if found is None else 200, found or _NOT_HERE)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not self._has_key():
                server.was_refused()
            elif self.path == "/v1/chat/completions":
                name, fault = server.arrived(body)
                try:
                    self._answer(name, fault, body)
                finally:
                    server.left(fault)
            else:
                found = server.batches.post(self.path, body)
                self._send(404 if found is None else 200, found or _NOT_HERE)

        def _has_key(self) -> bool:
            has_key = server.key is None or self.headers.get("Authorization") == f"Bearer {server.key}"
            if not has_key:
                self._refuse("unauthorized")
            return has_key

        def _answer(self, name: str, fault: str | None, body: bytes) -> None:
            if fault == "reset":
                self._hang_up()
            elif fault == "redirect":
                self._send(307, {}, Location="https://elsewhere.example.org/v1")
            elif fault in _STATUSES:
                self._refuse(fault)
            else:
                self._work(name, fault, json.loads(body))

        def _work(self, name: str, fault: str | None, request: dict[str, Any]) -> None:
            if server.seconds:
                server.wait(server.seconds)
            answer = server.answer(name, fault, request)
            if fault == "lost":
                self._hang_up()
            elif fault == "trickle":
                self._trickle(answer)
            elif fault == "silence":
                self._head(200, 1000)
                server.wait(3600)
            elif fault == "huge":
                self._head(200, _HUGE_BYTES)
                block = b" " * (1 << 20)
                for _ in range(_HUGE_BYTES >> 20):
                    self.wfile.write(block)
            else:
                self._send(200, answer)

        def _trickle(self, answer: dict[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self._head(200, len(content))
            for place in range(len(content)):
                self.wfile.write(content[place : place + 1])
                if not server.wait(0.5):
                    return

        def _head(self, status: int, length: int, **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(length))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def _send(self, status: int, answer: dict[str, Any], **headers: str) -> None:
            content = json.dumps(answer).encode()
            self._head(status, len(content), **headers)
            self.wfile.write(content)

        def _refuse(self, fault: str) -> None:
            after = {"429": "1", "429_date": formatdate(time.time() + 1, usegmt=True)}.get(fault)
            self._send(_STATUSES[fault], _error_of(fault), **({} if after is None else {"Retry_After": after}))

        def _hang_up(self) -> None:
            """With a reset: what a server does that is killed."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

    return Handler


def _error_of(fault: str) -> dict[str, Any]:
    return {"error": {"message": FAULTS[fault], "code": _CODES.get(fault, "")}}


def _spoil(answer: dict[str, Any], fault: str, has_first_room: bool) -> None:
    """Makes of a good answer what a fault makes of it."""
    choice = answer["choices"][0]
    message = choice["message"]
    if fault == "no_choices":
        answer["choices"] = []
    elif fault == "no_content":
        message["content"] = None
    elif fault == "broken_json":
        message["content"] = message["content"][:-2]
    elif fault == "length" and has_first_room:
        message["content"] = message["content"][:5]
        choice["finish_reason"] = "length"
    elif fault == "content_filter":
        message["content"] = ""
        choice["finish_reason"] = "content_filter"
    elif fault == "refusal":
        message |= {"content": None, "refusal": "I cannot help with that."}
    elif fault == "surrogate":
        message["content"] = message["content"].replace('": "', '": "\\ud800', 1)
    elif fault == "nul":
        message["content"] = message["content"].replace('": "', '": "\\u0000', 1)


def _completion(request: dict[str, Any], rules: Mapping[str, Rule], model: str) -> dict[str, Any]:
    form = request.get("response_format", {}).get("json_schema", {}).get("name", "")
    message = request["messages"][-1]["content"]
    content = json.dumps(rules[form](message)) if form in rules else "I answer by rules, and have none for this."
    prompt_tokens = sum(len(one["content"].split()) for one in request["messages"])
    reply_tokens = max(1, len(content.split()))
    return {
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": reply_tokens,
            "total_tokens": prompt_tokens + reply_tokens,
        },
    }
