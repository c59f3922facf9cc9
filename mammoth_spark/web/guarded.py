"""Work on hostile input in a child process, which is stopped when it takes more than its time or memory.

A parser's loop in C hears no exception, and what fills the memory would take the worker with it. So the work is done in
a fork of this process: the kernel's alarm stops it, which no loop in C holds up, and the kernel limits its memory. An
ordinary page costs two copies through a pipe. A child that was stopped is followed by a fresh one.
"""

import fcntl
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

_LENGTH = struct.Struct(">q")
_PIPE_BYTES = 1 << 20
_ALARMS = (signal.SIGPROF, signal.SIGALRM)
# Who waits for something that never comes needs no processor: so many times as long by the clock.
_CLOCK = 10
# The child's own words for what it could not do; others begin with a length of 0 or more.
_NO_MEMORY, _FAILED = -1, -2


class GivenUp(Exception):
    """Why the work on one input gave nothing: `too_slow`, `too_much_memory`, `died`, or an exception's name."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


class Guarded:
    """Calls `work` in a child. Inputs and results are bytes, as nothing of the child's is to be trusted further."""

    def __init__(self, work: Callable[[bytes], bytes], seconds: float, memory_mb: int) -> None:
        self._work, self._seconds, self._memory_mb = work, seconds, memory_mb
        self._child: _Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._child.end()

    def __call__(self, content: bytes) -> bytes:
        if self._child is None:
            self._child = _Child(self._work, self._seconds, self._memory_mb)
        try:
            return self._child.ask(content)
        except (EOFError, BrokenPipeError):
            reason = self._child.end()
            self._child = None
            raise GivenUp(reason) from None


class _Child:
    def __init__(self, work: Callable[[bytes], bytes], seconds: float, memory_mb: int) -> None:
        (asked, asking), (answers, answering) = _pipe(), _pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._process = os.fork()
        if self._process == 0:
            os.close(asking)
            os.close(answers)
            _serve(work, asked, answering, seconds, memory_mb)
        os.close(asked)
        os.close(answering)
        self._asking, self._answers = os.fdopen(asking, "wb"), os.fdopen(answers, "rb")

    def ask(self, content: bytes) -> bytes:
        self._asking.write(_LENGTH.pack(len(content)))
        self._asking.write(content)
        self._asking.flush()
        length = _LENGTH.unpack(_read(self._answers, _LENGTH.size))[0]
        if length >= 0:
            return _read(self._answers, length)
        if length == _NO_MEMORY:
            raise GivenUp("too_much_memory")
        detail = _read(self._answers, _LENGTH.unpack(_read(self._answers, _LENGTH.size))[0]).decode()
        raise GivenUp(f"error_{detail.partition(':')[0]}", detail)

    def end(self) -> str:
        """Ends the child, if it has not ended by itself, and says in a word how it ended."""
        for pipe in (self._asking, self._answers):
            with suppress(BrokenPipeError):  # What it was still to be told.
                pipe.close()
        _, status = os.waitpid(self._process, 0)
        return "too_slow" if os.WIFSIGNALED(status) and os.WTERMSIG(status) in _ALARMS else "died"


def _pipe() -> tuple[int, int]:
    """With room for a whole page, where the system lets it grow: else the two take turns at each 64 KB."""
    ends = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return ends


def _read(pipe: BinaryIO, length: int) -> bytes:
    content = pipe.read(length)
    if len(content) < length:
        raise EOFError
    return content


def _serve(work: Callable[[bytes], bytes], asked: int, answering: int, seconds: float, memory_mb: int) -> None:
    """The child's whole life. It leaves by `os._exit`, so that nothing of the parent's is ended or written twice."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, *_ALARMS):
            signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
        _limit_memory(memory_mb)
        with os.fdopen(asked, "rb") as questions, os.fdopen(answering, "wb") as answers:
            while True:
                try:
                    content = _read(questions, _LENGTH.unpack(_read(questions, _LENGTH.size))[0])
                except EOFError:
                    break
                # By the processor's time, so that a page's fate hangs on the page and not on what runs beside it.
                signal.setitimer(signal.ITIMER_PROF, seconds)
                signal.setitimer(signal.ITIMER_REAL, _CLOCK * seconds)
                try:
                    result = work(content)
                    head = _LENGTH.pack(len(result))
                except MemoryError:
                    head, result = _LENGTH.pack(_NO_MEMORY), b""
                except Exception as error:  # Whatever a page does to a parser, it costs that page alone.
                    result = f"{type(error).__name__}: {error}".encode(errors="replace")[:2_000]
                    head = _LENGTH.pack(_FAILED) + _LENGTH.pack(len(result))
                signal.setitimer(signal.ITIMER_PROF, 0)
                signal.setitimer(signal.ITIMER_REAL, 0)
                answers.write(head)
                answers.write(result)
                answers.flush()
    finally:
        os._exit(0)


def _limit_memory(memory_mb: int) -> None:
    """What the process may take beyond what it has now, where the kernel says how much that is."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return
    most = pages * resource.getpagesize() + (memory_mb << 20)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
