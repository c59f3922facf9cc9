"""What a page marks as question and answer is a claim like any other; its marks tell which answers it stands by."""

from typing import Any

import pytest

from mammoth_spark.text.marked_pairs import claims


def answer(text: str, accepted: bool = False, votes: int | None = None) -> dict[str, Any]:
    return {"text": text, "is_accepted": accepted, "votes": votes}


def answers_of(*answers: dict[str, Any], choices: tuple[str, ...] = ()) -> list[str]:
    question = {"rule": "r", "question": "Why?", "choices": list(choices), "answers": list(answers)}
    return [claim.answer for claim in claims([question])]


@pytest.mark.parametrize(
    ("answers", "good"),
    [
        ([answer("a", True), answer("b", votes=3), answer("c", votes=-2), answer("d")], ["a", "b"]),
        ([answer("a", votes=1), answer("b", votes=7), answer("c", votes=0)], ["b"]),
        ([answer("a", votes=0), answer("b", votes=-1)], []),
        ([answer("a"), answer("b")], ["a", "b"]),
        ([], []),
    ],
)
def test_accepted_and_voted_answers_are_the_pages(answers: list[dict[str, Any]], good: list[str]) -> None:
    assert answers_of(*answers) == good


def test_of_a_key_the_letter_and_its_reasons_stand_beside_each_other() -> None:
    choices = ("12 m", "42 m")
    assert answers_of(answer("B. 42 m\n\nSince 6 times 7 is 42.", True), choices=choices) == [
        "B\n\nSince 6 times 7 is 42."
    ]
    assert answers_of(answer("B. 42 m", True), choices=choices) == ["B. 42 m"]


def test_a_claim_names_its_rule_and_no_call() -> None:
    (claim,) = claims([{"rule": "Q: and A:", "question": "Why?", "choices": None, "answers": [answer("So.")]}])
    assert (claim.rule, claim.call, claim.choices) == ("Q: and A:", None, ())
