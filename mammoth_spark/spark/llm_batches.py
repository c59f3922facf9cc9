"""Rows -> llm_calls by a Batch API, from the driver: few calls, which wait long.

Each file that is handed in has a note beside the lake, written before it is ordered. By its note the next run of the
stage finds a batch that a killed driver was waiting for, and nothing is ordered twice.
"""

import json
import math
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import closing

from pyspark.sql import DataFrame

from mammoth_spark.config import Endpoint
from mammoth_spark.llm.batch_api import MOST_BYTES, MOST_REQUESTS, Batch, BatchApi, BatchGone, outcome_of
from mammoth_spark.llm.budget import UNLIMITED
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.request import Question
from mammoth_spark.llm.retry import EndpointStopped
from mammoth_spark.llm.task import Servers
from mammoth_spark.llm.transport import HttpTransport, Waiting
from mammoth_spark.spark.llm_ledger import Ledger
from mammoth_spark.web.storage import file_names, put_bytes, read_bytes, remove_file

_LOOK_EVERY_S = 30.0
_NOTE_BYTES = 1000


def ask(ledger: Ledger, rows: DataFrame, servers: Servers, endpoint: Endpoint) -> None:
    """By the Batch API of one server; what a batch leaves unanswered goes into another, some times over."""
    settings, question, say = ledger.run_file.llm, ledger.question, ledger.work.say
    key = servers.keys[endpoint.key_env] if endpoint.key_env is not None else None
    notes, rounds = _notes(ledger), settings.attempts
    cut: set[str] = set()
    with closing(Waiting(HttpTransport(2))) as transport:
        api = BatchApi(endpoint, key, settings, transport)

        def collect(batches: Iterable[Batch], is_last: bool) -> None:
            for batch in batches:
                found = list(_outcomes(api, batch, notes, question, cut, is_last, say))
                ledger.commit_held(ledger.unknown(found))
                cut.update(outcome.fingerprint for outcome in found if outcome.reason == "length")
                _forget(notes, batch)

        try:
            collect(_ordered_before(api, notes, question, say), is_last=False)
            for number in range(rounds):
                count = ledger.write_requests(rows)
                if not count:
                    return
                say(f"{count:,} requests to send by batches")
                requests = (question.about(row["slots"]) for row in ledger.requests().select("slots").toLocalIterator())
                lines = (api.line(request, cut) for request in requests)
                left = count
                while left:
                    room = ledger.room_left()
                    if room.spent_of is not None:
                        raise ledger.capped(room.spent_of)
                    # What a batch costs is known when it is paid: under a cap there is one at a time.
                    at_once = settings.tasks if room == UNLIMITED else 1
                    most = MOST_REQUESTS if room.calls is None else min(MOST_REQUESTS, math.ceil(room.calls))
                    batches: list[Batch] = []
                    while left and len(batches) < at_once:
                        file = _file_of(lines, most)
                        assert file, f"{left} requests are left"
                        left -= len(file)
                        batches.append(_ordered(api, notes, b"".join(file), question))
                    collect(batches, is_last=number == rounds - 1)
        except EndpointStopped as stop:
            raise ledger.stopped(str(stop)) from None
    left = ledger.write_requests(rows)
    if left:
        raise ledger.stopped(f"{left:,} requests were left unanswered by {rounds} batches")


def tell_of_waiting(ledger: Ledger) -> None:
    """When the endpoint is no longer asked by batches."""
    if files := file_names(_notes(ledger)):
        ledger.work.say(
            f"{len(files)} batches that were ordered before wait for `batch: true`; without it they are paid again"
        )


def _notes(ledger: Ledger) -> str:
    return ledger.folder("batches")


def _ordered_before(api: BatchApi, notes: str, question: Question, say: Callable[[str], None]) -> list[Batch]:
    """The batches that a killed driver left."""
    found = []
    for file in file_names(notes):
        note = json.loads(read_bytes(f"{notes}/{file}", _NOTE_BYTES))
        if note["server"] != api.endpoint.base_url:
            say(f"the batch file {file} is left at {note['server']}: its answers are taken when that is asked again")
        elif note["prompt"] != question.prompt.version:
            say(f"the answers of the batch file {file} are not used: the prompt has changed since it was ordered")
            remove_file(f"{notes}/{file}")
        else:
            try:
                found.append(api.order(file))
            except BatchGone as gone:
                say(f"the server has lost the batch file {file} ({gone}); its requests are asked again")
                remove_file(f"{notes}/{file}")
    return found


def _ordered(api: BatchApi, notes: str, lines: bytes, question: Question) -> Batch:
    file = api.upload(lines)
    note = {"server": api.endpoint.base_url, "prompt": question.prompt.version}
    put_bytes(json.dumps(note).encode(), f"{notes}/{file}")
    return api.order(file)


def _outcomes(
    api: BatchApi,
    batch: Batch,
    notes: str,
    question: Question,
    cut: Container[str],
    is_last: bool,
    say: Callable[[str], None],
) -> Iterator[Outcome]:
    """Waits for a batch's end, and says how far it is; what was answered in it.

    Whose reply was cut before, or who is asked for the last time, gets no other batch."""
    told = ""
    while batch.state == "working":
        if batch.detail != told:
            told = batch.detail
            say(f"batch {batch.name}: {told}")
        api.sleep(min(_LOOK_EVERY_S, api.settings.backoff_cap_s))
        batch = api.state(batch.name)
    if batch.state == "failed":
        # The next run orders another.
        _forget(notes, batch)
        raise EndpointStopped(f"the Batch API refuses the batch {batch.name}: {batch.detail}")
    for fingerprint, answer in api.answers(batch, question.reply):
        is_last_for_it = is_last or fingerprint in cut
        version, at = question.prompt.version, batch.ordered_at
        yield outcome_of(fingerprint, version, answer, api.endpoint, is_last_for_it, at)


def _forget(notes: str, batch: Batch) -> None:
    """To be called when a batch's outcomes are committed."""
    remove_file(f"{notes}/{batch.file}")


def _file_of(lines: Iterator[bytes], most: int) -> list[bytes]:
    """As many requests as a Batch API takes in a file, and at most so many. No line has half a file's bytes."""
    file: list[bytes] = []
    size = 0
    while len(file) < most and size < MOST_BYTES // 2 and (line := next(lines, b"")):
        file.append(line)
        size += len(line)
    return file
