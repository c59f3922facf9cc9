"""What one task does with its requests: it calls for what its journal lacks, and writes down each answer first."""

import gc
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm import journal, tally
from mammoth_spark.llm.budget import Room
from mammoth_spark.llm.client import Client, Guard
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.pace import Pace
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.transport import HttpTransport
from mammoth_spark.web.manners import why_refused, without_secrets

STOPPED, CAPPED = "stopped", "capped"
"""Status of an outcome that is none: its reason says why the task's other requests were not asked, or which cap of the
run file is reached."""
_HASTY_PATIENCE_S = 20.0
_OBJECTS_BETWEEN_COLLECTIONS = 20_000


@dataclass(frozen=True)
class Servers:
    endpoints: Sequence[Endpoint]
    keys: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable."""


def servers_of(settings: Llm, model: str) -> Servers:
    """The endpoints that serve a model, with their keys; a ValueError where that is not all there."""
    endpoints = [endpoint for endpoint in settings.endpoints if endpoint.model == model]
    if not endpoints:
        known = ", ".join(sorted({endpoint.model for endpoint in settings.endpoints})) or "none"
        raise ValueError(f"llm.endpoints has no server of the model {model}; it has {known}")
    for endpoint in endpoints:
        if "@" in endpoint.base_url:
            raise ValueError(
                f"llm.endpoints: {without_secrets(endpoint.base_url)}: write no password into the address;"
                " key_env names the environment variable of a key"
            )
        refusal = why_refused(endpoint.base_url, settings.plain_http)
        if refusal is not None:
            refusal = refusal.replace("set plain_http", "set llm.plain_http")
            raise ValueError(f"llm.endpoints: {without_secrets(endpoint.base_url)}: {refusal}")
    if len(endpoints) > 1 and any(endpoint.batch for endpoint in endpoints):
        raise ValueError(f"llm.endpoints: with batch: true one server alone may have {model}; leave the others out")
    names = {endpoint.key_env for endpoint in endpoints if endpoint.key_env is not None}
    missing = sorted(names - os.environ.keys())
    if missing:
        raise ValueError(f"llm.endpoints: the environment variable {missing[0]} is not set")
    # Secrets that are mounted as files often end with a line's end.
    keys = {name: os.environ[name].strip() for name in names}
    for name, key in keys.items():
        if not key or not key.isascii() or not key.isprintable():
            raise ValueError(f"llm.endpoints: the environment variable {name} holds no key that a header can carry")
    return Servers(endpoints, keys)


def hasty(settings: Llm) -> Llm:
    """For a first look: a server that is away then has a wrong address, more likely than not."""
    return settings.model_copy(update={"patience_s": min(_HASTY_PATIENCE_S, settings.patience_s)})


def outcomes(
    requests: Iterator[Request],
    servers: Servers,
    settings: Llm,
    room: Room,
    folder: str,
    has_answered: bool = False,
) -> Iterator[Outcome]:
    """What a task does: it asks what its journal does not hold, and gives the journal's answers as well.

    `has_answered` says that the endpoint is known to answer such requests."""
    before = journal.entries(folder)
    known: list[Outcome] = []
    window = max(1, settings.window // settings.tasks)
    pace = Pace(window, settings.requests_per_minute / settings.tasks, settings.tokens_per_minute / settings.tasks)
    suspects: list[Request] = []

    def unsuspected() -> Iterator[Request]:
        for request in requests:
            if request.fingerprint in before.outcomes:
                known.append(before.outcomes[request.fingerprint])
            elif request.fingerprint in before.deaths:
                suspects.append(request)
            else:
                yield request

    with (
        _rare_collections(),
        Client(
            servers.endpoints,
            servers.keys,
            settings,
            HttpTransport(window),
            window,
            pace,
            room,
            tally.of(before.outcomes.values()),
            has_answered or any(found.status in ("ok", "void") for found in before.outcomes.values()),
        ) as client,
        journal.opened(folder, settings.flush_calls, settings.flush_s) as writer,
        tally.shown(client.tally, folder),
    ):

        def asked(some: Iterable[Request], guard: Guard = nullcontext) -> Iterator[Outcome]:
            for outcome in client.ask(some, guard):
                client.tally.requests += 1
                outcome.deaths = before.deaths[outcome.fingerprint]
                writer.add(outcome)
                yield outcome

        left = unsuspected()
        yield from asked(_marked(left, window, writer))
        # After a stop the rest is not asked, but what the journal knows of it is wanted all the same.
        deque(left, maxlen=0)
        yield from known
        # Workers died with these in flight, and one of them may be why.
        for request in suspects:
            if request.fingerprint in before.killers:
                outcome = Outcome(request.fingerprint, request.question.prompt.version, "dead", "kills_worker")
                outcome.deaths = before.deaths[outcome.fingerprint]
                client.tally.requests += 1
                writer.add(outcome)
                yield outcome
        innocent = [request for request in suspects if request.fingerprint not in before.killers]
        once = [request for request in innocent if before.deaths[request.fingerprint] == 1]
        yield from asked(_marked(iter(once), window, writer), writer.guarding)
        # It was none that was being handled: perhaps what they took together. One after the other, then.
        for request in innocent:
            if before.deaths[request.fingerprint] > 1:
                with writer.guarding(request.fingerprint):
                    yield from asked(_marked(iter([request]), 1, writer))
                    writer.flush()
        if client.why_stopped is not None:
            yield Outcome("", status=STOPPED, reason=client.why_stopped)
        elif client.cap is not None:
            yield Outcome("", status=CAPPED, reason=client.cap)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """The calls in flight hold some ten thousand objects, which Python would look through again every few calls."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _marked(requests: Iterator[Request], count: int, writer: journal.Journal) -> Iterator[Request]:
    """The requests, each written into the journal before it is handled."""
    while some := list(islice(requests, count)):
        writer.mark([request.fingerprint for request in some])
        yield from some
