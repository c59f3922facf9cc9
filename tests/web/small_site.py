"""Some hosts on loopback, behind one real HTTP server, and the network through which all names lead there."""

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self

from mammoth_spark.web.loopback import serving
from mammoth_spark.web.network import Network, is_global

PUBLIC = "93.184.215.14"


@dataclass
class Page:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    write: Callable[[Any, threading.Event], None] | None = None
    """Writes the body itself, until the event is set."""


def html(*links: str, text: str = "A page") -> Page:
    return Page((f"<p>{text}</p>" + "".join(f'<a href="{link}">x</a>' for link in links)).encode())


@dataclass
class SmallSite:
    pages: dict[str, Page | list[Page]]
    """By host and path; of a list each is given once, and the last again and again."""
    asked: list[tuple[float, str]] = field(default_factory=list)
    """When, and for what."""
    agents: set[str] = field(default_factory=set)
    certificate: Path | None = None
    """With its key in one file; without one the server speaks plain HTTP."""

    def __enter__(self) -> Self:
        self._over, self._running = threading.Event(), ExitStack()
        tls = None
        if self.certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(self.certificate)
        self.port = self._running.enter_context(serving(_handler_of(self, self._over), tls=tls))
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._running.close()

    @property
    def paths(self) -> list[str]:
        return [place for _, place in self.asked]


@dataclass
class Names:
    """A network of names, which keeps what it was asked and where it connected. No packet leaves the machine."""

    port: int
    addresses: dict[str, list[list[str]]] = field(default_factory=dict)
    """By name, those of the first time of asking, of the second, and so on; any other name is public."""
    connected: list[str] = field(default_factory=list)

    def network(self) -> Network:
        async def resolve(host: str, port: int) -> list[str]:
            known = self.addresses.get(host)
            if known is None:
                return [host if host[:1].isdigit() or ":" in host else PUBLIC]
            return known.pop(0) if len(known) > 1 else known[0]

        def target(address: str, port: int) -> tuple[str, int]:
            self.connected.append(address)
            return "127.0.0.1", self.port

        return Network(resolve, is_global, target)


def _handler_of(site: SmallSite, over: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            place = f"{self.headers['Host'].partition(':')[0]}{self.path}"
            site.asked.append((time.monotonic(), place))
            site.agents.add(self.headers["User-Agent"])
            found = site.pages.get(place, Page(b"", 404))
            page = (found.pop(0) if len(found) > 1 else found[0]) if isinstance(found, list) else found
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.write is None:
                self.send_header("Content-Length", str(len(page.body)))
                self.end_headers()
                self.wfile.write(page.body)
            else:
                self.send_header("Connection", "close")
                self.end_headers()
                page.write(self.wfile, over)
                self.close_connection = True

    return Handler
