"""Requests -> outcomes by a Batch API, from the driver: few calls, which wait long.

Each file that is handed in has a note beside the lake, written before it is ordered. By its note the next run of the
stage finds a batch that a killed driver was waiting for, and nothing is ordered twice.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from mammoth_spark.llm.batch_api import MOST_BYTES, MOST_REQUESTS, Batch, BatchApi, outcome_of
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.request import Question, Request
from mammoth_spark.llm.retry import EndpointStopped
from mammoth_spark.web.storage import file_names, put_bytes, remove_file

_LOOK_EVERY_S = 30.0


def ordered_before(api: BatchApi, notes: str) -> list[Batch]:
    """The batches that a killed driver left."""
    return [api.order(file) for file in file_names(notes)]


def order_some(api: BatchApi, notes: str, files: Iterator[bytes], count: int) -> list[Batch]:
    """Orders so many of the files at most."""
    batches = []
    for lines in islice(files, count):
        file = api.upload(lines)
        put_bytes(b"", f"{notes}/{file}")
        batches.append(api.order(file))
    return batches


def outcomes(api: BatchApi, batch: Batch, question: Question, say: Callable[[str], None]) -> Iterator[Outcome]:
    """Waits for a batch's end, and says how far it is; what was answered in it."""
    told = ""
    while batch.state == "working":
        if batch.detail != told:
            told = batch.detail
            say(f"batch {batch.name}: {told}")
        api.sleep(min(_LOOK_EVERY_S, api.settings.backoff_cap_s))
        batch = api.state(batch.name)
    if batch.state == "failed":
        raise EndpointStopped(f"the Batch API refuses the batch {batch.name}: {batch.detail}")
    for fingerprint, answer in api.answers(batch, question.reply):
        yield outcome_of(fingerprint, question.prompt.version, answer, api.endpoint)


def forget(notes: str, batch: Batch) -> None:
    """To be called when a batch's outcomes are committed."""
    remove_file(f"{notes}/{batch.file}")


def files_of(api: BatchApi, requests: Iterable[Request]) -> Iterator[bytes]:
    """As many requests to a file as a Batch API takes."""
    lines: list[bytes] = []
    size = 0
    for request in requests:
        line = api.lines([request])
        if lines and (len(lines) == MOST_REQUESTS or size + len(line) > MOST_BYTES):
            yield b"".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"".join(lines)
