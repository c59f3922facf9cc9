"""Are two final answers the same?

Numbers are compared as numbers, with their units; options by their letter or their text; several values as a set, or in
order where brackets say so; formulas by what they come to. Nothing is ever evaluated as a program: what is not read
here is compared word for word.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from mammoth_spark.text import expressions
from mammoth_spark.text.words import normal_words

# Longer ones are texts, and exponents beyond this no number that anybody computes with.
_LONGEST = 300
_LARGEST_POWER = 400
_LONGEST_TEXT = 20_000
# No answer holds sets of sets of sets; page text may.
_DEEPEST = 4
# So many digits that a rounded number tells its value.
_DIGITS = 3

_SPACES = re.compile(r"\\[,;:! ]|\\(?:quad|qquad)(?![A-Za-z])|~")
_WRAPPED = re.compile(r"\\(?:text|mathrm|textrm|mathbf|mathit|operatorname|mbox)\s*\{([^{}]*)\}")
_LOOKS = re.compile(r"\\tag\*?\{[^{}]*\}|\\(?:left|right|big|Big|bigg|Bigg|displaystyle)(?![A-Za-z])|\$|\*\*|`")
FRACTION = re.compile(r"\\[dt]?frac\s*(?:\{([^{}]+)\}|(\d))\s*(?:\{([^{}]+)\}|(\d))")
_NAME = re.compile(r"^([A-Za-z]\w{0,2}(?:\([a-z]\))?|\\[a-z]+)\s*(?:=|\\approx|\\in)\s*(?=\S)")
_BELOW_ONE = re.compile(r"(?<![\d.,])0,(?=\d)")
_THOUSANDS = re.compile(r"(?<=\d)(?:,|\s|\{,\})(?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d)|\d{4})")
_TEN = re.compile(r"\s*(?:\\cdot|\\times|\u00d7|\u00b7|x|\*)\s*10\s*\^\s*\{?\s*([-+]?\d{1,3})\s*\}?")
_PLAIN = r"\d+(?:\.\d+)?|\.\d+"
_NUMBER = re.compile(
    rf"([-+\u2212]?)\s*(?:(?P<whole>\d+)\s+(?P<over>\d+)/(?P<under>\d+)|(?P<top>{_PLAIN})\s*/\s*(?P<bottom>{_PLAIN})"
    rf"|(?P<value>{_PLAIN})(?:[eE](?P<power>[-+]?\d{{1,3}}))?)(?![\d/^])"
)
_OPTION = re.compile(r"^(?:option|choice|answer)?\s*\(?([A-Ha-h])\)?(?:[.):]\s*(.*))?$", re.IGNORECASE | re.DOTALL)
_OR = re.compile(
    r"\s*(?:;|,\s+(?:and|or)\s+|\s(?:and|or|und|oder|et|ou)\s|\\text\{\s*(?:and|or)\s*\}|,)\s*", re.IGNORECASE
)
_EXPRESSION = re.compile(r"[=<>+!,;]|(?<!\^)(?<!\^-)(?<!\^\{)\d|\\[a-z]+|\s(?:and|or|und|oder|et|ou)\s|^(?:and|or)\s")
_LONGEST_UNIT = 30
_MEGA = re.compile(r"M(?:W|J|Pa|Hz|N|V|eV|B)")
# Of a text with such signs each counts, and case as well: brackets, operators, TeX.
_IS_FORMULA = re.compile(
    r"(?<![A-Za-z])-|-(?![A-Za-z])|[+*/=<>^|!()\[\]{}_\\~@#&%]"
    r"|[^\x00-\x7f\w\s\u2018-\u201d\u2013\u2014\u20ac\u00b0]"
)
# `x^{2}` is `x^2`.
_BRACED = re.compile(r"\{\s*(\d+|[A-Za-z]|\\[A-Za-z]+)\s*\}")
_SYMBOLS = re.compile(r"\\?[^\W\d_]+|\d+|[^\w\s]|_")
_TRUTHS = {"yes": True, "true": True, "correct": True, "no": False, "false": False, "incorrect": False}
_BRACKETS = {"(": ")", "[": "]", "\\{": "\\}", "{": "}"}
_UNIT_NAMES = {
    "metre": "m", "metres": "m", "meter": "m", "meters": "m", "gram": "g", "grams": "g", "second": "s", "seconds": "s",
    "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "hr": "h", "litre": "l", "litres": "l", "liter": "l",
    "liters": "l", "joule": "j", "joules": "j", "percent": "%", "per cent": "%", "euros": "euro", "\u20ac": "euro",
    "dollars": "dollar", "degrees": "\u00b0", "degree": "\u00b0", "\u00b5m": "um",
}  # fmt: skip
# Of units of one kind, how many of the first each is.
_KINDS: Mapping[str, Mapping[str, int | str]] = {
    "length": {"m": 1, "km": 1000, "cm": "1/100", "mm": "1/1000", "um": "1/1000000", "nm": "1/1000000000"},
    "mass": {"g": 1, "kg": 1000, "mg": "1/1000", "t": 1_000_000},
    "time": {"s": 1, "ms": "1/1000", "min": 60, "h": 3600},
    "volume": {"l": 1, "ml": "1/1000", "dl": "1/10", "cl": "1/100"},
    "energy": {"j": 1, "kj": 1000, "Mj": 1_000_000, "mj": "1/1000"},
    "pressure": {"pa": 1, "kpa": 1000, "hpa": 100, "Mpa": 1_000_000},
    "force": {"n": 1, "kn": 1000},
    "power": {"w": 1, "kw": 1000, "Mw": 1_000_000, "mw": "1/1000"},
}
_SCALES = {name: (kind, Fraction(scale)) for kind, units in _KINDS.items() for name, scale in units.items()}
_KNOWN = {*_SCALES, *_UNIT_NAMES.values()}


@dataclass(frozen=True, slots=True)
class Number:
    written: Fraction
    scale: Fraction = Fraction(1)
    """Of its unit, to the first of its kind."""
    unit: str = ""
    decimals: int | None = None
    """Digits behind the point as it is written; none of a fraction, which is exact."""
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Several:
    """Values beside each other: the order counts within the brackets of a tuple or an interval, and names where each
    has its own, as in `x = 1, y = 2`."""

    values: tuple["Value", ...]
    brackets: str = ""
    names: tuple[str, ...] = ()


Value = Number | Several | bool | str
"""What an answer says: a number, several of something, yes or no, or words."""


def same(first: str, second: str, choices: Sequence[str] = ()) -> bool:
    """Whether two final answers say the same."""
    if choices:
        letters = [letter_of(text, choices) for text in (first, second)]
        if None not in letters:
            return letters[0] == letters[1]
    return equal(value_of(first), value_of(second))


def in_words(answer: str, choices: Sequence[str]) -> str:
    """An answer that names an option is what that option says: elsewhere it may have another letter."""
    letter = letter_of(answer, choices) if choices else None
    return answer if letter is None else choices[ord(letter) - ord("A")]


def value_of(answer: str, depth: int = 0) -> Value:
    text = plain(answer)
    if depth > _DEEPEST:
        return text
    truth = _TRUTHS.get(text.lower())
    if truth is not None:
        return truth
    for left, right in _BRACKETS.items():
        inside = text[len(left) : -len(right)] if text.startswith(left) and text.endswith(right) else ""
        members = _members(inside)
        if len(members) > 1:
            values = tuple(value_of(member, depth + 1) for member in members)
            return Several(values, "" if "{" in left else left + right)
    number = _number(_NAME.sub("", text))
    if number is not None:
        return number
    parts = [part for part in _OR.split(text) if part]
    if len(parts) > 1:
        values = tuple(value_of(part, depth + 1) for part in parts)
        if all(isinstance(value, Number) for value in values):
            return Several(values, names=_names(parts))
    option = _OPTION.match(text)
    if option is not None and option.group(2) is None:
        return option.group(1).upper()
    return _NAME.sub("", text)


def _members(inside: str) -> list[str]:
    """What stands between commas that no bracket holds. None of it where brackets do not close, or a rule is given."""
    members, begin, depth = [], 0, 0
    for place, sign in enumerate(inside):
        depth += (sign in "([{") - (sign in ")]}")
        if depth < 0 or sign == ":":
            return []
        if sign == "," and depth == 0:
            members.append(inside[begin:place])
            begin = place + 1
    return [] if depth else [*members, inside[begin:]]


def plain(answer: str) -> str:
    """Without what says only how it looks."""
    text = answer.strip()
    if len(text) > _LONGEST_TEXT:
        return text
    text = _SPACES.sub(" ", _LOOKS.sub("", text))
    boxed = last_boxed(text)
    text = boxed if boxed is not None else text
    for _ in range(3):
        text = _WRAPPED.sub(r" \1 ", text)
    text = FRACTION.sub(lambda found: f" {_held(found[1] or found[2])}/{_held(found[3] or found[4])}", text).strip()
    text = (
        text.replace("\\%", "%")
        .replace("^\\circ", "\u00b0")
        .replace("^{\\circ}", "\u00b0")
        .replace("\u2212", "-")
        .rstrip(". ")
    )
    return " ".join(text.split())


def _held(part: str) -> str:
    """A numerator or denominator; of several terms it keeps together what the bar does."""
    return f"({part})" if re.search(r"(?<=.)[-+*/ ]", part.strip()) else part


def _names(parts: Sequence[str]) -> tuple[str, ...]:
    """Of what each part says the value, if each says it of something else."""
    found = [_NAME.match(part) for part in parts]
    names = tuple(one.group(1) for one in found if one is not None)
    return names if len(set(names)) == len(parts) else ()


def _number(text: str) -> Number | None:
    text = _DECIMAL_COMMA.sub(".", _THOUSANDS.sub("", _BELOW_ONE.sub("0.", text)))
    is_euro = text.startswith("\u20ac")
    text = text.removeprefix("\u20ac").strip()
    found = _NUMBER.match(text)
    if found is None or len(text) > _LONGEST:
        return None
    rest, power = text[found.end() :], 0
    ten = _TEN.match(rest)
    if ten is not None:
        rest, power = rest[ten.end() :], int(ten.group(1))
    power += int(found["power"] or 0)
    if abs(power) > _LARGEST_POWER:
        return None
    unit = _unit(rest)
    if unit is None:
        return None
    try:
        value, decimals, digits = _value(found, power)
    except (ZeroDivisionError, InvalidOperation):
        return None
    sign = -1 if found[1] in ("-", "\u2212") else 1
    kind, scale = _SCALES.get(unit, (unit or ("euro" if is_euro else ""), Fraction(1)))
    return Number(sign * value, scale, kind, decimals, digits)


def _value(found: re.Match[str], power: int) -> tuple[Fraction, int | None, int]:
    if found["over"]:
        return int(found["whole"]) + Fraction(int(found["over"]), int(found["under"])), None, 0
    if found["top"]:
        return Fraction(Decimal(found["top"])) / Fraction(Decimal(found["bottom"])), None, 0
    written = found["value"]
    decimals = len(written.partition(".")[2])
    digits = len(written.replace(".", "").lstrip("0"))
    return Fraction(Decimal(written)) * Fraction(10) ** power, decimals if not power else None, digits


def _unit(rest: str) -> str | None:
    """What follows a number, if it may be a unit: none if it goes on as an expression."""
    text = rest.strip().strip("()").strip()
    if not text:
        return ""
    if len(text) > _LONGEST_UNIT or _EXPRESSION.search(text):
        return None
    text = text.replace("\u00b2", "^2").replace("\u00b3", "^3").replace("{", "").replace("}", "").replace(" ", "")
    unit = text.lower().removeprefix("^")
    # A megawatt is no milliwatt.
    unit = f"M{unit[1:]}" if _MEGA.fullmatch(text) else _UNIT_NAMES.get(unit, unit)
    # `2x` is no two of anything, `12m` is.
    return unit if rest[:1].isspace() or unit in _KNOWN else None


def letter_of(answer: str, choices: Sequence[str]) -> str | None:
    """The option that an answer names, by its letter or by its text."""
    text = plain(answer)
    option = _OPTION.match(text)
    place = ord(option.group(1).upper()) - ord("A") if option is not None else len(choices)
    if option is not None and place < len(choices):
        # `A. is wrong, since` names the option, and does not choose it.
        beside = option.group(2)
        if not beside or equal(value_of(choices[place]), value_of(beside)):
            return option.group(1).upper()
    fitting = [place for place, choice in enumerate(choices) if equal(value_of(choice), value_of(text))]
    return chr(ord("A") + fitting[0]) if len(fitting) == 1 else None


def equal(first: Value, second: Value) -> bool:
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, Number) and isinstance(second, Number):
        return _equal_numbers(first, second)
    if isinstance(first, Several) or isinstance(second, Several):
        return isinstance(first, Several) and isinstance(second, Several) and _equal_several(first, second)
    if isinstance(first, str) and isinstance(second, str):
        if _IS_FORMULA.search(first) or _IS_FORMULA.search(second):
            symbols = [_SYMBOLS.findall(_BRACED.sub(r"\1", text)) for text in (first, second)]
            return symbols[0] == symbols[1] != [] or expressions.equal(first, second)
        return first == second != "" or words_of(first) == words_of(second) != []
    # A formula may come to a number, such as a root of 4; a number with its unit is none.
    texts = [one if isinstance(one, str) else str(one.written) for one in (first, second) if not _has_unit(one)]
    return len(texts) == 2 and any(map(_IS_FORMULA.search, texts)) and expressions.equal(*texts)


def _has_unit(value: Number | str) -> bool:
    return isinstance(value, Number) and value.unit != ""


def words_of(text: str) -> list[str]:
    """`the 13th century` is no other than `13th century`."""
    words = normal_words(text)
    return words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words


def _equal_numbers(first: Number, second: Number) -> bool:
    if first.unit and second.unit and first.unit != second.unit:
        return False
    has_units = bool(first.unit and second.unit)
    values = [one.written * one.scale if has_units else one.written for one in (first, second)]
    if values[0] == values[1]:
        return True
    # One may be the other rounded; 0.5 says too little of 0.48, and of 1.5 km it is not known how many metres it was.
    rough, fine = sorted((first, second), key=lambda one: float("inf") if one.decimals is None else one.decimals)
    if rough.decimals is None or rough.digits < _DIGITS or rough.decimals == fine.decimals:
        return False
    is_scaled = has_units and first.scale != second.scale
    return not is_scaled and abs(rough.written - fine.written) < Fraction(1, 2 * 10**rough.decimals)


def _equal_several(first: Several, second: Several) -> bool:
    if len(first.values) != len(second.values):
        return False
    if first.brackets or second.brackets:
        # Where only one has brackets, they are those of a set that was written without.
        is_same = not (first.brackets and second.brackets) or first.brackets == second.brackets
        return is_same and all(equal(a, b) for a, b in zip(first.values, second.values, strict=True))
    if first.names and second.names:
        by_name = dict(zip(second.names, second.values, strict=True))
        named = zip(first.names, first.values, strict=True)
        return all(name in by_name and equal(value, by_name[name]) for name, value in named)
    if first.names or second.names:
        # `x = 1, y = 2` may be written `1, 2`, and not `2, 1`.
        return all(equal(a, b) for a, b in zip(first.values, second.values, strict=True))
    left = list(second.values)
    for value in first.values:
        place = next((place for place, other in enumerate(left) if equal(value, other)), None)
        if place is None:
            return False
        del left[place]
    return True


def last_boxed(text: str) -> str | None:
    """What the last `\\boxed` of a text holds."""
    begin = text.rfind("\\boxed{")
    if begin < 0:
        return None
    begin += len("\\boxed{")
    depth = 1
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[begin:place]
    return None


def signs_of(text: str) -> list[str]:
    return _IS_FORMULA.findall(text)
