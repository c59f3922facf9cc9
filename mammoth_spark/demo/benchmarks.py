"""Three small benchmarks of the demo's own, and their items in other guises for planting in pages.

Their templates share no ten words in a row with the exercises, so that a ten-word match between a page and an
item can only come from planting. Items are the same in every corpus, whatever its seed.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from pathlib import Path
from random import Random

from mammoth_spark.demo.exercises.exercise import NAMES, distinct_wrong

ITEMS_A_TEMPLATE = 8


@dataclass(frozen=True, slots=True)
class Wording:
    """A template filled in: the question, the benchmark's answer, and what a page would say."""

    question: str
    paraphrase: str
    answer: str
    final: str
    solution: str
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A benchmark item; `near_miss` is the same template with other numbers."""

    benchmark: str
    item: str
    wording: Wording
    near_miss: Wording


# demo_arithmetic: word problems, the answer worked out and closed by "#### result" ------------------------


def _worked(question: str, paraphrase: str, steps: str, final: int) -> Wording:
    return Wording(question, paraphrase, f"{steps}\n#### {final}", str(final), steps)


def orchard(rng: Random) -> Wording:
    rows, trees, fruit, sold = (
        rng.randint(4, 19),
        rng.randint(5, 24),
        rng.randint(30, 95),
        rng.randint(20, 90),
    )
    name = rng.choice(NAMES)
    total = rows * trees * fruit
    return _worked(
        f"{name}'s orchard has {rows} rows of {trees} pear trees. This autumn every tree bore {fruit} "
        f"pears, and {sold} pears were eaten by wasps. How many pears are left for {name} to sell?",
        f"Wasps spoiled {sold} fruits in a plantation of {rows * trees} trees ({rows} times {trees}) that "
        f"carry {fruit} each. What number can {name} still bring to the market?",
        f"The orchard has {rows} x {trees} = {rows * trees} trees. They bore {rows * trees} x {fruit} = "
        f"{total} pears. Without the {sold} that the wasps ate, {total - sold} remain.",
        total - sold,
    )


def ferry(rng: Random) -> Wording:
    trips, cars, fare, bikes = rng.randint(6, 18), rng.randint(12, 40), rng.randint(9, 28), rng.randint(3, 9)
    total = trips * (cars * fare + bikes * 4)
    return _worked(
        f"The ferry's log for Sunday shows {trips} crossings. Each time {cars} cars paid {fare} crowns "
        f"apiece and {bikes} bicycles paid 4 crowns apiece. What sum did the ferry take in that day?",
        f"On every one of its {trips} runs a boat earns {fare} crowns from each of {cars} cars and 4 from "
        f"each of {bikes} bicycles. Find the day's takings.",
        f"One crossing brings {cars} x {fare} = {cars * fare} crowns from cars and {bikes} x 4 = "
        f"{bikes * 4} crowns from bicycles, together {cars * fare + bikes * 4}. For {trips} crossings that "
        f"makes {total} crowns.",
        total,
    )


def library(rng: Random) -> Wording:
    shelves, books, lost, weeks = (
        rng.randint(11, 60),
        rng.randint(15, 48),
        rng.randint(2, 9),
        rng.randint(4, 30),
    )
    total = shelves * books - lost * weeks
    name = rng.choice(NAMES)
    return _worked(
        f'"We had {shelves} full shelves with {books} books on each," says {name}, "but we\'ve lost '
        f"{lost} books a week for {weeks} weeks.\" How many of the library's books does {name} still have?",
        f"A collection filled {shelves} shelves of {books} volumes. If {lost} go missing weekly over "
        f"{weeks} weeks, what is {name}'s stock at the end?",
        f"At first there were {shelves} x {books} = {shelves * books} books. The losses add up to {lost} x "
        f"{weeks} = {lost * weeks}, which leaves {total} of them.",
        total,
    )


def candles(rng: Random) -> Wording:
    wax, each, boxes = rng.randint(5, 40) * 90, rng.choice([15, 18, 30, 45]), rng.randint(2, 6)
    total = wax // each
    return _worked(
        f"From {wax} grams of wax a monk pours candles of {each} grams and packs {boxes} of them in a box. "
        f"How many candles does he pour, and hence how many fill no complete box when {boxes} fit into one? "
        "Give the second number.",
        f"A monastery melts {wax} g of wax into pieces of {each} g, boxed by {boxes}. How many pieces stay unboxed?",
        f"The wax suffices for {wax} / {each} = {total} candles. Packed by {boxes} they fill "
        f"{total // boxes} boxes, and {total % boxes} candles are left over.",
        total % boxes,
    )


def short_sum(rng: Random) -> Wording:
    a, b, c = rng.randint(12, 99), rng.randint(12, 99), rng.randint(101, 999)
    value = a * b + c
    return _worked(
        f"What is {a} times {b} plus {c}?",
        f"Multiply {a} by {b}, then add {c} to the product. State what you obtain.",
        f"First {a} times {b} is {a * b}; then {a * b} plus {c} is {value}.",
        value,
    )


# demo_science: multiple choice, the answer is the text of the right choice ---------------------------------


def _chosen(rng: Random, question: str, paraphrase: str, final: str, wrong: list[str], solution: str) -> Wording:
    choices = [final, *distinct_wrong(final, wrong)]
    rng.shuffle(choices)
    return Wording(question, paraphrase, final, final, solution, tuple(choices))


def balance(rng: Random) -> Wording:
    mass, arm, other = (
        rng.randint(2, 40),
        rng.choice([10, 20, 30, 40, 60, 80]),
        rng.choice([5, 10, 20, 25, 40, 50]),
    )
    text = f"{mass * arm / other:g} g"
    return _chosen(
        rng,
        f"A weight of {mass} g hangs {arm} cm left of a beam's pivot. Which weight, hung {other} cm right "
        "of the pivot, holds the beam level?",
        f"A lever carries {mass} g at {arm} cm on one side. What must be fixed at {other} cm on the "
        "opposite side for equilibrium?",
        text,
        [
            f"{mass * other / arm:g} g",
            f"{mass * arm / other + 3:g} g",
            f"{mass:g} g",
            f"{2 * mass * arm / other:g} g",
            f"{mass + 7:g} g",
        ],
        f"Both torques must agree: {mass} times {arm} equals {mass * arm}, and divided by {other} this is {text}.",
    )


def half_life(rng: Random) -> Wording:
    hours, rounds, grams = rng.randint(3, 40), rng.randint(2, 5), rng.randint(1, 20)
    text = f"{grams} mg"
    return _chosen(
        rng,
        f"An isotope's half-life is {hours} hours. A hospital's vial contains {grams * 2**rounds} mg of it "
        f"at noon. After {hours * rounds} hours, how much hasn't decayed yet?",
        f"Every {hours} hours half of a radioactive sample disappears. Of {grams * 2**rounds} mg, what mass "
        f"survives {hours * rounds} hours?",
        text,
        [
            f"{grams * 2} mg",
            f"{grams * 2 ** (rounds - 1) + 1} mg",
            f"{grams * 2**rounds - grams} mg",
            "0 mg",
            f"{grams + 5} mg",
        ],
        f"{hours * rounds} hours are {rounds} half-lives, so the sample is halved {rounds} times, which leaves {text}.",
    )


def spectrum(rng: Random) -> Wording:
    colour, low, high = rng.choice(
        [
            ("violet", 380, 440),
            ("blue", 450, 485),
            ("green", 500, 560),
            ("yellow", 570, 585),
            ("orange", 590, 615),
            ("red", 630, 740),
        ]
    )
    number = rng.randint(low, high)
    return _chosen(
        rng,
        f"A laser pointer emits light of {number} nanometres. Which colour does a person with normal sight see?",
        f"To what colour sensation does a wavelength of {number} nm belong?",
        colour,
        ["green", "red", "violet", "yellow", "blue"],
        f"Light of {number} nm lies between {low} and {high} nm, the range that we call {colour}.",
    )


def heating(rng: Random) -> Wording:
    grams, start, rise = rng.randint(20, 900), rng.randint(5, 30), rng.randint(10, 60)
    text = f"{grams * rise} cal"
    return _chosen(
        rng,
        f"It takes one calorie to warm 1 g of water by 1 degree. What heat brings {grams} g of water from "
        f"{start} to {start + rise} degrees?",
        f"Raising the temperature of {grams} g of water by {rise} degrees, starting at {start}, needs how "
        "many calories (one a gram and degree)?",
        text,
        [
            f"{grams * (start + rise)} cal",
            f"{grams + rise} cal",
            f"{grams * start} cal",
            f"{grams * rise + 100} cal",
            f"{grams * rise * 2} cal",
        ],
        f"The rise is {rise} degrees; {grams} g times {rise} degrees gives {text}.",
    )


def chromosomes(rng: Random) -> Wording:
    pairs = rng.randint(3, 48)
    animal = rng.choice(["a lizard", "a beetle", "a fern", "a carp", "a mosquito", "a buttercup", "a toad"])
    text = f"{pairs} chromosomes"
    return _chosen(
        rng,
        f"The body cells of {animal} hold {2 * pairs} chromosomes. How many chromosomes does its gamete hold?",
        f"If somatic cells of {animal} have {2 * pairs} of them, which chromosome number do you expect in "
        "the sperm or egg?",
        text,
        [
            f"{2 * pairs} chromosomes",
            f"{4 * pairs} chromosomes",
            f"{pairs + 2} chromosomes",
            f"{2 * pairs + 2} chromosomes",
        ],
        f"Meiosis halves the number: a gamete of {animal} holds {pairs} of the {2 * pairs} chromosomes.",
    )


# demo_theorems: questions with formulas; the answer is a sentence ------------------------------------------


def _sentence(question: str, paraphrase: str, answer: str, final: str) -> Wording:
    return Wording(question, paraphrase, answer, final, answer)


def alternating(rng: Random) -> Wording:
    a, b = rng.randint(2, 30), rng.randint(1, 50)
    tail = rf"\sum_{{n=1}}^{{\infty}} \frac{{(-1)^n}}{{{a}n + {b}}}"
    return _sentence(
        f"Decide whether ${tail}$ converges, and whether it does so absolutely.",
        f"Is the signed series with the terms $\\frac{{(-1)^n}}{{{a}n + {b}}}$ convergent in the "
        "conditional or in the absolute sense?",
        f"It converges by Leibniz's criterion since $\\frac{{1}}{{{a}n + {b}}}$ decreases to zero, but not "
        f"absolutely, because comparison with $\\frac{{1}}{{n}}$ shows that the absolute values diverge.",
        "it converges, but not absolutely",
    )


def eigenvalues(rng: Random) -> Wording:
    p, q, r = rng.randint(-9, 9), rng.randint(10, 40), rng.randint(1, 90)
    matrix = rf"\begin{{pmatrix}} {p} & {r} \\ 0 & {q} \end{{pmatrix}}"
    return _sentence(
        f"Is the matrix ${matrix}$ diagonalisable over the reals?",
        f"Can one find a basis of real eigenvectors for ${matrix}$? Justify briefly.",
        f"Yes: the matrix is triangular with the different eigenvalues {p} and {q}, and a matrix of two "
        "rows with two different eigenvalues has a basis of eigenvectors.",
        "yes",
    )


def group_order(rng: Random) -> Wording:
    p = rng.choice([5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61])
    return _sentence(
        f"A group has {p} elements. Must it be cyclic, and if so, how many of its elements generate it?",
        f"Suppose that $G$ is finite of order {p}. Show whether $G$ is generated by a single element and "
        "count the possible generators.",
        f"By Lagrange's theorem every element other than the identity has order {p}, which is prime; so the "
        f"group is cyclic and each of those {p - 1} elements generates it.",
        f"it is cyclic, with {p - 1} generators",
    )


def binomial_coefficient(rng: Random) -> Wording:
    n, k, a = rng.randint(6, 14), rng.randint(2, 4), rng.randint(2, 9)
    value = comb(n, k) * a**k
    return _sentence(
        f"Which number stands before $x^{k}$ in $(1 + {a}x)^{{{n}}}$?",
        f"Expand the power $(1 + {a}x)^{{{n}}}$. State the coefficient that belongs to exponent {k} of $x$.",
        f"By Newton's theorem the coefficient is $\\frac{{{n}!}}{{{k}! \\cdot {n - k}!}} \\cdot {a}^{k} = "
        f"{value}$, as one picks the term ${a}x$ from {k} of {n} factors.",
        str(value),
    )


def continuity(rng: Random) -> Wording:
    a, b = rng.randint(2, 40), rng.randint(2, 40)
    return _sentence(
        f"Let $f(x) = \\frac{{\\sin {a}x}}{{{b}x}}$ for $x \\ne 0$. What value must $f(0)$ have so that $f$ "
        "isn't discontinuous there?",
        f"The quotient $\\frac{{\\sin {a}x}}{{{b}x}}$ has a removable gap at the origin. Close it: which "
        "number do you put in?",
        f"One needs $f(0) = \\frac{{{a}}}{{{b}}}$, since $\\frac{{\\sin {a}x}}{{{a}x}} \\to 1$ as $x \\to "
        f"0$ and the remaining factor is $\\frac{{{a}}}{{{b}}}$.",
        rf"$\frac{{{a}}}{{{b}}}$",
    )


BENCHMARKS: dict[str, tuple[Callable[[Random], Wording], ...]] = {
    "demo_arithmetic": (orchard, ferry, library, candles, short_sum),
    "demo_science": (balance, half_life, spectrum, heating, chromosomes),
    "demo_theorems": (alternating, eigenvalues, group_order, binomial_coefficient, continuity),
}


def words_of(text: str) -> list[str]:
    """The words of a text as a ten-word match sees them: letters in a row, or digits in a row."""
    return re.findall(r"[^\W\d_]+|\d+", text.lower())


def ten_grams(text: str) -> set[tuple[str, ...]]:
    """All runs of ten words."""
    words = words_of(text)
    return {tuple(words[start : start + 10]) for start in range(len(words) - 9)}


def all_items() -> list[Item]:
    """The items of the three benchmarks, in order."""
    items: list[Item] = []
    seen: set[str] = set()
    for benchmark, templates in BENCHMARKS.items():
        rng = Random(f"benchmark {benchmark}")
        for template in templates:
            number = 0
            while number < ITEMS_A_TEMPLATE:
                wording, near_miss = template(rng), template(rng)
                if wording.question in seen or near_miss.question in seen or wording.question == near_miss.question:
                    continue
                seen |= {wording.question, near_miss.question}
                name = f"{benchmark}-{template.__name__}-{number + 1:02}"
                items.append(Item(benchmark, name, wording, near_miss))
                number += 1
    return items


def write_benchmarks(folder: Path, items: list[Item]) -> None:
    """One JSON-lines file a benchmark."""
    folder.mkdir(parents=True, exist_ok=True)
    for benchmark in BENCHMARKS:
        lines = [
            json.dumps(
                {
                    "item": i.item,
                    "question": i.wording.question,
                    "answer": i.wording.answer,
                    "choices": list(i.wording.choices) if i.wording.choices else None,
                },
                ensure_ascii=False,
            )
            for i in items
            if i.benchmark == benchmark
        ]
        (folder / f"{benchmark}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
