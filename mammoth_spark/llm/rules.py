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
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

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
}
# These are met again by the same request however often it is sent.
_LASTING = ("length", "content_filter", "refusal", "too_long")

Rule = Callable[[str], dict[str, Any]]
"""What is answered to the last message."""


def page_subject(message: str) -> dict[str, Any]:
    words = set(re.findall(r"[a-z]+", message.lower()))
    subject = next((subject for subject, signs in _SIGNS.items() if words & signs), "other")
    return {"subject": subject}


_SIGNS = {
    "mathematics": {"algebra", "limits", "derivatives", "fractions", "integrals", "equation", "geometry", "math"},
    "physics": {"physics", "braking", "velocity", "force", "energy", "circuit", "pendulum"},
    "chemistry": {"chemistry", "stoichiometry", "chem", "molecule", "acid", "moles"},
    "computing": {"python", "code", "programming", "sql", "algorithm", "javascript"},
}
RULES: dict[str, Rule] = {"PageSubject": page_subject}


class RulesServer:
    """Serves `/v1/chat/completions` and counts what it did."""

    def __init__(
        self,
        faults: Mapping[str, float] | None = None,
        seconds: float = 0.0,
        port: int = 0,
        key: str | None = None,
        rules: Mapping[str, Rule] | None = None,
    ) -> None:
        unknown = sorted((faults or {}).keys() - FAULTS.keys())
        if unknown:
            raise ValueError(f"unknown fault {unknown[0]}; there are {', '.join(FAULTS)}")
        self.faults, self.seconds, self.key = dict(faults or {}), seconds, key
        self.rules = {**RULES, **(rules or {})}
        self.calls: Counter[str] = Counter()
        """Calls by what they met: `answered`, or a fault."""
        self.generations: Counter[str] = Counter()
        """Replies made, and so paid, by the hash of the request."""
        self.tokens = 0
        self.most_at_once = 0
        self.times: list[float] = []
        self._came: Counter[str] = Counter()
        self._rooms: dict[str, int] = {}
        self._at_once = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = _Server(("127.0.0.1", port), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="rules", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve_forever(self) -> None:
        self._server.serve_forever()

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

    def generated(self, name: str, tokens: int) -> None:
        with self._lock:
            self.generations[name] += 1
            self.tokens += tokens

    def first_room(self, name: str, room: int) -> int:
        """The room for its reply that a request had when it first came."""
        with self._lock:
            return self._rooms.setdefault(name, room)

    def wait(self, seconds: float) -> bool:
        """False if the server ends meanwhile."""
        return not self._over.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are no news here."""


def _without_room(body: bytes) -> bytes:
    """A request asked again with more room is the same request."""
    return re.sub(rb'"max_(completion_)?tokens": ?[0-9]+', b"", body)


def _handler_of(server: RulesServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            name, fault = server.arrived(body)
            try:
                self._answer(name, fault, body)
            finally:
                server.left(fault)

        def _answer(self, name: str, fault: str | None, body: bytes) -> None:
            if server.key is not None and self.headers.get("Authorization") != f"Bearer {server.key}":
                fault = "unauthorized"
            if self.path != "/v1/chat/completions":
                self._send(404, {"error": {"message": "only /v1/chat/completions is served"}})
            elif fault is not None and fault in _BEFORE_WORK:
                _BEFORE_WORK[fault](self)
            else:
                self._work(name, fault, json.loads(body))

        def _work(self, name: str, fault: str | None, request: dict[str, Any]) -> None:
            if server.seconds:
                server.wait(server.seconds)
            room = request.get("max_tokens") or request.get("max_completion_tokens") or 0
            answer = _completion(request, server.rules)
            usage = answer["usage"]
            server.generated(name, usage["prompt_tokens"] + usage["completion_tokens"])
            choice = answer["choices"][0]
            if fault == "lost":
                self._hang_up()
                return
            if fault == "no_choices":
                answer["choices"] = []
            elif fault == "no_content":
                choice["message"]["content"] = None
            elif fault == "broken_json":
                choice["message"]["content"] = choice["message"]["content"][:-2]
            elif fault == "length" and room <= server.first_room(name, room):
                choice["message"]["content"] = choice["message"]["content"][:5]
                choice["finish_reason"] = "length"
            elif fault == "content_filter":
                choice |= {"finish_reason": "content_filter", "message": {"role": "assistant", "content": ""}}
            elif fault == "refusal":
                choice["message"] = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
            elif fault == "surrogate":
                choice["message"]["content"] = choice["message"]["content"].replace('": "', '": "\\ud800', 1)
            elif fault == "nul":
                choice["message"]["content"] = choice["message"]["content"].replace('": "', '": "\\u0000', 1)
            if fault == "trickle":
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

        def _error(self, status: int, message: str, code: str = "", **headers: str) -> None:
            self._send(status, {"error": {"message": message, "code": code}}, **headers)

        def _hang_up(self) -> None:
            """With a reset: what a server does that is killed."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

    _BEFORE_WORK: dict[str, Callable[[Handler], None]] = {
        "429": lambda handler: handler._error(429, "slow down", Retry_After="1"),
        "429_date": lambda handler: handler._error(429, "slow down", Retry_After=_soon()),
        "500": lambda handler: handler._error(500, "a mistake of the server's"),
        "502": lambda handler: handler._error(502, "bad gateway"),
        "503": lambda handler: handler._error(503, "overloaded"),
        "reset": lambda handler: handler._hang_up(),
        "too_long": lambda handler: handler._error(400, "too many tokens", "context_length_exceeded"),
        "unauthorized": lambda handler: handler._error(401, "wrong key", "invalid_api_key"),
        "quota": lambda handler: handler._error(429, "you exceeded your quota", "insufficient_quota"),
        "redirect": lambda handler: handler._send(307, {}, Location="https://elsewhere.example.org/v1"),
    }
    return Handler


def _soon() -> str:
    return formatdate(time.time() + 1, usegmt=True)


def _completion(request: dict[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    form = request.get("response_format", {}).get("json_schema", {}).get("name", "")
    message = request["messages"][-1]["content"]
    content = json.dumps(rules[form](message)) if form in rules else "I answer by rules, and have none for this."
    prompt_tokens = sum(len(one["content"].split()) for one in request["messages"])
    reply_tokens = max(1, len(content.split()))
    return {
        "object": "chat.completion",
        "model": MODEL,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": reply_tokens,
            "total_tokens": prompt_tokens + reply_tokens,
        },
    }
