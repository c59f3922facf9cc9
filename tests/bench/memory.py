"""The memory of Python workers while a stage runs. Linux only: it reads /proc."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EVERY_S = 0.5


class WorkerMemory:
    """The most that any worker has had, in MB of 10^6 bytes; 0.0 until one was seen."""

    def __init__(self) -> None:
        self.own_mb = 0.0
        """Its proportional set (Pss): its own pages, and its part of those that processes share, such as libraries."""
        self.resident_mb = 0.0
        """Its resident set by the kernel's high-water mark (VmHWM), which counts shared pages for each worker."""

    def look(self) -> None:
        parents = {process: _values(process, "status").get("PPid") for process in _processes()}
        for process in parents:
            if _is_worker(process, parents):
                self.own_mb = max(self.own_mb, _mb(_values(process, "smaps_rollup").get("Pss")))
                self.resident_mb = max(self.resident_mb, _mb(_values(process, "status").get("VmHWM")))


@contextmanager
def watched() -> Iterator[WorkerMemory]:
    """Looks at the workers from a thread until the block ends."""
    memory, done = WorkerMemory(), threading.Event()

    def look_again() -> None:
        while not done.wait(_EVERY_S):
            memory.look()

    thread = threading.Thread(target=look_again, name="worker memory", daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        done.set()
        thread.join()


def _processes() -> list[str]:
    return [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _values(process: str, file: str) -> dict[str, str]:
    try:
        lines = Path("/proc", process, file).read_text(encoding="utf-8").splitlines()
    except OSError:  # It has ended.
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _mb(kilobytes: str | None) -> float:
    return int(kilobytes.split()[0]) * 1024 / 1e6 if kilobytes else 0.0


def _is_worker(process: str, parents: dict[str, str | None]) -> bool:
    """Workers are forked by pyspark's daemon, and both are descendants of this process."""
    parent = parents[process]
    if parent is None or not (_is_daemon(process) and _is_daemon(parent)):
        return False
    while parent is not None and parent != str(os.getpid()):
        parent = parents.get(parent)
    return parent is not None


def _is_daemon(process: str) -> bool:
    try:
        return b"pyspark.daemon" in Path("/proc", process, "cmdline").read_bytes()
    except OSError:
        return False
