"""Answers are computed again here from the words of the question alone."""

import contextlib
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from math import comb, factorial, gcd
from random import Random

import pytest

from mammoth_spark.demo.exercises import (
    TEMPLATES,
    Exercise,
    ExerciseSource,
    algebra,
    analysis,
    biology,
    chemistry,
    code_help,
    computing,
    economics,
    history,
    law,
    physics,
)
from mammoth_spark.demo.markup import code_in, formulas_in, to_html
from mammoth_spark.demo.math_forms import FORMS

DRAWS = 40
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December"]  # fmt: skip


def draws(template: Callable[[Random], Exercise], count: int = DRAWS) -> list[Exercise]:
    return [template(Random(f"{template.__name__} {number}")) for number in range(count)]


def numbers(text: str) -> list[Fraction]:
    return [Fraction(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text)]


def value(answer: str) -> Fraction:
    """An answer's number: `3`, `2.5 m`, `$\\frac{1}{2}$`."""
    found = re.search(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", answer)
    if found:
        return Fraction(int(found.group(1) + found.group(2)), int(found.group(3)))
    return numbers(answer)[0]


def polynomial(tex: str, letter: str, at: Fraction) -> Fraction:
    total = Fraction(0)
    for sign, size, power in re.findall(rf"([+-]?) ?(\d*{letter}?)(\^\d)?", tex):
        if not size:
            continue
        coefficient = size.rstrip(letter)
        degree = int(power[1:]) if power else int(size.endswith(letter))
        total += (-1 if sign == "-" else 1) * Fraction(coefficient or 1) * at**degree
    return total


def day(text: str) -> date:
    number, month, year = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(number))


def rounds_to(exact: Fraction | float, answer: str, places: int = 2) -> bool:
    return abs(float(exact) - float(value(answer))) <= 0.5001 * 0.1**places


def test_every_subject_has_its_templates() -> None:
    counts = {shelf: len(templates) for shelf, templates in TEMPLATES.items()}
    assert counts["mathematics"] == 22
    for shelf in (
        "physics",
        "chemistry",
        "biology",
        "computing",
        "programming",
        "law",
        "economics",
        "history",
    ):
        assert counts[shelf] >= 6


@pytest.mark.parametrize("shelf", TEMPLATES)
def test_exercises_vary_and_are_well_formed(shelf: str) -> None:
    for template in TEMPLATES[shelf]:
        exercises = draws(template)
        assert len({exercise.question for exercise in exercises}) >= 0.8 * DRAWS
        for exercise in exercises:
            assert len(set(exercise.wrong)) == 3
            assert exercise.answer not in exercise.wrong
            for text in (exercise.question, exercise.answer, exercise.solution, *exercise.wrong):
                html = to_html(text, FORMS[0])
                assert html.count("$") == 2 * len(formulas_in(text)) + text.count("$$")


def test_a_source_gives_no_question_twice_nor_a_reserved_one() -> None:
    taken = ExerciseSource(set()).draw(Random(1), "law")
    source = ExerciseSource({taken.question})
    asked = [source.draw(Random(number), "law").question for number in (1, 1, 1, 2)]
    assert len(set(asked)) == 4
    assert taken.question not in asked


def test_linear_equations_hold_for_their_answer() -> None:
    for exercise in draws(algebra.linear_equation):
        left, right = re.findall(r"\d+[a-z] [+-] \d+", exercise.question)
        letter, root = left.split(" ")[0][-1], value(exercise.answer)
        assert polynomial(left, letter, root) == polynomial(right, letter, root)


def test_roots_of_quadratics_make_them_zero() -> None:
    for exercise in draws(algebra.quadratic_roots):
        found = re.search(r"([a-z])\^2[^$]*?(?= = 0|\$)", exercise.question)
        assert found is not None
        for root in numbers(exercise.answer):
            assert polynomial(found.group(0), found.group(1), root) == 0


def test_fractions_add_up() -> None:
    for exercise in draws(algebra.fraction_sum):
        above_below = re.findall(r"\\frac\{(\d+)\}\{(\d+)\}", exercise.question)
        assert sum(Fraction(int(a), int(b)) for a, b in above_below) == value(exercise.answer)


def test_divisors_are_greatest() -> None:
    for exercise in draws(algebra.greatest_divisor):
        first, second = (int(number) for number in numbers(exercise.question)[:2])
        assert gcd(first, second) == int(exercise.answer)


def test_determinants_are_right() -> None:
    for exercise in draws(algebra.determinant):
        a, b, c, d = numbers(exercise.question)[:4]
        assert a * d - b * c == int(exercise.answer)


def test_remainders_are_right() -> None:
    for exercise in draws(algebra.last_remainder):
        base, exponent, modulus = (int(number) for number in numbers(exercise.question))
        assert base**exponent % modulus == int(exercise.answer)


def test_integrals_agree_with_a_sum_over_many_strips() -> None:
    for exercise in draws(analysis.definite_integral, 10):
        found = re.search(r"(\d*)x\^2 ([+-]) (\d*)x", exercise.question)
        assert found is not None
        a, b = float(found.group(1) or 1), float(found.group(3) or 1) * (-1 if found.group(2) == "-" else 1)
        limits = re.search(r"int_\{(-?\d+)\}\^\{(\d+)\}|x = (-?\d+)\$ to \$x = (\d+)", exercise.question)
        assert limits is not None
        low, high = (float(limit) for limit in limits.groups() if limit)
        width = (high - low) / 2000
        middles = (low + (k + 0.5) * width for k in range(2000))
        assert sum((a * x * x + b * x) * width for x in middles) == pytest.approx(
            float(value(exercise.answer)), abs=1e-3
        )


def test_derivatives_agree_with_small_differences() -> None:
    for exercise in draws(analysis.derivative):
        found = re.findall(r"-?\d*([a-z])\^[34][^$]*", exercise.question)
        letter = found[0]
        function = re.findall(rf"-?\d*{letter}\^[34][^$]*", exercise.question)[0]
        at, step = Fraction(2), Fraction(1, 10**9)
        slope = (polynomial(function, letter, at + step) - polynomial(function, letter, at - step)) / (2 * step)
        assert abs(slope - polynomial(exercise.answer.strip("$"), letter, at)) < Fraction(1, 10**6)


def test_urns_give_the_share_of_pairs() -> None:
    for exercise in draws(analysis.urn):
        red, blue = (int(number) for number in numbers(exercise.question)[:2])
        assert Fraction(comb(red, 2), comb(red + blue, 2)) == value(exercise.answer)


def test_committees_are_counted_by_factorials() -> None:
    for exercise in draws(analysis.committee):
        low, high = sorted(int(number) for number in numbers(exercise.question))
        assert factorial(high) // factorial(low) // factorial(high - low) == int(exercise.answer)


def test_braking_distances_follow_from_energy() -> None:
    for exercise in draws(physics.braking):
        speed, slowing = numbers(exercise.question)[:2]
        assert rounds_to(speed**2 / slowing / 2, exercise.answer)


def test_images_satisfy_the_lens_equation() -> None:
    for exercise in draws(physics.lens):
        distance, focal = numbers(exercise.question)[:2]
        assert rounds_to(1 / (1 / focal - 1 / distance), exercise.answer)


def test_burnt_carbon_comes_out_as_carbon_dioxide() -> None:
    for exercise in draws(chemistry.combustion):
        found = re.search(r"\\mathrm\{C\}(?:_(\d+))?\\mathrm\{H\}_\{?(\d+)", exercise.question)
        mass = re.search(r"(\d+) g", exercise.question)
        assert found is not None
        assert mass is not None
        carbon, hydrogen = int(found.group(1) or 1), int(found.group(2))
        moles = int(mass.group(1)) / (carbon * 12.011 + hydrogen * 1.008)
        assert rounds_to(moles * carbon * 44.009, exercise.answer)


def test_messenger_rna_pairs_with_its_template() -> None:
    pairs = {"A": "U", "T": "A", "C": "G", "G": "C"}
    for exercise in draws(biology.transcription):
        found = re.search(r"3'-([ACGT]+)-5'", exercise.question)
        assert found is not None
        assert exercise.answer == "5'-" + "".join(pairs[base] for base in found.group(1)) + "-3'"


def test_carriers_follow_from_the_share_of_the_sick() -> None:
    for exercise in draws(biology.hardy_weinberg):
        sick, people = sorted(float(number) for number in numbers(exercise.question))
        q = (sick / people) ** 0.5
        assert 2 * q * (1 - q) * people == pytest.approx(int(exercise.answer), abs=1)


def test_interest_is_compounded_year_by_year() -> None:
    for exercise in draws(economics.compound_interest):
        amount = numbers(exercise.question)[0]
        percent = Fraction(re.findall(r"([\d.]+) %", exercise.question)[0])
        for _ in range(int(re.findall(r"(\d+) years", exercise.question)[0])):
            amount += amount * percent / 100
        assert rounds_to(amount, exercise.answer)


def test_markets_clear_at_the_stated_price() -> None:
    for exercise in draws(economics.equilibrium):
        demand, supply = formulas_in(exercise.question)[:2]
        price, quantity = numbers(exercise.answer)
        for side in (demand, supply):
            assert polynomial(side.split("= ")[-1], "p", price) == quantity


def test_limitation_ends_with_the_last_day_of_a_year() -> None:
    for exercise in draws(law.limitation):
        years = int(re.search(r"(\d+) years", exercise.question).group(1))  # type: ignore[union-attr]
        start = day(re.search(r"\d+ [A-Z][a-z]+ \d{4}", exercise.question).group(0))  # type: ignore[union-attr]
        assert day(exercise.answer) == date(start.year + years, 12, 31)


def test_notice_ends_after_whole_weeks() -> None:
    for exercise in draws(law.notice):
        weeks = int(re.search(r"(\d+) weeks", exercise.question).group(1))  # type: ignore[union-attr]
        start = day(re.search(r"\d+ [A-Z][a-z]+ \d{4}", exercise.question).group(0))  # type: ignore[union-attr]
        assert day(exercise.answer) == start + timedelta(days=7 * weeks)


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (1013, "11th century"),
        (1800, "18th century"),
        (1801, "19th century"),
        (2000, "20th century"),
        (2101, "22nd century"),
    ],
)
def test_a_century_ends_with_its_hundredth_year(year: int, expected: str) -> None:
    assert history.century(year) == expected


def test_there_is_no_year_zero() -> None:
    for exercise in draws(history.before_our_era):
        before = int(re.search(r"(\d+) BC", exercise.question).group(1))  # type: ignore[union-attr]
        after = int(re.search(r"AD (\d+)", exercise.question).group(1))  # type: ignore[union-attr]
        astronomical = after - (1 - before)
        assert exercise.answer == f"{astronomical} years"


def printed(program: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(program, {})
    return out.getvalue().strip()


@pytest.mark.parametrize("template", code_help.TEMPLATES)
def test_programs_print_what_their_answers_say(template: Callable[[Random], Exercise]) -> None:
    for exercise in draws(template, 20):
        (program,) = code_in(exercise.solution)
        assert f"`{printed(program)}`" == exercise.answer


@pytest.mark.parametrize("template", [computing.loop_output, computing.recursion, computing.slicing])
def test_questions_about_output_have_the_output_as_answer(template: Callable[[Random], Exercise]) -> None:
    for exercise in draws(template, 20):
        (program,) = code_in(exercise.question)
        assert printed(program) == exercise.answer


def test_binary_search_needs_as_many_steps_as_halvings() -> None:
    for exercise in draws(computing.binary_search):
        size, steps = int(numbers(exercise.question)[0]), 0
        while size:
            size, steps = size // 2, steps + 1
        assert steps == int(exercise.answer)
