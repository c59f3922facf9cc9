"""Exercises in economics and finance. Sums of money are in euros, crowns or pounds, spelled out."""

from fractions import Fraction
from random import Random

from mammoth_spark.demo.exercises.exercise import (
    NAMES,
    Exercise,
    decimal,
    distinct_wrong,
    frac,
    wrong_numbers,
)

GOODS = (
    "coffee", "bicycles", "wheat", "timber", "umbrellas", "honey", "cement", "lamps", "paper", "olive oil",
    "bricks", "fish", "carpets", "tea",
)  # fmt: skip


def equilibrium(rng: Random) -> Exercise:
    good, price, b, d = rng.choice(GOODS), rng.randint(3, 60), rng.randint(1, 9), rng.randint(1, 9)
    c = rng.randint(-20, 40)
    quantity = c + d * price
    if quantity < 5:
        c, quantity = 10, 10 + d * price
    a = quantity + b * price
    supply = f"{c} + {d}p" if c >= 0 else f"{d}p - {-c}"
    question = rng.choice(
        [
            f"The demand for {good} is $q_d = {a} - {b}p$ and the supply is $q_s = {supply}$. Find the "
            "equilibrium price and quantity.",
            f"In the market for {good} buyers want ${a} - {b}p$ units and sellers offer ${supply}$ units at "
            "the price $p$. At which price does the market clear, and how much is traded?",
        ]
    )
    answer = f"price {price}, quantity {quantity}"
    solution = (
        f"Set demand equal to supply:\n\n$${a} - {b}p = {supply}$$\n\nThis gives ${b + d}p = {a - c}$, so "
        f"$p = {price}$ and $q = {a} - {b} \\cdot {price} = {quantity}$."
    )
    wrong = [f"price {price + x}, quantity {quantity + y}" for x, y in [(1, d), (-1, -d), (2, 0), (0, b)]]
    return Exercise("market equilibrium", question, answer, solution, distinct_wrong(answer, wrong))


def compound_interest(rng: Random) -> Exercise:
    capital, percent, years = 100 * rng.randint(5, 300), Fraction(rng.randint(2, 16), 2), rng.randint(2, 9)
    value = capital * (1 + percent / 100) ** years
    name, money = rng.choice(NAMES), rng.choice(["euros", "pounds", "crowns"])
    question = rng.choice(
        [
            f"{name} invests {capital} {money} at {decimal(percent)} % interest a year, compounded yearly. "
            f"How much is it after {years} years, rounded to two decimals?",
            f"To what amount do {capital} {money} grow in {years} years at a yearly rate of "
            f"{decimal(percent)} % if interest is added at the end of each year? Round to two decimals.",
        ]
    )
    solution = (
        f"Each year multiplies the capital by ${decimal(1 + percent / 100, 4)}$:\n\n$$K = {capital} \\cdot "
        f"{decimal(1 + percent / 100, 4)}^{years} \\approx {decimal(value)}$$"
    )
    return Exercise(
        "compound interest",
        question,
        f"{decimal(value)} {money}",
        solution,
        wrong_numbers(rng, value, f" {money}"),
    )


def elasticity(rng: Random) -> Exercise:
    good = rng.choice(GOODS)
    p1, p2 = rng.sample(range(4, 60), 2)
    q1, q2 = rng.sample(range(100, 900, 5), 2)
    if (p1 < p2) == (q1 < q2):
        q1, q2 = q2, q1
    value = Fraction(q2 - q1, q1 + q2) / Fraction(p2 - p1, p1 + p2)
    question = rng.choice(
        [
            f"When the price of {good} changes from {p1} to {p2}, the quantity sold changes from {q1} to "
            f"{q2}. Compute the price elasticity of demand by the midpoint formula, rounded to two "
            "decimals.",
            f"At a price of {p1} a shop sells {q1} units of {good}, at {p2} it sells {q2}. What is the arc "
            "(midpoint) elasticity of demand to two decimals?",
        ]
    )
    solution = (
        "The relative changes are taken from the means:\n\n$$E = "
        f"{frac(frac(q2 - q1, f'({q1} + {q2})/2'), frac(p2 - p1, f'({p1} + {p2})/2'))} \\approx "
        f"{decimal(value)}$$"
    )
    return Exercise("elasticity", question, decimal(value), solution, wrong_numbers(rng, value))


def break_even(rng: Random) -> Exercise:
    units, margin, cost = rng.randint(20, 900), rng.randint(2, 40), rng.randint(3, 50)
    good, name = rng.choice(GOODS), rng.choice(NAMES)
    question = rng.choice(
        [
            f"{name}'s firm has fixed costs of {units * margin} euros a month. A unit of {good} costs {cost} "
            f"euros to make and sells for {cost + margin} euros. How many units must be sold to break even?",
            f"With {units * margin} euros of fixed costs, {cost} euros of variable cost a unit and a price "
            f"of {cost + margin} euros, at which output does a maker of {good} make neither profit nor "
            "loss?",
        ]
    )
    solution = (
        f"Each unit contributes ${cost + margin} - {cost} = {margin}$ euros. The fixed costs are covered "
        f"at\n\n$$q = {frac(units * margin, margin)} = {units}$$"
    )
    return Exercise("break-even point", question, f"{units} units", solution, wrong_numbers(rng, units, " units"))


def real_growth(rng: Random) -> Exercise:
    nominal, inflation = Fraction(rng.randint(-20, 120), 10), Fraction(rng.randint(5, 95), 10)
    value = ((1 + nominal / 100) / (1 + inflation / 100) - 1) * 100
    country = rng.choice(["Arvenia", "Belmora", "Castavia", "Dorland", "Estwick", "Farrowland"])
    question = rng.choice(
        [
            f"Nominal output in {country} grew by {decimal(nominal)} % while prices rose by "
            f"{decimal(inflation)} %. What was the exact real growth rate in per cent, rounded to two "
            "decimals?",
            f"Wages in {country} change by {decimal(nominal)} % in a year with {decimal(inflation)} % "
            "inflation. By how many per cent does their purchasing power change, exactly and to two "
            "decimals?",
        ]
    )
    solution = (
        "Divide the growth factors:\n\n$$r = "
        f"{frac(decimal(1 + nominal / 100, 4), decimal(1 + inflation / 100, 4))} - 1$$\n\nIn per cent this "
        f"is {decimal(value)}."
    )
    return Exercise("real growth", question, f"{decimal(value)} %", solution, wrong_numbers(rng, value, " %"))


def opportunity_cost(rng: Random) -> Exercise:
    first, second = rng.sample(GOODS, 2)
    one, two = rng.sample(["Arvenia", "Belmora", "Castavia", "Dorland", "Estwick", "Farrowland"], 2)
    a, b = rng.sample(range(2, 30), 2)
    c, d = rng.sample(range(2, 30), 2)
    if a * d == b * c:
        d += 1
    better = one if Fraction(b, a) < Fraction(d, c) else two
    question = rng.choice(
        [
            f"In a day a worker makes {a} units of {first} or {b} units of {second} in {one}, and {c} units "
            f"of {first} or {d} units of {second} in {two}. Which country has the comparative advantage in "
            f"{first}?",
            f"{one} can turn one day of labour into {a} {first} or {b} {second}; {two} into {c} {first} or "
            f"{d} {second}. Who should specialise in {first} by comparative advantage?",
        ]
    )
    solution = (
        f"A unit of {first} costs ${frac(b, a)}$ units of {second} in {one} and ${frac(d, c)}$ in {two}. "
        f"The cost is lower in {better}."
    )
    other = two if better == one else one
    return Exercise("comparative advantage", question, better, solution, (other, "both", "neither"))


def progressive_tax(rng: Random) -> Exercise:
    free, limit = 1000 * rng.randint(5, 14), 1000 * rng.randint(20, 40)
    low, high = rng.choice([10, 15, 20]), rng.choice([25, 30, 35, 40])
    income = limit + 100 * rng.randint(10, 600)
    value = Fraction((limit - free) * low + (income - limit) * high, 100)
    name = rng.choice(NAMES)
    question = rng.choice(
        [
            f"Income up to {free} crowns is free of tax, the part from there to {limit} crowns is taxed at "
            f"{low} %, and what exceeds {limit} crowns at {high} %. How much tax does {name} pay on {income} "
            "crowns?",
            f"{name} earns {income} crowns. The tariff is: nothing on the first {free}, {low} % on the part "
            f"up to {limit}, {high} % above. Compute the tax.",
        ]
    )
    solution = (
        f"Tax each slice at its own rate:\n\n$${frac(low, 100)} \\cdot {limit - free} + {frac(high, 100)} "
        f"\\cdot {income - limit} = {decimal(value)}$$"
    )
    return Exercise(
        "progressive taxes",
        question,
        f"{decimal(value)} crowns",
        solution,
        wrong_numbers(rng, value, " crowns"),
    )


TEMPLATES = (
    equilibrium,
    compound_interest,
    elasticity,
    break_even,
    real_growth,
    opportunity_cost,
    progressive_tax,
)
