"""One exchange over HTTP, over at its deadline whatever the server does, and never made twice by itself.

All calls of a task run on one thread's event loop: two hundred threads would spend more time in handing the interpreter
to each other than in the calls (docs/decisions.md has the figures).
"""

import asyncio
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import urlsplit

import aiohttp

from mammoth_spark.web.manners import is_loopback

CONNECT_TIMEOUT_S = 10.0

Failure = Literal["deadline", "reset", "too_large", "unreachable", "redirect", "certificate", "proxy"]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Whatever the case of a name."""
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
    idempotency_key: str | None = None
    """A server that honours it answers a repeated call with what it has done already."""


class CallFailed(Exception):
    """There is no answer. It never shows the headers that were sent, which hold the key."""

    def __init__(self, kind: Failure, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind: Failure = kind
        self.detail = detail


class Transport(Protocol):
    """The network, as one object that a test can replace."""

    async def send(self, call: Call) -> Answer: ...

    async def close(self) -> None: ...


class HttpTransport:
    """One session, whose connections are kept open between calls. It belongs to the event loop of its first call."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}

    async def send(self, call: Call) -> Answer:
        if self._session is None:
            self._session = self._opened()
        try:
            async with asyncio.timeout(call.timeout_s):
                return await self._exchange(self._session, call)
        except aiohttp.ClientConnectorCertificateError as problem:
            raise CallFailed("certificate", _words(problem)) from None
        except aiohttp.ClientHttpProxyError as problem:
            raise CallFailed("proxy", f"the proxy answers {problem.status}") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as problem:
            raise CallFailed("unreachable", _words(problem)) from None
        except TimeoutError:
            raise CallFailed("deadline", f"no whole answer within {call.timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError) as problem:
            raise CallFailed("reset", _words(problem)) from None

    async def _exchange(self, session: aiohttp.ClientSession, call: Call) -> Answer:
        headers = {"Content-Type": call.content_type}
        if call.key is not None:
            headers["Authorization"] = f"Bearer {call.key}"
        if call.idempotency_key is not None:
            headers["Idempotency-Key"] = call.idempotency_key
        method = "GET" if call.body is None else "POST"
        proxy = self._proxy_of(call.url)
        async with session.request(
            method, call.url, data=call.body, headers=headers, allow_redirects=False, proxy=proxy
        ) as response:
            if 300 <= response.status < 400:
                host = urlsplit(response.headers.get("Location", "")).hostname or "elsewhere"
                raise CallFailed("redirect", f"the endpoint redirects to {host}; name the final base_url")
            received = bytearray()
            async for block in response.content.iter_any():
                received += block
                if len(received) > call.most_bytes:
                    response.close()
                    raise CallFailed("too_large", f"the answer has more than {call.most_bytes} bytes")
            return Answer(response.status, response.headers, bytes(received))

    def _opened(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=CONNECT_TIMEOUT_S),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            # Not `trust_env`, which would look for a key in ~/.netrc.
            trust_env=False,
        )

    def _proxy_of(self, url: str) -> str | None:
        """As the environment names it, looked up once for a host; never one for this very machine."""
        parts = urlsplit(url)
        if parts.netloc not in self._proxies:
            direct = is_loopback(parts.hostname or "") or urllib.request.proxy_bypass(parts.netloc)
            self._proxies[parts.netloc] = None if direct else urllib.request.getproxies().get(parts.scheme)
        return self._proxies[parts.netloc]

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


class Waiting:
    """A transport for those who make one call after the other, and wait for each."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._runner = asyncio.Runner()

    def send(self, call: Call) -> Answer:
        return self._runner.run(self._transport.send(call))

    def close(self) -> None:
        self._runner.run(self._transport.close())
        self._runner.close()


def _words(problem: Exception) -> str:
    """What happened, without what was sent."""
    return f"{type(problem).__name__}: {problem}" if isinstance(problem, OSError) else type(problem).__name__
