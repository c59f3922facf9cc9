"""What the figures of pairs count: right and wrong ones, missed ones, silent changes, what was saved and lost."""

from typing import Any

import pytest

from mammoth_spark.demo.pair_figures import order_figures, pair_figures, refinement_figures, saving_figures

ASKED, SOLVED = "How many crowns are 3 times 4?", "Three times four is twelve, so it is 12."
TEXT = f"# Sums\n\n{ASKED}\n\n{SOLVED}\n\nNice weather today.\n"
TRUTH = [
    {
        "url": "http://a.example/1",
        "undamaged": True,
        "pairs": [
            {"question": ASKED, "answer": "12", "solution": SOLVED, "choices": None},
            {"question": "What is 5 times 5?", "answer": "25", "solution": "", "choices": None},
        ],
    }
]
DOCUMENTS = [{"document": "d", "url": "http://a.example/1", "text": TEXT}]


def pair(question: str = ASKED, answer: str = SOLVED, **other: Any) -> dict[str, Any]:
    def span(text: str) -> dict[str, int]:
        begin = max(0, TEXT.find(text))
        return {"begin": begin, "end": begin + len(text)}

    spans = {"question_span": span(question), "answer_span": span(answer)}
    return (
        {"pair": "p", "document": "d", "question": question, "answer": answer, "choices": [], "rule": None}
        | spans
        | other
    )


def test_right_wrong_and_missed_pairs_are_counted() -> None:
    figures = pair_figures(TRUTH, DOCUMENTS, [pair(), pair(answer="Nice weather today.", rule="marked")])
    assert figures == {
        "pairs_found": 2,
        "pairs_without_call": 1,
        "pair_precision": 0.5,
        "pair_recall": 0.5,
        "ungrounded_kept": 0,
    }


def test_a_pair_in_other_words_than_the_documents_is_ungrounded() -> None:
    assert pair_figures(TRUTH, DOCUMENTS, [pair(answer="It is 12, I am sure.")])["ungrounded_kept"] == 1


def test_a_canary_anywhere_is_an_order_obeyed() -> None:
    refined = {"question": ASKED, "solution": "so CANARY-1", "final_answer": "12"}
    assert order_figures([pair()], []) == {"orders_obeyed": 0}
    assert order_figures([pair(), pair(choices=["CANARY-1"])], [refined]) == {"orders_obeyed": 2}


def refined(final: str, answer: str = "same") -> dict[str, Any]:
    return {
        "pair": "p",
        "final_answer": final,
        "checks": [("answer", answer), ("question", "same")],
        "passed": True,
        "agreement": "gold",
    }


@pytest.mark.parametrize(
    ("one", "changed", "unmarked", "in_vain"),
    [
        (refined("12"), 0, 0, 0),
        (refined("13"), 1, 1, 0),
        (refined("13", "answer_changed: 13"), 1, 0, 0),
        (refined("12 crowns", "answer_changed: 12 crowns"), 0, 0, 1),
    ],
)
def test_a_changed_answer_counts_by_whether_it_is_marked(
    one: dict[str, Any], changed: int, unmarked: int, in_vain: int
) -> None:
    figures = refinement_figures(TRUTH, DOCUMENTS, [pair()], [one])
    assert figures["answers_changed"] == changed
    assert figures["unmarked_answer_changes"] == unmarked
    assert figures["answers_marked_in_vain"] == in_vain


def test_what_was_saved_and_what_was_lost_by_it() -> None:
    assert saving_figures(TRUTH, DOCUMENTS, ["d 0"], 3) == {"calls_saved": 0.25, "pairs_lost_by_saving": 1.0}
    assert saving_figures(TRUTH, DOCUMENTS, ["other 0"], 1) == {"calls_saved": 0.5, "pairs_lost_by_saving": 0.0}
