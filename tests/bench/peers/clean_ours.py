"""Ours in the benchmark of the cleaning: what a task of the stage does with a page, and the bare call beside it."""

import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mammoth_spark.config import Documents
from mammoth_spark.web.cleaning import cleaner
from mammoth_spark.web.document import Document, document_of
from tests.bench.peers.cleaning_lap import ordered, told

_SETTINGS = Documents()


def guarded(pages: Sequence[bytes]) -> list[Document]:
    """In a child of its own, with the child's start and end."""
    with cleaner(_SETTINGS) as clean:
        return [clean(page, "utf-8", "") for page in pages]


def bare(pages: Sequence[bytes]) -> list[Document]:
    return [document_of(page, _SETTINGS) for page in pages]


@contextmanager
def timed(figures: dict[str, float], name: str) -> Iterator[None]:
    """Seconds of the clock, and of the processor in this process and in its children that end meanwhile."""
    began, busy = time.perf_counter(), processor_seconds()
    yield
    figures[f"{name}wall_seconds"] = time.perf_counter() - began
    figures[f"{name}seconds"] = processor_seconds() - busy


def processor_seconds() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    order = ordered()
    pages = [page.encode() for page in order.pages]
    bare([page.encode() for page in order.warm_up])
    figures: dict[str, float] = {}
    # A child is as warm as its parent. Of these pages neither has seen more than the other.
    with timed(figures, ""):
        documents = guarded(pages)
    with timed(figures, "bare_"):
        same = bare(pages)
    assert [one.text for one in same] == [one.text for one in documents], "the child's documents are others"
    if order.more:
        with timed(figures, "once_"):
            guarded(pages)
        with timed(figures, "more_"):
            guarded(pages * order.more)
    told(order, [one.text for one in documents], figures)


if __name__ == "__main__":
    main()
