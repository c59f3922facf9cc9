"""The compiled loops over a text's bytes.

One walk over the words and their hashes serves the classifier and the n-grams of the decontamination alike. The
rules are fastText's: words end at space, tab, newline, vertical tab, form feed, carriage return and NUL; a word's
hash is FNV-1a over its bytes taken as *signed* numbers. The first call of a process loads compiled code from
numba's cache, or compiles for some seconds: call `warm` before measuring or serving.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]

_FNV_OFFSET = np.uint32(2166136261)
_FNV_PRIME = np.uint32(16777619)
_NGRAM_FACTOR = np.uint64(116049371)


@numba.njit(cache=True, nogil=True)
def is_space(byte: int) -> bool:
    return byte == 32 or (9 <= byte <= 13) or byte == 0


@numba.njit(cache=True, nogil=True)
def count_words(text: Bytes) -> int:
    words = 0
    inside = False
    for byte in text:
        if is_space(byte):
            inside = False
        elif not inside:
            inside = True
            words += 1
    return words


@numba.njit(cache=True, nogil=True)
def walk_words(text: Bytes) -> tuple[Ints, Ints, NDArray[np.uint32]]:
    """Begin, end and hash of each word."""
    count = count_words(text)
    begins = np.empty(count, np.int32)
    ends = np.empty(count, np.int32)
    hashes = np.empty(count, np.uint32)
    word = -1
    inside = False
    hashed = _FNV_OFFSET
    for place in range(text.size):
        byte = text[place]
        if is_space(byte):
            if inside:
                ends[word] = place
                hashes[word] = hashed
                inside = False
            continue
        if not inside:
            inside = True
            word += 1
            begins[word] = place
            hashed = _FNV_OFFSET
        # A byte over 127 is negative to fastText: its sign fills the upper bits.
        signed = np.uint32(byte) if byte < 128 else np.uint32(byte) | np.uint32(0xFFFFFF00)
        hashed = np.uint32((hashed ^ signed) * _FNV_PRIME)
    if inside:
        ends[word] = text.size
        hashes[word] = hashed
    return begins, ends, hashes


@numba.njit(cache=True, nogil=True)
def same_bytes(left: Bytes, begin: int, end: int, right: Bytes, right_begin: int, right_end: int) -> bool:
    if end - begin != right_end - right_begin:
        return False
    for step in range(end - begin):  # noqa: SIM110 (numba compiles no generators)
        if left[begin + step] != right[right_begin + step]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def fill_slots(hashes: NDArray[np.uint32], slots: Ints) -> None:
    """Builds the vocabulary's hash table: open addressing, a power of two in size, -1 where empty."""
    mask = np.uint32(slots.size - 1)
    for word in range(hashes.size):
        slot = hashes[word] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint32(1)) & mask
        slots[slot] = word


@numba.njit(cache=True, nogil=True)
def find_word(
    text: Bytes,
    begin: int,
    end: int,
    hashed: int,
    slots: Ints,
    vocabulary: Bytes,
    offsets: NDArray[np.int64],
    hashes: NDArray[np.uint32],
) -> int:
    """Number of a word in the vocabulary, or -1. Equal hashes are not enough: the bytes decide."""
    mask = np.uint32(slots.size - 1)
    slot = np.uint32(hashed) & mask
    while slots[slot] >= 0:
        word = slots[slot]
        if hashes[word] == hashed and same_bytes(text, begin, end, vocabulary, offsets[word], offsets[word + 1]):
            return int(word)
        slot = (slot + np.uint32(1)) & mask
    return -1


@numba.njit(cache=True, nogil=True)
def mean_weights(
    text: Bytes,
    weights: NDArray[np.float32],
    slots: Ints,
    vocabulary: Bytes,
    offsets: NDArray[np.int64],
    hashes: NDArray[np.uint32],
    words_count: int,
    label_prefix: Bytes,
    end_of_text: Bytes,
    word_ngrams: int,
) -> NDArray[np.float64]:
    """Mean of the weight rows of a text: its words that the vocabulary knows, and all its n-grams of words.

    `vocabulary` holds the words and behind them the labels, as fastText's dictionary does. A label in the text is
    passed over; the token `</s>` ends the text, which fastText closes with that token anyhow.
    """
    begins, ends, text_hashes = walk_words(text)
    columns = weights.shape[1]
    buckets = np.uint64(weights.shape[0] - words_count)
    end_hash = walk_words(end_of_text)[2][0]
    total = np.zeros(columns, np.float64)
    rows = 0
    kept = np.empty(begins.size + 1, np.uint64)
    length = 0
    ended = False
    for place in range(begins.size + 1):
        if place < begins.size:
            begin, end, hashed = begins[place], ends[place], text_hashes[place]
            ended = same_bytes(text, begin, end, end_of_text, 0, end_of_text.size)
            word = find_word(text, begin, end, hashed, slots, vocabulary, offsets, hashes)
            if word < 0:
                prefix = min(end, begin + label_prefix.size)
                if same_bytes(text, begin, prefix, label_prefix, 0, label_prefix.size):
                    continue
            elif word >= words_count:
                continue
        else:
            ended = True
            hashed = end_hash
            word = find_word(end_of_text, 0, end_of_text.size, hashed, slots, vocabulary, offsets, hashes)
        if word >= 0:
            for column in range(columns):
                total[column] += weights[word, column]
            rows += 1
        # n-grams are hashed in 64 bits over the words' hashes as signed 32-bit numbers.
        kept[length] = np.uint64(np.int64(np.int32(hashed)))
        length += 1
        if ended:
            break
    if word_ngrams > 1:
        for first in range(length):
            chained = kept[first]
            for last in range(first + 1, min(length, first + word_ngrams)):
                chained = chained * _NGRAM_FACTOR + kept[last]
                row = words_count + np.int64(chained % buckets)
                for column in range(columns):
                    total[column] += weights[row, column]
                rows += 1
    if rows > 0:
        total /= rows
    return total
