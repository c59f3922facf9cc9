"""Samples are what trainers read; their labels follow rules, and what is said to be checkable has proved it."""

import pytest

from mammoth_spark.text import checkable
from mammoth_spark.text.checkable import Checkable, NotCheckable
from mammoth_spark.text.samples import messages, sample_id
from mammoth_spark.text.subjects import kind_of, subject_of


def test_options_stand_below_a_question_that_does_not_list_them() -> None:
    asked = messages("Of 12 apples 3 of 15 are red. How many?", ("1", "2", "3"), " It is 2. ")
    assert asked[0]["content"].endswith("How many?\n\nA. 1\nB. 2\nC. 3")
    assert asked[1] == {"role": "assistant", "content": "It is 2."}
    listed = "Which is even? A) 13 B) 14"
    assert messages(listed, ("13", "14"), "B")[0]["content"] == listed
    assert messages("Plus or minus?", ("+", "-"), "A")[0]["content"].endswith("A. +\nB. -")


def test_a_sample_is_named_by_what_it_says() -> None:
    one, other = messages("q", (), "s"), messages("q", (), "t")
    assert sample_id(one) == sample_id(messages("q", (), "s")) != sample_id(other)
    assert sample_id(messages("a", (), "b c")) != sample_id(messages("a b", (), "c"))


@pytest.mark.parametrize(
    ("answer", "choices", "kind", "kept"),
    [
        ("42", (), "number", "42"),
        ("937.5 J", (), "number", "937.5 J"),
        (r"$\frac{3}{4}$", (), "number", r"$\frac{3}{4}$"),
        ("0", (), "number", "0"),
        ("yes", (), "yes_no", "yes"),
        ("12 m", ("3 m", "12 m"), "choice", "B"),
        ("2x + 1", (), "expression", "2x + 1"),
        ("q", (), "expression", "q"),
        ("x = 1, y = 2", (), "list", "x = 1, y = 2"),
    ],
)
def test_a_short_answer_is_checkable_and_proves_it(answer: str, choices: tuple[str, ...], kind: str, kept: str) -> None:
    assert checkable.checked(answer, choices) == Checkable(kind, kept)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "choices", "reason"),
    [
        ("the mitochondrion", (), "answer_in_words"),
        ("{", (), "answer_in_words"),
        ("", (), "answer_in_words"),
        ("x" * 200, (), "answer_long"),
        ("neither", ("3 m", "12 m"), "answer_in_words"),
        ("1914-1918", (), "answer_in_words"),
    ],
)
def test_an_answer_that_does_not_prove_itself_is_out_with_the_reason(
    answer: str, choices: tuple[str, ...], reason: str
) -> None:
    found = checkable.checked(answer, choices)
    assert isinstance(found, NotCheckable)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Determine the integral of $x^2$.", "math"),
        ("In how many ways can 4 delegates be chosen from 10 people?", "math"),
        ("Which force accelerates a mass of 3 kg by 2 m/s?", "science"),
        ("How much NaCl and H_2O does the reaction need?", "science"),
        ("Which king signed the treaty that ended the war?", "other"),
        ("What does this print?\n\n```python\nprint(2 ** 3)\n```", "other"),
        ("Wie groß ist die Geschwindigkeit bei 5 N und 3 kg?", "science"),
    ],
)
def test_the_subject_is_told_by_words_and_signs(text: str, subject: str) -> None:
    assert subject_of(text)[0] == subject


@pytest.mark.parametrize(
    ("url", "document", "kind"),
    [
        ("https://a.example/questions/12/why", "", "forum"),
        ("https://forum.a.example/12", "", "forum"),
        ("https://a.example/12", "# Why\n\n**Accepted answer**\n\nSo.", "forum"),
        ("https://a.example/chapters/3", "# Chapter 3", "education"),
        ("http://[x/", "", "education"),
    ],
)
def test_the_kind_of_source_is_told_by_its_address_and_marks(url: str, document: str, kind: str) -> None:
    assert kind_of(url, document)[0] == kind
