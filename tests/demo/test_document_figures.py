"""What the cleaning keeps of the corpus's pages, and that the measure of it can fail."""

from collections.abc import Callable
from typing import Any

import pytest

from mammoth_spark.config import Documents
from mammoth_spark.demo.document_figures import counted, document_figures
from mammoth_spark.web import payload
from mammoth_spark.web.document import document_of
from tests.demo.conftest import Web


@pytest.fixture(scope="session")
def documents(web: Web) -> list[dict[str, Any]]:
    """Of all pages that are sound; one that gives no document has an empty text."""
    found = []
    for truth in web.sound_pages():
        read = web.read(truth)
        utf8, _ = payload.utf8_of(read.body, read.content_type)
        found.append({"url": read.url, "text": document_of(utf8, Documents()).text})
    return found


def test_the_cleaning_keeps_what_the_pages_hold(web: Web, documents: list[dict[str, Any]]) -> None:
    figures = document_figures(web.truth, documents)
    assert figures["formulas_kept"] >= 0.99
    assert figures["formulas_twice"] == 0
    assert figures["code_kept"] == 1
    assert figures["choices_kept"] == 1
    assert figures["pairs_present"] >= 0.99
    assert figures["boilerplate_left"] <= 0.05


def test_the_corpus_plants_what_is_counted(web: Web, documents: list[dict[str, Any]]) -> None:
    truth = {one["url"]: one for one in web.truth}
    sums = sum((counted(truth[one["url"]], one["text"]) for one in documents), start=counted(web.truth[0], ""))
    for name in ("formulas", "code", "choices", "pairs"):
        assert sums[f"{name}_planted"] > 10
    assert any(page["boilerplate"] for page in web.truth)


PAGE: dict[str, Any] = {
    "url": "http://a.org/",
    "undamaged": True,
    "formulas": ["x^2", r"\frac{1}{2}"],
    "boilerplate": ["Subscribe to our weekly letter today"],
    "pairs": [
        {
            "question": "What is $x^2$?",
            "solution": r"Half: $\frac{1}{2}$",
            "choices": ["one", "two"],
            "code": ["a = 1\nb"],
        }
    ],
}
TEXT = "What is $x^2$?\n\nA. one\nB. two\n\nHalf: $$\\frac{1}{2}$$\n\n```python\na = 1\nb\n```"


def figures_of(text: str) -> dict[str, float]:
    return document_figures([PAGE], [{"url": PAGE["url"], "text": text}])


def test_a_perfect_document_has_perfect_figures() -> None:
    assert figures_of(TEXT) == {
        "formulas_kept": 1, "formulas_twice": 0, "code_kept": 1, "choices_kept": 1, "pairs_present": 1,
        "boilerplate_left": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "spoil", "becomes"),
    [
        ("formulas_kept", lambda text: text.replace("$x^2$", ""), 0.5),
        ("formulas_kept", lambda text: text.replace("x^2", "x^3"), 0.5),
        ("formulas_kept", lambda text: text.replace("$x^2$", "$y$").replace("$$\\frac{1}{2}$$", "$x^2$"), 0.5),
        ("formulas_twice", lambda text: text + " $x^2$", 1),
        ("code_kept", lambda text: text.replace("a = 1", "a  = 1"), 0),
        ("choices_kept", lambda text: text.replace("two", ""), 0.5),
        ("choices_kept", lambda text: text.replace("two", "twofold"), 0.5),
        ("pairs_present", lambda text: text.replace("Half", ""), 0),
        ("pairs_present", lambda text: "", 0),
    ],
)
def test_a_figure_falls_with_what_is_lost(name: str, spoil: Callable[[str], str], becomes: float) -> None:
    assert figures_of(spoil(TEXT))[name] == becomes


def test_boilerplate_that_is_left_counts_by_its_length() -> None:
    left = PAGE["boilerplate"][0]
    text = f"{TEXT}\n\n{left}"
    assert figures_of(text)["boilerplate_left"] == len(left) / len(text)


def test_spaces_and_braces_are_no_difference_between_formulas() -> None:
    assert figures_of(TEXT.replace("x^2", "x^{2}"))["formulas_kept"] == 1


def test_pages_that_are_damaged_or_unknown_do_not_count() -> None:
    damaged = [PAGE | {"undamaged": False}]
    assert document_figures(damaged, [{"url": PAGE["url"], "text": TEXT}])["pairs_present"] == 0
    assert document_figures([PAGE], [{"url": "http://b.org/", "text": TEXT}])["pairs_present"] == 0
