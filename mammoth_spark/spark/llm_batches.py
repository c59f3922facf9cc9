"""Requests -> outcomes by a Batch API, from the driver: few calls, which wait long.

Each file that is handed in has a note beside the lake, written before it is ordered. By its note the next run of the
stage finds a batch that a killed driver was waiting for, and nothing is ordered twice.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from itertools import islice

from mammoth_spark.config import Http
from mammoth_spark.llm.batch_api import MOST_BYTES, MOST_REQUESTS, Batch, BatchApi, outcome_of
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.request import Question, Request
from mammoth_spark.llm.retry import EndpointStopped
from mammoth_spark.web.storage import file_names, put_bytes, read_bytes, remove_file

_LOOK_EVERY_S = 30.0
_NOTE_BYTES = 1000


def ordered_before(api: BatchApi, notes: str, question: Question, say: Callable[[str], None]) -> list[Batch]:
    """The batches that a killed driver left."""
    found = []
    for file in file_names(notes):
        if read_bytes(f"{notes}/{file}", Http(), _NOTE_BYTES).decode() == question.prompt.version:
            found.append(api.order(file))
        else:
            say(f"the answers of the batch file {file} are not used: the prompt has changed since it was ordered")
            remove_file(f"{notes}/{file}")
    return found


def tell_of_waiting(notes: str, say: Callable[[str], None]) -> None:
    """When the endpoint is no longer asked by batches."""
    if files := file_names(notes):
        say(f"{len(files)} batches that were ordered before wait for `batch: true`; without it they are paid again")


def order_some(api: BatchApi, notes: str, files: Iterator[bytes], count: int, question: Question) -> list[Batch]:
    """Orders so many of the files at most."""
    batches = []
    for lines in islice(files, count):
        file = api.upload(lines)
        put_bytes(question.prompt.version.encode(), f"{notes}/{file}")
        batches.append(api.order(file))
    return batches


def outcomes(
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
        forget(notes, batch)
        raise EndpointStopped(f"the Batch API refuses the batch {batch.name}: {batch.detail}")
    for fingerprint, answer in api.answers(batch, question.reply):
        yield outcome_of(fingerprint, question.prompt.version, answer, api.endpoint, is_last or fingerprint in cut)


def forget(notes: str, batch: Batch) -> None:
    """To be called when a batch's outcomes are committed."""
    remove_file(f"{notes}/{batch.file}")


def files_of(api: BatchApi, requests: Iterable[Request], cut: Container[str]) -> Iterator[bytes]:
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
