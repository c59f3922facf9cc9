"""The texts most like another, without comparing all with all."""

from mammoth_spark.demo.benchmarks import all_items
from mammoth_spark.text import canaries
from mammoth_spark.text.contamination import Rule
from mammoth_spark.text.similarity import Neighbours
from tests.text.test_contamination import found, index_of

ITEMS = [item.wording.question for item in all_items()]


def test_the_same_text_is_nearest_to_itself_whatever_its_dress() -> None:
    neighbours = Neighbours(ITEMS)
    for text in ITEMS:
        first = neighbours.of(text.upper().replace(" ", "\n"), 1, 0.5)[0]
        assert (ITEMS[first.place], first.similarity > 0.999) == (text, True)


def test_a_rewording_that_no_ngram_finds_is_among_the_nearest() -> None:
    neighbours, index = Neighbours(ITEMS), index_of(*ITEMS)
    missed = [place for place, text in enumerate(ITEMS) if not found(index, canaries.reworded(text))]
    assert len(missed) > 0.7 * len(ITEMS)
    near = [
        place
        for place in missed
        if place in {one.place for one in neighbours.of(canaries.reworded(ITEMS[place]), 3, 0.3)}
    ]
    assert len(near) >= 0.95 * len(missed)


def test_what_is_like_none_has_no_neighbour() -> None:
    neighbours = Neighbours(ITEMS)
    assert neighbours.of("Quite another text, about nothing that stands there.", 3, 0.3) == []
    assert neighbours.of("", 3, 0.0) == []
    assert Neighbours([]).of("A text.", 3, 0.0) == []


def test_many_that_share_a_phrase_cost_no_more() -> None:
    phrase = "Which of the following statements is true"
    texts = [f"{phrase} of {number} and {number * 7919}?" for number in range(5_000)]
    neighbours = Neighbours(texts)
    (first, *_) = neighbours.of(texts[4321], 3, 0.3)
    assert first.place == 4321


def test_a_near_miss_has_other_numbers_alone() -> None:
    text = "A train drives 80 km in 2 hours."
    assert canaries.near_miss(text) == "A train drives 83 km in 5 hours."
    assert not found(index_of(text, rule=Rule()), canaries.reworded(text))
