"""The compiled loops over a text's word hashes: n-grams of several lengths, looked up in a table.

The hash of n words in a row is that of the words before the last, times a factor, plus the last. So one pass over the
text gives all lengths: what stands before the n words is subtracted.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from mammoth_spark.text.kernels import Bytes
from mammoth_spark.text.word_kernels import Hashes

Places = NDArray[np.int64]

_FACTOR = np.uint64(0x9E6C63D0876A9F45)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


@numba.njit(cache=True, nogil=True)
def prefixes(words: Hashes) -> Hashes:
    """The hash of all words up to each."""
    sums = np.empty(words.size + 1, np.uint64)
    sums[0] = np.uint64(0)
    for place in range(words.size):
        sums[place + 1] = sums[place] * _FACTOR + words[place]
    return sums


@numba.njit(cache=True, nogil=True)
def _power(length: int) -> np.uint64:
    power = np.uint64(1)
    for _ in range(length):
        power *= _FACTOR
    return power


@numba.njit(cache=True, nogil=True)
def _mixed(value: np.uint64) -> np.uint64:
    """With all bits depending on all, and never 0, which marks an empty slot."""
    value = (value ^ (value >> _HALF)) * _MIX
    value ^= value >> _HALF
    return value if value != 0 else np.uint64(1)


@numba.njit(cache=True, nogil=True)
def hashes_of(words: Hashes, length: int) -> Hashes:
    """Of all n-grams of this length."""
    sums, power = prefixes(words), _power(length)
    count = max(0, words.size - length + 1)
    found = np.empty(count, np.uint64)
    for place in range(count):
        found[place] = _mixed(sums[place + length] - sums[place] * power)
    return found


@numba.njit(cache=True, nogil=True)
def table_of(hashes: Hashes) -> tuple[Hashes, Hashes]:
    """A hash table and before it a bitmap, small enough for a processor's cache: nearly no word of a text needs a look
    at the table, which is half full at most, while of the bits one in sixteen is set."""
    size = 64
    while size < 2 * hashes.size:
        size *= 2
    table, bits = np.zeros(size, np.uint64), np.zeros(size // 8, np.uint64)
    for hashed in hashes:
        slot = _slot(hashed, size)
        while table[slot] != 0 and table[slot] != hashed:
            slot = (slot + 1) % size
        table[slot] = hashed
        bit = _bit(hashed, bits.size)
        bits[bit // 64] |= np.uint64(1) << np.uint64(bit % 64)
    return table, bits


@numba.njit(cache=True, nogil=True)
def _slot(hashed: np.uint64, size: int) -> np.int64:
    return np.int64(hashed & np.uint64(size - 1))


@numba.njit(cache=True, nogil=True)
def _bit(hashed: np.uint64, words: int) -> np.int64:
    """By the upper bits, which say nothing of the slot."""
    return np.int64((hashed >> np.uint64(32)) & np.uint64(64 * words - 1))


@numba.njit(cache=True, nogil=True)
def hits(sums: Hashes, length: int, table: Hashes, bits: Hashes) -> tuple[Places, Hashes]:
    """Place and hash of each n-gram of this length that the table holds."""
    power = _power(length)
    room, count = 64, 0
    places, found = np.empty(room, np.int64), np.empty(room, np.uint64)
    for place in range(sums.size - length):
        hashed = _mixed(sums[place + length] - sums[place] * power)
        bit = _bit(hashed, bits.size)
        if not (bits[bit // 64] >> np.uint64(bit % 64)) & np.uint64(1):
            continue
        slot = _slot(hashed, table.size)
        while table[slot] != 0 and table[slot] != hashed:
            slot = (slot + 1) % table.size
        if table[slot] == 0:
            continue
        if count == room:
            room *= 2
            places, found = _longer(places, room), _longer_hashes(found, room)
        places[count], found[count] = place, hashed
        count += 1
    return places[:count], found[:count]


@numba.njit(cache=True, nogil=True)
def _longer(values: Places, room: int) -> Places:
    longer = np.empty(room, np.int64)
    longer[: values.size] = values
    return longer


@numba.njit(cache=True, nogil=True)
def _longer_hashes(values: Hashes, room: int) -> Hashes:
    longer = np.empty(room, np.uint64)
    longer[: values.size] = values
    return longer


@numba.njit(cache=True, nogil=True)
def with_digits_mapped(text: Bytes) -> Bytes:
    """All digits as 0."""
    mapped = text.copy()
    for place in range(mapped.size):
        if 48 <= mapped[place] <= 57:
            mapped[place] = 48
    return mapped
