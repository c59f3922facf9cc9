"""Which process this is, and whether another one still lives, as far as the kernel can tell."""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    host: str
    space: str
    """Boot of the machine and a container's numbering, within which a number means one process; empty without /proc."""
    number: int
    started: int
    """In the kernel's ticks, which tells it from a later one of the same number."""

    def may_live(self) -> bool:
        """False only where the process is known to be gone."""
        here = this_process()
        is_here = (self.host, self.space) == (here.host, here.space) and self.started
        return not is_here or _started(self.number) == self.started


def this_process() -> Process:
    space = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    return Process(socket.gethostname(), space, os.getpid(), _started(os.getpid()))


def _started(number: int) -> int:
    """0 for a process that is gone, and for all where there is no /proc."""
    stat = Path(f"/proc/{number}/stat")
    if not stat.is_file():
        return 0
    state, *numbers = stat.read_text().rpartition(")")[2].split()
    # A zombie is dead, and waits only for its parent to notice.
    return 0 if state in "ZX" else int(numbers[18])
