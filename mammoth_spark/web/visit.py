"""One GET of a page on the open web: to a checked address, over by its deadline, never longer than its limit.

The body stays as it was sent, as a WARC record wants it.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from mammoth_spark.web.network import Network

MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_URL = 2_000
_BLOCK = 64 << 10

REFUSALS = ("bad_url", "scheme", "not_global", "too_many_redirects", "certificate", "other_site")
"""Reasons that are the address's own, and will be the same another time."""

BeforeEach = Callable[[str], Awaitable[str | None]]
"""Called before each request with its URL: waits until the host may be asked; why it is not to be asked, in a word."""


@dataclass(frozen=True, slots=True)
class Visit:
    url: str
    """The page's own, behind redirects."""
    status: int
    phrase: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    address: str
    at: datetime

    @property
    def by_name(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self.headers}


@dataclass(frozen=True, slots=True)
class NoVisit:
    url: str
    reason: str
    """In a word that counts group by: bad_url, scheme, no_such_host, not_global, too_many_redirects, too_large,
    deadline, certificate, connection, or what the caller refuses for."""
    detail: str = ""


class _Refused(Exception):
    def __init__(self, url: str, reason: str, detail: str = "") -> None:
        super().__init__(url, reason, detail)
        self.told = NoVisit(url, reason, detail)


class _Checked(AbstractResolver):
    """Answers with what was checked, and resolves nothing itself."""

    def __init__(self) -> None:
        self.target = ("", 0)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address, number = self.target
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [ResolveResult(hostname=host, host=address, port=number, family=family, proto=0, flags=flags)]

    async def close(self) -> None: ...


@dataclass(slots=True)
class Visitor:
    """Makes visits, one after the other. It belongs to one event loop."""

    network: Network
    user_agent: str
    deadline_s: float
    before_each: BeforeEach
    _resolver: _Checked = field(default_factory=_Checked)
    _session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # A connection is made for each visit: one that is kept open may go where an earlier name led.
        connector = aiohttp.TCPConnector(resolver=self._resolver, use_dns_cache=False, force_close=True)
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.user_agent, "Accept": "text/html, */*;q=0.5", "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None, "it was opened"
        await self._session.close()

    async def visit(self, url: str, most_bytes: int, cut: bool = False) -> Visit | NoVisit:
        """A longer body is refused, or cut there. The deadline is that of all redirects together, without waiting for
        the host's turn."""
        left_s, asked = self.deadline_s, url
        try:
            for _ in range(MOST_REDIRECTS + 1):
                refusal = await self.before_each(asked)
                if refusal is not None:
                    return NoVisit(asked, refusal)
                began = time.monotonic()
                async with asyncio.timeout(left_s):
                    found = await self._exchange(asked, most_bytes, cut)
                if isinstance(found, Visit):
                    return found
                left_s, asked = left_s - (time.monotonic() - began), found
        except TimeoutError:
            return NoVisit(asked, "deadline", f"no whole answer within {self.deadline_s:g} s")
        except _Refused as refused:
            return refused.told
        return NoVisit(asked, "too_many_redirects", f"{url} redirects more than {MOST_REDIRECTS} times")

    async def _exchange(self, url: str, most_bytes: int, cut: bool) -> Visit | str:
        """The answer, or where it redirects to."""
        assert self._session is not None, "it was opened"
        parsed = _parsed(url)
        address = await self._checked_address(url, parsed)
        try:
            async with self._session.get(parsed, allow_redirects=False) as response:
                if response.status in _REDIRECTS and "Location" in response.headers:
                    return _joined(url, parsed, response.headers["Location"])
                body = await _read(response, url, most_bytes, cut)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError) as problem:
            raise _Refused(url, "certificate", type(problem).__name__) from None
        except aiohttp.InvalidURL:
            raise _Refused(url, "bad_url") from None
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            if isinstance(problem, TimeoutError):
                raise
            raise _Refused(url, "connection", type(problem).__name__) from None
        headers = tuple((name, value) for name, value in response.headers.items())
        return Visit(url, response.status, response.reason or "", headers, body, address, datetime.now(UTC))

    async def _checked_address(self, url: str, parsed: URL) -> str:
        host, port = parsed.raw_host or "", parsed.port or 0
        try:
            addresses = await self.network.resolve(host, port)
        except (OSError, UnicodeError):
            raise _Refused(url, "no_such_host", host) from None
        if not addresses:
            raise _Refused(url, "no_such_host", host)
        # A name with one address for us and one within our walls is no accident.
        inner = next((address for address in addresses if not self.network.is_allowed(address)), None)
        if inner is not None:
            raise _Refused(url, "not_global", f"{host} is {inner}")
        self._resolver.target = self.network.target(addresses[0], port)
        # What looks like an address is connected to as it stands, and no resolver is asked.
        if (":" in host or host.replace(".", "").isdigit()) and self._resolver.target != (host, port):
            raise _Refused(url, "bad_url", f"{host} is an address in another spelling")
        return addresses[0]


def _parsed(url: str) -> URL:
    """By the parser that connects: two parsers may read two hosts."""
    if len(url) > _MOST_URL:
        raise _Refused(url[:_MOST_URL], "bad_url", "longer than any page's")
    try:
        parsed = URL(url)
        host, port = parsed.raw_host, parsed.port
    except ValueError:
        raise _Refused(url, "bad_url") from None
    if parsed.scheme not in ("http", "https"):
        raise _Refused(url, "scheme", parsed.scheme)
    if not host or not port:
        raise _Refused(url, "bad_url", "it names no host")
    if parsed.user is not None or parsed.password is not None:
        raise _Refused(url, "bad_url", "it holds a user or password")
    return parsed.with_fragment(None)


def _joined(url: str, parsed: URL, location: str) -> str:
    try:
        return str(parsed.join(URL(location)))
    except ValueError:
        raise _Refused(url, "bad_url", "it redirects to what is no URL") from None


async def _read(response: aiohttp.ClientResponse, url: str, most_bytes: int, cut: bool) -> bytes:
    body = bytearray()
    async for block in response.content.iter_chunked(_BLOCK):
        body += block
        if len(body) > most_bytes:
            if cut:
                return bytes(body[:most_bytes])
            raise _Refused(url, "too_large", f"more than {most_bytes} bytes")
    return bytes(body)
