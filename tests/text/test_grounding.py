"""A text is found on its page whatever its spaces and marks, and what is not there is named."""

from random import Random

import pytest

from mammoth_spark.text.grounding import Document

PAGE = r"""# Sums and more

Tags: sums

#### Exercise 1

Compute $\frac{3}{4} + 2x$ for **x = 5**. How much is left?

**Accepted answer (7 votes)**

We have $\frac{3}{4} + 2 \cdot 5 = \frac{43}{4}$, and gh is

$$p = \rho g h \approx 10.75$$

#### Exercise 2

Compute $\frac{3}{4} + 2x$ for **x = 9**. How much is left?

The answer is 18.75.

| a | b |
| --- | --- |
| 1 | 42 |
"""


def shown(text: str, after: int = 0) -> tuple[str, float]:
    ground = Document(PAGE).ground(text, after)
    return PAGE[ground.begin : ground.end], ground.share


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ("Compute $\\frac{3}{4} + 2x$\nfor x = 5.  How much is left?",
         r"Compute $\frac{3}{4} + 2x$ for **x = 5**. How much is left?"),
        (r"compute $\frac 3 4+2 x$ for x = 9", r"Compute $\frac{3}{4} + 2x$ for **x = 9**."),
        (r"$p=\rho\,gh\approx 10.75$", r"$$p = \rho g h \approx 10.75$$"),
        ("- The answer is 18.75.", "The answer is 18.75."),
        ("1 | 42", "1 | 42"),
        ("\u201cHow much is left?\u201d", "How much is left?"),
    ],
)  # fmt: skip
def test_spaces_and_marks_do_not_count(said: str, stands: str) -> None:
    assert shown(said) == (stands, 1.0)


def test_of_equal_places_the_next_one_is_taken() -> None:
    second = PAGE.index("Exercise 2")
    assert Document(PAGE).ground("How much is left?").begin < second
    assert Document(PAGE).ground("How much is left?", after=second).begin > second
    # A word alone has a place as well; one that stands only before has that one.
    assert Document(PAGE).ground("2", after=second).begin > second
    assert Document(PAGE).ground("Tags: sums", after=second).begin < second


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        (r"Compute $\frac{3}{4} - 2x$ for x = 5", ("-",)),
        (r"Compute $\frac{3}{4} + 2x$ for x = 6. How much is left?", ("6",)),
        ("The answer is 18.75, and the password is CANARY.", ("and the password is CANARY",)),
        ("Whatever is not here", ("Whatever is not here",)),
        ("\u4f60\u597d", ("\u4f60\u597d",)),
    ],
)
def test_what_is_not_there_is_named(said: str, missing: tuple[str, ...]) -> None:
    ground = Document(PAGE).ground(said)
    assert ground.share < 1
    assert ground.missing == missing


@pytest.mark.parametrize("said", ["", "  ", "$$", "...", "word " * 10_000])
def test_what_says_nothing_or_too_much_stands_nowhere(said: str) -> None:
    assert Document(PAGE).ground(said).share == 0
    assert Document("").ground(said or "x").share == 0


def test_every_part_of_a_page_is_found_in_it() -> None:
    random = Random(7)
    words = [f"{random.choice('abcdefgh')}{random.choice('xyz')}" for _ in range(400)]
    page = " ".join(words)
    document = Document(page)
    for _ in range(300):
        begin = random.randrange(len(words) - 12)
        end = begin + random.randint(12, min(120, len(words) - begin))
        part = " ".join(words[begin:end])
        ground = document.ground(part)
        assert ground.share == 1
        assert page[ground.begin : ground.end] == part


def test_what_was_left_out_in_between_costs_nothing_of_the_share() -> None:
    words = [f"word{number}" for number in range(60)]
    said = " ".join(words[:20] + words[24:44])
    ground = Document(" ".join(words)).ground(said)
    assert ground.share == 1
    assert ground.end > ground.begin + len(said)
