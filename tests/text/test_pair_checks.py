"""Each check of a refined pair passes what is right and tells what is wrong."""

import pytest

from mammoth_spark.text.grounding import Document
from mammoth_spark.text.pair_checks import faults, is_same_answer, question_changes, sentences, tagged

ASKED = (
    "hi all! this is exercise 28. A tank of 96 litres loses 3 litres a minute, where $v(t) = 96 - 3t$."
    " when is it empty??"
)


@pytest.mark.parametrize(
    "refined",
    [
        ASKED,
        r"A tank of 96 litres loses 3 litres a minute, where $v(t) = 96 - 3t$. When is it empty?",
        r"A tank of 96 litres loses 3 litres a minute, where $$v(t)=96-3\,t$$ When is it empty?",
        r"A tank of $96$ litres loses $3$ litres a minute, where $v(t) = 96 - 3t$. When is it empty?",
    ],
)
def test_a_question_that_is_only_tidied_is_the_same(refined: str) -> None:
    assert question_changes(ASKED, refined) == []


@pytest.mark.parametrize(
    ("refined", "change"),
    [
        (ASKED.replace("of 96 litres", "of 98 litres"), "added 98"),
        (ASKED.replace("- 3t", "+ 3t"), "added +"),
        (ASKED.replace("v(t)", "w(t)"), "added w"),
        (ASKED.replace("of 96 litres ", ""), "lost 96"),
        (ASKED.replace("96 litres loses 3 litres", "3 litres loses 96 litres"), "lost"),
        (ASKED.replace("$v(t) = 96 - 3t$", "it is so"), "lost"),
    ],
)
def test_another_number_or_sign_is_told(refined: str, change: str) -> None:
    assert any(one.startswith(change) for one in question_changes(ASKED, refined)), question_changes(ASKED, refined)


@pytest.mark.parametrize(
    ("extracted", "refined"),
    [
        ("How much are 1,5 kg of it?", "How much are 15 kg of it?"),
        ("It has -5 degrees at night. How cold?", "It has 5 degrees at night. How cold?"),
        ("Is 7 - 5 > 1 true or false?", "Is 7 + 5 > 1 true or false?"),
        ("What is 3^2 - 5*2 exactly?", "What is 3^2 + 5*2 exactly?"),
        ("Solve $x^2 - kx + 6 = 0$ for x in this.", "Solve $x^2 + 6 = 0$ for x in this."),
        ("Expand $(a+b)^2$ as far as you can.", "Expand $a+b^2$ as far as you can."),
        ("Draw $-x^2$ from one end to the other.", "Draw $x^2$ from one end to the other."),
        ("What is $A \u222a B$ of these two sets?", "What is $A \u2229 B$ of these two sets?"),
    ],
)
def test_a_small_sign_is_no_small_change(extracted: str, refined: str) -> None:
    assert question_changes(extracted, refined) != []
    assert question_changes(extracted, extracted) == []


def test_two_ways_to_write_a_fraction_or_a_sign_are_one() -> None:
    assert question_changes("Is $1/2 \u2264 x$?", r"Is $\frac{1}{2} \leq x$?") == []
    assert question_changes("Is $1/2 \u2264 x$?", r"Is $\frac{1}{3} \leq x$?") != []


@pytest.mark.parametrize(
    ("extracted", "final", "choices"),
    [
        ("It takes $96/3 = 32$ minutes, so the answer is 12:32.", "12:32", ()),
        ("A unit is $\\frac{6360}{60} = 106$ crowns, and 140 units are 14840 crowns.", "14840 crowns", ()),
        ("which gives $s = 7$ and $s = 8$.", "7 and 8", ()),
        ("It prints `['a', 'b']`.", "['a', 'b']", ()),
        ("B, since products go first.", "B", ("13", "14")),
        ("The first two are odd.\n\nSo the correct option is B.", "B", ("13", "14")),
        ("1265 belongs to the 13th century.", "13th century", ()),
        ("The cost is lower in Estwick.", "Estwick", ()),
    ],
)
def test_the_pages_answer_is_known_again(extracted: str, final: str, choices: tuple[str, ...]) -> None:
    assert is_same_answer(extracted, final, choices)


@pytest.mark.parametrize(
    ("extracted", "final", "choices"),
    [
        ("It takes $96/3 = 32$ minutes, so the answer is 12:32.", "12:33", ()),
        # A number on the way is none.
        ("A unit is $\\frac{6360}{60} = 106$ crowns, and 140 units are 14840 crowns.", "106", ()),
        ("which gives $s = 7$ and $s = 8$.", "8", ()),
        ("It costs $\\frac{16}{27}$ here and $\\frac{15}{7}$ there. The cost is lower in Estwick.", "15/7", ()),
        ("B, since products go first.", "A", ("13", "14")),
        ("The cost is lower in Estwick.", "Arvenia", ()),
        ("The cost is lower in Estwick than in Arvenia.", "Arvenia", ()),
        ("It is not a prime.", "a prime", ()),
        ("The series does not converge.", "converge", ()),
        ("Divide 96 by 3 and you get the 32 minutes", "96", ()),
        ("13 is odd, so 14.", "13", ()),
        ("The nucleus is wrong, so it is the mitochondrion.", "A", ("Nucleus", "Mitochondrion")),
        ("A) is too small. The right one is B.", "A", ("Nucleus", "Mitochondrion")),
        ("A, B and D are false, so it is C.", "A", ("1", "2", "3", "4")),
        ("A. is wrong since it is small. The right one is B.", "A", ("Nucleus", "Mitochondrion")),
    ],
)
def test_another_answer_is_told(extracted: str, final: str, choices: tuple[str, ...]) -> None:
    assert not is_same_answer(extracted, final, choices)


def test_each_sentence_is_copied_reworded_or_added() -> None:
    page = Document("A tank loses 3 litres a minute and held 96 litres at noon. So it takes 32 minutes.")
    copied = "A tank loses 3 litres a minute and held 96 litres at noon."
    text = f"{copied} It takes 32 minutes in all. Division undoes products."
    assert [tag for _, tag in tagged(text, page)] == ["copied", "reworded", "added"]


def test_code_and_displayed_formulas_are_one_sentence_each() -> None:
    text = "Write this. Then run it:\n\n```\na = 1. b = 2\n\nprint(a)\n```\n\n$$a = 1. \\; b = 2$$"
    assert sentences(text) == [
        "Write this.",
        "Then run it:",
        "```\na = 1. b = 2\n\nprint(a)\n```",
        "$$a = 1. \\; b = 2$$",
    ]


GOOD = ("How many crowns are 3 times 4 crowns?", (), "Three times four is twelve.\n\nThe answer is 12.", "12")


def test_a_sound_pair_has_no_fault() -> None:
    assert faults(*GOOD) == {}
    assert faults("Which is even?", ("13", "14"), "14 is twice 7.\n\nThe answer is B.", "B") == {}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the area in figure 3?", "leans_on_figure"),
        ("What is the mean of the values given in the table?", "leans_on_table"),
        ("Solve equation (7) for x.", "leans_on_equation"),
        ("Use the result of the previous exercise.", "leans_on_earlier"),
    ],
)
def test_what_a_pair_leans_on_must_be_there(question: str, kind: str) -> None:
    assert kind in faults(question, (), GOOD[2], GOOD[3])


@pytest.mark.parametrize(
    "question",
    [
        "What is the area in figure 3?\n\n![](a.png)",
        "What is the mean of the values given in the table?\n\n| a |\n| --- |\n| 12 |",
        "Solve equation (7) for x.\n\n$$x = 12 \\tag{7}$$",
        "(a) What is twice 3?\n(b) Use part (a) to double it again.",
        "What figure of speech is this?",
    ],
)
def test_what_is_there_may_be_leant_on(question: str) -> None:
    assert faults(question, (), GOOD[2], GOOD[3]) == {}


@pytest.mark.parametrize(
    ("solution", "final", "kind"),
    [
        ("Three times four is 12.\n\nThe answer is 12.", "13", "contradicts_itself"),
        ("Three times four is 12.", "13", "contradicts_itself"),
        ("It is \\boxed{11}, or rather \\boxed{12}.", "12", "contradicts_itself"),
        ("", "12", "no_answer"),
        ("See the book.", "n/a", "no_answer"),
    ],
)
def test_a_solution_must_come_to_its_answer(solution: str, final: str, kind: str) -> None:
    assert kind in faults(GOOD[0], (), solution, final)


def test_a_question_may_not_hold_its_answer() -> None:
    told = "How many crowns are 3 times 4 crowns, if the answer is 12?"
    assert "answer_in_question" in faults(told, (), GOOD[2], GOOD[3])
    long = "First add the two, then divide what you have by three, and subtract the seven that were there before."
    assert "answer_in_question" in faults(f"Explain why. {long}", (), long, "subtract the seven")


def test_options_that_are_one_tell() -> None:
    assert "choices_tell" in faults("Which?", ("14", "14."), "It is 14.", "14")
    assert "choices_tell" not in faults("Which?", ("$x+1$", "$x-1$"), "It is $x-1$.", "$x-1$")


def test_a_solution_may_name_its_option_by_the_letter_alone() -> None:
    solution = "Products go first, so it is an even number.\n\nThe correct option is **B**."
    assert faults(GOOD[0], ("13", "14"), solution, "B") == {}
    assert "contradicts_itself" in faults(GOOD[0], ("13", "14"), solution, "A")
