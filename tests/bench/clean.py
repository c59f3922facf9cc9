"""Clean: pages to documents, against trafilatura on the same pages: pages a second and core, and what is kept of them.

docs/figures.md explains each figure. The pages are the instructional ones of the small web with heavy pages, which are
what recall keeps. Ours goes through the guarded child, as in the stage. They run by turns; reading pages, decoding and
imports are nobody's time.

Seconds are the processor's, of our child and its parent together. By the clock, on a machine that others use too, a
process that often waits is let in before one that never does, and the child would seem faster than the bare call.
"""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mammoth_spark.demo.corpus import Corpus, build_corpus
from mammoth_spark.demo.document_figures import document_figures
from mammoth_spark.web import payload
from mammoth_spark.web.warc import read_again
from tests.bench.contender import told_by

_ROOT = Path(__file__).parents[2]
_PEERS_PYTHON = _ROOT / ".venv-bench" / "bin" / "python"
_BODY_LIMIT = 1 << 24
_MORE = 8
# Every so many rounds, as they take long.
_MORE_EVERY = 3
Lap = dict[str, float]


@dataclass(frozen=True, slots=True)
class Contender:
    """A script of tests/bench/peers."""

    name: str
    python: Path


@dataclass(frozen=True, slots=True)
class Pages:
    file: Path
    truth: Sequence[Mapping[str, Any]]
    kilobytes: float
    """Of a page, the mean."""


def measure(quick: bool) -> None:
    """Runs both by turns, prints the figures and the quality of both, and writes the figures to clean.json."""
    if not _PEERS_PYTHON.is_file():
        raise ValueError(f"{_PEERS_PYTHON} is not there; run `make bench`, which installs the peers")
    out = _ROOT / "build/bench" / ("quick" if quick else "") / "clean.json"
    folder = out.with_suffix("")
    corpus_pages, rounds = (200, 1) if quick else (1_000, 5)
    pages = _pages(build_corpus(folder / "web", pages=corpus_pages, weight="bench"), folder)
    ours = Contender("ours", Path(sys.executable))
    peer = Contender("trafilatura", _PEERS_PYTHON)
    laps: dict[Contender, list[Lap]] = {ours: [], peer: []}
    for number in range(rounds):
        for contender, done in laps.items():
            print(f"bench  round {number + 1} of {rounds}: {contender.name}", file=sys.stderr, flush=True)
            more = _MORE if contender is ours and number % _MORE_EVERY == 0 else 0
            done.append(_lap(contender, pages, folder, more))
    figures = _figures(pages, laps[ours], laps[peer])
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:28}{value:>12g}")
    print(_quality(pages, {contender.name: _texts(contender, folder) for contender in laps}))


def _pages(corpus: Corpus, folder: Path) -> Pages:
    """The instructional pages, decoded, in one file."""
    with corpus.truth.open(encoding="utf-8") as lines:
        truth = [page for page in map(json.loads, lines) if page["instructional"] and page["undamaged"]]
    file, size = folder / "pages.jsonl", 0
    with file.open("w", encoding="utf-8") as out:
        for page in truth:
            html = _html(corpus, page)
            size += len(html)
            out.write(json.dumps(html.decode()) + "\n")
    return Pages(file, truth, size / len(truth) / 1_000)


def _html(corpus: Corpus, page: Mapping[str, Any]) -> bytes:
    with (corpus.folder / page["warc_file"]).open("rb") as warc:
        response = read_again(warc, page["offset"], page["length"], page["url"], _BODY_LIMIT)
    assert response is not None, f"{page['url']} is not where the truth says"
    body = payload.page_bytes(response.body, response.headers, _BODY_LIMIT)
    return payload.utf8_of(body, response.headers.get("content-type", ""))[0]


def _lap(contender: Contender, pages: Pages, folder: Path, more: int) -> Lap:
    order = folder / f"{contender.name}.order.json"
    texts = str(_texts_file(contender, folder))
    order.write_text(json.dumps({"pages": str(pages.file), "more": more, "texts": texts}), encoding="utf-8")
    lap: Lap = told_by(contender.python, f"clean_{contender.name}", order)
    return lap


def _texts_file(contender: Contender, folder: Path) -> Path:
    return folder / f"{contender.name}.texts.json"


def _texts(contender: Contender, folder: Path) -> list[str]:
    """Of the last round."""
    texts: list[str] = json.loads(_texts_file(contender, folder).read_text(encoding="utf-8"))
    return texts


def _figures(pages: Pages, ours: Sequence[Lap], peer: Sequence[Lap]) -> dict[str, float]:
    def rate(laps: Sequence[Lap]) -> float:
        return len(pages.truth) / statistics.median(lap["seconds"] for lap in laps)

    def ratio(name: str) -> float:
        """By rounds, as the machine's speed changes between them."""
        return statistics.median(theirs[name] / own[name] for own, theirs in zip(ours, peer, strict=True))

    longer = [lap for lap in ours if "more_seconds" in lap]
    return {
        "vs_trafilatura": round(ratio("seconds"), 2),
        "vs_trafilatura_wall": round(ratio("wall_seconds"), 2),
        "flatness": round(statistics.median(lap["more_seconds"] / _MORE / lap["once_seconds"] for lap in longer), 3),
        "guard_share": round(statistics.median(lap["seconds"] / lap["bare_seconds"] for lap in ours), 3),
        "pages_per_s": round(rate(ours), 1),
        "trafilatura_pages_per_s": round(rate(peer), 1),
        "kb_per_page": round(pages.kilobytes, 1),
        "pages": len(pages.truth),
    }


def _quality(pages: Pages, texts_by_name: Mapping[str, Sequence[str]]) -> str:
    """No figures of this section: they show what the speed is for."""
    columns = {}
    for name, texts in texts_by_name.items():
        # A page without text has lost what it held.
        documents = [{"url": page["url"], "text": text} for page, text in zip(pages.truth, texts, strict=True)]
        share = sum(map(bool, texts)) / len(texts)
        columns[name] = {"pages_with_text": share} | document_figures(pages.truth, documents)
    lines = [f"{'quality':28}" + "".join(f"{name:>12}" for name in columns)]
    for figure in next(iter(columns.values())):
        lines.append(f"{figure:28}" + "".join(f"{column[figure]:>12.4g}" for column in columns.values()))
    return "\n".join(lines)
