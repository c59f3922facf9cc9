"""What one task does with its requests: its journal's answers first, then calls, each written down before it counts."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm import journal
from mammoth_spark.llm.budget import Purse, Room
from mammoth_spark.llm.client import Client, Outcome
from mammoth_spark.llm.pace import Pace
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.transport import HttpTransport
from mammoth_spark.web.manners import why_refused, without_secrets

STOPPED = "stopped"
"""Status of an outcome that is none: it says why the task's other requests were not asked."""
# A request that was in flight beside others when its worker died is next handled among so few, and then alone.
_SUSPECTS_AT_ONCE = 16


@dataclass(frozen=True)
class Servers:
    endpoints: Sequence[Endpoint]
    keys: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable."""


def servers_of(settings: Llm, model: str) -> Servers:
    """The endpoints that serve a model, with their keys."""
    endpoints = [endpoint for endpoint in settings.endpoints if endpoint.model == model]
    if not endpoints:
        known = ", ".join(sorted({endpoint.model for endpoint in settings.endpoints})) or "none"
        raise ValueError(f"llm.endpoints has no server of the model {model}; it has {known}")
    for endpoint in endpoints:
        refusal = why_refused(endpoint.base_url, settings.plain_http)
        if refusal is not None:
            raise ValueError(f"llm.endpoints: {without_secrets(endpoint.base_url)}: {refusal}")
    names = {endpoint.key_env for endpoint in endpoints if endpoint.key_env is not None}
    missing = sorted(names - os.environ.keys())
    if missing:
        raise ValueError(f"llm.endpoints: the environment variable {missing[0]} is not set")
    return Servers(endpoints, {name: os.environ[name] for name in names})


def outcomes(
    requests: Iterator[Request], servers: Servers, settings: Llm, room: Room, folder: str
) -> Iterator[Outcome]:
    """What a task does: its journal's answers, then those of the requests that are left."""
    before = journal.entries(folder)
    yield from before.outcomes.values()
    left = (request for request in requests if request.fingerprint not in before.outcomes)
    window = max(1, settings.window // settings.tasks)
    pace = Pace(window, settings.requests_per_minute / settings.tasks, settings.tokens_per_minute / settings.tasks)
    suspects: list[Request] = []

    def unsuspected() -> Iterator[Request]:
        for request in left:
            if request.fingerprint in before.deaths:
                suspects.append(request)
            else:
                yield request

    with (
        closing(HttpTransport(window)) as transport,
        journal.opened(folder, settings.flush_calls, settings.flush_s) as writer,
    ):
        client = Client(servers.endpoints, servers.keys, settings, transport, window, pace, Purse(room))

        def asked(some: Iterable[Request]) -> Iterator[Outcome]:
            for outcome in client.ask(some):
                writer.add(outcome)
                yield outcome

        yield from asked(_marked(unsuspected(), window, writer))
        # Workers died with these in flight: among few, then alone, the one that kills them is found.
        few = [request for request in suspects if before.deaths[request.fingerprint] == 1]
        for chunk in _chunks(few, _SUSPECTS_AT_ONCE):
            yield from asked(_marked(iter(chunk), len(chunk), writer))
            writer.flush()
        for request in suspects:
            if before.fewest_beside[request.fingerprint] == 0:
                outcome = Outcome(request.fingerprint, request.question.prompt.version, reason="kills_worker")
                writer.add(outcome)
                yield outcome
            elif before.deaths[request.fingerprint] > 1:
                yield from asked(_marked(iter([request]), 1, writer))
                writer.flush()
        if client.why_stopped is not None:
            yield Outcome("", status=STOPPED, reason=client.why_stopped)


def _marked(requests: Iterator[Request], count: int, writer: journal.Journal) -> Iterator[Request]:
    """The requests, each written into the journal before it is handled."""
    while some := list(islice(requests, count)):
        writer.mark([request.fingerprint for request in some])
        yield from some


def _chunks(requests: Sequence[Request], size: int) -> Iterator[Sequence[Request]]:
    for begin in range(0, len(requests), size):
        yield requests[begin : begin + size]
