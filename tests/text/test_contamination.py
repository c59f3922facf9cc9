"""Benchmarks' words are found in every dress, and nothing else is."""

import re
import unicodedata
from random import Random

import pytest

from mammoth_spark.demo import prose
from mammoth_spark.demo.benchmarks import all_items
from mammoth_spark.text import canaries
from mammoth_spark.text.contamination import Index, Ngram, Rule, ngrams_of
from mammoth_spark.text.words import normal_words, words_hash

QUESTION = (
    "Let $f(x) = \\frac{\\sin 3x}{5x}$ for $x \\ne 0$. What value must $f(0)$ have so that $f$ isn't discontinuous, as"
    ' one would say, "there"?'
)
PROSE = "A page has many words that no benchmark knows, and they stand here in some order of their own. " * 4


def index_of(*texts: str, rule: Rule | None = None) -> Index:
    rule = rule or Rule()
    hashes: dict[int, list[int]] = {}
    for text in texts:
        for one in ngrams_of(text, rule):
            hashes.setdefault(one.length, []).append(one.hash)
    return Index(hashes, rule)


def found(index: Index, text: str) -> list[Ngram]:
    return index.found_in(text)


@pytest.mark.parametrize("kind", canaries.QUESTION_DRESSES)
def test_an_item_is_found_in_every_dress(kind: str) -> None:
    dressed = canaries.QUESTION_DRESSES[kind](QUESTION)
    assert kind == "verbatim" or dressed != QUESTION
    words = {one.words for one in ngrams_of(QUESTION, Rule())}
    for text in (canaries.beside(dressed, PROSE), canaries.embedded(dressed, PROSE)):
        assert {one.words for one in found(index_of(QUESTION), text)} == words


def test_ten_words_in_a_row_are_enough_and_nine_are_not() -> None:
    words = [f"word{letter}" for letter in "abcdefghijklmnop"]
    index = index_of(" ".join(words))
    assert not found(index, f"before {' '.join(words[3:12])} behind")
    (one,) = found(index, f"before {' '.join(words[3:13])} behind")
    assert (one.words, one.place, one.length) == (" ".join(words[3:13]), 1, 10)


@pytest.mark.parametrize(
    ("item", "text", "is_found"),
    [
        ("The capital of France", "So it is the capital of France, said he.", True),
        ("The capital of France", "So it is the capital city of France, said he.", False),
        ("Paris, France", "He lived in Paris, France.", False),
        ("4.5 g", "It weighs 4.5 g", False),
        ("$x=\\frac{-3}{4}$", "so $x=\\frac{-3}{4}$ holds", False),
    ],
)
def test_short_texts_match_whole_and_the_shortest_never(item: str, text: str, is_found: bool) -> None:
    assert bool(found(index_of(item), text)) == is_found


def test_other_numbers_are_another_exercise_unless_digits_are_mapped() -> None:
    item = "A train leaves at 9 and drives 80 kilometres an hour until it stops at noon"
    other = item.replace("80", "65").replace("9", "7")
    assert not found(index_of(item), other)
    assert found(index_of(item, rule=Rule(map_digits=True)), other)


def test_n_is_a_setting() -> None:
    item, text = "one two three four five six seven", "zero three four five six nil"
    assert not found(index_of(item), text)
    assert found(index_of(item, rule=Rule(ngram=4)), text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Don\u2019t \u201cstop\u201d", 'don\'t "stop"'),
        ("$5x + 15 = 3^{n}$", "5 x+15=3 ^ { n }"),
        ("\\left( \\frac{1}{2} \\right)", "( \\frac {1} {2} )"),
        ("$\\mathrm{H}_2\\mathrm{O}$", "H_2 O"),
        ("first\nsecond", "1. First\n2. second"),
        ("> ## (a) Stra\u00dfe \ufb01ne", "STRASSE fine"),
        ("na\u00efve e\u0301tude", "NAI\u0308VE \u00e9tude"),
    ],
)
def test_spacing_marks_and_case_make_no_difference(text: str, same: str) -> None:
    assert normal_words(text) == normal_words(same)


@pytest.mark.parametrize(("text", "other"), [("x 1", "x 2"), ("\\alpha + 1", "\\beta + 1"), ("ab", "a b")])
def test_what_means_something_else_differs(text: str, other: str) -> None:
    assert words_hash(text)[0] != words_hash(other)[0]


@pytest.mark.parametrize("text", ["", " \n\t", "...", "\u2026\u2014", "a", "\U0001f600", "\ud800", "x" * 1_000_000])
def test_any_text_can_be_walked(text: str) -> None:
    assert not found(index_of(QUESTION), text)
    assert words_hash(text)[1] <= 1


def test_words_in_an_order_that_nobody_wrote_are_no_hit() -> None:
    index = index_of(QUESTION, PROSE)
    assert not any(found(index, canaries.shuffled(PROSE + QUESTION, str(seed))) for seed in range(200))


def test_ten_thousand_clean_documents_hold_none_of_the_demos_items() -> None:
    index = index_of(*(text for item in all_items() for text in (item.wording.question, item.wording.answer)))
    rng = Random("clean")
    pools = (prose.OFF_TOPIC, prose.BLOG, prose.CHATTER)
    assert not any(found(index, prose.sentences(rng, rng.choice(pools), 12)) for _ in range(10_000))
    item = all_items()[7].wording.question
    assert found(index, prose.sentences(rng, prose.BLOG, 6) + item)


@pytest.mark.parametrize(
    "text", ["a1" * 3_000, "2x+3y=5", "H2O CO2 N2", "1a" * 100, "x" + "\u0301" * 100_000, "e\u0301" * 10_000]
)
def test_however_its_words_stand_a_text_is_walked_to_its_end(text: str) -> None:
    plain = unicodedata.normalize("NFC", text[:20_000].lower())
    assert len(normal_words(text)) == len(re.findall(r"[^\W\d]+|\d+", re.sub("\u0301", "", plain)))


PENS = "A shop sells pens for 42. How many pens can one buy for 126 crowns?"
SLOPE = "A line passes through the points P and A. Find its slope now"
CATS = "Which is right?\n1. Cats bark at night.\n2. Dogs bark at night."


@pytest.mark.parametrize(
    ("item", "page"),
    [
        (PENS, PENS.replace(" 42", "\n42")),
        (SLOPE, SLOPE.replace(" A.", "\nA.")),
        (CATS, CATS.replace("\n", " ")),
        (CATS, CATS.replace("1.", "ii.").replace("2.", "iii.")),
    ],
)
def test_what_may_be_the_mark_of_a_list_hides_nothing(item: str, page: str) -> None:
    assert found(index_of(item), page)


def test_exercises_with_other_signs_are_no_duplicates() -> None:
    assert words_hash("Simplify x + 3")[0] != words_hash("Simplify x - 3")[0]
    assert words_hash("Simplify  X + 3.")[0] == words_hash("simplify x+3")[0]
