"""A job in a process of its own, to be killed while it works."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress


def started(command: Sequence[str], said: str) -> subprocess.Popen[str]:
    """The driver, once it has said so, or has ended."""
    driver = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert driver.stderr is not None
    for line in driver.stderr:
        if said in line:
            break
    return driver


def kill(driver: subprocess.Popen[str]) -> None:
    """With all its processes, as when a machine dies."""
    with suppress(ProcessLookupError):
        os.killpg(driver.pid, signal.SIGKILL)
    assert driver.stderr is not None
    driver.stderr.close()
    driver.wait()
