"""Exercises in mathematics: numbers, equations, matrices."""

from fractions import Fraction
from math import gcd, lcm
from random import Random

from mammoth_spark.demo.exercises.exercise import (
    NAMES,
    Exercise,
    decimal,
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


def linear_equation(rng: Random) -> Exercise:
    x = rng.choice(LETTERS)
    a, c = rng.randint(4, 19), rng.randint(2, 3)
    b, d = nonzero(rng, -30, 30), nonzero(rng, -40, 40)
    root = Fraction(d - b, a - c)
    left, right = polynomial([a, b], x), polynomial([c, d], x)
    question = rng.choice(
        [
            f"Solve the equation ${left} = {right}$ for ${x}$.",
            f"For which value of ${x}$ do ${left}$ and ${right}$ agree?",
            f"Find the only number ${x}$ that satisfies ${left} = {right}$.",
            f"{rng.choice(NAMES)} writes ${left} = {right}$ on the board. What must ${x}$ be?",
        ]
    )
    solution = (
        f"Bring the terms with ${x}$ to the left and the numbers to the right:\n\n"
        f"$${polynomial([a - c, 0], x)} = {d - b}$$\n\nDivide by {a - c} to get "
        f"${x} = {fraction_tex(root)}$."
    )
    return Exercise("linear equations", question, math(root), solution, wrong_fractions(root))


def quadratic_roots(rng: Random) -> Exercise:
    x = rng.choice(LETTERS)
    first = nonzero(rng, -14, 14)
    second = rng.choice([n for n in range(-14, 15) if n not in (0, first, -first)])
    low, high = sorted((first, second))
    equation = polynomial([1, -(first + second), first * second], x)
    question = rng.choice(
        [
            f"Find both solutions of the quadratic equation ${equation} = 0$.",
            f"What are the roots of the polynomial $p({x}) = {equation}$?",
            f"At which two points does the parabola $f({x}) = {equation}$ cross the horizontal axis?",
            f"Factorise ${equation}$ and read off its zeros.",
        ]
    )
    root = abs(first - second)
    formula = frac(rf"{first + second} \pm \sqrt{{{root**2}}}", 2)
    reduced = frac(rf"{first + second} \pm {root}", 2)
    solution = (
        f"The discriminant is $({-(first + second)})^2 - 4 \\cdot ({first * second}) = {root**2}$, so\n\n"
        f"$${x} = {formula} = {reduced}$$\n\nwhich gives ${x} = {low}$ and ${x} = {high}$."
    )
    wrong = [
        f"${x} = {a}$ and ${x} = {b}$"
        for a, b in [(-high, -low), (low - 1, high + 1), (low + 1, high), (low, high + 2), (low - 3, high)]
    ]
    answer = f"${x} = {low}$ and ${x} = {high}$"
    return Exercise("quadratic equations", question, answer, solution, distinct_wrong(answer, wrong))


def fraction_sum(rng: Random) -> Exercise:
    denominators = rng.sample([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15], 2)
    first = Fraction(rng.randint(1, denominators[0] - 1), denominators[0])
    second = Fraction(rng.randint(1, denominators[1] - 1), denominators[1])
    total, common = first + second, lcm(first.denominator, second.denominator)
    one, two = fraction_tex(first), fraction_tex(second)
    name, other = rng.sample(NAMES, 2)
    thing = rng.choice(["a field", "a pizza", "a wall", "a long film", "the ribbon", "a barrel of water"])
    question = rng.choice(
        [
            f"Calculate ${one} + {two}$ and give the result in lowest terms.",
            f"{name} uses ${one}$ of {thing} and {other} uses ${two}$ of another one of the same size. How "
            "much is that together?",
            f"Write the sum of ${one}$ and ${two}$ as a single fraction.",
        ]
    )
    a, b = int(first * common), int(second * common)
    end = "" if gcd(a + b, common) == 1 else f" = {fraction_tex(total)}"
    solution = (
        f"The least common denominator of {first.denominator} and {second.denominator} is {common}, "
        f"hence\n\n$${one} + {two} = {frac(a, common)} + {frac(b, common)} = {frac(a + b, common)}{end}$$"
    )
    naive = Fraction(first.numerator + second.numerator, first.denominator + second.denominator)
    wrong = [
        math(naive),
        math(total + Fraction(1, common)),
        math(total - Fraction(1, common)),
        math(first * second),
    ]
    return Exercise("adding fractions", question, math(total), solution, distinct_wrong(math(total), wrong))


def two_equations(rng: Random) -> Exercise:
    x, y = nonzero(rng, -9, 9), nonzero(rng, -9, 9)
    a, b = rng.randint(1, 7), nonzero(rng, -7, 7)
    c, d = rng.choice([(p, q) for p in range(1, 8) for q in range(-7, 8) if q and a * q != b * p])
    first, second = (
        f"{polynomial([a, 0])}{_term(b)} = {a * x + b * y}",
        f"{polynomial([c, 0])}{_term(d)} = {c * x + d * y}",
    )
    question = rng.choice(
        [
            f"Solve the system of equations\n\n$${first}$$\n\n$${second}$$",
            f"Two lines are given by ${first}$ and ${second}$. Where do they meet?",
            f"Find $x$ and $y$ such that ${first}$ and also ${second}$.",
        ]
    )
    solution = (
        f"By Cramer's rule the determinant of the system is ${a} \\cdot ({d}) - ({b}) \\cdot {c} = "
        f"{a * d - b * c}$. Then $x = {frac((a * x + b * y) * d - b * (c * x + d * y), a * d - b * c)} = "
        f"{x}$ and $y = {frac(a * (c * x + d * y) - c * (a * x + b * y), a * d - b * c)} = {y}$."
    )
    answer = f"$x = {x}$, $y = {y}$"
    wrong = [f"$x = {p}$, $y = {q}$" for p, q in [(y, x), (-x, -y), (x + 1, y), (x, y - 1), (x - 1, y + 2)]]
    return Exercise("systems of equations", question, answer, solution, distinct_wrong(answer, wrong))


def _term(coefficient: int) -> str:
    size = "" if abs(coefficient) == 1 else abs(coefficient)
    return f"{' - ' if coefficient < 0 else ' + '}{size}y"


def greatest_divisor(rng: Random) -> Exercise:
    common = rng.randint(3, 36)
    first, second = rng.sample(range(2, 30), 2)
    a, b = common * first, common * second
    answer = gcd(a, b)
    question = rng.choice(
        [
            f"What is the greatest common divisor of {a} and {b}?",
            f"Use Euclid's algorithm to find $\\gcd({a}, {b})$.",
            f"A floor of {a} cm by {b} cm shall be covered with equal square tiles as large as possible. How "
            "many centimetres long is the side of a tile?",
        ]
    )
    steps, p, q = [], max(a, b), min(a, b)
    while q:
        steps.append(f"- ${p} = {p // q} \\cdot {q} + {p % q}$")
        p, q = q, p % q
    solution = (
        "Divide with remainder until nothing is left:\n\n"
        + "\n".join(steps)
        + f"\n\nThe last remainder that is not zero is {answer}."
    )
    return Exercise("greatest common divisor", question, str(answer), solution, wrong_numbers(rng, answer))


def percent_change(rng: Random) -> Exercise:
    old, percent = 20 * rng.randint(6, 120), 5 * rng.choice([n for n in range(-12, 25) if n])
    new = old * (100 + percent) // 100
    name = rng.choice(NAMES)
    thing = rng.choice(["a bicycle", "a season ticket", "a tonne of sand", "a membership", "a guitar", "a server"])
    question = rng.choice(
        [
            f"The price of {thing} went from {old} euros to {new} euros. By how many per cent did it change?",
            f"Last year {name} paid {old} euros for {thing}, this year {new} euros. State the change in per cent.",
            f"A town had {old} inhabitants and now has {new}. What is the relative change in per cent?",
        ]
    )
    solution = (
        f"The change is ${new} - {old} = {new - old}$. Relative to the old value this "
        f"is\n\n$${frac(new - old, old)} \\cdot 100 = {percent}$$\n\nso the change is {percent} %."
    )
    wrong = [f"{-percent} %", f"{percent + 5} %", f"{percent - 5} %", f"{percent * 2} %", f"{percent + 10} %"]
    return Exercise("percentages", question, f"{percent} %", solution, distinct_wrong(f"{percent} %", wrong))


def logarithm(rng: Random) -> Exercise:
    base, exponent = rng.choice([2, 3, 4, 5, 6, 7, 10]), rng.randint(2, 5)
    shift, factor = nonzero(rng, -20, 20), rng.randint(2, 9)
    value = Fraction(base**exponent - shift, factor)
    inside = polynomial([factor, shift])
    question = rng.choice(
        [
            f"Solve $\\log_{{{base}}} ({inside}) = {exponent}$.",
            f"For which $x$ is the logarithm of ${inside}$ to base {base} equal to {exponent}?",
        ]
    )
    solution = (
        f"By the definition of the logarithm, ${inside} = {base}^{exponent} = {base**exponent}$. "
        f"Hence\n\n$$x = {frac(f'{base**exponent}{plus(-shift)}', factor)} = {fraction_tex(value)}$$"
    )
    return Exercise("logarithms", question, math(value), solution, wrong_fractions(value))


def last_remainder(rng: Random) -> Exercise:
    base, exponent, modulus = rng.randint(2, 19), rng.randint(6, 90), rng.choice([7, 9, 11, 13, 17, 19])
    value = pow(base, exponent, modulus)
    order = next((k for k in range(1, modulus) if pow(base, k, modulus) == 1), 0)
    question = rng.choice(
        [
            f"Which remainder does ${base}^{{{exponent}}}$ leave on division by {modulus}?",
            f"Find the smallest non-negative $r$ with ${base}^{{{exponent}}} \\equiv r$ modulo {modulus}.",
        ]
    )
    if order:
        solution = (
            f"Modulo {modulus} the powers of {base} repeat with period {order}, because ${base}^{{{order}}} "
            f"\\equiv 1$. Since ${exponent} = {exponent // order} \\cdot {order} + {exponent % order}$, the "
            f"remainder is that of ${base}^{{{exponent % order}}}$, which is {value}."
        )
    else:
        solution = f"Square and multiply modulo {modulus}: the result is {value}."
    wrong = [str((value + k) % modulus) for k in (1, 2, 3, 5)]
    return Exercise("modular arithmetic", question, str(value), solution, distinct_wrong(str(value), wrong))


def complex_product(rng: Random) -> Exercise:
    a, b, c, d = (nonzero(rng, -9, 9) for _ in range(4))
    real, imaginary = a * c - b * d, a * d + b * c

    def number(p: int, q: int) -> str:
        return (
            polynomial([q, p], "i")
            if p == 0 or q == 0
            else f"{p}{' - ' if q < 0 else ' + '}{'' if abs(q) == 1 else abs(q)}i"
        )

    answer = f"${number(real, imaginary)}$"
    question = rng.choice(
        [
            f"Multiply the complex numbers $({number(a, b)})({number(c, d)})$ and write the result as $p + q i$.",
            f"Let $z = {number(a, b)}$ and $w = {number(c, d)}$. What is $zw$?",
        ]
    )
    solution = (
        f"Expand and use $i^2 = -1$: the real part is $({a}) \\cdot ({c}) - ({b}) \\cdot ({d}) = {real}$, "
        f"the imaginary part $({a}) \\cdot ({d}) + ({b}) \\cdot ({c}) = {imaginary}$."
    )
    wrong = [
        f"${number(p, q)}$"
        for p, q in [
            (a * c + b * d, imaginary),
            (real, -imaginary),
            (real + 1, imaginary),
            (a * c, b * d),
            (real, imaginary + 2),
        ]
    ]
    return Exercise("complex numbers", question, answer, solution, distinct_wrong(answer, wrong))


def determinant(rng: Random) -> Exercise:
    a, b, c, d = (nonzero(rng, -12, 12) for _ in range(4))
    value = a * d - b * c
    matrix = rf"\begin{{pmatrix}} {a} & {b} \\ {c} & {d} \end{{pmatrix}}"
    question = rng.choice(
        [
            f"Compute the determinant of the matrix\n\n$$A = {matrix}$$",
            f"Let $M = {matrix}$. What is $\\det M$?",
        ]
    )
    solution = (
        f"For a matrix of two rows the determinant is $ad - bc$, here\n\n$$({a}) \\cdot ({d}) - ({b}) "
        f"\\cdot ({c}) = {value}$$"
    )
    return Exercise("determinants", question, str(value), solution, wrong_numbers(rng, value))


def mixture(rng: Random) -> Exercise:
    strong, weak = rng.choice([40, 50, 60, 70, 80]), rng.choice([5, 10, 15, 20])
    first, second = rng.randint(2, 12), rng.randint(2, 12)
    value = Fraction(strong * first + weak * second, first + second)
    name = rng.choice(NAMES)
    drink = rng.choice(["syrup", "acid", "salt solution", "alcohol", "juice"])
    question = (
        f"{name} mixes {first} litres of {strong} % {drink} with {second} litres of {weak} % {drink}. What "
        "is the concentration of the mixture in per cent, rounded to two decimals?"
    )
    solution = (
        f"The pure part is ${decimal(Fraction(strong, 100))} \\cdot {first} + "
        f"{decimal(Fraction(weak, 100))} \\cdot {second} = "
        f"{decimal(Fraction(strong * first + weak * second, 100))}$ litres of {first + second} litres, that "
        f"is {decimal(value)} %."
    )
    return Exercise("mixtures", question, f"{decimal(value)} %", solution, wrong_numbers(rng, value, " %"))


TEMPLATES = (
    linear_equation,
    quadratic_roots,
    fraction_sum,
    two_equations,
    greatest_divisor,
    percent_change,
    logarithm,
    last_remainder,
    complex_product,
    determinant,
    mixture,
)
