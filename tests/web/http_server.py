"""A real HTTP server on loopback that serves one file and goes wrong as it is told, request by request.

`FileServer(body, [Reply(stop_after=1000, then="reset"), Reply(status=503)])` breaks the first request after
1000 bytes, answers the second with 503 and serves the file to all others.
"""

import re
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Literal, Self

from mammoth_spark.web.loopback import HOST, serving


@dataclass(frozen=True, slots=True)
class Reply:
    """How one request is answered; by default as a good server would."""

    status: int | None = None
    """Sent instead of the file, with no body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent besides the usual ones, or instead of one of them."""
    body: bytes | None = None
    """Another file than the server's."""
    stop_after: int | None = None
    """The bytes of the body after which something happens."""
    hold: threading.Event | None = None
    """What happens waits for this event."""
    then: Literal["go_on", "close", "reset", "stall", "trickle"] = "go_on"
    chunked: bool = False
    """Sends the body in chunks and does not tell its length."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the server saw."""

    path: str
    headers: Mapping[str, str]


class FileServer:
    """Serves the body under every path; the n-th request gets the n-th reply, later ones a plain one."""

    def __init__(
        self, body: bytes, replies: Sequence[Reply] = (), *, etag: str | None = '"one"', ranges: bool = True
    ) -> None:
        self.body = body
        self.etag = etag
        self.ranges = ranges
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.over = threading.Event()
        self._replies = list(replies)
        self._at_once = 0
        self._lock = threading.Lock()
        self._running = ExitStack()
        self.url = ""

    def __enter__(self) -> Self:
        self.url = f"http://{HOST}:{self._running.enter_context(serving(_handler_for(self)))}"
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._running.close()

    def arrived(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            return self._replies.pop(0) if self._replies else Reply()

    def answered(self) -> None:
        with self._lock:
            self._at_once -= 1


def _handler_for(server: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            reply = server.arrived(Request(self.path, dict(self.headers.items())))
            try:
                if reply.status is None:
                    self._send_file(reply)
                else:
                    self._send_head(reply.status, {"Content-Length": "0", **reply.headers})
            except (ConnectionError, TimeoutError):  # The client has left, as a client may.
                self.close_connection = True
            finally:
                server.answered()

        def _send_head(self, status: int, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def _send_file(self, reply: Reply) -> None:
            body = server.body if reply.body is None else reply.body
            headers = {"ETag": server.etag} if server.etag else {}
            headers |= reply.headers
            start, end = self._asked_range(headers.get("ETag"), len(body))
            if start is not None and start >= len(body):
                self._send_head(416, {"Content-Range": f"bytes */{len(body)}", "Content-Length": "0"})
                return
            if start is not None:
                headers.setdefault("Content-Range", f"bytes {start}-{end - 1}/{len(body)}")
            part = body[start or 0 : end]
            if reply.chunked:
                headers["Transfer-Encoding"] = "chunked"
            else:
                headers.setdefault("Content-Length", str(len(part)))
            self._send_head(200 if start is None else 206, headers)
            self._send_part(part, reply)

        def _asked_range(self, etag: str | None, size: int) -> tuple[int | None, int]:
            """Where the asked range begins and ends; it begins with None if the whole file is to be sent."""
            found = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", self.headers.get("Range", ""))
            if found is None or not server.ranges or self.headers.get("If-Range", etag) != etag:
                return None, size
            return int(found[1]), min(size, int(found[2]) + 1) if found[2] else size

        def _send_part(self, part: bytes, reply: Reply) -> None:
            first = part if reply.stop_after is None else part[: reply.stop_after]
            self._write(first, reply)
            if reply.hold is not None:
                reply.hold.wait(10)
            rest = part[len(first) :]
            if reply.then == "go_on":
                self._write(rest, reply)
                if reply.chunked:
                    self.wfile.write(b"0\r\n\r\n")
                return
            self.close_connection = True
            if reply.then == "reset":
                # Closing with a linger time of zero sends RST instead of FIN.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            elif reply.then == "stall":
                server.over.wait(10)
            elif reply.then == "trickle":
                deadline = time.monotonic() + 10
                for byte in rest:
                    self._write(bytes([byte]), reply)
                    if server.over.wait(0.02) or time.monotonic() > deadline:
                        return

        def _write(self, data: bytes, reply: Reply) -> None:
            if not reply.chunked:
                self.wfile.write(data)
            elif data:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the tests look at `requests`."""

    return Handler
