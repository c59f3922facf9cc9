"""How benchmark items get into pages: as they are, in other dress, without their question, or almost."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mammoth_spark.demo.benchmarks import Item, Wording, ten_grams
from mammoth_spark.demo.exercises import Exercise

Guise = Literal[
    "verbatim", "rewrapped", "embedded", "latex_respaced", "upper_case", "curly_quotes", "list_split",
    "answer_only", "paraphrased", "near_miss",
]  # fmt: skip
GUISES: tuple[Guise, ...] = (
    "verbatim", "rewrapped", "embedded", "latex_respaced", "upper_case", "curly_quotes", "list_split",
    "answer_only", "paraphrased", "near_miss",
)  # fmt: skip

SHELVES = {
    "demo_arithmetic": ("mathematics", "economics"),
    "demo_science": ("physics", "chemistry", "biology"),
    "demo_theorems": ("mathematics",),
}
"""On which shelves' pages the items of a benchmark are planted."""

TOPICS = {
    "demo_arithmetic": "word problems",
    "demo_science": "general science",
    "demo_theorems": "short proofs",
}


@dataclass(frozen=True, slots=True)
class Planted:
    """An item in a guise, for one page."""

    item: Item
    guise: Guise

    @property
    def inserted(self) -> bool:
        """Whether it stands inside other text, and is no question of the page."""
        return self.guise in ("embedded", "answer_only")


def _outside_formulas(text: str, change: str) -> str:
    parts = re.split(r"(\$[^$]+\$)", text)
    if change == "upper":
        return "".join(part if part.startswith("$") else part.upper() for part in parts)
    quotes = re.compile(r'"([^"]*)"')
    return "".join(part if part.startswith("$") else quotes.sub("“\\1”", part).replace("'", "\u2019") for part in parts)


def _respaced(text: str) -> str:
    def spaced(found: re.Match[str]) -> str:
        tokens = re.findall(r"\\[A-Za-z]+|\\.|\d+|[A-Za-z]+|\S", found.group(1))
        return f"${' '.join(tokens)}$"

    return re.sub(r"\$([^$]+)\$", spaced, text)


def _rewrapped(text: str) -> str:
    # A formula must stay on its line, so its spaces are kept from breaking.
    kept = re.sub(r"\$[^$]+\$", lambda found: found.group(0).replace(" ", "\x00"), text)
    lines = textwrap.wrap(kept, 38, break_long_words=False, break_on_hyphens=False)
    return "  \n".join(lines).replace("\x00", " ")


def _sentences(text: str) -> list[str]:
    kept = re.sub(r"\$[^$]+\$", lambda found: found.group(0).replace(" ", "\x00"), text)
    return [part.replace("\x00", " ") for part in re.split(r"(?<=[.?!,]) ", kept)]


def _list_split(text: str) -> str:
    first, *rest = _sentences(text)
    return f"{first}\n\n" + "\n".join(f"- {part}" for part in rest)


def suits(item: Item, guise: Guise, benchmark_grams: set[tuple[str, ...]]) -> bool:
    """Whether the item can stand in that guise and show something by it."""
    question = item.wording.question
    match guise:
        case "latex_respaced":
            return "$" in question
        case "curly_quotes":
            return "'" in question or '"' in question
        case "list_split":
            return len(_sentences(question)) >= 3
        case "answer_only":
            return bool(ten_grams(item.wording.answer))
        case "near_miss":
            near = item.near_miss
            return not (ten_grams(near.question) | ten_grams(near.solution)) & benchmark_grams
        case "paraphrased":
            return not ten_grams(item.wording.paraphrase) & benchmark_grams
        case _:
            return True


def planted_items(items: list[Item], count: int) -> Iterator[Planted]:
    """So many items, the guises in turn; no item in two guises while there are enough."""
    grams: set[tuple[str, ...]] = set()
    for item in items:
        grams |= ten_grams(item.wording.question) | ten_grams(item.wording.answer)
    fitting = {guise: [item for item in items if suits(item, guise, grams)] for guise in GUISES}
    used: set[str] = set()
    for number in range(count):
        guise = GUISES[number % len(GUISES)]
        # Stepping by a number that shares no factor with the list's length mixes the benchmarks.
        candidates = fitting[guise]
        order = [candidates[(number + 23 * step) % len(candidates)] for step in range(len(candidates))]
        item = next((one for one in order if one.item not in used), order[0])
        used.add(item.item)
        yield Planted(item, guise)


def insertion(planted: Planted) -> str:
    """The text to stand inside a paragraph."""
    wording = planted.item.wording
    text = wording.question if planted.guise == "embedded" else wording.solution
    return text.replace("\n", " ")


def exercise_of(planted: Planted) -> Exercise:
    """The item as an exercise of a page."""
    item = planted.item
    wording: Wording = item.near_miss if planted.guise == "near_miss" else item.wording
    question = wording.question
    match planted.guise:
        case "rewrapped":
            question = _rewrapped(question)
        case "latex_respaced":
            question = _respaced(question)
        case "upper_case":
            question = _outside_formulas(question, "upper")
        case "curly_quotes":
            question = _outside_formulas(question, "curly")
        case "list_split":
            question = _list_split(question)
        case "paraphrased":
            question = wording.paraphrase
        case _:
            pass
    choices = wording.choices or ("17", "cannot be decided", "none of these", wording.final)
    wrong = tuple(choice for choice in choices if choice != wording.final)[:3]
    return Exercise(TOPICS[item.benchmark], question, wording.final, wording.solution, wrong)
