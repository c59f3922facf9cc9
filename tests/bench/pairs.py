"""Pairs: claims looked for on their pages, and refinements checked: pairs a second and core, beside the call that each
costs next to nothing.

docs/figures.md explains each figure. Documents are of some 1,500 words, exercises with their solutions between running
text; claims are what a careful model copies, every tenth with a number changed. The peer is difflib of Python's library
over the same texts. One process; all is text in memory.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path
from random import Random

from mammoth_spark.demo import prose
from mammoth_spark.demo.exercises import Exercise, ExerciseSource
from mammoth_spark.llm.refined_pairs import Extracted, read
from mammoth_spark.text.grounding import Document
from mammoth_spark.text.page_pairs import Claim, PagePair, on_page

_ROOT = Path(__file__).parents[2]
_MORE = 8
_SHELVES = ("mathematics", "physics", "chemistry", "law", "history", "biology", "economics")
_PAIRS_A_DOCUMENT = 6
_WORDS = 1_500
_LEAST = 0.9
# difflib takes seconds for a document.
_PEER_DOCUMENTS = 4


def measure(quick: bool) -> None:
    """Prints the figures and writes them to pairs.json."""
    out = _ROOT / "build/bench" / ("quick" if quick else "") / "pairs.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    documents, rounds = (10, 1) if quick else (100, 5)
    pages = _pages(documents)
    # Compiles the kernels.
    _ground(pages[:1])
    laps: list[dict[str, float]] = []
    for number in range(rounds):
        print(f"bench  round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        laps.append(
            {
                "ground": _seconds(_ground, pages),
                "ground_more": _seconds(_ground, pages * _MORE) / _MORE,
                "check": _seconds(_check, pages),
                "check_more": _seconds(_check, pages * _MORE) / _MORE,
                "peer": _seconds(_ground_by_difflib, pages[:_PEER_DOCUMENTS]) * documents / _PEER_DOCUMENTS,
            }
        )
    pairs = documents * _PAIRS_A_DOCUMENT
    figures = {
        "grounding_per_s": round(pairs / statistics.median(lap["ground"] for lap in laps)),
        "checks_per_s": round(pairs / statistics.median(lap["check"] for lap in laps)),
        "flatness": round(statistics.median(lap["ground_more"] / lap["ground"] for lap in laps), 3),
        "checks_flatness": round(statistics.median(lap["check_more"] / lap["check"] for lap in laps), 3),
        "vs_difflib": round(statistics.median(lap["peer"] / lap["ground"] for lap in laps), 1),
        "words_a_document": round(statistics.mean(len(text.split()) for text, _ in pages)),
        "pairs": pairs,
        "found": sum(_ground(pages)),
    }
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:28}{value:>12g}")


Page = tuple[str, list[tuple[Exercise, Claim]]]


def _pages(documents: int) -> list[Page]:
    rng, source = Random("pairs"), ExerciseSource(set())
    pages: list[Page] = []
    for _ in range(documents):
        exercises = [source.draw(rng, rng.choice(_SHELVES)) for _ in range(_PAIRS_A_DOCUMENT)]
        parts = [f"{one.question}\n\n**Solution**\n\n{one.solution}" for one in exercises]
        room = _WORDS - sum(len(part.split()) for part in parts)
        between = [prose.sentences(rng, prose.OFF_TOPIC, max(1, room // len(parts) // 10)) for _ in parts]
        text = "\n\n".join(f"{part}\n\n{filler}" for part, filler in zip(parts, between, strict=True))
        pages.append((text, [(one, _claim(rng, one)) for one in exercises]))
    return pages


def _claim(rng: Random, exercise: Exercise) -> Claim:
    answer = exercise.solution
    if rng.random() < 0.1:
        answer = answer.replace("1", "7").replace("2", "8").replace("3", "9")
    return Claim(" ".join(exercise.question.split()), answer, call="call")


def _ground(pages: list[Page]) -> list[bool]:
    found = []
    for text, claims in pages:
        document = Document(text)
        found += [isinstance(on_page(document, claim, _LEAST), PagePair) for _, claim in claims]
    return found


def _check(pages: list[Page]) -> None:
    for text, claims in pages:
        document = Document(text)
        for exercise, claim in claims:
            steps = [*claim.answer.split("\n\n"), f"The answer is {exercise.answer}."]
            reply = {"question": claim.question, "steps": steps, "final_answer": exercise.answer, "changes": []}
            pair = Extracted(exercise.question, (), exercise.solution)
            read("model", "call", json.dumps(reply), pair, document)


def _ground_by_difflib(pages: list[Page]) -> None:
    for text, claims in pages:
        words = text.split()
        for _, claim in claims:
            for part in (claim.question, claim.answer):
                SequenceMatcher(None, words, part.split(), autojunk=False).get_matching_blocks()


def _seconds(work: Callable[[list[Page]], object], pages: list[Page]) -> float:
    """Of the processor: the machine may be shared."""
    began = time.process_time()
    work(pages)
    return time.process_time() - began
