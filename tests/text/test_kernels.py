"""The walk over words by fastText's rules."""

import numpy as np
import pytest

from mammoth_spark.text import kernels


def array(text: bytes) -> np.ndarray:
    return np.frombuffer(text, np.uint8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", []),
        (b" \t\n\v\f\r\0", []),
        (b"one", [b"one"]),
        (
            b" one  two\tthree\nfour\vfive\fsix\rseven\0eight ",
            [b"one", b"two", b"three", b"four", b"five", b"six", b"seven", b"eight"],
        ),
        # Spaces of Unicode, and of other charsets, are letters to fastText.
        ("a\u00a0b\u2003c\u0085d e".encode(), ["a\u00a0b\u2003c\u0085d".encode(), b"e"]),
        (b"\xff\xfe \x80", [b"\xff\xfe", b"\x80"]),
        (b"\x1c\x1d\x1e\x1f x", [b"\x1c\x1d\x1e\x1f", b"x"]),
    ],
)
def test_words_end_at_seven_bytes(text: bytes, words: list[bytes]) -> None:
    begins, ends, hashes = kernels.walk_words(array(text))
    assert [text[begin:end] for begin, end in zip(begins, ends, strict=True)] == words
    assert kernels.count_words(array(text)) == len(words) == len(hashes)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        # FNV-1a's published values.
        (b"a", 0xE40C292C),
        (b"foobar", 0xBF9CF968),
        # A byte over 127 counts as a negative number, which published FNV-1a does not do.
        (b"\xff", ((2166136261 ^ 0xFFFFFFFF) * 16777619) % 2**32),
        ("é".encode(), ((((2166136261 ^ 0xFFFFFFC3) * 16777619) % 2**32 ^ 0xFFFFFFA9) * 16777619) % 2**32),
    ],
)
def test_a_words_hash_is_fnv_1a_over_signed_bytes(word: bytes, expected: int) -> None:
    assert kernels.walk_words(array(word))[2].tolist() == [expected]


@pytest.mark.parametrize(("first", "second"), [(b"liquid", b"costarring"), (b"declinate", b"macallums")])
def test_words_with_one_hash_have_places_of_their_own(first: bytes, second: bytes) -> None:
    hashes = kernels.walk_words(array(first + b" " + second + b" third"))[2]
    assert hashes[0] == hashes[1]
    slots = np.full(8, -1, np.int32)
    kernels.fill_slots(hashes, slots)
    vocabulary = array(first + second + b"third")
    offsets = np.cumsum([0, len(first), len(second), 5])
    for number, word in enumerate((first, second, b"third")):
        place = kernels.find_word(array(word), 0, len(word), hashes[number], slots, vocabulary, offsets, hashes)
        assert place == number
    assert kernels.find_word(array(b"fourth"), 0, 6, hashes[0], slots, vocabulary, offsets, hashes) == -1
