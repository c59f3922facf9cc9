"""Which of some words stand anywhere in a page's bytes, in one walk: by them it is seen which rules can apply to it.

A walk for all words costs what three or four searches for one cost, and a search in the page's tree costs as much.
"""

from collections.abc import Sequence

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[65:91] += 32


class Mentions:
    """Looks for some words of two letters at least, whatever their case."""

    def __init__(self, words: Sequence[bytes]) -> None:
        assert all(len(word) > 1 and word == word.lower() for word in words), "words of two lower-case letters or more"
        self._words = sorted(set(words))
        self._text = np.frombuffer(b"".join(self._words), np.uint8)
        self._ends = np.cumsum([len(word) for word in self._words], dtype=np.int64)
        # By their first two letters, which of the words in order is the first that begins so, counted from 1.
        self._first = np.zeros(1 << 16, np.uint8)
        for number, word in reversed(list(enumerate(self._words, 1))):
            self._first[word[0] << 8 | word[1]] = number

    def __call__(self, html: bytes) -> frozenset[bytes]:
        found = _found(np.frombuffer(html, np.uint8), _LOWER, self._first, self._text, self._ends)
        return frozenset(self._words[number] for number in np.flatnonzero(found))


@numba.njit(cache=True, nogil=True)
def _found(page: Bytes, lower: Bytes, first: Bytes, words: Bytes, ends: NDArray[np.int64]) -> NDArray[np.bool_]:
    found = np.zeros(ends.size, np.bool_)
    left = ends.size
    for place in range(page.size - 1):
        number = first[np.int64(lower[page[place]]) << 8 | np.int64(lower[page[place + 1]])]
        if number == 0:
            continue
        for word in range(number - 1, ends.size):
            begin = ends[word - 1] if word > 0 else 0
            if words[begin] != lower[page[place]] or words[begin + 1] != lower[page[place + 1]]:
                break
            size = ends[word] - begin
            if found[word] or place + size > page.size:
                continue
            at = 2
            while at < size and lower[page[place + at]] == words[begin + at]:
                at += 1
            if at == size:
                found[word] = True
                left -= 1
        if left == 0:
            break
    return found
