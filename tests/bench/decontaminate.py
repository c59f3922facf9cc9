"""Decontaminate: documents looked through for benchmarks' words, against datatrove's n-gram filter: documents a second
and core, with the same n and the same benchmarks.

docs/figures.md explains each figure. The documents are sentences of the small web's, with an item planted in one of
fifty; the benchmarks are the demo's and items of made-up words, so that the table is as large as those of the paper's
seven benchmarks. They run by turns, each in one process; reading, indexing and imports are nobody's time.
"""

import json
import statistics
import sys
from pathlib import Path
from random import Random

from mammoth_spark.demo import prose
from mammoth_spark.demo.benchmarks import all_items
from tests.bench.contender import told_by

_ROOT = Path(__file__).parents[2]
_PEERS_PYTHON = _ROOT / ".venv-bench" / "bin" / "python"
_MORE = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PLANTED_IN = 50
NGRAM = 10

Lap = dict[str, float]


def measure(quick: bool) -> None:
    """Runs both by turns, prints the figures, and writes them to decontaminate.json."""
    if not _PEERS_PYTHON.is_file():
        raise ValueError(f"{_PEERS_PYTHON} is not there; run `make bench`, which installs the peers")
    out = _ROOT / "build/bench" / ("quick" if quick else "") / "decontaminate.json"
    folder = out.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    order = _order(folder, *((300, 500, 1) if quick else (3_000, 16_000, 5)))
    python = {"ours": Path(sys.executable), "datatrove": _PEERS_PYTHON}
    laps: dict[str, list[Lap]] = {name: [] for name in python}
    for number in range(1 if quick else 5):
        for name, done in laps.items():
            print(f"bench  round {number + 1}: {name}", file=sys.stderr, flush=True)
            done.append(told_by(python[name], f"decontaminate_{name}", order))
    figures = _figures(laps["ours"], laps["datatrove"])
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:28}{value:>12g}")


def _order(folder: Path, documents: int, items: int, sentences: int) -> Path:
    rng = Random("decontaminate")
    known = [(item.wording.question, item.wording.answer) for item in all_items()]
    lexicon = ["".join(rng.choices(_LETTERS, k=rng.randint(2, 9))) for _ in range(30_000)]
    made_up = [
        tuple(" ".join(rng.choices(lexicon, k=rng.randint(*size))) for size in ((20, 90), (1, 60)))
        for _ in range(items)
    ]
    texts = []
    for number in range(documents):
        parts = [prose.sentences(rng, prose.OFF_TOPIC, 12 * sentences) for _ in range(2)]
        if number % _PLANTED_IN == 0:
            parts.insert(1, rng.choice(known)[0])
        texts.append("\n\n".join(parts))
    order = folder / "order.json"
    order.write_text(json.dumps({"texts": texts, "items": [*known, *made_up], "ngram": NGRAM, "more": _MORE}))
    return order


def _figures(ours: list[Lap], peer: list[Lap]) -> dict[str, float]:
    # By rounds, as the machine's speed changes between them.
    ratio = statistics.median(theirs["seconds"] / own["seconds"] for own, theirs in zip(ours, peer, strict=True))
    return {
        "vs_datatrove": round(ratio, 2),
        "flatness": round(statistics.median(lap["more_seconds"] / _MORE / lap["seconds"] for lap in ours), 3),
        "ngram_mb_per_s": round(statistics.median(lap["megabytes"] / lap["seconds"] for lap in ours), 1),
        "documents_per_s": round(statistics.median(lap["documents"] / lap["seconds"] for lap in ours)),
        "datatrove_documents_per_s": round(statistics.median(lap["documents"] / lap["seconds"] for lap in peer)),
        "kb_per_document": round(1_000 * ours[0]["megabytes"] / ours[0]["documents"], 2),
        "ngrams": ours[0]["ngrams"],
        "found": ours[0]["found"],
        "datatrove_found": peer[0]["found"],
    }
