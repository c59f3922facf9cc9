"""What the server of a contender does meanwhile: its process is the contender's parent."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Seconds of the clock, and of the server's processor time."""
    found: dict[str, float] = {}
    began, busy = time.perf_counter(), _processor_s()
    yield found
    found["seconds"] = time.perf_counter() - began
    found["server_seconds"] = _processor_s() - busy


def _processor_s() -> float:
    fields = Path(f"/proc/{os.getppid()}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
