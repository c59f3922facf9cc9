"""Exercises in mathematics: calculus, series, curves, chance."""

from fractions import Fraction
from math import comb, gcd, isqrt
from random import Random

from mammoth_spark.demo.exercises.exercise import (
    NAMES,
    Exercise,
    distinct_wrong,
    frac,
    fraction_tex,
    math,
    nonzero,
    plus,
    polynomial,
    wrong_fractions,
    wrong_numbers,
)

LETTERS = ("x", "y", "t", "u", "z", "s")


def derivative(rng: Random) -> Exercise:
    x = rng.choice(LETTERS)
    degree = rng.choice([3, 4])
    coefficients = [nonzero(rng, -9, 9) for _ in range(degree)] + [rng.randint(-20, 20)]
    slopes = [c * (degree - i) for i, c in enumerate(coefficients[:-1])]
    function, result = polynomial(coefficients, x), polynomial(slopes, x)
    question = rng.choice(
        [
            f"Differentiate $f({x}) = {function}$ with respect to ${x}$.",
            f"Find $f'({x})$ if $f({x}) = {function}$.",
            f"What is the derivative of the polynomial ${function}$?",
        ]
    )
    steps = "\n".join(
        f"- the term ${polynomial([c] + [0] * (degree - i), x)}$ becomes "
        f"${polynomial([c * (degree - i)] + [0] * (degree - i - 1), x)}$"
        for i, c in enumerate(coefficients[:-1])
    )
    solution = (
        f"Use the power rule for each term; a constant disappears.\n\n{steps}\n\nTogether:\n\n$$f'({x}) = {result}$$"
    )
    wrong = [
        polynomial(coefficients[:-1], x),
        polynomial([*slopes[:-1], slopes[-1] + 1], x),
        polynomial([-s for s in slopes], x),
        polynomial([slopes[0] + degree, *slopes[1:]], x),
    ]
    return Exercise(
        "derivatives",
        question,
        f"${result}$",
        solution,
        distinct_wrong(f"${result}$", [f"${w}$" for w in wrong]),
    )


def tangent_slope(rng: Random) -> Exercise:
    a, b, c, at = nonzero(rng, -7, 7), nonzero(rng, -12, 12), rng.randint(-15, 15), nonzero(rng, -6, 6)
    slope = 2 * a * at + b
    value = a * at * at + b * at + c
    curve = polynomial([a, b, c])
    question = rng.choice(
        [
            f"What is the slope of the tangent to $y = {curve}$ at $x = {at}$?",
            f"A curve has the equation $y = {curve}$. Find the gradient of the curve at the point $({at}, {value})$.",
            f"How steep is the graph of $g(x) = {curve}$ where $x = {at}$?",
        ]
    )
    solution = (
        f"The derivative is $y' = {polynomial([2 * a, b])}$. At $x = {at}$ it equals $2 \\cdot ({a}) \\cdot "
        f"({at}){plus(b)} = {slope}$."
    )
    return Exercise("tangents", question, str(slope), solution, wrong_numbers(rng, slope))


def definite_integral(rng: Random) -> Exercise:
    a, b, upper = rng.randint(1, 9), nonzero(rng, -9, 9), rng.randint(2, 9)
    lower = rng.randint(-2, 1)
    value = Fraction(a * (upper**3 - lower**3), 3) + Fraction(b * (upper**2 - lower**2), 2)
    integrand = polynomial([a, b, 0])
    integral = rf"\int_{{{lower}}}^{{{upper}}} ({integrand}) \, dx"
    question = rng.choice(
        [
            f"Evaluate the definite integral\n\n$${integral}$$",
            f"Compute ${integral}$ exactly.",
            f"Determine the signed area between the graph of $h(x) = {integrand}$ and the $x$-axis from $x = "
            f"{lower}$ to $x = {upper}$.",
        ]
    )
    cubic, square = (fraction_tex(abs(n)) if abs(n) != 1 else "" for n in (Fraction(a, 3), Fraction(b, 2)))
    primitive = f"{cubic} x^3{' - ' if b < 0 else ' + '}{square} x^2".strip()
    solution = (
        f"A primitive of the integrand is $F(x) = {primitive}$. Then\n\n$${integral} = F({upper}) - "
        f"F({lower}) = {fraction_tex(value)}$$"
    )
    return Exercise("definite integrals", question, math(value), solution, wrong_fractions(value))


def arithmetic_series(rng: Random) -> Exercise:
    a, b, n = rng.randint(2, 9), rng.randint(-9, 20), rng.randint(8, 60)
    total = a * n * (n + 1) // 2 + b * n
    sigma = rf"\sum_{{k=1}}^{{{n}}} ({polynomial([a, b], 'k')})"
    question = rng.choice(
        [
            f"Evaluate the sum\n\n$${sigma}$$",
            f"The terms of a sequence are $a_k = {polynomial([a, b], 'k')}$. Add up the first {n} terms.",
            f"What is ${sigma}$?",
        ]
    )
    extra = f" + {n} \\cdot ({b})" if b else ""
    half = frac(rf"{n} \cdot {n + 1}", 2)
    solution = (
        f"Since $\\sum_{{k=1}}^{{n}} k = {frac('n(n+1)', 2)}$, the sum is\n\n$${a} \\cdot {half}{extra} = {total}$$"
    )
    return Exercise("arithmetic series", question, str(total), solution, wrong_numbers(rng, total))


def geometric_series(rng: Random) -> Exercise:
    first = rng.randint(1, 24)
    below = rng.randint(2, 9)
    above = rng.choice([n for n in range(1, below) if gcd(n, below) == 1])
    ratio = Fraction(above, below)
    total = first / (1 - ratio)
    question = rng.choice(
        [
            f"A geometric series begins with {first} and has the ratio ${fraction_tex(ratio)}$. To which "
            "number does it converge?",
            f"Find the value of $\\sum_{{n=0}}^{{\\infty}} {first} \\left({fraction_tex(ratio)}\\right)^n$.",
        ]
    )
    solution = (
        f"Because $|r| < 1$ the series converges to\n\n$${frac('a', '1 - r')} = "
        f"{frac(first, f'1 - {fraction_tex(ratio)}')} = {fraction_tex(total)}$$"
    )
    return Exercise("geometric series", question, math(total), solution, wrong_fractions(total))


def rational_limit(rng: Random) -> Exercise:
    root, other = nonzero(rng, -12, 12), nonzero(rng, -12, 12)
    value = root - other
    above = polynomial([1, -(root + other), root * other])
    limit = rf"\lim_{{x \to {root}}} {frac(above, polynomial([1, -root]))}"
    question = rng.choice(
        [
            f"Determine the limit\n\n$${limit}$$",
            f"Does ${limit}$ exist, and what is its value?",
        ]
    )
    solution = (
        f"The numerator is $(x{plus(-root)})(x{plus(-other)})$. For $x \\ne {root}$ the common factor "
        f"cancels, and\n\n$$\\lim_{{x \\to {root}}} (x{plus(-other)}) = {value}$$"
    )
    return Exercise("limits", question, str(value), solution, wrong_numbers(rng, value))


def vertex(rng: Random) -> Exercise:
    h, k, a = nonzero(rng, -9, 9), nonzero(rng, -20, 20), rng.choice([-3, -2, -1, 1, 2, 3, 4])
    curve = polynomial([a, -2 * a * h, a * h * h + k])
    kind = "highest" if a < 0 else "lowest"
    question = rng.choice(
        [
            f"Find the vertex of the parabola $y = {curve}$.",
            f"What is the {kind} point on the graph of $f(x) = {curve}$?",
            f"Complete the square in ${curve}$ and state the coordinates of the turning point of its graph.",
        ]
    )
    size = {1: "", -1: "-"}.get(a, str(a))
    solution = (
        f"Completing the square gives\n\n$${curve} = {size}(x{plus(-h)})^2{plus(k)}$$\n\nso the vertex is $({h}, {k})$."
    )
    wrong = [f"$({p}, {q})$" for p, q in [(-h, k), (h, -k), (k, h), (-h, -k), (h + 1, k)]]
    return Exercise("parabolas", question, f"$({h}, {k})$", solution, distinct_wrong(f"$({h}, {k})$", wrong))


def hypotenuse(rng: Random) -> Exercise:
    a, b = rng.randint(2, 30), rng.randint(2, 30)
    square = a * a + b * b
    outside = max(k for k in range(1, isqrt(square) + 1) if square % (k * k) == 0)
    inside = square // outside**2
    root = str(outside) if inside == 1 else rf"{outside if outside > 1 else ''}\sqrt{{{inside}}}"
    end = "" if outside == 1 else f" = {root}"
    question = rng.choice(
        [
            f"The legs of a right triangle measure {a} cm and {b} cm. How long is the hypotenuse, exactly?",
            f"A ladder's foot stands {a} m from a wall and its top touches the wall {b} m above the ground. "
            "Give the exact length of the ladder in simplest form.",
            f"Find the exact distance of the point $({a}, {b})$ from the origin.",
        ]
    )
    solution = f"By Pythagoras\n\n$$c = \\sqrt{{{a}^2 + {b}^2}} = \\sqrt{{{square}}}{end}$$"
    wrong = [
        f"${a + b}$",
        rf"$\sqrt{{{square + 1}}}$",
        rf"$\sqrt{{{abs(a * a - b * b) + 2}}}$",
        f"${square}$",
    ]
    return Exercise("right triangles", question, f"${root}$", solution, distinct_wrong(f"${root}$", wrong))


def urn(rng: Random) -> Exercise:
    red, blue = rng.randint(3, 15), rng.randint(3, 15)
    colours = rng.sample(["red", "blue", "green", "white", "black", "yellow"], 2)
    total = red + blue
    chance = Fraction(red * (red - 1), total * (total - 1))
    thing = rng.choice(["balls", "marbles", "discs", "counters"])
    question = rng.choice(
        [
            f"An urn holds {red} {colours[0]} and {blue} {colours[1]} {thing}. Two are drawn without "
            f"replacement. With what probability are both {colours[0]}?",
            f"From a bag with {red} {colours[0]} {thing} and {blue} {colours[1]} {thing} we take two, one "
            "after the other, and do not put them back. Find the probability that each of them is "
            f"{colours[0]}.",
        ]
    )
    solution = (
        f"The first is {colours[0]} with probability ${frac(red, total)}$, the second then with "
        f"${frac(red - 1, total - 1)}$. The product is\n\n$${frac(red, total)} \\cdot "
        f"{frac(red - 1, total - 1)} = {fraction_tex(chance)}$$"
    )
    wrong = [
        math(Fraction(red, total) ** 2),
        math(Fraction(red, total)),
        math(1 - chance),
        math(Fraction(red * blue, total * (total - 1))),
    ]
    return Exercise("probability", question, math(chance), solution, distinct_wrong(math(chance), wrong))


def committee(rng: Random) -> Exercise:
    people, seats = rng.randint(7, 26), rng.randint(3, 5)
    value = comb(people, seats)
    group = rng.choice(["a class", "a choir", "a club", "a village council", "a chess team", "a laboratory"])
    question = rng.choice(
        [
            f"In how many ways can {seats} delegates be chosen from {group} of {people} people, if their "
            "order does not matter?",
            f"{group.capitalize()} has {people} members and elects a committee of {seats}. How many "
            "different committees are possible?",
        ]
    )
    above = r" \cdot ".join(str(people - k) for k in range(seats))
    below = r" \cdot ".join(str(k) for k in range(seats, 0, -1))
    solution = (
        "The order is of no importance, so we divide the number of arrangements by "
        f"${seats}!$:\n\n$${frac(above, below)} = {value}$$"
    )
    return Exercise("combinations", question, str(value), solution, wrong_numbers(rng, value))


def mean_and_variance(rng: Random) -> Exercise:
    values = [rng.randint(1, 30) for _ in range(rng.randint(4, 6))]
    mean = Fraction(sum(values), len(values))
    variance = sum(((v - mean) ** 2 for v in values), Fraction(0)) / len(values)
    listed = ", ".join(map(str, values))
    name = rng.choice(NAMES)
    question = rng.choice(
        [
            f"{name} measures the values {listed}. What are their mean and their variance (divide by the "
            "number of values)?",
            f"Compute the arithmetic mean and the population variance of the data {listed}.",
        ]
    )
    answer = f"mean {math(mean)}, variance {math(variance)}"
    solution = (
        f"The sum is {sum(values)}, so $\\mu = {frac(sum(values), len(values))} = {fraction_tex(mean)}$. "
        f"The mean of the squared deviations is\n\n$$\\sigma^2 = {frac(1, len(values))} "
        f"\\sum_{{i=1}}^{{{len(values)}}} (x_i - \\mu)^2 = {fraction_tex(variance)}$$"
    )
    wrong = [
        f"mean {math(mean + p)}, variance {math(variance * q + r)}"
        for p, q, r in [(1, 1, 0), (0, 2, 1), (0, 1, 1), (-1, 1, 2)]
    ]
    return Exercise("mean and variance", question, answer, solution, distinct_wrong(answer, wrong))


TEMPLATES = (
    derivative,
    tangent_slope,
    definite_integral,
    arithmetic_series,
    geometric_series,
    rational_limit,
    vertex,
    hypotenuse,
    urn,
    committee,
    mean_and_variance,
)
