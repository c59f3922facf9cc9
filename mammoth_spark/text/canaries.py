"""Benchmark items planted on purpose, in the dresses in which they turn up on pages, to measure what is found."""

import re
import textwrap
from collections.abc import Callable
from random import Random

_FORMULA = re.compile(r"\$[^$]+\$")
_TEX_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+|[A-Za-z]+|\S")
_SENTENCE = re.compile(r"(?<=[.?!,;:]) ")
_WORDS_A_LINE = 8


def verbatim(text: str) -> str:
    return text


def rewrapped(text: str) -> str:
    """Eight words to a line."""
    words = text.split()
    lines = [" ".join(words[begin : begin + _WORDS_A_LINE]) for begin in range(0, len(words), _WORDS_A_LINE)]
    return "  \n".join(lines)


def upper_case(text: str) -> str:
    return text.upper()


def curly_quotes(text: str) -> str:
    """As word processors write them."""
    text = re.sub(r'"([^"]*)"', "\u201c\\1\u201d", text)
    return text.replace("'", "\u2019").replace(" - ", " \u2013 ")


def latex_respaced(text: str) -> str:
    """A space between any two signs of a formula."""
    return _FORMULA.sub(lambda found: f"${' '.join(_TEX_TOKEN.findall(found.group()[1:-1]))}$", text)


def list_split(text: str) -> str:
    """Its sentences as items of a list."""
    first, *rest = _SENTENCE.split(text)
    return f"{first}\n\n" + "\n".join(f"- {part}" for part in rest)


def wrapped_at_numbers(text: str) -> str:
    """A line break before each number, as where a narrow column breaks: `42.` then begins a line like a list's mark."""
    return re.sub(r" (?=\d)", "\n", text)


QUESTION_DRESSES: dict[str, Callable[[str], str]] = {
    "verbatim": verbatim,
    "rewrapped": rewrapped,
    "upper_case": upper_case,
    "curly_quotes": curly_quotes,
    "latex_respaced": latex_respaced,
    "list_split": list_split,
    "wrapped_at_numbers": wrapped_at_numbers,
}
"""By kind. Besides these an item's question is embedded in prose, and its answer stands without it."""


def embedded(text: str, prose: str) -> str:
    """Within a paragraph of other words."""
    words = prose.split()
    middle = len(words) // 2
    return f"{' '.join(words[:middle])} {' '.join(text.split())} {' '.join(words[middle:])}"


def beside(text: str, prose: str) -> str:
    """Between other paragraphs."""
    return f"{prose}\n\n{text}\n\n{textwrap.shorten(prose, 200, placeholder='')}"


def shuffled(text: str, seed: str) -> str:
    """The same words in an order that nobody wrote: what is found in it is a false hit."""
    words = text.split()
    Random(seed).shuffle(words)
    return " ".join(words)


def drawn(of: int, count: int, seed: str) -> list[int]:
    """So many places of so many, the same in every run."""
    return Random(seed).sample(range(of), min(count, of))


# Each turns a phrase into one that asks the same.
_OTHER_WORDS = (
    (r"\bhow many\b", "what number of"),
    (r"\bhow (?:far|long|fast)\b", "give how much it is, that is, how far"),
    (r"\bwhat is\b", "state"),
    (r"\b(?:find|compute|calculate|determine)\b", "work out"),
    (r"\bwhich\b", "what"),
    (r"\beach\b", "every"),
    (r"\bhas\b", "owns"),
    (r"\btwo\b", "a pair of"),
    (r"\bif\b", "suppose that"),
    (r"\bof the\b", "of that"),
)
_FILLERS = ("let us say,", "as it is given,", "in this case,", "so to speak,")
_WORDS_BETWEEN = 6
_NUMBER = re.compile(r"\d{1,15}")


def reworded(text: str) -> str:
    """The same exercise in other words, of which no ten in a row are its own. A person's rewording is better; but what
    this one gives has the same numbers, the same things and the same question."""
    for pattern, other in _OTHER_WORDS:
        text = re.sub(pattern, other, text, flags=re.IGNORECASE)
    out: list[str] = []
    for number, word in enumerate(re.findall(r"\$[^$]+\$\S*|\S+", text)):
        if number and number % _WORDS_BETWEEN == 0:
            out.append(_FILLERS[number // _WORDS_BETWEEN % len(_FILLERS)])
        out.append(word)
    return " ".join(out)


def near_miss(text: str) -> str:
    """Another exercise that reads alike: all its numbers are others."""
    return _NUMBER.sub(lambda found: str(int(found.group()) + 3), text)
