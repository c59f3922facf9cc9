"""A store of files on loopback that answers ranges, and at given rates does not."""

import hashlib
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Self

from mammoth_spark.web.loopback import HOST, serving


class FaultyStore:
    def __init__(self, folder: Path, faults: Mapping[str, float]) -> None:
        self.folder, self.faults = folder, faults
        self.met: Counter[str] = Counter()
        self._came: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._running = ExitStack()
        self.url = ""

    def __enter__(self) -> Self:
        self.url = f"http://{HOST}:{self._running.enter_context(serving(_handler_of(self)))}"
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def fault(self, asked: str) -> str:
        """By hash of what is asked for and how often it was: the same each time."""
        with self._lock:
            self._came[asked] += 1
            name = f"{asked} {self._came[asked]}"
            lot = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64
            for fault, share in self.faults.items():
                if lot < share:
                    self.met[fault] += 1
                    return fault
                lot -= share
            self.met["sound"] += 1
            return "sound"


def _handler_of(store: FaultyStore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            fault = store.fault(f"{self.path} {asked}")
            if fault == "503":
                self.send_response(503)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = (store.folder / self.path.lstrip("/")).read_bytes()
            found = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", asked)
            begin, end = (int(found[1]), int(found[2] or len(body) - 1) + 1) if found else (0, len(body))
            part = body[begin:end]
            self.send_response(206 if found else 200)
            if found:
                self.send_header("Content-Range", f"bytes {begin}-{begin + len(part) - 1}/{len(body)}")
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            if fault == "sound":
                self.wfile.write(part)
                return
            self.wfile.write(part[: len(part) // 2])
            self.close_connection = True
            if fault == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

    return Handler
