"""Whether two formulas say the same, in whatever form they are written: `2(x + 1)` and `2x + 2`.

Both are read and worked out at some points to thirty digits. Nothing in them is run, and their cost is bounded whatever
they hold: long ones, tall powers and what is not understood here are not compared. Points are of both signs, so that
`|x|` is not `x`; roots and logarithms of products are then told apart from products and sums of them, to the safe side.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath

_LONGEST, _DEEPEST = 300, 20
_DIGITS, _EQUAL_DIGITS = 30, 20
# A binary exponent of so many bits is still a small number; a tower of powers is not.
_LARGEST = 1 << 20
_LARGEST_FACTORIAL = 5_000
# In binary digits.
_LARGEST_ARGUMENT = 20
_POINTS = 4
_TOKEN = re.compile(
    r"\s*(\\[A-Za-z]+|\\[{}|]|\d+(?:\.\d+)?|[A-Za-z\u03b1-\u03c9]|[-+*/^_!(){}\[\]|=\u00b7\u00d7\u00f7\u221a\u03c0])"
)
# What is no letter of a formula but a word; and `f(x)`, which is no product.
_WORD, _APPLIED = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}"), re.compile(r"(?<![A-Za-z\\])[fghFGH]\s*\(")
# Pages 12-14, the years 1914-1918 and a date are no subtractions.
_RANGE = re.compile(r"\s*\d+(?:\s*-\s*\d+)+\s*")
_TIMES, _OVER = ("*", "\\cdot", "\\times", "\\ast", "\u00b7", "\u00d7"), ("/", "\\div", "\u00f7")
_CLOSES = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "|": "|"}
_context = mpmath.mp.clone()
_context.dps = _DIGITS
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    f"\\{name}": getattr(_context, attribute)
    for name, attribute in {
        **{name: name for name in ("sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "exp", "ln")},
        "arcsin": "asin",
        "arccos": "acos",
        "arctan": "atan",
        "log": "log10",
    }.items()
}  # fmt: skip
_CONSTANTS = {"\\pi": _context.pi, "\u03c0": _context.pi, "e": _context.e}
_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau"
    " upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega hbar ell"
)
_NAMES = {f"\\{name}" for name in _GREEK.split()}


class _NotRead(Exception):
    """Of a formula that holds what is not understood here."""


def is_expression(text: str) -> bool:
    """Whether it is one that can be compared."""
    try:
        _value(text, 0)
    except _NotRead:
        return False
    return True


def equal(first: str, second: str) -> bool:
    """Whether both are understood and come to the same."""
    if first.count("=") != second.count("="):
        return False
    sides = list(zip(first.split("="), second.split("="), strict=True))
    try:
        return all(_is_equal(_value(a, point), _value(b, point)) for point in range(_POINTS) for a, b in sides)
    except _NotRead:
        return False


def _is_equal(first: Any, second: Any) -> bool:
    return bool(abs(first - second) <= max(abs(first), abs(second)) * _context.mpf(10) ** -_EQUAL_DIGITS)


def _value(text: str, point: int) -> Any:
    if len(text) > _LONGEST or _WORD.search(text) or _APPLIED.search(text) or _RANGE.fullmatch(text):
        raise _NotRead
    tokens, place = [], 0
    text = text.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _NotRead
        tokens.append(found.group(1))
        place = found.end()
    reader = _Reader(tokens, point)
    value = reader.sum()
    if not reader.is_at_end or not _context.isfinite(value):
        raise _NotRead
    return value


class _Reader:
    """Works a formula out from left to right; each method reads what it is named for."""

    def __init__(self, tokens: Sequence[str], point: int) -> None:
        self._tokens, self._point = [*tokens, ""], point
        self._place = self._depth = self._bars = 0

    @property
    def is_at_end(self) -> bool:
        return self._next == ""

    @property
    def _next(self) -> str:
        return self._tokens[self._place]

    def _take(self, *wanted: str) -> str:
        """The next token if it is one of these, or of any."""
        token = self._next
        if not token or (wanted and token not in wanted):
            return ""
        self._place += 1
        return token

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise _NotRead

    def sum(self) -> Any:
        sign = self._take("+", "-")
        value = -self._product() if sign == "-" else self._product()
        while sign := self._take("+", "-"):
            term = self._product()
            value = value + term if sign == "+" else value - term
        return value

    def _product(self, in_function: bool = False) -> Any:
        """`2x` too; behind a function's name up to the next function or bracket: `\\sin 2x (y + 1)`."""
        value = self._signed()
        while True:
            if not in_function and self._take(*_TIMES):
                value = _bounded(value * self._signed())
            elif not in_function and self._take(*_OVER):
                value = _divided(value, self._signed())
            elif self._begins_factor() and not (in_function and (self._next in _FUNCTIONS or self._next in _CLOSES)):
                value = _bounded(value * self._power())
            else:
                return value

    def _signed(self) -> Any:
        return -self._power() if self._take("-") else self._power()

    def _begins_factor(self) -> bool:
        if self._next == "|":
            # It may be the end of what a bar has begun.
            return self._bars == 0
        return self._next not in ("", "+", "-", "=", "^", "_", "!", ")", "]", "}", "\\}", *_TIMES, *_OVER)

    def _power(self) -> Any:
        value = self._factor()
        while True:
            if self._take("!"):
                value = _factorial(value)
            elif self._take("^"):
                value = _raised(value, self._argument())
            else:
                return value

    def _argument(self) -> Any:
        """What stands in braces, or the one sign that does without."""
        if self._next == "{":
            return self._factor()
        sign = -1 if self._take("-") else 1
        token = self._next
        if token.isdigit() and len(token) > 1:
            # In TeX `x^12` is `x^1 2`.
            self._tokens[self._place] = token[1:]
            return sign * _context.mpf(token[0])
        return sign * self._factor()

    def _factor(self) -> Any:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _NotRead
        value = self._read(self._take())
        self._depth -= 1
        return value

    def _read(self, token: str) -> Any:
        if token in _CLOSES:
            return self._group(token)
        if token in ("\\frac", "\\dfrac", "\\tfrac"):
            return _divided(self._argument(), self._argument())
        if token in ("\\sqrt", "\u221a"):
            return self._root()
        if token in _FUNCTIONS:
            return self._applied(token)
        if token[:1].isdigit():
            return _context.mpf(token)
        if token in _CONSTANTS:
            return +_CONSTANTS[token]
        if token.isalpha() or token in _NAMES:
            return self._variable(token)
        raise _NotRead

    def _group(self, opens: str) -> Any:
        before, self._bars = self._bars, self._bars + 1 if opens == "|" else 0
        value = self.sum()
        self._bars = before
        self._need(_CLOSES[opens])
        return abs(value) if opens == "|" else value

    def _root(self) -> Any:
        degree = self._group("[") if self._take("[") else _context.mpf(2)
        radicand = self._argument()
        if degree == 3 and not _context.im(radicand) and radicand < 0:
            return -_context.cbrt(-radicand)
        return _raised(radicand, _divided(_context.mpf(1), degree))

    def _applied(self, name: str) -> Any:
        base = self._argument() if name == "\\log" and self._take("_") else None
        power = self._argument() if self._take("^") else None
        if power is not None and power == -1:
            # `\sin^{-1}` is the arc, or one over it, by the author.
            raise _NotRead
        argument = self._power() if self._next in _CLOSES else self._product(in_function=True)
        value = _called(_FUNCTIONS[name], argument)
        if base is not None:
            value = _divided(_called(_context.ln, argument), _called(_context.ln, base))
        return value if power is None else _raised(value, power)

    def _variable(self, name: str) -> Any:
        if self._take("_"):
            if self._take("{"):
                while not self._take("}"):
                    name += self._subscript()
            else:
                name += self._subscript()
        return _at(name, self._point)

    def _subscript(self) -> str:
        if self.is_at_end:
            raise _NotRead
        return self._take()


def _at(name: str, point: int) -> Any:
    """The value of a variable at a point: the same in each formula, another for each name; some are negative."""
    seed = sum((place + 1) * 7919 * ord(sign) for place, sign in enumerate(name)) + 104_729 * point
    size = _context.mpf(seed * 48_271 % 2_147_483_647) / 2_147_483_647 + _context.mpf(1) / 3
    return -size if point and (seed >> 3) % 2 else size


def _bounded(value: Any) -> Any:
    if not _context.isfinite(value) or (value and abs(_context.mag(value)) > _LARGEST):
        raise _NotRead
    return value


def _divided(top: Any, bottom: Any) -> Any:
    if not bottom:
        raise _NotRead
    return _bounded(top / bottom)


def _raised(value: Any, power: Any) -> Any:
    if not value and (_context.im(power) or power <= 0):
        raise _NotRead
    if value and abs(power) * max(1, abs(_context.mag(value))) > _LARGEST:
        raise _NotRead
    return _bounded(value**power)


def _factorial(value: Any) -> Any:
    if _context.im(value) or not -1 < value <= _LARGEST_FACTORIAL:
        raise _NotRead
    return _bounded(_context.factorial(value))


def _called(function: Callable[[Any], Any], argument: Any) -> Any:
    if argument and _context.mag(argument) > _LARGEST_ARGUMENT:
        raise _NotRead
    try:
        return _bounded(function(argument))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise _NotRead from None
