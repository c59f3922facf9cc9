"""How fast one task may ask: calls in flight, requests and tokens a minute.

The window narrows when the endpoint says that it is busy, and widens again with each answer. All of it happens on the
event loop that the calls run on.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# At most one cut in so many seconds: calls that were in flight together are refused together.
_BETWEEN_CUTS_S = 1.0
_WIDENED_BY = 0.1


class Pace:
    def __init__(self, window: int, requests_per_minute: float, tokens_per_minute: float) -> None:
        self._most = window
        self._width = float(window)
        self._in_flight = 0
        self._last_cut = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._requests = _Flow(requests_per_minute)
        self._tokens = _Flow(tokens_per_minute)
        self._until_stopped: set[asyncio.Future[None]] = set()
        self._until_answered: set[asyncio.Future[None]] = set()
        self.is_stopped = False
        self.answered_at = math.inf
        """When the endpoint last did a call's work; before that, when it was first asked."""

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[bool]:
        """Waits for a place in the window and for the minute's room; False if asking has been stopped meanwhile."""
        while self._in_flight >= max(1, int(self._width)) and not self.is_stopped:
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            await place
        self._in_flight += 1
        self.answered_at = min(self.answered_at, time.monotonic())
        try:
            pause = max(self._requests.booked(1), self._tokens.booked(tokens))
            yield not await self.is_stopped_after(pause, pause)
        finally:
            self._in_flight -= 1
            self._let_in()

    async def is_stopped_after(self, seconds: float, least: float) -> bool:
        """Waits so long, or until asking is stopped; after the least time also until the endpoint answers a call.

        All may wake up at once: they go on by turns, and the window is narrow then."""
        await self._wait(least, self._until_stopped)
        await self._wait(seconds - least, self._until_answered)
        return self.is_stopped

    async def _wait(self, seconds: float, sleepers: set[asyncio.Future[None]]) -> None:
        if seconds > 0 and not self.is_stopped:
            sleeper = asyncio.get_running_loop().create_future()
            sleepers.add(sleeper)
            try:
                async with asyncio.timeout(seconds):
                    await sleeper
            except TimeoutError:
                pass
            finally:
                sleepers.discard(sleeper)

    def refused(self) -> None:
        """The endpoint is busy."""
        now = time.monotonic()
        if now - self._last_cut > _BETWEEN_CUTS_S:
            self._last_cut, self._width = now, max(1.0, self._width / 2)

    def answered(self) -> None:
        self.answered_at = time.monotonic()
        _wake(self._until_answered)
        if self._width < self._most:
            self._width = min(float(self._most), self._width + _WIDENED_BY)
            self._let_in()

    def stop(self) -> None:
        self.is_stopped = True
        _wake(self._until_stopped)
        _wake(self._until_answered)
        while self._waiting:
            self._let_in()

    def _let_in(self) -> None:
        """The next that waits may look again."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():  # It would be, had its call been cancelled.
                place.set_result(None)
                return


def _wake(sleepers: set[asyncio.Future[None]]) -> None:
    for sleeper in sleepers:
        if not sleeper.done():
            sleeper.set_result(None)


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
