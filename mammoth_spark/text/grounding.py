"""Does a text stand on its page? Where, how much of it, and what of it does not.

What a model says it has read is compared with the document word by word and sign by sign: line breaks, spaces of TeX,
emphasis and list marks do not count, a plus that became a minus does. What is then kept is the document's own text at
that place, so that nothing which a model added can come into a table.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mammoth_spark.text import alignment_kernels
from mammoth_spark.text.alignment_kernels import Tokens
from mammoth_spark.text.words import FORMULA, TEX_LOOK

# A longer text is no question and no answer; its alignment would cost the square of its length.
_LONGEST = 6_000
_RUN = 3
_SIGN = r"[-\u2212+*/=<>^!%~\u00b1\u00b7\u00d7\u00f7\u2260\u2264\u2265\u221a]"
_MARK = r"(?P<mark>^[ \t]*(?:(?:[-*+>]|#{1,6}|\d{1,3}[.)])[ \t]+)+|\*\*+|__+|`+|\|)"
_LOOK = rf"(?P<look>{TEX_LOOK})"
_PROSE = re.compile(rf"{_MARK}|{_LOOK}|[^\W\d_]+|\d+|{_SIGN}", re.MULTILINE)
# In a formula `gh` and `g h` are the same, `\cos` and `cos` are not.
_TEX = re.compile(rf"{_LOOK}|\\[A-Za-z]+|[^\W\d_]|\d+|{_SIGN}")
_SAME = {"\u2212": "-", "\u00b7": "*"}
# Marks that belong to the words beside them, such as a question mark or the dollar of a formula.
_AT_BEGIN, _AT_END = re.compile(r"[^\w\s]*\Z"), re.compile(r"[^\w\s]*")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a text stands in a document, by characters, and how much of it does."""

    begin: int
    end: int
    share: float
    missing: tuple[str, ...] = ()
    """What of the text is not there."""


NOWHERE = Ground(0, 0, 0.0)


class Document:
    """A document to which texts are compared."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._numbers: dict[str, int] = {}
        self._spans, self._tokens = self._read(text, is_own=True)

    def ground(self, text: str, after: int = 0) -> Ground:
        """The place of a text; of several that fit equally the first one after this character."""
        spans, tokens = self._read(text, is_own=False)
        if not len(tokens) or len(tokens) > _LONGEST:
            return NOWHERE
        least = int(np.searchsorted(self._spans[:, 0], after)) if after else 0
        begin, end = alignment_kernels.window(self._tokens, tokens, min(_RUN, len(tokens)), least)
        places = alignment_kernels.aligned(self._tokens[begin:end], tokens)
        found = places[places >= 0] + begin
        if not len(found):
            return Ground(0, 0, 0.0, (text,))
        # What the text has before its first found word, or behind its last, stands for as much of the document: another
        # result at the end of an answer is to be replaced by the page's, not to vanish.
        known = np.flatnonzero(places >= 0)
        first = max(0, int(found[0]) - int(known[0]))
        last = min(len(self._spans) - 1, int(found[-1]) + len(tokens) - 1 - int(known[-1]))
        span = self._widened(int(self._spans[first, 0]), int(self._spans[last, 1]))
        return Ground(*span, len(found) / len(tokens), _missing(text, spans, places))

    def _read(self, text: str, is_own: bool) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int64]], Tokens]:
        """Begin and end of each token, and its number: words have numbers by the document, a word of none has -1."""
        spans: list[tuple[int, int]] = []
        numbers: list[int] = []
        for found in _found(text):
            if found.lastgroup is not None:
                continue
            token = _SAME.get(found.group()) or _folded(found.group())
            spans.append(found.span())
            numbers.append(
                self._numbers.setdefault(token, len(self._numbers)) if is_own else self._numbers.get(token, -1)
            )
        return np.array(spans, np.int64).reshape(-1, 2), np.array(numbers, np.int32)

    def _widened(self, begin: int, end: int) -> tuple[int, int]:
        """With the marks on both sides, up to the next space or word."""
        before = _AT_BEGIN.search(self.text, max(0, begin - 8), begin)
        behind = _AT_END.match(self.text, end)
        assert before is not None, "nothing is found as well"
        assert behind is not None, "nothing is found as well"
        return before.start(), behind.end()


def is_too_long(text: str) -> bool:
    """Whether it has more words and signs than a question or an answer has."""
    return len(text) > _LONGEST and sum(found.lastgroup is None for found in _found(text)) > _LONGEST


def _found(text: str) -> Iterator[re.Match[str]]:
    begin = 0
    for formula in FORMULA.finditer(text):
        yield from _PROSE.finditer(text, begin, formula.start())
        yield from _TEX.finditer(text, *formula.span())
        begin = formula.end()
    yield from _PROSE.finditer(text, begin)


def _folded(token: str) -> str:
    return token.lower() if token.isascii() else unicodedata.normalize("NFKC", token).casefold()


def _missing(
    text: str, spans: np.ndarray[tuple[int, int], np.dtype[np.int64]], places: alignment_kernels.Places
) -> tuple[str, ...]:
    """The runs of tokens without a place."""
    lacking = places < 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lacking, [False]]).astype(np.int8)))
    return tuple(
        text[spans[first, 0] : spans[last - 1, 1]] for first, last in zip(edges[::2], edges[1::2], strict=True)
    )
