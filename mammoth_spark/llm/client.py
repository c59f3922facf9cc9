"""Requests in, outcomes out: a bounded window of calls, each with the one policy on asking again."""

import datetime
import queue
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm import reply, retry
from mammoth_spark.llm.budget import Purse, cost_of
from mammoth_spark.llm.pace import Pace
from mammoth_spark.llm.reply import Fault, Reply
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.transport import Answer, Call, CallFailed, Transport
from mammoth_spark.web.manners import asked_pause_s

# Four bytes of text are a token, more or less, in the languages of most pages: enough to share a minute by.
_BYTES_A_TOKEN = 4
# So many refusals without one success are a mistake in the run file, not in the requests.
_REFUSED_IN_A_ROW = 20


@dataclass(slots=True)
class Outcome:
    """What became of a request: a row of `llm_calls`, without what the stage adds."""

    fingerprint: str
    prompt_version: str = ""
    status: str = "dead"
    reason: str | None = None
    reply: str | None = None
    model: str = ""
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost: float = 0.0
    attempts: int = 0
    seconds: float = 0.0
    asked_at: datetime.datetime | None = None


@dataclass(slots=True)
class Client:
    """Asks on behalf of one task."""

    endpoints: Sequence[Endpoint]
    keys: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable."""
    settings: Llm
    transport: Transport
    window: int
    pace: Pace
    purse: Purse
    why_stopped: str | None = None
    """Why the rest was not asked."""
    _succeeded: bool = False

    def ask(self, requests: Iterable[Request]) -> Iterator[Outcome]:
        """The outcomes as they come. After a stop, those in flight still come: they are paid for."""
        with ThreadPoolExecutor(self.window, "llm") as threads:
            try:
                yield from self._asked(iter(requests), threads)
            except BaseException:  # Threads that wait for their turn must end, also when nobody wants the rest.
                self.pace.stop()
                raise

    def _asked(self, requests: Iterator[Request], threads: ThreadPoolExecutor) -> Iterator[Outcome]:
        done: queue.SimpleQueue[Outcome | BaseException | None] = queue.SimpleQueue()

        def work(request: Request) -> None:
            try:
                done.put(self._outcome(request))
            except BaseException as error:  # The thread that waits must hear of any error.
                done.put(error)

        in_flight = 0
        # Refusals before the first success may be for a mistake in the run file, and then no request is dead of them.
        held: list[Outcome] = []
        while True:
            while in_flight < self.window and not self._must_stop():
                request = next(requests, None)
                if request is None:
                    break
                threads.submit(work, request)
                in_flight += 1
            if not in_flight:
                break
            outcome = done.get()
            in_flight -= 1
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is None:
                continue
            if _is_refused(outcome) and not self._succeeded:
                held.append(outcome)
                if len(held) == _REFUSED_IN_A_ROW:
                    self._stop(f"the endpoint refuses every request ({outcome.reason})")
                continue
            yield outcome
        if self._succeeded or len(held) < _REFUSED_IN_A_ROW:
            yield from held
        else:
            yield from map(_open, held)

    def _must_stop(self) -> bool:
        spent = self.purse.spent_of
        if spent is not None:
            self._stop(f"{spent} is reached")
        return self.pace.stopped.is_set()

    def _stop(self, why: str) -> None:
        self.why_stopped = self.why_stopped or why
        self.pace.stop()

    def _outcome(self, request: Request) -> Outcome | None:
        """None if it was not asked. If asking is stopped while it waits to be asked again, it comes back as open."""
        outcome = Outcome(request.fingerprint, request.question.prompt.version)
        tries = retry.Tries(time.monotonic())
        try:
            return self._answered(request, outcome, tries)
        except retry.EndpointStopped as stop:
            self._stop(str(stop))
        return _open(outcome) if outcome.attempts else None

    def _answered(self, request: Request, outcome: Outcome, tries: retry.Tries) -> Outcome | None:
        while True:
            endpoint = self._endpoint_of(request)
            body = request.body(endpoint, tries.room)
            with self.pace.turn(len(body) // _BYTES_A_TOKEN + request.question.sampling.max_tokens) as may_ask:
                if not may_ask:
                    return _open(outcome) if outcome.attempts else None
                began = time.monotonic()
                outcome.asked_at = datetime.datetime.now(datetime.UTC)
                read, asked_pause = self._call(request, body, endpoint)
            tries.sent += 1
            cost = cost_of(read.usage, endpoint)
            self.purse.pay(1, read.usage, cost)
            outcome.attempts, outcome.seconds = tries.sent, time.monotonic() - began
            outcome.prompt_tokens += read.usage.prompt_tokens
            outcome.reply_tokens += read.usage.reply_tokens
            outcome.cost += cost
            if isinstance(read, Reply):
                self.pace.answered()
                self._succeeded = True
                outcome.status = "void" if read.is_void else "ok"
                outcome.reply, outcome.model = read.text, read.model
                return outcome
            if read.blames == "endpoint":
                self.pace.refused()
            decision = retry.after(read, tries, asked_pause, time.monotonic(), self.settings)
            if isinstance(decision, retry.GiveUp):
                outcome.reason = decision.reason
                return outcome
            if self.pace.stopped.wait(decision.pause_s):
                return _open(outcome)

    def _call(self, request: Request, body: bytes, endpoint: Endpoint) -> tuple[Reply | Fault, float]:
        url = f"{endpoint.base_url.rstrip('/')}/chat/completions"
        key = self.keys[endpoint.key_env] if endpoint.key_env is not None else None
        try:
            answer = self.transport.send(Call(url, body, key, self.settings.deadline_s, self.settings.reply_mb << 20))
        except CallFailed as failed:
            if failed.kind == "redirect":
                return Fault("account", failed.kind, failed.detail), 0.0
            return Fault("endpoint" if failed.kind == "unreachable" else "attempt", failed.kind, failed.detail), 0.0
        return reply.read(answer.status, answer.body, request.question.reply), _asked_pause(answer)

    def _endpoint_of(self, request: Request) -> Endpoint:
        serving = [endpoint for endpoint in self.endpoints if endpoint.model == request.question.model]
        return random.choices(serving, [endpoint.weight for endpoint in serving])[0]


def _open(outcome: Outcome) -> Outcome:
    """Paid for in part, and to be asked again."""
    outcome.status, outcome.reason = "open", "stopped"
    return outcome


def _is_refused(outcome: Outcome) -> bool:
    return outcome.status == "dead" and (outcome.reason or "").startswith("http_4")


def _asked_pause(answer: Answer) -> float:
    header = next((value for name, value in answer.headers.items() if name.lower() == "retry-after"), None)
    return asked_pause_s(header, datetime.datetime.now(datetime.UTC))
