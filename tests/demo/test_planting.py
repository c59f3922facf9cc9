import pytest

from mammoth_spark.demo.benchmarks import Item, Wording, all_items, ten_grams
from mammoth_spark.demo.planting import GUISES, Guise, Planted, exercise_of, insertion, planted_items

WORDING = Wording(
    question='Ann\'s "rule" says that $\\frac{1}{2}x + 3$ is it. Is that so, and why?',
    paraphrase="Give a reason for what Ann said.",
    answer="It is so.",
    final="yes",
    solution="It is so because of a rule that everybody in the whole town knows.",
)
NEAR = Wording("Ann's rule says 7.", "?", "No.", "no", "Seven is not it.")
ITEM = Item("demo_theorems", "demo_theorems-test-01", WORDING, NEAR)


@pytest.mark.parametrize(
    ("guise", "question"),
    [
        ("verbatim", WORDING.question),
        ("upper_case", 'ANN\'S "RULE" SAYS THAT $\\frac{1}{2}x + 3$ IS IT. IS THAT SO, AND WHY?'),
        ("curly_quotes", "Ann\u2019s “rule” says that $\\frac{1}{2}x + 3$ is it. Is that so, and why?"),
        ("latex_respaced", 'Ann\'s "rule" says that $\\frac { 1 } { 2 } x + 3$ is it. Is that so, and why?'),
        ("rewrapped", 'Ann\'s "rule" says that  \n$\\frac{1}{2}x + 3$ is it. Is that so,  \nand why?'),
        ("list_split", 'Ann\'s "rule" says that $\\frac{1}{2}x + 3$ is it.\n\n- Is that so,\n- and why?'),
        ("paraphrased", "Give a reason for what Ann said."),
        ("near_miss", "Ann's rule says 7."),
    ],
)
def test_guises_change_the_question(guise: Guise, question: str) -> None:
    exercise = exercise_of(Planted(ITEM, guise))
    assert exercise.question == question
    assert exercise.answer == ("no" if guise == "near_miss" else "yes")
    assert len(exercise.wrong) == 3


def test_insertions_are_the_question_or_the_answer_alone() -> None:
    assert insertion(Planted(ITEM, "embedded")) == WORDING.question
    assert insertion(Planted(ITEM, "answer_only")) == WORDING.solution


def test_items_take_all_guises_in_turn_and_come_from_all_benchmarks() -> None:
    planted = list(planted_items(all_items(), 60))
    assert [one.guise for one in planted[:10]] == list(GUISES)
    assert {one.item.benchmark for one in planted} == {"demo_arithmetic", "demo_science", "demo_theorems"}
    assert len({one.item.item for one in planted}) == 60


def test_near_misses_and_paraphrases_share_no_ten_words_with_any_item() -> None:
    grams = set()
    for item in all_items():
        grams |= ten_grams(item.wording.question) | ten_grams(item.wording.answer)
    for planted in planted_items(all_items(), 60):
        exercise = exercise_of(planted) if not planted.inserted else None
        if exercise and planted.guise in ("near_miss", "paraphrased"):
            assert not ten_grams(exercise.question) & grams
