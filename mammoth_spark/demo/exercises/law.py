"""Exercises in law under invented statutes; each question states the rule that it needs."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random

from mammoth_spark.demo.exercises.exercise import (
    NAMES,
    Exercise,
    decimal,
    distinct_wrong,
    frac,
    times,
    wrong_numbers,
)

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
COUNTRIES = ("Arvenia", "Belmora", "Castavia", "Dorland", "Estwick", "Farrowland", "Gaurania", "Hestmark")


def day_text(day: date) -> str:
    """A date as `3 May 2019`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _wrong_days(right: date) -> tuple[str, ...]:
    others = [right + timedelta(days=k) for k in (1, -1, 30, 365)]
    return distinct_wrong(day_text(right), [day_text(day) for day in others])


def limitation(rng: Random) -> Exercise:
    section, years = rng.randint(3, 190), rng.randint(2, 12)
    start = date(rng.randint(1995, 2022), rng.randint(1, 12), rng.randint(1, 28))
    end = date(start.year + years, 12, 31)
    country, (creditor, debtor) = rng.choice(COUNTRIES), rng.sample(NAMES, 2)
    claim = rng.choice(
        [
            "the price of a horse",
            "a builder's fee",
            "the repayment of a loan",
            "unpaid rent",
            "damage to a fence",
        ]
    )
    question = rng.choice(
        [
            f"Section {section} of the Claims Act of {country} lets a claim lapse {years} years after the "
            f"end of the calendar year in which it fell due. {creditor}'s claim against {debtor} for "
            f"{claim} fell due on {day_text(start)}. On which day is it still enforceable for the last "
            "time?",
            f"In {country} the limitation period is {years} years and begins at the close of the year in "
            f"which the claim arose (s. {section}). {debtor} has owed {creditor} {claim} since "
            f"{day_text(start)}. When does the period end?",
        ]
    )
    solution = (
        f"The period begins with the end of {start.year}, that is on 31 December {start.year}, and runs "
        f"{years} years. Its last day is {day_text(end)}."
    )
    wrong = (
        day_text(date(start.year + years, start.month, start.day)),
        f"31 December {end.year - 1}",
        f"31 December {end.year + 1}",
    )
    return Exercise("limitation periods", question, day_text(end), solution, distinct_wrong(day_text(end), list(wrong)))


def notice(rng: Random) -> Exercise:
    weeks = rng.randint(2, 16)
    given = date(2015, 1, 1) + timedelta(days=rng.randint(0, 3600))
    end = given + timedelta(weeks=weeks)
    country, (one, other) = rng.choice(COUNTRIES), rng.sample(NAMES, 2)
    contract = rng.choice(["tenancy", "employment", "maintenance contract", "lease of a garage", "insurance contract"])
    question = rng.choice(
        [
            f"Under the law of {country} notice to end a {contract} takes effect exactly {weeks} weeks "
            f"after it is received. {other} receives {one}'s notice on {day_text(given)}. On which date "
            f"does the {contract} end?",
            f"{one} gives {other} notice, received on {day_text(given)}. The statute of {country} sets a "
            f"period of {weeks} weeks for a {contract}. State the date on which it ends.",
        ]
    )
    solution = (
        f"The period of {weeks} weeks is {7 * weeks} days. Counted from {day_text(given)} it leads to {day_text(end)}."
    )
    return Exercise("notice periods", question, day_text(end), solution, _wrong_days(end))


def day_fines(rng: Random) -> Exercise:
    days, income = 5 * rng.randint(2, 36), 30 * rng.randint(30, 300)
    share = rng.choice([30, 60])
    value = days * income // share
    name, country = rng.choice(NAMES), rng.choice(COUNTRIES)
    offence = rng.choice(
        ["trespass", "forging a ticket", "libel", "illegal fishing", "reckless driving", "smuggling tobacco"]
    )
    question = rng.choice(
        [
            f"The Penal Code of {country} fixes fines in daily units; one unit is a "
            f"{'thirtieth' if share == 30 else 'sixtieth'} of the monthly net income. {name} earns {income} "
            f"crowns net a month and is sentenced to {days} units for {offence}. What is the fine?",
            f"For {offence} a court in {country} imposes {days} daily units on {name}, whose net income is "
            f"{income} crowns a month. If a unit equals 1/{share} of that income, how much must be paid?",
        ]
    )
    solution = (
        f"A unit is ${frac(income, share)} = {decimal(Fraction(income, share))}$ crowns, and {days} units "
        f"are {value} crowns."
    )
    return Exercise("fines", question, f"{value} crowns", solution, wrong_numbers(rng, value, " crowns"))


def majority(rng: Random) -> Exercise:
    members, absent = rng.randint(60, 450), rng.randint(0, 40)
    rule, share = rng.choice(
        [("two thirds", Fraction(2, 3)), ("three fifths", Fraction(3, 5)), ("three quarters", Fraction(3, 4))]
    )
    of_all = rng.random() < 0.5
    base = members if of_all else members - absent
    value = -(-(base * share.numerator) // share.denominator)
    whom = "of all its members" if of_all else "of the members present"
    country = rng.choice(COUNTRIES)
    house = rng.choice(["parliament", "senate", "constituent assembly", "council of deputies"])
    question = rng.choice(
        [
            f"The constitution of {country} may be amended by {rule} {whom} of the {house}. It has {members} "
            f"members, of whom {absent} are absent. How many votes are needed at least?",
            f"A bill in the {house} of {country} ({members} members, {absent} absent today) needs at least "
            f"{rule} {whom}. What is the smallest sufficient number of votes?",
        ]
    )
    solution = (
        f"The base is {base} members. ${frac(share.numerator, share.denominator)} \\cdot {base} = "
        f"{decimal(share * base)}$, rounded up to {value}."
    )
    return Exercise("majorities", question, f"{value} votes", solution, wrong_numbers(rng, value, " votes"))


def default_interest(rng: Random) -> Exercise:
    debt, percent, days = 730 * rng.randint(2, 60), rng.randint(4, 15), 5 * rng.randint(3, 70)
    value = Fraction(debt * percent * days, 36500)
    (creditor, debtor), country = rng.sample(NAMES, 2), rng.choice(COUNTRIES)
    question = rng.choice(
        [
            f"A debtor in default owes simple interest of {percent} % a year under the Code of {country}, "
            f"counted by days of a year of 365 days. {debtor} pays {creditor} the {debt} pounds owed {days} "
            "days late. How much interest is due, to two decimals?",
            f"{creditor} is owed {debt} pounds by {debtor}, who is {days} days in default. The statutory "
            f"rate in {country} is {percent} % a year (365 days, no compounding). Calculate the interest to "
            "two decimals.",
        ]
    )
    solution = (
        f"Simple interest for {days} days is\n\n$$Z = {frac(times(debt, percent, days), times(100, 365))} "
        f"\\approx {decimal(value)}$$"
    )
    return Exercise(
        "default interest",
        question,
        f"{decimal(value)} pounds",
        solution,
        wrong_numbers(rng, value, " pounds"),
    )


def inheritance(rng: Random) -> Exercise:
    children, estate = rng.randint(2, 7), 840 * rng.randint(10, 900)
    spouse = rng.choice([Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)])
    value = estate * (1 - spouse) / children
    name, country = rng.choice(NAMES), rng.choice(COUNTRIES)
    label = {2: "half", 3: "a third", 4: "a quarter"}[spouse.denominator]
    question = rng.choice(
        [
            f"{name} dies in {country} without a will and leaves a spouse, {children} children and an "
            f"estate of {estate} crowns. By the Succession Act the spouse takes {label} and the children "
            "share the rest equally. What does each child receive, to two decimals?",
            f"The law of {country} gives the surviving spouse {label} of the estate; the remainder goes to "
            f"the children in equal parts. {name}'s estate is {estate} crowns and there are {children} "
            "children. Compute the share of one child, to two decimals.",
        ]
    )
    rest = estate * (1 - spouse)
    solution = (
        f"After the spouse's part {decimal(rest)} crowns remain, and\n\n$${frac(decimal(rest), children)} "
        f"\\approx {decimal(value)}$$\n\ncrowns go to each child."
    )
    return Exercise("succession", question, f"{decimal(value)} crowns", solution, wrong_numbers(rng, value, " crowns"))


def capacity(rng: Random) -> Exercise:
    full, limited = rng.randint(17, 21), rng.randint(7, 14)
    born = date(rng.randint(1990, 2008), rng.randint(1, 12), rng.randint(1, 28))
    age = rng.randint(limited - 4, full + 3)
    signed = date(born.year + age, born.month, born.day) + timedelta(days=rng.randint(10, 300))
    value = 10 * rng.randint(2, 90)
    limit = 10 * rng.randint(2, 90)
    name, country = rng.choice(NAMES), rng.choice(COUNTRIES)
    if age >= full:
        answer, why = "valid", f"at {age} years {name} has full capacity"
    elif age < limited:
        answer, why = "void", f"at {age} years {name} has no capacity at all"
    elif value <= limit:
        answer, why = (
            "valid",
            f"at {age} years {name} has limited capacity, and {value} crowns do not exceed {limit}",
        )
    else:
        answer, why = (
            "voidable",
            f"at {age} years {name} has limited capacity, and {value} crowns exceed {limit}",
        )
    question = (
        f"In {country} persons under {limited} cannot contract (the contract is void); from {limited} until "
        f"their birthday number {full} their contracts over more than {limit} crowns are voidable and "
        f"others valid; from then on all are valid. {name}, born on {day_text(born)}, agreed on "
        f"{day_text(signed)} to buy something for {value} crowns. Is the contract void, voidable or valid?"
    )
    solution = f"On {day_text(signed)}, {why}. The contract is {answer}."
    others = [o for o in ("valid", "void", "voidable", "valid until revoked") if o != answer]
    return Exercise("capacity to contract", question, answer, solution, distinct_wrong(answer, others))


TEMPLATES = (limitation, notice, day_fines, majority, default_interest, inheritance, capacity)
