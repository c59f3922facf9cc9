"""Runs a function in a process of its own, to see what it costs, and to survive what it may do."""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.warmed"])


@dataclass(frozen=True)
class Measured:
    value: Any
    seconds: float
    """Of processor time, which other processes do not lengthen."""
    grown_mb: float
    """By how much the most memory held during the function exceeds that held before it."""


def measured(function: Callable[..., Any], *arguments: object, patience_s: float = 120) -> Measured:
    """The function, of a module's top level, with its arguments; its arguments' memory does not count."""
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_run, args=(sender, function, arguments))
    process.start()
    sender.close()
    try:
        assert receiver.poll(patience_s), f"no answer within {patience_s} s"
        answer = receiver.recv()
    except EOFError:
        process.join()
        raise AssertionError(f"the process ended with {process.exitcode}") from None
    finally:
        process.kill()
        process.join()
    assert isinstance(answer, Measured), answer
    return answer


def _run(sender: Connection, function: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    # A forked process inherits its parent's peak: growth below that would not be seen, so it is set back (Linux).
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, began = _peak_kb(), time.process_time()
    try:
        value = function(*arguments)
    except Exception as error:  # The parent is to fail with it.
        sender.send(repr(error))
    else:
        sender.send(Measured(value, time.process_time() - began, (_peak_kb() - before) / 1024))


def _peak_kb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])
