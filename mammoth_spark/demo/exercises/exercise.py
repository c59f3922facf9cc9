"""What an exercise is, and the few helpers by which its templates write numbers and formulas."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

NAMES = (
    "Amara", "Boris", "Celia", "Dmitri", "Esra", "Farid", "Greta", "Hana", "Ivo", "Jonas", "Keiko", "Liam",
    "Mina", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tilda", "Umar", "Vera", "Wanda", "Yusuf",
    "Zoe", "Anselm", "Beatriz", "Chidi", "Delia", "Emeka", "Flora", "Gideon", "Helga", "Ines", "Jarek",
    "Kofi", "Lotte", "Marek", "Noor", "Odile", "Pavel", "Rania", "Stefan", "Teresa", "Viktor", "Yara",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question with its right answer. Texts are Markdown with `$..$`; `wrong` are false answers.

    `topic` names what it is about, for titles; `solution` leads to `answer` in steps.
    """

    topic: str
    question: str
    answer: str
    solution: str
    wrong: tuple[str, ...]


def frac(above: object, below: object) -> str:
    """A fraction in TeX."""
    return rf"\frac{{{above}}}{{{below}}}"


def times(*factors: object) -> str:
    """A product in TeX."""
    return r" \cdot ".join(map(str, factors))


def fraction_tex(value: Fraction | int) -> str:
    """A number in lowest terms in TeX."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return sign + frac(abs(value.numerator), value.denominator)


def math(value: Fraction | int) -> str:
    """A number as an answer: plain when whole, a formula when a fraction."""
    value = Fraction(value)
    return str(value.numerator) if value.denominator == 1 else f"${fraction_tex(value)}$"


def decimal(value: Fraction | int, places: int = 2) -> str:
    """The number rounded half up to so many decimals, without zeros at its end."""
    scaled = abs(Fraction(value)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = str(whole).rjust(places + 1, "0")
    text = digits[: len(digits) - places] + ("." + digits[len(digits) - places :] if places else "")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "-" + text if value < 0 and text != "0" else text


def polynomial(coefficients: list[int], variable: str = "x") -> str:
    """Coefficients from the highest power down, as TeX: [1, -2, 0] is `x^2 - 2x`."""
    out = ""
    degree = len(coefficients) - 1
    for index, coefficient in enumerate(coefficients):
        power = degree - index
        if coefficient == 0:
            continue
        letters = "" if power == 0 else variable if power == 1 else f"{variable}^{power}"
        size = "" if abs(coefficient) == 1 and power else str(abs(coefficient))
        if not out:
            out = ("-" if coefficient < 0 else "") + size + letters
        else:
            out += (" - " if coefficient < 0 else " + ") + size + letters
    return out or "0"


def plus(value: int) -> str:
    """A number as a further term: ` + 3` or ` - 3`."""
    return f" - {-value}" if value < 0 else f" + {value}"


def nonzero(rng: Random, low: int, high: int) -> int:
    """A whole number in the range which is not 0."""
    return rng.choice([number for number in range(low, high + 1) if number])


def distinct_wrong(answer: str, candidates: list[str]) -> tuple[str, ...]:
    """The first three candidates that differ from the answer and from each other."""
    kept: list[str] = []
    for candidate in candidates:
        if candidate != answer and candidate not in kept:
            kept.append(candidate)
    assert len(kept) >= 3, f"too few wrong answers beside {answer!r}: {candidates}"
    return tuple(kept[:3])


def wrong_numbers(rng: Random, value: Fraction | int, unit: str = "", places: int = 2) -> tuple[str, ...]:
    """Three wrong values near the right one, with the same unit."""
    value = Fraction(value)
    factors = [Fraction(1, 2), Fraction(2), Fraction(11, 10), Fraction(9, 10), Fraction(3, 2), Fraction(4, 5)]
    rng.shuffle(factors)
    step = 1 if value.denominator == 1 else Fraction(1, 10)
    values = [value * factor for factor in factors]
    if value.denominator == 1:
        values = [v for v in values if v.denominator == 1]
    values += [value + step * k for k in (1, -1, 2, -2, 3, 10)]
    return distinct_wrong(decimal(value, places) + unit, [decimal(v, places) + unit for v in values])


def wrong_fractions(value: Fraction | int) -> tuple[str, ...]:
    """Three wrong numbers beside a fraction, with the usual slips: sign, inverse, one too many."""
    value = Fraction(value)
    others = [-value, value + 1, value * 2, value - 1, value / 2, 1 / value if value else Fraction(3)]
    return distinct_wrong(math(value), [math(other) for other in others])
