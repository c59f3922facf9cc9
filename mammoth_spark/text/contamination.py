"""Which benchmark's words stand in a text: the same rule for documents, pairs and instructions.

A text is a match when any n words in a row of it are n words in a row of a benchmark's question or answer (MAmmoTH2
after DeepSeekMath: n = 10). Benchmark texts of three to nine words match whole, shorter ones never. What counts as a
word stands in `word_kernels.py`. A walk over the text tells where its hashes are among the benchmarks'; the words
decide.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mammoth_spark.text import ngram_kernels, word_kernels
from mammoth_spark.text.kernels import Bytes, Ints
from mammoth_spark.text.word_kernels import Hashes
from mammoth_spark.text.words import normal_bytes


@dataclass(frozen=True, slots=True)
class Rule:
    ngram: int = 10
    shortest: int = 3
    longest_whole: int = 9
    map_digits: bool = False

    def length_of(self, words: int, written: int) -> int:
        """How many words in a row of a benchmark's text count; 0 if it is too short to tell. Short is a text by what is
        written between its spaces: `4.5 g` and a formula alone say too little, whatever they are made of."""
        if written < self.shortest:
            return 0
        return self.ngram if words >= self.ngram else words if self.shortest <= words <= self.longest_whole else 0


@dataclass(frozen=True, slots=True)
class Ngram:
    hash: int
    """64 bits with a sign, as tables hold it."""
    length: int
    words: str
    place: int
    """The word of the text with which it begins."""


def ngrams_of(text: str, rule: Rule) -> list[Ngram]:
    """Of a benchmark's text."""
    found: dict[str, Ngram] = {}
    for content, begins, ends, hashes in _readings(text, rule):
        length = rule.length_of(len(hashes), len(text.split()))
        if length:
            of_reading = ngram_kernels.hashes_of(hashes, length)
            places = np.arange(len(of_reading))
            found |= {one.words: one for one in _named(content, begins, ends, places, length, of_reading)}
    return list(found.values())


class Index:
    """The hashes of all benchmarks' n-grams, some dozen megabytes, to be looked up by a compiled walk."""

    def __init__(self, hashes: Mapping[int, Iterable[int]], rule: Rule) -> None:
        """By the number of words that an n-gram has."""
        self._rule = rule
        self._tables = {
            length: ngram_kernels.table_of(np.fromiter(some, np.int64).view(np.uint64))
            for length, some in hashes.items()
        }

    def found_in(self, text: str) -> list[Ngram]:
        """What of the text may be a benchmark's, each n-gram once: the hashes are equal, and the words are still to be
        compared."""
        found: dict[str, Ngram] = {}
        for content, begins, ends, hashes in _readings(text, self._rule):
            sums = ngram_kernels.prefixes(hashes)
            for length, (table, bits) in self._tables.items():
                places, hit = ngram_kernels.hits(sums, length, table, bits)
                for one in _named(content, begins, ends, places, length, hit):
                    found.setdefault(one.words, one)
        return list(found.values())


def _readings(text: str, rule: Rule) -> Iterator[tuple[Bytes, Ints, Ints, Hashes]]:
    """The text's words without what may be the marks of a list, and with them where there are any."""
    content = normal_bytes(text)
    if rule.map_digits:
        content = ngram_kernels.with_digits_mapped(content)
    begins, ends, hashes, has_marks = word_kernels.walk(content, word_kernels.PASSED_OVER, True)
    yield content, begins, ends, hashes
    if has_marks:
        begins, ends, hashes, _ = word_kernels.walk(content, word_kernels.PASSED_OVER, False)
        yield content, begins, ends, hashes


def _named(
    content: Bytes,
    begins: NDArray[np.int32],
    ends: NDArray[np.int32],
    places: NDArray[np.int64],
    length: int,
    hashes: NDArray[np.uint64],
) -> Iterator[Ngram]:
    if not len(places):
        return
    raw = content.tobytes()
    for place, hash_ in zip(places.tolist(), hashes.view(np.int64).tolist(), strict=True):
        words = b" ".join(raw[begins[word] : ends[word]] for word in range(place, place + length))
        yield Ngram(hash_, length, words.decode("utf-8", errors="replace"), place)


def warm() -> None:
    """Loads compiled code, or compiles it for some seconds."""
    Index({3: [0]}, Rule()).found_in("a b c d 1 2 3")
