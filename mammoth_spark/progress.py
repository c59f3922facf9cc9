"""Tells people how far long work is while it goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

TELL_EVERY_S = 5.0


@contextmanager
def again_and_again(tell: Callable[[], None]) -> Iterator[None]:
    """Tells something every few seconds meanwhile, and once more at the end."""
    over = threading.Event()

    def try_to_tell() -> None:
        with suppress(Exception):  # Storage fails at times, and nothing hangs on it.
            tell()

    def keep_telling() -> None:
        while not over.wait(TELL_EVERY_S):
            try_to_tell()

    thread = threading.Thread(target=keep_telling, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        try_to_tell()
