"""How fast one task may ask: calls in flight, requests and tokens a minute.

The window narrows when the endpoint says that it is busy, and widens again with each answer.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# At most one cut in so many seconds: calls that were in flight together are refused together.
_BETWEEN_CUTS_S = 1.0
_WIDENED_BY = 0.1


class Pace:
    def __init__(self, window: int, requests_per_minute: float, tokens_per_minute: float) -> None:
        self._most = window
        self._width = float(window)
        self._in_flight = 0
        self._last_cut = 0.0
        self._changed = threading.Condition()
        self._requests = _Flow(requests_per_minute)
        self._tokens = _Flow(tokens_per_minute)
        self.stopped = threading.Event()

    @contextmanager
    def turn(self, tokens: int) -> Iterator[bool]:
        """Waits for a place in the window and for the minute's room; False if asking has been stopped meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight < max(1, int(self._width)) or self.stopped.is_set())
            self._in_flight += 1
            pause = max(self._requests.booked(1), self._tokens.booked(tokens))
        try:
            yield not self.stopped.wait(pause)
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify()

    def refused(self) -> None:
        """The endpoint is busy."""
        with self._changed:
            now = time.monotonic()
            if now - self._last_cut > _BETWEEN_CUTS_S:
                self._last_cut, self._width = now, max(1.0, self._width / 2)

    def answered(self) -> None:
        with self._changed:
            if self._width < self._most:
                self._width = min(float(self._most), self._width + _WIDENED_BY)
                self._changed.notify()

    def stop(self) -> None:
        self.stopped.set()
        with self._changed:
            self._changed.notify_all()


class _Flow:
    """So many a minute, evenly: each books its time behind the one before."""

    def __init__(self, per_minute: float) -> None:
        self._seconds_each = 60.0 / per_minute if per_minute else 0.0
        self._next = 0.0

    def booked(self, amount: int) -> float:
        """How long to wait for one's time."""
        if not self._seconds_each:
            return 0.0
        now = time.monotonic()
        begin = max(now, self._next)
        self._next = begin + amount * self._seconds_each
        return begin - now
