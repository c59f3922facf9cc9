"""Formulas are the same when they come to the same, in whatever form they are written."""

import time

import pytest

from mammoth_spark.text.answers import same
from mammoth_spark.text.expressions import equal, is_expression


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2(x+1)", "2x + 2"),
        (r"\frac{1}{2}(x+1)^2", r"\frac{x^2+2x+1}{2}"),
        ("x^2 y", "y x^2"),
        (r"\frac{\sqrt{3}}{2}", r"\sqrt{3}/2"),
        (r"\frac12", "0.5"),
        (r"\sin^2 x + \cos^2 x", "1"),
        (r"\sin 2x", r"2 \sin x \cos x"),
        (r"x\sin x + \cos x", r"\cos x + x \sin x"),
        (r"\sin(x)y", r"y\sin(x)"),
        (r"e^{2x}", r"\exp(2x)"),
        (r"3\pi r^2", r"3 r^2 \pi"),
        (r"-\frac{b}{2a}", r"\frac{-b}{2a}"),
        ("(x-1)(x+1)", "x^2-1"),
        (r"\log_2 8", "3"),
        (r"\ln 2 + \ln 3", r"\ln 6"),
        ("y = 2x+1", "y = 1+2x"),
        ("x^{10}", "x^5 x^5"),
        ("2^{-1}", r"\frac{1}{2}"),
        ("2|x|+1", "1+2|x|"),
        ("|x||y|", "|xy|"),
        (r"\sqrt[3]{-8}", "-2"),
        ("a_1 + a_{2}", "a_{2} + a_{1}"),
        ("5!", "120"),
        ("x!/x", "x!/x"),
    ],
)
def test_other_forms_of_a_formula_are_the_same(first: str, second: str) -> None:
    assert equal(first, second)
    assert equal(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2(x+1)", "2x + 1"),
        ("|x|", "x"),
        (r"\sqrt{x^2}", "x"),
        ("1/2004!", "1/2006!"),
        ("x^12", "x^{12}"),
        ("x_1", "x_2"),
        (r"\sin x", r"\sin y"),
        (r"\sin^{-1} x", r"\sin^{-1} x + 0"),
        ("y = x", "x"),
    ],
)
def test_formulas_that_differ_are_told_apart(first: str, second: str) -> None:
    assert not equal(first, second)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "(x",
        "x)",
        "cat",
        r"\pm 3",
        "f(x)",
        "1/0",
        "1, 2",
        "1914-1918",
        r"\frac{1}",
        "x_{1",
        "x_",
        "2^",
        "1010_2",
        "0^0",
    ],
)
def test_what_is_no_formula_is_not_compared(text: str) -> None:
    assert not is_expression(text)
    assert not equal(text, text)


@pytest.mark.parametrize(
    "text",
    [
        "9^{9^{9^{9}}}",
        "((((((9^9)^9)^9)^9)^9)^9)!",
        r"\sin(9^{99999})",
        "9" * 100_000,
        "(" * 149 + "x" + ")" * 149,
        r"\exp(\exp(\exp(9^9)))",
        "(10^9)!",
        "\u221a" * 299 + "x",
        r"\sin" * 74 + "x",
        r"\cosh(" * 30 + "9" + ")" * 30,
    ],
)
def test_whatever_a_formula_holds_it_costs_little(text: str) -> None:
    began = time.process_time()
    assert not equal(text, text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (r"$\sqrt{4}$", "2"),
        ("2^{10}", "1024"),
        (r"\{\sqrt{2}, -\sqrt{2}\}", r"\{-\sqrt2, \sqrt2\}"),
        (r"\{(1, 2), (3, 4)\}", r"\{(3, 4), (1, 2)\}"),
        (r"(1, \frac12)", "(1, 0.5)"),
        ("y = 2x + 1", "1 + 2x"),
    ],
)
def test_final_answers_with_formulas_are_compared_by_what_they_come_to(first: str, second: str) -> None:
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1914-1918", "1939-1943"),
        ("5 gm", "5 mg"),
        (r"\sqrt{2}", "1.41"),
        ("12-5-1990", "5-12-1990"),
        ("2x", "2"),
        (r"\{(1, 2), (3, 4)\}", r"\{(2, 1), (3, 4)\}"),
    ],
)
def test_final_answers_that_only_look_like_each_other_differ(first: str, second: str) -> None:
    assert not same(first, second)
