"""Which of some words stand in a page, in one walk."""

import random

import pytest

from mammoth_spark.web.mentions import Mentions

WORDS = (b"math", b"math/", b"math-container", b"mark", b"<math", b"\\(", b"$$", b"ma")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (b"", set()),
        (b"m", set()),
        (b"MATH", {b"math", b"ma"}),
        (b"<Math/>", {b"<math", b"math", b"math/", b"ma"}),
        (b"a math-containe", {b"math", b"ma"}),
        (b"$ $ \\ (", set()),
        (b"$$$\\(", {b"$$", b"\\("}),
        (b"mmarkk", {b"ma", b"mark"}),
        (b"\xff\x00ma", {b"ma"}),
    ],
)
def test_a_word_is_found_wherever_it_stands_whatever_its_case(page: bytes, expected: set[bytes]) -> None:
    assert Mentions(WORDS)(page) == expected


def test_it_finds_what_a_search_for_each_finds() -> None:
    mentions, rng = Mentions(WORDS), random.Random(5)
    for _ in range(500):
        page = bytes(rng.choices(b"mathrk/-<\\($CONTAINERcontainer", k=rng.randint(0, 60)))
        assert mentions(page) == {word for word in WORDS if word in page.lower()}
