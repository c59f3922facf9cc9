"""What the contenders of the cleaning are told and tell: pages from a file, texts to a file, figures in one line."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_WARM_UP_PAGES = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line orders."""

    pages: tuple[str, ...]
    """HTML, decoded."""
    warm_up: tuple[str, ...]
    """Pages to clean before the clock starts."""
    more: int
    """How often to go over the pages to see that a page's cost stays the same; 0 for not at all."""
    texts: Path


def ordered() -> Order:
    """The order of the command line's only argument, a JSON file."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with Path(order["pages"]).open(encoding="utf-8") as lines:
        pages = tuple(json.loads(line) for line in lines)
    step = max(1, len(pages) // _WARM_UP_PAGES)
    return Order(pages, pages[::step], order["more"], Path(order["texts"]))


def told(order: Order, texts: Sequence[str], figures: dict[str, float]) -> None:
    order.texts.write_text(json.dumps(texts), encoding="utf-8")
    print(json.dumps(figures))
