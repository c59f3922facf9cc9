"""One exchange over HTTP, over at its deadline whatever the server does.

Timeouts of a socket count from one byte to the next, so that a server which trickles never meets one. Here a watchdog
closes the connection of a call that is still at work at its deadline, be it within the headers or the body.
"""

import http.cookiejar
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_TIMEOUT_S = 10.0
_BLOCK = 64 << 10
_LOOK_AGAIN_S = 0.1

Failure = Literal["deadline", "reset", "too_large", "unreachable", "redirect"]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    url: str
    body: bytes | None
    """What is posted; None gets the URL."""
    key: str | None = field(repr=False)
    timeout_s: float
    """Until the last byte."""
    most_bytes: int
    """Of an answer; a longer one is given up while it is read."""
    content_type: str = "application/json"


class CallFailed(Exception):
    """There is no answer. It never shows the headers that were sent, which hold the key."""

    def __init__(self, kind: Failure, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind: Failure = kind
        self.detail = detail


class Transport(Protocol):
    """The network, as one object that a test can replace."""

    def send(self, call: Call) -> Answer: ...

    def close(self) -> None: ...


class HttpTransport:
    """One session, whose connections are kept open between calls, and one watchdog."""

    def __init__(self, connections: int) -> None:
        self._session = _Session()
        adapter = _Adapter(pool_connections=8, pool_maxsize=connections)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._watchdog = _Watchdog()

    def send(self, call: Call) -> Answer:
        with self._watchdog.watching(call.timeout_s) as watched:
            try:
                return self._exchange(call, watched)
            except CallFailed:
                raise
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
                raise _told(problem, watched, call.timeout_s) from None

    def _exchange(self, call: Call, watched: "_Watched") -> Answer:
        with self._session.request(
            "GET" if call.body is None else "POST",
            call.url,
            data=call.body,
            headers={"Content-Type": call.content_type, "Accept-Encoding": "identity"},
            auth=_Bearer(call.key),
            stream=True,
            allow_redirects=False,
            timeout=(min(CONNECT_TIMEOUT_S, watched.seconds_left()), watched.seconds_left()),
        ) as response:
            if 300 <= response.status_code < 400:
                host = urlsplit(response.headers.get("Location", "")).hostname or "elsewhere"
                raise CallFailed("redirect", f"the endpoint redirects to {host}; name the final base_url")
            received = bytearray()
            while block := response.raw.read1(_BLOCK, decode_content=False):
                received += block
                if len(received) > call.most_bytes:
                    response.raw.close()
                    raise CallFailed("too_large", f"the answer has more than {call.most_bytes} bytes")
            if watched.is_over:
                raise CallFailed("deadline", "the answer broke off at its deadline")
            return Answer(response.status_code, dict(response.headers), bytes(received))

    def close(self) -> None:
        self._session.close()
        self._watchdog.close()


def _told(problem: Exception, watched: "_Watched", timeout_s: float) -> CallFailed:
    if watched.is_over or (isinstance(problem, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError)):
        return CallFailed("deadline", f"no whole answer within {timeout_s:g} s")
    cause: BaseException = problem
    while cause.__context__ is not None:
        cause = cause.__context__
    words = f"{type(cause).__name__}: {cause}" if isinstance(cause, OSError) else type(cause).__name__
    was_connected = watched.connection is not None and watched.was_sent
    return CallFailed("reset" if was_connected else "unreachable", words)


@dataclass(eq=False, slots=True)
class _Watched:
    """A call at work, and the connection that it uses."""

    deadline: float
    connection: HTTPConnection | None = None
    was_sent: bool = False
    is_over: bool = False

    def seconds_left(self) -> float:
        return max(0.001, self.deadline - time.monotonic())


_current = threading.local()


class _Watchdog:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: set[_Watched] = set()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
        self._thread.start()

    @contextmanager
    def watching(self, timeout_s: float) -> Iterator[_Watched]:
        """What this thread exchanges within is cut off when the time is over."""
        call = _Watched(time.monotonic() + timeout_s)
        with self._changed:
            self._calls.add(call)
            if len(self._calls) == 1:
                self._changed.notify()
        _current.call = call
        try:
            yield call
        finally:
            _current.call = None
            with self._changed:
                self._calls.discard(call)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                # Until its end, again and again: a connection may only now have come to be.
                for call in [call for call in self._calls if call.deadline <= now]:
                    call.is_over = True
                    _cut(call.connection)
                self._changed.wait(_LOOK_AGAIN_S if self._calls else None)


def _cut(connection: HTTPConnection | None) -> None:
    sock = connection.sock if connection is not None else None
    if sock is not None:
        with suppress(OSError):  # It is closed already.
            sock.shutdown(2)


def _note(connection: HTTPConnection, was_sent: bool) -> None:
    call: _Watched | None = getattr(_current, "call", None)
    if call is not None:
        call.connection, call.was_sent = connection, was_sent


class _PlainConnection(HTTPConnection):
    def connect(self) -> None:
        _note(self, was_sent=False)
        super().connect()

    def request(self, *arguments: Any, **options: Any) -> None:
        # A connection that is not open yet is opened within.
        _note(self, was_sent=self.sock is not None)
        super().request(*arguments, **options)
        _note(self, was_sent=True)


class _TlsConnection(_PlainConnection, HTTPSConnection):
    """Noted in the same way; TLS by the second of its bases."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self._surroundings: dict[str, Any] = {}

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: requests would read the whole body of a redirect into memory to be ready to follow it."""
        return None

    def merge_environment_settings(self, url: Any, *arguments: Any) -> Any:
        """Proxies and certificates as the environment names them, looked up once for a host: each time anew, that is
        a quarter of a call's work."""
        host = urlsplit(url).netloc
        if host not in self._surroundings:
            self._surroundings[host] = super().merge_environment_settings(url, *arguments)
        return self._surroundings[host]


@dataclass(frozen=True, slots=True)
class _Bearer(requests.auth.AuthBase):
    """The key goes into the header alone. Without this, requests would look for one in ~/.netrc."""

    key: str | None = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.key is not None:
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request
