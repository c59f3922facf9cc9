"""Files over HTTP as seekable files: polite to the server, and not lost with a connection.

A thread streams the body into an unlinked temporary file while the reader parses what has arrived, so that
network and CPU overlap and going back costs nothing. The temporary file grows to the size of the remote one
and lies where TMPDIR says: every file that is open takes the room of one WARC, about 1 GB.
"""

import datetime
import http.client
import io
import logging
import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin

import requests
import urllib3

from mammoth_spark.config import Http
from mammoth_spark.web.manners import (
    asked_pause_s,
    has_contact,
    is_internal,
    longest_pause_s,
    own_pause_s,
    turns_of,
    why_redirect_refused,
    why_refused,
    without_secrets,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK = 1 << 20  # The most of a body that is held in memory.
MOST_REDIRECTS = 3
# A server that trickles never trips the timeout of a single read. A connection that has brought less than a
# block in so many read timeouts is therefore taken for stalled.
STALLED_AFTER_READ_TIMEOUTS = 10
# Closing waits so long for the thread. A thread that is still connecting then ends by its own timeout; it
# owns its file descriptor, so nothing it does can harm a later file.
CLOSE_PATIENCE_S = 2.0

_log = logging.getLogger(__name__)


class FetchError(Exception):
    """A path that could not be read or written; the message names the path and the remedy in one line.

    Its kind is one of not_found, is_a_directory, permission, scheme and disk for any path; too_large for a
    small file that is not small; connection and changed (another file lies there now) for S3 and HTTP; and
    for HTTP forbidden (403), http_<status>, timeout, short (the body ended early) and redirect.
    """

    def __init__(self, kind: str, path: str, message: str) -> None:
        super().__init__(kind, path, message)  # All three, so that the error survives pickling.
        self.kind = kind
        self.path = path
        self.message = message

    def __str__(self) -> str:
        return self.message


def download(url: str, manners: Http) -> BinaryIO:
    """The file behind an http(s) URL, as a seekable file that fills in the background.

    Bytes are as the server sent them, never decoded. What goes wrong reaches the reader as FetchError at the
    byte where it happened, a missing file at the first byte. Closing ends the transfer.
    """
    refusal = why_refused(url, manners.plain_http)
    if refusal is None and not has_contact(manners) and not is_internal(url):
        refusal = "http.user_agent needs a contact, an e-mail or web address, before another's server is asked."
    if refusal:
        raise FetchError("scheme", without_secrets(url), f"{without_secrets(url)}: {refusal}")
    return io.BufferedReader(_Reader(_Transfer(url, manners)), BLOCK)


def _innermost(problem: BaseException) -> BaseException:
    while problem.__context__ is not None:
        problem = problem.__context__
    return problem


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None, as redirects are judged below; requests would first read the body of one into memory."""
        return None


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why one request did not bring the rest of the file, so that another one may be made."""

    kind: str
    reason: str
    asked_pause_s: float = 0.0


class _Transfer:
    """One remote file on its way into a temporary file, by a thread of its own."""

    def __init__(self, url: str, manners: Http) -> None:
        self.url = url
        self.manners = manners
        self.progress = threading.Condition()  # Guards the fields up to the next blank line.
        self.held = 0  # Bytes that are in the temporary file.
        self.size: int | None = None
        self.finished = False
        self.problem: Exception | None = None
        self.stopped = threading.Event()
        self._response: requests.Response | None = None

        self._etag: str | None = None
        self._validator: str | None = None  # What If-Range carries.
        self._ranges = True
        self._turns = turns_of(manners)
        try:
            # It has no name in the file system, so a killed process leaves nothing behind.
            file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115, as the thread closes it.
        except OSError as problem:
            raise self._disk_error(problem) from problem
        # The reader's own descriptor of the file, so that each side closes its own when it is done.
        self.descriptor = os.dup(file.fileno())
        self._thread = threading.Thread(target=self._run, args=(file,), name="download", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.stopped.set()
        with self.progress:
            self.progress.notify_all()
            response = self._response
        self._turns.wake()
        if response is not None:
            # Ends a read that is waiting for bytes. The errors mean that the response is already over.
            with suppress(ValueError, RuntimeError, OSError):
                response.raw.shutdown()
        self._thread.join(CLOSE_PATIENCE_S)
        os.close(self.descriptor)

    def _run(self, file: io.FileIO) -> None:
        problem: Exception | None = None
        with file:
            try:
                if self._turns.take(self.stopped):
                    try:
                        self._fetch(file)
                    finally:
                        self._turns.give_back()
            except Exception as raised:  # The reader waits for this thread, so it must hear of any error.
                problem = raised
        with self.progress:
            self.finished = problem is None
            self.problem = problem
            self.size = self.held if self.finished else self.size
            self.progress.notify_all()

    def _fetch(self, file: io.FileIO) -> None:
        """Asks until the file is there. The connection's turn is kept during pauses, as a server that asks us
        to wait is not helped by another request in this one's place."""
        manners = self.manners
        failures = 0
        was_forbidden = False
        with _Session() as session:
            session.headers["User-Agent"] = manners.user_agent
            session.headers["Accept-Encoding"] = "identity"
            for attempt in range(1, manners.attempts + 1):
                if self.stopped.wait(self._turns.seconds_paused()):
                    return
                held_before = self.held
                failure = self._attempt(session, file, is_first=attempt == 1)
                if failure is None or self.stopped.is_set():
                    return
                forbidden = failure.kind == "forbidden"
                if forbidden:
                    self._turns.pause(manners.forbidden_pause_s)
                too_long = failure.asked_pause_s > longest_pause_s(manners)
                if attempt == manners.attempts or too_long or (forbidden and was_forbidden):
                    raise self._given_up(failure, attempt)
                was_forbidden = was_forbidden or forbidden
                failures = 1 if self.held - held_before >= BLOCK else failures + 1
                pause = own_pause_s(failures, manners.backoff_s, manners.backoff_cap_s, random.random())
                pause = max(manners.forbidden_pause_s if forbidden else pause, failure.asked_pause_s)
                path = without_secrets(self.url)
                _log.warning("%s: %s. The next request follows in %.1f s.", path, failure.reason, pause)
                if self.stopped.wait(pause):
                    return

    def _given_up(self, failure: _Failure, attempts: int) -> FetchError:
        if failure.asked_pause_s > longest_pause_s(self.manners):
            remedy = f"it asks for a pause of {failure.asked_pause_s:.0f} s; run the stage again after it."
        elif failure.kind == "forbidden":
            remedy = "it blocks this address for a while, or the file is not public; on AWS read from S3."
        else:
            remedy = "run the stage again later, with fewer connections if the server is busy."
        return self._error(failure.kind, f"given up after {attempts} requests: {failure.reason}; {remedy}")

    def _attempt(self, session: requests.Session, file: io.FileIO, is_first: bool) -> _Failure | None:
        """One request for what is still missing; None when the file is complete."""
        held = self.held
        headers = {}
        if held and self._ranges:
            headers["Range"] = f"bytes={held}-"
            if self._validator:
                headers["If-Range"] = self._validator
        elif not is_first:
            self.stopped.wait(self._turns.seconds_to_restart())
        try:
            with self._request(session, headers) as response:
                with self.progress:
                    self._response = response
                status = response.status_code
                if status == 206 and "Range" in headers:
                    return self._resume(response, file)
                if status == 200:
                    if "Range" in headers:
                        self._ranges = False
                        self.stopped.wait(self._turns.seconds_to_restart())
                    return self._receive_whole(response, file)
                return self._judge_refusal(response)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            return _Failure("timeout", "the server was silent for too long")
        except requests.exceptions.InvalidURL as problem:
            raise self._error("scheme", "this is not a valid URL.") from problem
        except (requests.RequestException, urllib3.exceptions.HTTPError) as problem:
            cause = _innermost(problem)
            if isinstance(cause, http.client.IncompleteRead):
                return _Failure("short", "the body ended early")
            # The system's words are shown; those of the libraries around them repeat the URL with its query.
            is_from_system = type(cause).__module__ in ("builtins", "socket", "ssl")
            words = str(cause) if is_from_system else type(cause).__name__
            return _Failure("connection", f"the connection failed ({words})")

    def _request(self, session: requests.Session, headers: Mapping[str, str]) -> requests.Response:
        url = self.url
        timeouts = (self.manners.connect_timeout_s, self.manners.read_timeout_s)
        for _ in range(MOST_REDIRECTS + 1):
            response = session.get(url, headers=headers, stream=True, allow_redirects=False, timeout=timeouts)
            if response.status_code not in (301, 302, 303, 307, 308) or "Location" not in response.headers:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
            refusal = why_redirect_refused(self.url, url, self.manners.plain_http)
            if refusal:
                raise self._error("redirect", f"it redirects to {without_secrets(url)}, but {refusal}")
        raise self._error("redirect", f"it redirects more than {MOST_REDIRECTS} times; name the final URL.")

    def _judge_refusal(self, response: requests.Response) -> _Failure | None:
        status = response.status_code
        if status in (404, 410):
            raise self._error("not_found", f"the server has no such file ({status}); check the path.")
        if status == 416:
            # Nothing lies behind what is held: the end of a file whose size the server had not told.
            if self.size is None and response.headers.get("Content-Range") == f"bytes */{self.held}":
                return None
            raise self._changed("it is shorter now")
        asked = asked_pause_s(response.headers.get("Retry-After"), datetime.datetime.now(datetime.UTC))
        kind = "forbidden" if status == 403 else f"http_{status}"
        return _Failure(kind, f"the server answered {status}", asked)

    def _resume(self, response: requests.Response, file: io.FileIO) -> _Failure | None:
        content_range = response.headers.get("Content-Range", "")
        found = re.fullmatch(r"bytes ([0-9]+)-[0-9]+/([0-9]+|\*)", content_range)
        if found is None or int(found[1]) != self.held:
            self._ranges = False
            return _Failure("connection", "the server sent another range than it was asked for")
        self._check_unchanged(response, None if found[2] == "*" else int(found[2]))
        return self._receive(response, file, self.held)

    def _receive_whole(self, response: requests.Response, file: io.FileIO) -> _Failure | None:
        length = response.headers.get("Content-Length", "")
        size = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None
        if self.held:
            self._check_unchanged(response, size)
        else:
            self._etag = response.headers.get("ETag")
            # A weak ETag does not promise equal bytes, and If-Range must not carry one.
            strong = self._etag is not None and not self._etag.startswith("W/")
            self._validator = self._etag if strong else response.headers.get("Last-Modified")
            self._ranges = response.headers.get("Accept-Ranges", "").lower() != "none"
            with self.progress:
                self.size = size
                self.progress.notify_all()
        return self._receive(response, file, 0)

    def _check_unchanged(self, response: requests.Response, size: int | None) -> None:
        if None not in (size, self.size) and size != self.size:
            raise self._changed(f"it had {self.size} bytes and has {size} now")
        etag = response.headers.get("ETag")
        if None not in (etag, self._etag) and etag != self._etag:
            raise self._changed("its ETag is another one now")

    def _receive(self, response: requests.Response, file: io.FileIO, offset: int) -> _Failure | None:
        """Stores the body, which begins at this offset of the file. What is held must come as it was."""
        window_s = STALLED_AFTER_READ_TIMEOUTS * self.manners.read_timeout_s
        window_start, window_offset = time.monotonic(), offset
        while not self.stopped.is_set():
            # read1 gives what has arrived; read would wait for a whole block and keep it from the reader.
            block = response.raw.read1(BLOCK, decode_content=False)
            if not block:
                break
            repeated = block[: max(0, self.held - offset)]
            if repeated and os.pread(file.fileno(), len(repeated), offset) != repeated:
                raise self._changed("bytes that were already read are others now")
            offset += len(block)
            self._store(block[len(repeated) :], file)
            if time.monotonic() - window_start > window_s:
                if offset - window_offset < BLOCK:
                    return _Failure("timeout", f"the server sent less than {BLOCK} bytes in {window_s:.0f} s")
                window_start, window_offset = time.monotonic(), offset
        if offset == (self.held if self.size is None else self.size):
            return None
        return _Failure("short", f"the body ended at byte {offset} of {self.size or self.held}")

    def _store(self, block: bytes, file: io.FileIO) -> None:
        rest = memoryview(block)
        while rest:  # A write to a disk that is nearly full may be a partial one.
            try:
                written = file.write(rest)
            except OSError as problem:
                raise self._disk_error(problem) from problem
            rest = rest[written:]
            with self.progress:
                self.held += written
                self.progress.notify_all()

    def _error(self, kind: str, message: str) -> FetchError:
        path = without_secrets(self.url)
        return FetchError(kind, path, f"{path}: {message}")

    def _changed(self, how: str) -> FetchError:
        # What was read belongs to another file than what is to come, so a silent restart would mix the two.
        return self._error("changed", f"the file has changed while it was read: {how}; read it again.")

    def _disk_error(self, problem: OSError) -> FetchError:
        return self._error(
            "disk",
            f"cannot keep the download in {tempfile.gettempdir()} ({problem.strerror}); make room there, or "
            "let TMPDIR name a folder on a larger disk.",
        )


class _Reader(io.RawIOBase):
    """A transfer's temporary file, in which reading waits for bytes that have not arrived."""

    def __init__(self, transfer: _Transfer) -> None:
        self._transfer = transfer
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves at once, also to where no byte has arrived yet; only the end must first be known."""
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            offset += self._size()
        if offset < 0:
            raise ValueError(f"Cannot seek to the negative position {offset}.")
        self._position = offset
        return offset

    def _size(self) -> int:
        transfer = self._transfer
        with transfer.progress:
            transfer.progress.wait_for(lambda: transfer.size is not None or self._is_over())
            if transfer.size is None and transfer.problem is not None:
                raise transfer.problem
            assert transfer.size is not None, "a transfer that is over has a size or a problem"
            return transfer.size

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """At least one byte as soon as there is one; 0 at the end of the file."""
        transfer = self._transfer
        with transfer.progress:
            transfer.progress.wait_for(lambda: transfer.held > self._position or self._is_over())
            there = transfer.held - self._position
            if there <= 0:
                if transfer.problem is not None:
                    raise transfer.problem
                return 0
        count = os.preadv(transfer.descriptor, [memoryview(buffer).cast("B")[:there]], self._position)
        self._position += count
        return count

    def _is_over(self) -> bool:
        transfer = self._transfer
        return transfer.finished or transfer.problem is not None or transfer.stopped.is_set()

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._transfer.stop()
