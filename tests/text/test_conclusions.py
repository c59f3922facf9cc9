"""What a solution comes to is read from what it calls its answer, or from its last sentences."""

import pytest

from mammoth_spark.text.conclusions import ends_with, stated_answer

FOUR = ("435", "$12p = 612$", "None of these", "51")
LONG = "A text that computes nothing and has no answer that could be read from it"


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        (r"So $x = 2$ and thus \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        ("Long reasoning.\n\nThe answer is 937.5 J.", "937.5 J"),
        ("9 * 2 = 18\n#### 18", "18"),
        ("The result is 3. No: the final answer is $-4$.", "$-4$"),
        ("Answer: (B)", "(B)"),
        ("17", "17"),
        (f"{LONG}.\n\nIndeed.", None),
        ("", None),
    ],
)
def test_a_solution_may_say_what_its_answer_is(solution: str, answer: str | None) -> None:
    assert stated_answer(solution) == answer


@pytest.mark.parametrize(
    ("solution", "answer", "choices"),
    [
        (f"{LONG}.\n\nThe answer is 12.5 m.", "12.5", ()),
        (f"{LONG}, and so\n\n$$\\lim_{{x}} (x + 3) = -5$$", "-5", ()),
        (f"{LONG}.\n\nThis gives $12p = 612$, so $p = 51$ and $q = 435$.", "435", ()),
        (f"{LONG}.\n\nThis gives $p = 51$, which is 435 more.", "A", FOUR),
        (f"{LONG}.\n\nLight of 695 nm lies in the range that we call red.", "red", ()),
        (f"{LONG}.\n\nIt prints `{{'a': 1}}`.", "{'a': 1}", ()),
        (f"{LONG}.\n\nsoit 77,58 km/h.", "77.58 km/h", ()),
    ],
)
def test_a_solution_comes_to_its_answer(solution: str, answer: str, choices: tuple[str, ...]) -> None:
    assert ends_with(solution, answer, choices)


@pytest.mark.parametrize(
    ("solution", "answer", "choices"),
    [
        (f"{LONG}.\n\nThe answer is 12.5 m.", "12.6", ()),
        (f"{LONG}, and so\n\n$$\\lim_{{x}} (x + 3) = -5$$", "5", ()),
        (f"First there are 7.\n\n{LONG}, so $p = 51$.", "7", ()),
        (f"{LONG}.\n\nThis gives $p = 51$.", "A", FOUR),
        (f"{LONG}.\n\nLight of 695 nm lies in the range that we call red.", "blue", ()),
        ("", "3", ()),
    ],
)
def test_another_answer_is_not_what_a_solution_comes_to(solution: str, answer: str, choices: tuple[str, ...]) -> None:
    assert not ends_with(solution, answer, choices)
