"""Which of some texts are most like another: by the runs of characters that they share, weighed by how rare they are.

Nothing is compared all with all: a text meets only those with which it shares a run that few have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from mammoth_spark.text.kernels import Bytes
from mammoth_spark.text.words import normal_words

_RUN = 4
_BUCKETS = 1 << 20
# A run that more of the texts have tells none of them from the others.
_COMMON_SHARE, _COMMON_LEAST = 0.05, 1_000

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Neighbour:
    place: int
    similarity: float
    """Cosine of the two texts' weighed runs."""


class Neighbours:
    """An inverted index of texts; some hundred bytes for each of their words."""

    def __init__(self, texts: Sequence[str]) -> None:
        runs = [_runs_of(text) for text in texts]
        counts = np.bincount(np.concatenate(runs), minlength=_BUCKETS) if runs else np.zeros(_BUCKETS, np.int64)
        is_common = counts > max(_COMMON_LEAST, _COMMON_SHARE * len(texts))
        is_telling = (counts > 0) & ~is_common
        self._weights = np.where(is_common, 0.0, np.log1p(len(texts) / np.maximum(counts, 1)))
        self._lengths = np.array([self._length(some) for some in runs])
        self._begins = np.concatenate([[0], np.cumsum(np.where(is_telling, counts, 0))])
        self._members = np.empty(int(self._begins[-1]), np.int32)
        _fill(runs, is_telling, self._begins, self._members)

    def of(self, text: str, most: int, least: float) -> list[Neighbour]:
        """So many at most that are so similar at least, the most similar first."""
        runs = _runs_of(text)
        if not len(runs) or not len(self._lengths):
            return []
        shared = _shared(runs, self._begins, self._members, self._weights, len(self._lengths))
        similarity = shared / np.maximum(self._lengths * self._length(runs), 1e-9)
        nearest = np.argsort(-similarity, kind="stable")[:most]
        return [Neighbour(int(place), float(similarity[place])) for place in nearest if similarity[place] >= least]

    def _length(self, runs: Ints) -> float:
        return float(np.sqrt(np.sum(self._weights[runs] ** 2)))


def _runs_of(text: str) -> Ints:
    content = f" {' '.join(normal_words(text))} ".encode()
    return _runs(np.frombuffer(content, np.uint8), _RUN, _BUCKETS)


def _fill(runs: Sequence[Ints], is_telling: NDArray[np.bool_], begins: Ints, members: NDArray[np.int32]) -> None:
    filled = begins[:-1].copy()
    for place, some in enumerate(runs):
        telling = some[is_telling[some]]
        members[filled[telling]] = place
        filled[telling] += 1


@numba.njit(cache=True, nogil=True)
def _runs(text: Bytes, length: int, buckets: int) -> Ints:
    """The buckets of a text's runs of characters, each once."""
    count = max(0, text.size - length + 1)
    found = np.empty(count, np.int64)
    for place in range(count):
        hashed = np.uint64(0xCBF29CE484222325)
        for step in range(length):
            hashed = (hashed ^ np.uint64(text[place + step])) * np.uint64(0x100000001B3)
        found[place] = np.int64((hashed ^ (hashed >> np.uint64(29))) & np.uint64(buckets - 1))
    return np.unique(found)


@numba.njit(cache=True, nogil=True)
def _shared(runs: Ints, begins: Ints, members: NDArray[np.int32], weights: Reals, texts: int) -> Reals:
    """For each text the weight of the runs that it shares."""
    sums = np.zeros(texts, np.float64)
    for run in runs:
        weight = weights[run] * weights[run]
        for place in range(begins[run], begins[run + 1]):
            sums[members[place]] += weight
    return sums
