"""A long document in passages that a model reads at once: cut before headings and posts if it can be, and overlapping,
so that what stands across a cut stands whole in one of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A run without spaces counts as a word for every so many characters, and a Chinese character or a kana as one: a page
# may have no spaces at all.
_WORD = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]\s*|[^\s\u3040-\u9fff\uac00-\ud7af]{1,40}\s*")
_GAP = re.compile(r"\n{2,}")
# What a post or a section begins with: a heading, a rule, or a line in bold such as `**Top answer (20 votes)**`.
_OPENING = re.compile(r"#{1,6} |\*\*[^*\n]+\*\*$|---$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Passage:
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class _Part:
    begin: int
    end: int
    words: int
    opens: bool
    """Whether a post or a section begins here."""


def passages(text: str, most: int, overlap: int) -> list[Passage]:
    """Passages of so many words at most. The next one begins so many words before the end of the last, or at the first
    paragraph behind that."""
    parts = list(_parts(text, max(1, most)))
    found: list[Passage] = []
    first, last = 0, -1
    while last + 1 < len(parts):
        last = _last(parts, first, last + 1, most)
        found.append(Passage(parts[first].begin, parts[last].end))
        if last + 1 < len(parts):
            first = _next(parts, first, last, min(overlap, most - parts[last + 1].words))
    return found


def _last(parts: list[_Part], first: int, least: int, most: int) -> int:
    """The last part that has room, and no part before `least`. A post that would be cut goes to the next passage, if
    half of this one is left."""
    words, end = 0, first
    while end < len(parts) and (end <= least or words + parts[end].words <= most):
        words += parts[end].words
        end += 1
    left = words
    for cut in range(end, least + 1, -1):
        if cut < len(parts) and parts[cut].opens:
            return cut - 1
        left -= parts[cut - 1].words
        if end == len(parts) or left < words / 2:
            break
    return end - 1


def _next(parts: list[_Part], first: int, last: int, overlap: int) -> int:
    begin, words = last + 1, 0
    while begin - 1 > first and words + parts[begin - 1].words <= overlap:
        begin -= 1
        words += parts[begin].words
    return begin


def _parts(text: str, most: int) -> Iterator[_Part]:
    """The paragraphs; of longer ones than a passage may be, pieces."""
    begin = 0
    for end in [*(gap.end() for gap in _GAP.finditer(text)), len(text)]:
        opens = _OPENING.match(text, begin) is not None
        words = [word.end() for word in _WORD.finditer(text, begin, end)]
        for place in range(0, len(words), most):
            piece = words[place : place + most]
            yield _Part(begin, piece[-1], len(piece), opens and place == 0)
            begin = piece[-1]
        begin = end
