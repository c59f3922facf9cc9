"""Requests in, outcomes out: a bounded window of calls, each with the one policy on asking again."""

import asyncio
import dataclasses
import datetime
import math
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Self

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm import reply, retry
from mammoth_spark.llm.budget import UNLIMITED, Room, cost_of
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.pace import Pace
from mammoth_spark.llm.reply import Blame, Fault, Reply
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.tally import Tally
from mammoth_spark.llm.transport import Answer, Call, CallFailed, Failure, Transport
from mammoth_spark.web.manners import asked_pause_s

# Four bytes of text are a token, more or less, in the languages of most pages: enough to share a minute by.
_BYTES_A_TOKEN = 4
# So many requests in a row that all fail are no fault of theirs.
_FAILED_IN_A_ROW = 20
# What a model says of one request; any other reason may be the endpoint's.
_ITS_OWN = {"length", "content_filter", "refusal", "too_long", "other_form", "broken_json", "no_content"}

_BLAMED: Mapping[Failure, Blame] = {
    "unreachable": "endpoint",
    "redirect": "account",
    "certificate": "account",
    "proxy": "account",
}

Guard = Callable[[str], AbstractContextManager[object]]
"""Stands around each step in which this process handles a request, given by its fingerprint, or its reply."""


@dataclass(slots=True)
class Client:
    """Asks on behalf of one task. Its calls run on the event loop of a thread of their own, so that they go on while
    Spark hands over requests and takes outcomes away."""

    endpoints: Sequence[Endpoint]
    """Of one model."""
    keys: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable."""
    settings: Llm
    transport: Transport
    window: int
    pace: Pace
    room: Room
    """Which the tally's calls fill."""
    tally: Tally = field(default_factory=Tally)
    has_answered: bool = False
    """Whether the endpoint is known to answer such requests."""
    why_stopped: str | None = None
    """Why the rest was not asked, where no cap is the reason."""
    cap: str | None = None
    """That is reached, by its name in the run file."""
    _guard: Guard = nullcontext
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread = field(init=False)
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    _done: list[Outcome | None] = field(default_factory=list)
    _handed_over: queue.SimpleQueue[list[Outcome | None] | BaseException] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, name="llm", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is still in flight is given up: nobody wants it."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        await self.transport.close()
        await self._loop.shutdown_default_executor()

    def ask(self, requests: Iterable[Request], guard: Guard = nullcontext) -> Iterator[Outcome]:
        """The outcomes as they come. After a stop, those in flight still come: they are paid for."""
        self._guard = guard
        left = iter(requests)
        in_flight = 0
        # Failures in a row may be for a mistake in the run file, or a server gone wrong: no request is dead of them.
        held: list[Outcome] = []
        while True:
            some = [] if self._is_over() else list(islice(left, self._free(in_flight)))
            if some:
                self._loop.call_soon_threadsafe(self._begin, some)
            in_flight += len(some)
            if not in_flight:
                break
            came = self._handed_over.get()
            if isinstance(came, BaseException):
                raise came
            in_flight -= len(came)
            for outcome in came:
                if outcome is None:
                    continue
                # Of a model that has answered nothing yet, no failure is known to be the request's own.
                if outcome.status == "dead" and not (self.has_answered and outcome.reason in _ITS_OWN):
                    held.append(outcome)
                    if len(held) == _FAILED_IN_A_ROW:
                        self._stop(_all_fail(outcome))
                    continue
                if outcome.status in ("ok", "void"):
                    self.has_answered = True
                    if len(held) < _FAILED_IN_A_ROW:
                        yield from held
                        held = []
                yield outcome
        if len(held) >= _FAILED_IN_A_ROW:
            yield from map(_open, held)
            return
        # Too few to tell, unless it is by their reasons.
        strange = [] if self.has_answered else [outcome for outcome in held if outcome.reason not in _ITS_OWN]
        if strange:
            self._stop(_all_fail(strange[-1]))
            yield from map(_open, held)
        else:
            yield from held

    def _free(self, in_flight: int) -> int:
        """How many requests may be begun now."""
        free = self.window - in_flight
        if self.room.calls is None:
            return free
        return max(0, min(free, math.ceil(self.room.calls - self.tally.calls) - in_flight))

    def _begin(self, requests: Sequence[Request]) -> None:
        for request in requests:
            call = self._loop.create_task(self._work(request))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _work(self, request: Request) -> None:
        try:
            outcome = await self._outcome(request)
        except BaseException as error:  # The thread that waits must hear of any.
            self._handed_over.put(error)
            return
        self._done.append(outcome)
        # All that end in one turn of the loop go together: each time the other thread wakes costs as much as a call.
        if len(self._done) == 1:
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        done, self._done = self._done, []
        self._handed_over.put(done)

    def _is_over(self) -> bool:
        if self.room != UNLIMITED and self.cap is None:
            self.cap = self.room.less(self.tally.calls, self.tally.tokens, self.tally.cost).spent_of
            if self.cap is not None:
                self._loop.call_soon_threadsafe(self.pace.stop)
        return self.why_stopped is not None or self.cap is not None

    def _stop(self, why: str) -> None:
        self.why_stopped = self.why_stopped or why
        self._loop.call_soon_threadsafe(self.pace.stop)

    async def _outcome(self, request: Request) -> Outcome | None:
        """None if it was not asked. If asking is stopped while it waits to be asked again, it comes back as open."""
        outcome = Outcome(request.fingerprint, request.question.prompt.version)
        tries = retry.Tries(time.monotonic())
        try:
            return await self._answered(request, outcome, tries)
        except retry.EndpointStopped as stop:
            self._stop(str(stop))
        return _open(outcome) if outcome.attempts else None

    async def _answered(self, request: Request, outcome: Outcome, tries: retry.Tries) -> Outcome | None:
        while True:
            endpoint = self._endpoint()
            with self._guard(request.fingerprint):
                body = request.body(endpoint, tries.room)
            room = request.question.sampling.max_tokens * tries.room
            async with self.pace.turn(len(body) // _BYTES_A_TOKEN + room) as may_ask:
                if not may_ask:
                    return _open(outcome) if outcome.attempts else None
                began = time.monotonic()
                tries.begun = tries.begun if tries.sent else began
                outcome.asked_at = datetime.datetime.now(datetime.UTC)
                read, asked_pause = await self._call(request, body, endpoint, tries)
            tries.sent += 1
            cost = cost_of(read.usage, endpoint)
            fault = read.reason if isinstance(read, Fault) else None
            self.tally.called(read.usage, cost, fault)
            if fault is not None:
                outcome.faults[fault] = outcome.faults.get(fault, 0) + 1
            outcome.attempts, outcome.seconds = tries.sent, time.monotonic() - began
            outcome.prompt_tokens += read.usage.prompt_tokens
            outcome.reply_tokens += read.usage.reply_tokens
            outcome.cost += cost
            is_over = self._is_over()
            if isinstance(read, Reply):
                self.pace.answered()
                outcome.status = "void" if read.is_void else "ok"
                outcome.reply, outcome.model = read.text, read.model
                return outcome
            if read.blames == "endpoint":
                self.pace.refused()
            else:
                self.pace.answered_at = time.monotonic()
            decision = retry.after(read, tries, asked_pause, self.pace.answered_at, time.monotonic(), self.settings)
            if isinstance(decision, retry.GiveUp):
                outcome.status, outcome.reason = "dead", decision.reason
                return outcome
            if is_over or await self.pace.is_stopped_after(decision.pause_s, decision.least_s):
                return _open(outcome)

    async def _call(
        self, request: Request, body: bytes, endpoint: Endpoint, tries: retry.Tries
    ) -> tuple[Reply | Fault, float]:
        url = f"{endpoint.base_url.rstrip('/')}/chat/completions"
        key = self.keys[endpoint.key_env] if endpoint.key_env is not None else None
        # A reply that was lost is asked for by the same name, another reply by a new one.
        name = f"{request.fingerprint}-{tries.replied}"
        limits = (self.settings.deadline_s, self.settings.reply_mb << 20)
        try:
            answer = await self.transport.send(Call(url, body, key, *limits, idempotency_key=name))
        except CallFailed as failed:
            return Fault(_BLAMED.get(failed.kind, "attempt"), failed.kind, failed.detail), 0.0
        tries.replied += answer.status == 200
        with self._guard(request.fingerprint):
            read = reply.read(answer.status, answer.body, request.question.reply)
        if isinstance(read, Fault) and key:
            # A server may repeat what it was sent.
            read = dataclasses.replace(read, detail=read.detail.replace(key, "(the key)"))
        return read, _asked_pause(answer)

    def _endpoint(self) -> Endpoint:
        if len(self.endpoints) == 1:
            return self.endpoints[0]
        return random.choices(self.endpoints, [endpoint.weight for endpoint in self.endpoints])[0]


def _open(outcome: Outcome) -> Outcome:
    """Paid for in part, and to be asked again."""
    outcome.status, outcome.reason = "open", "stopped"
    return outcome


def _all_fail(outcome: Outcome) -> str:
    return f"the endpoint fails every request ({outcome.reason})"


def _asked_pause(answer: Answer) -> float:
    return asked_pause_s(answer.headers.get("Retry-After"), datetime.datetime.now(datetime.UTC))
