"""A long document is cut where its posts begin, nothing of it is lost, and what stands across a cut is read twice."""

from itertools import pairwise
from random import Random

import pytest

from mammoth_spark.text.passages import passages


def texts(text: str, most: int, overlap: int = 0) -> list[str]:
    return [text[one.begin : one.end] for one in passages(text, most, overlap)]


def test_a_short_document_is_one_passage() -> None:
    text = "# A title\n\nOne, two, three.\n"
    assert texts(text, 100) == [text]
    assert texts("", 100) == []
    assert texts(" \n\n \n", 100) == []


def test_a_post_that_would_be_cut_goes_to_the_next_passage() -> None:
    first = "# First\n\n" + "one two three\n\n" * 4
    second = "**Top answer (3 votes)**\n\n" + "four five six\n\n" * 4
    assert texts(first + second, 20) == [first, second]


def test_a_passage_of_which_little_would_be_left_is_cut_within_a_post() -> None:
    text = "# Short\n\n# Long\n\n" + "one two three\n\n" * 20
    first, *_ = texts(text, 30)
    assert first.count("one two three") == 8


def test_what_stands_across_a_cut_is_read_twice() -> None:
    parts = [f"part {number} of this\n\n" for number in range(10)]
    first, second, *_ = texts("".join(parts), 16, overlap=8)
    assert first == "".join(parts[:4])
    assert second == "".join(parts[2:6])


@pytest.mark.parametrize("text", ["word " * 5_000, "x" * 50_000, "\u95ee" * 50_000, "\n\n".join(["a b c"] * 3_000)])
def test_a_text_without_places_to_cut_is_cut_all_the_same(text: str) -> None:
    found = passages(text, 100, 20)
    assert len(found) > 10
    assert (found[0].begin, found[-1].end) == (0, len(text))
    assert max(one.end - one.begin for one in found) <= 100 * 41


@pytest.mark.parametrize("seed", range(20))
def test_each_character_but_space_stands_in_a_passage_and_each_passage_goes_on(seed: int) -> None:
    random = Random(seed)
    text = "".join(
        random.choices(["word ", "\n\n", "# ", "---\n", "a", "\n\n**Answer**\n\n"], k=random.randint(1, 300))
    )
    most = random.randint(1, 40)
    found = passages(text, most, random.randint(0, 50))
    covered = bytearray(len(text))
    for one in found:
        covered[one.begin : one.end] = b"\1" * (one.end - one.begin)
    assert all(covered[place] or text[place].isspace() for place in range(len(text)))
    assert all(a.begin < b.begin and a.end < b.end for a, b in pairwise(found))
