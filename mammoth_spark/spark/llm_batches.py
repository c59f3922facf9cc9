"""Rows -> llm_calls by a Batch API, from the driver: few calls, which wait long.

Each file that is handed in has a note beside the lake, written before it is ordered. By its note the next run of the
stage finds a batch that a killed driver was waiting for, and nothing is ordered twice.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import closing
from itertools import islice

from pyspark.sql import DataFrame

from mammoth_spark.config import Endpoint
from mammoth_spark.llm.batch_api import MOST_BYTES, MOST_REQUESTS, Batch, BatchApi, outcome_of
from mammoth_spark.llm.budget import UNLIMITED
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.request import Question, Request
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
                ledger.commit_held(ledger.unanswered(found))
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
                files = _files_of(api, requests, cut)
                while True:
                    room = ledger.room_left()
                    if room.spent_of is not None:
                        raise ledger.capped(room.spent_of)
                    # What a batch costs is known when it is paid: under a cap there is one at a time.
                    at_once = settings.tasks if room == UNLIMITED else 1
                    batches = _order_some(api, notes, files, at_once, question)
                    if not batches:
                        break
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
        if read_bytes(f"{notes}/{file}", _NOTE_BYTES).decode() == question.prompt.version:
            found.append(api.order(file))
        else:
            say(f"the answers of the batch file {file} are not used: the prompt has changed since it was ordered")
            remove_file(f"{notes}/{file}")
    return found


def _order_some(api: BatchApi, notes: str, files: Iterator[bytes], count: int, question: Question) -> list[Batch]:
    """Orders so many of the files at most."""
    batches = []
    for lines in islice(files, count):
        file = api.upload(lines)
        put_bytes(question.prompt.version.encode(), f"{notes}/{file}")
        batches.append(api.order(file))
    return batches


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
        yield outcome_of(fingerprint, question.prompt.version, answer, api.endpoint, is_last or fingerprint in cut)


def _forget(notes: str, batch: Batch) -> None:
    """To be called when a batch's outcomes are committed."""
    remove_file(f"{notes}/{batch.file}")


def _files_of(api: BatchApi, requests: Iterable[Request], cut: Container[str]) -> Iterator[bytes]:
    """As many requests to a file as a Batch API takes."""
    lines: list[bytes] = []
    size = 0
    for request in requests:
        line = api.lines([request], cut)
        if lines and (len(lines) == MOST_REQUESTS or size + len(line) > MOST_BYTES):
            yield b"".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"".join(lines)
