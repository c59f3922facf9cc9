"""The compiled walk over a text's words as benchmarks are told by.

Here a word is a run of letters or a run of digits, so that `5x` and `5 x` are the same; `xy` and `x y` are not. What
stands between words (marks, dollars, line breaks) does not count, and of TeX's commands those that only say how a
formula looks are passed over. At the beginning of a line `1.` or `(a)` may be a list's mark or the end of a sentence
that was wrapped: the walk is made with and without them.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from mammoth_spark.text.kernels import Bytes, Ints

Hashes = NDArray[np.uint64]

_OFFSET = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_GAP, _LETTER, _DIGIT = 0, 1, 2
_SLASH = 92


@numba.njit(cache=True, nogil=True)
def _hash(text: Bytes, begin: int, end: int) -> np.uint64:
    hashed = _OFFSET
    for place in range(begin, end):
        hashed = (hashed ^ np.uint64(text[place])) * _PRIME
    # FNV leaves the upper bits of short words alike.
    return (hashed ^ (hashed >> np.uint64(32))) * _MIX


@numba.njit(cache=True, nogil=True)
def _kind(text: Bytes, place: int) -> tuple[int, int]:
    """Of the character at this place: is it a gap, a letter or a digit, and how many bytes has it?"""
    byte = text[place]
    if byte < 128:
        if 97 <= byte <= 122 or 65 <= byte <= 90:
            return _LETTER, 1
        return (_DIGIT, 1) if 48 <= byte <= 57 else (_GAP, 1)
    size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
    size = min(size, text.size - place)
    second = text[place + 1] if size > 1 else np.uint8(0)
    if byte == 0xC2 or (byte == 0xC3 and second in (0x97, 0xB7)):
        return _GAP, size  # Marks of Latin-1, times and divided by.
    if byte == 0xE2:
        # General punctuation to dingbats; between them the letter-like ones, of which NFKC leaves few.
        return (_GAP, size) if second < 0xB0 else (_LETTER, size)
    if byte == 0xE3 and second == 0x80:
        return _GAP, size  # Marks of Chinese and Japanese.
    if byte == 0xEF and second >= 0xBC:
        return _GAP, size  # Wide marks and replacement characters.
    if byte == 0xEE or (byte == 0xEF and second < 0xA4):
        return _GAP, size  # Private use.
    return _LETTER, size


@numba.njit(cache=True, nogil=True)
def _after_marker(text: Bytes, place: int) -> tuple[int, bool]:
    """Where a line's content begins, behind what makes it an item of a list (`1. `, `(a) `, `- `, `> `, `## `), and
    whether a word was among that."""
    start = place
    while start < text.size and (
        text[start] == 32
        or text[start] == 9
        or text[start] == 62
        or text[start] == 35
        or text[start] == 45
        or text[start] == 42
    ):
        start += 1
    at = start
    if at < text.size and text[at] == 40:
        at += 1
    begin = at
    while at < text.size and at - begin < 3 and 48 <= text[at] <= 57:
        at += 1
    while at < text.size and at - begin < 4 and (text[at] == 105 or text[at] == 118 or text[at] == 120):
        at += 1  # i, v and x, of a Roman number.
    if at == begin and at < text.size and 97 <= text[at] <= 122:
        at += 1
    if at > begin and at + 1 < text.size and (text[at] == 46 or text[at] == 41) and text[at + 1] == 32:
        return at + 2, True
    return start, False


@numba.njit(cache=True, nogil=True)
def walk(text: Bytes, passed_over: Hashes, drops_marks: bool) -> tuple[Ints, Ints, Hashes, bool]:
    """Begin, end and hash of each word of a text in lower case, and whether a list's mark was dropped that is a word.
    `passed_over` are commands of TeX, sorted."""
    # A run of digits may follow a run of letters: each byte may be a word.
    most = text.size + 1
    begins, ends, hashes = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.uint64)
    count = 0
    place, has_dropped = _after_marker(text, 0) if drops_marks else (0, False)
    while place < text.size:
        byte = text[place]
        if byte == 10 and drops_marks:
            place, is_mark = _after_marker(text, place + 1)
            has_dropped |= is_mark
            continue
        kind, size = _kind(text, place)
        if kind == _GAP:
            place += size
            continue
        begin = place
        while place < text.size:
            now, size = _kind(text, place)
            if now != kind:
                break
            place += size
        hashed = _hash(text, begin, place)
        if begin > 0 and text[begin - 1] == _SLASH and kind == _LETTER:
            found = np.searchsorted(passed_over, hashed)
            if found < passed_over.size and passed_over[found] == hashed:
                continue
        begins[count], ends[count], hashes[count] = begin, place, hashed
        count += 1
    return begins[:count], ends[:count], hashes[:count], has_dropped


def _hashes_of(words: str) -> Hashes:
    return np.sort(
        np.array([_hash(np.frombuffer(word.encode(), np.uint8), 0, len(word)) for word in words.split()], np.uint64)
    )


PASSED_OVER = _hashes_of(
    "left right big bigg bigl bigr biggl biggr displaystyle textstyle scriptstyle mathrm mathbf mathit mathsf mathtt"
    " mathcal operatorname text textrm textbf textit mbox quad qquad limits nolimits begin end middle"
)
