"""Final answers: the same value in other clothes is the same, another value is another."""

import pytest

from mammoth_spark.text.answers import in_words, same

FOUR = ("435", "$12p = 612$", "None of these", "51")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("42", "42.0"),
        ("1,234,567", "1234567"),
        (r"$\frac{1}{2}$", "0.5"),
        (r"\dfrac12", "1/2"),
        ("1 1/2", "1.5"),
        ("-3", "\u22123"),
        ("x = 5", "5"),
        (r"$x = 5$.", "5"),
        (r"\boxed{5}", "5"),
        ("6.02e23", r"6.02 \times 10^{23}"),
        ("50 %", r"50\%"),
        ("12 m", r"$12 \, \mathrm{m}$"),
        ("1.5 km", "1500 m"),
        ("90 min", "1.5 hours"),
        ("12", "12 apples"),
        ("\u20ac 20", "20 euros"),
        ("3.14159", "3.142"),
        ("26501.21", "26501"),
        ("yes", "True"),
        ("(B)", "b"),
        ("1 and 2", "2, 1"),
        ("x = 1 or x = 2", r"\{2, 1\}"),
        ("(1, 2)", "(1.0, 2)"),
        ("77,58 km/h", "77.58 km/h"),
        ("$x = 7$, $y = -9$", "y = -9 and x = 7"),
        ("By Lagrange's theorem", "by lagrange's theorem."),
        (r"$x^2 + 1$", "x^2+1"),
    ],
)
def test_the_same_value_in_other_clothes_is_the_same(first: str, second: str) -> None:
    assert same(first, second)
    assert same(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("42", "43"),
        ("42", "-42"),
        ("0.5", "0.48"),
        ("12 m", "12 s"),
        ("12 m", "12 km"),
        ("50 %", "50 m"),
        ("3.15", "3.142"),
        ("1/3", "0.33"),
        ("yes", "no"),
        ("A", "B"),
        ("1 and 2", "1"),
        ("1 and 2", "1 and 3"),
        ("1 and 1", "1 and 2"),
        ("(1, 2)", "(2, 1)"),
        ("x = 7, y = -9", "x = -9, y = 7"),
        ("[1, 2]", "(1, 2)"),
        ("x^2 + 1", "x^2 - 1"),
        ("2^{10}", "2"),
        ("3!", "3"),
        ("2x", "2"),
        ("2(x+1)", "2x+1"),
        (r"\frac{1}{x+1}", r"\frac{1}{x}+1"),
        (r"\sqrt{x+1}", r"\sqrt{x}+1"),
        ("e^{x+1}", "e^x+1"),
        ("A \u222a B", "A \u2229 B"),
        ("x \u2265 5", "x \u2264 5"),
        ("x \u2208 A", "x \u2209 A"),
        ("\u221ax", "x"),
        ("(-\u221e,2] \u222a [3,\u221e)", "(-\u221e,2) \u222a (3,\u221e)"),
        ("5 mW", "5 MW"),
        ("5 mJ", "5000 kJ"),
        ("0,125", "125"),
        ("120", "120.5"),
        ("x = 1, y = 2", "2, 1"),
        ("word " * 400 + "Hence 6.", "word " * 400 + "Hence 5."),
        ("1/0", "1/0.0"),
        ("9" * 2_000, "8" * 2_000),
        ("1e999999999", "2e999999999"),
        ("", "nothing"),
        ("", ""),
    ],
)
def test_another_value_is_another(first: str, second: str) -> None:
    assert not same(first, second)
    assert not same(second, first)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("A", "435", True),
        ("(a) 435", "435", True),
        ("B", "12p = 612", True),
        ("Option D", "51.0", True),
        ("A", "51", False),
        ("A", "B", False),
        ("E", "435", False),
    ],
)
def test_an_option_is_named_by_its_letter_or_its_text(first: str, second: str, expected: bool) -> None:
    assert same(first, second, FOUR) is expected


def test_brackets_within_brackets_cost_nothing() -> None:
    deep = "(1," * 500 + "1" + ")" * 500
    assert same(deep, deep)
    assert not same(deep, deep.replace("1", "2", 1))


def test_a_letter_stands_for_what_its_option_says() -> None:
    assert in_words("B", ("3 m", "12 m")) == in_words("A", ("12 m", "3 m")) == "12 m"
    assert in_words("42", ("3 m", "12 m")) == in_words("42", ()) == "42"
