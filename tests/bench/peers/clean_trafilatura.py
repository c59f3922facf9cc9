"""Trafilatura in the benchmark of the cleaning: its `extract` with default settings, to Markdown.

It gets text, so that it has no charset to guess. Tables and comments, in which forums answer, are in by default.
"""

import time
from collections.abc import Sequence

from trafilatura import extract

from tests.bench.peers.cleaning_lap import ordered, told


def texts_of(pages: Sequence[str]) -> list[str]:
    return [extract(page, output_format="markdown", include_formatting=True) or "" for page in pages]


def main() -> None:
    order = ordered()
    texts_of(order.warm_up)
    began, busy = time.perf_counter(), time.process_time()
    texts = texts_of(order.pages)
    figures = {"wall_seconds": time.perf_counter() - began, "seconds": time.process_time() - busy}
    told(order, texts, figures)


if __name__ == "__main__":
    main()
