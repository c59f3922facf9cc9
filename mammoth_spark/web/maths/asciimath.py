"""AsciiMath as TeX, by the grammar that its site gives (asciimath.org).

simple := constant | left row right | unary simple | binary simple simple
scripted := simple | simple_simple | simple^simple | simple_simple^simple
row := (scripted | scripted/scripted)*
"""

import re
from collections.abc import Callable, Iterator

from mammoth_spark.web.maths.symbols import FUNCTIONS

_DEEPEST = 100
_LONGEST = 10_000

_SYMBOLS = {
    "+-": r"\pm", "*": r"\cdot", "**": "*", "***": r"\star", "//": "/", "\\\\": r"\backslash", "xx": r"\times",
    "-:": r"\div", "@": r"\circ", "o+": r"\oplus", "ox": r"\otimes", "o.": r"\odot", "sum": r"\sum", "prod": r"\prod",
    "^^": r"\wedge", "^^^": r"\bigwedge", "vv": r"\vee", "vvv": r"\bigvee", "nn": r"\cap", "nnn": r"\bigcap",
    "uu": r"\cup", "uuu": r"\bigcup", "!=": r"\ne", "<": "<", ">": ">", "<=": r"\le", ">=": r"\ge", "lt": "<",
    "gt": ">", "lt=": r"\le", "gt=": r"\ge", "-<": r"\prec", ">-": r"\succ", "in": r"\in", "!in": r"\notin",
    "sub": r"\subset", "sup": r"\supset", "sube": r"\subseteq", "supe": r"\supseteq", "-=": r"\equiv", "~=": r"\cong",
    "~~": r"\approx", "~": r"\sim", "prop": r"\propto", "and": r"\text{ and }", "or": r"\text{ or }", "not": r"\neg",
    "=>": r"\Rightarrow", "if": r"\text{ if }", "<=>": r"\Leftrightarrow", "iff": r"\iff", "AA": r"\forall",
    "EE": r"\exists", "_|_": r"\perp", "TT": r"\top", "|--": r"\vdash", "|==": r"\models", "int": r"\int",
    "oint": r"\oint", "del": r"\partial", "grad": r"\nabla", "O/": r"\emptyset", "oo": r"\infty", "aleph": r"\aleph",
    "...": r"\ldots", ":.": r"\therefore", ":'": r"\because", "/_": r"\angle", "quad": r"\quad", "qquad": r"\qquad",
    "cdots": r"\cdots", "vdots": r"\vdots", "ddots": r"\ddots", "diamond": r"\diamond", "square": r"\square",
    "|__": r"\lfloor", "__|": r"\rfloor", "|~": r"\lceil", "~|": r"\rceil", "CC": r"\mathbb{C}", "NN": r"\mathbb{N}",
    "QQ": r"\mathbb{Q}", "RR": r"\mathbb{R}", "ZZ": r"\mathbb{Z}", "uarr": r"\uparrow", "darr": r"\downarrow",
    "rarr": r"\to", "->": r"\to", "|->": r"\mapsto", "larr": r"\leftarrow", "harr": r"\leftrightarrow",
    "rArr": r"\Rightarrow", "lArr": r"\Leftarrow", "hArr": r"\Leftrightarrow", "dx": "dx", "dy": "dy", "dz": "dz",
    "dt": "dt", "prime": "'", "\\ ": r"\ ", ",": ",", ";": ";", "%": r"\%", "$": r"\$", "#": r"\#",
}  # fmt: skip
_GREEK = (
    "alpha beta gamma Gamma delta Delta epsilon varepsilon zeta eta theta Theta vartheta iota kappa lambda Lambda mu nu"
    " xi Xi pi Pi rho sigma Sigma tau upsilon phi varphi Phi chi psi Psi omega Omega"
)
_SYMBOLS |= {name: f"\\{name}" for name in (*_GREEK.split(), *FUNCTIONS)}
_UNARY = {
    "sqrt": r"\sqrt", "hat": r"\hat", "bar": r"\overline", "overline": r"\overline", "vec": r"\vec", "dot": r"\dot",
    "ddot": r"\ddot", "tilde": r"\tilde", "ul": r"\underline", "underline": r"\underline", "ubrace": r"\underbrace",
    "obrace": r"\overbrace", "bb": r"\mathbf", "bbb": r"\mathbb", "cc": r"\mathcal", "tt": r"\mathtt",
    "fr": r"\mathfrak", "sf": r"\mathsf", "cancel": r"\cancel",
}  # fmt: skip
_AROUND = {
    "abs": ("|", "|"),
    "norm": (r"\|", r"\|"),
    "floor": (r"\lfloor ", r"\rfloor"),
    "ceil": (r"\lceil ", r"\rceil"),
}
# They take what follows with them: `sin x/cos x` is one fraction. Of `f` and `g` that is so before a bracket.
_TAKING = frozenset(FUNCTIONS) - {
    "lim",
    "liminf",
    "limsup",
    "dim",
    "min",
    "max",
    "sup",
    "inf",
    "ker",
    "arg",
    "hom",
    "deg",
    "lg",
    "Pr",
}
_BINARY = ("frac", "root", "stackrel", "overset", "underset", "color")
_LEFT = {"(": "(", "[": "[", "{": r"\{", "(:": r"\langle ", "<<": r"\langle ", "langle": r"\langle ", "{:": ""}
_RIGHT = {")": ")", "]": "]", "}": r"\}", ":)": r"\rangle", ">>": r"\rangle", "rangle": r"\rangle", ":}": ""}
_MATRICES = {
    ("(", ")"): "pmatrix",
    ("[", "]"): "bmatrix",
    ("|", "|"): "vmatrix",
    (r"\{", ""): "cases",
    ("", ""): "matrix",
}

_NAMES = sorted({*_SYMBOLS, *_UNARY, *_AROUND, *_BINARY, *_LEFT, *_RIGHT, "text", "mbox", "/", "_", "^", "|"}, key=len)
_TOKEN = re.compile(
    r'\s+|"(?P<quoted>[^"]*)"|(?:text|mbox)\((?P<text>[^)]*)\)|(?P<number>\d+(?:\.\d+)?)|(?P<name>'
    + "|".join(re.escape(name) for name in reversed(_NAMES))
    + r")|(?P<other>.)",
    re.DOTALL,
)


class NotAsciiMath(ValueError):
    """Too long, or nested too deep."""


def tex_of(source: str) -> str:
    if len(source) > _LONGEST:
        raise NotAsciiMath
    reader = _Reader(list(_tokens(source)))
    return _join(reader.rows())


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    for found in _TOKEN.finditer(source):
        kind = found.lastgroup
        if kind is not None:
            yield kind, found.group(kind)


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._place, self._depth = tokens, 0, 0
        self._has_lone_bar = False

    def rows(self) -> list[str]:
        """All of it. A bracket that closes nothing stands for itself."""
        parts = self._row()
        while self._place < len(self._tokens):
            parts.append(_RIGHT.get(self._next()[1], ""))
            parts += self._row()
        return parts

    def _peek(self) -> str:
        kind, text = self._tokens[self._place] if self._place < len(self._tokens) else ("", "")
        return text if kind == "name" else ""

    def _next(self) -> tuple[str, str]:
        self._place += 1
        return self._tokens[self._place - 1]

    def _row(self, ends: tuple[str, ...] = ()) -> list[str]:
        parts: list[str] = []
        while self._place < len(self._tokens):
            name = self._peek()
            if name in _RIGHT or name in ends:
                break
            part = self._scripted()
            if self._peek() == "/":
                self._next()
                part = f"\\frac{{{_bare(part)}}}{{{_bare(self._signed(self._scripted))}}}"
            parts.append(part)
        return parts

    def _scripted(self) -> str:
        base = self._simple()
        for mark in ("_", "^"):
            if self._peek() == mark:
                self._next()
                base += f"{mark}{{{_bare(self._signed(self._simple))}}}"
        return base

    def _signed(self, read: Callable[[], str]) -> str:
        """What a script or a fraction takes; a minus before it belongs to it."""
        if self._place + 1 < len(self._tokens) and self._tokens[self._place] == ("other", "-"):
            self._next()
            return f"-{read()}"
        return read()

    def _simple(self) -> str:
        if self._place == len(self._tokens):
            return ""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotAsciiMath
        try:
            return self._one(*self._next())
        finally:
            self._depth -= 1

    def _one(self, kind: str, text: str) -> str:
        if kind in ("quoted", "text"):
            return f"\\text{{{text}}}"
        if kind == "other" and text in "fg" and self._peek() == "(":
            return f"{text}{self._simple()}"
        if kind != "name":
            return text
        if text in _LEFT:
            return self._bracket(text)
        if text == "|":
            return self._bars()
        if text in _UNARY:
            return f"{_UNARY[text]}{{{_bare(self._simple())}}}"
        if text in _TAKING and self._place < len(self._tokens) and self._peek() not in (*"^_/|,", *_RIGHT):
            return f"{_SYMBOLS[text]} {self._simple()}"
        if text in _AROUND:
            left, right = _AROUND[text]
            return f"{left}{_bare(self._simple())}{right}"
        if text in _BINARY:
            first, second = _bare(self._simple()), _bare(self._simple())
            if text == "root":
                return f"\\sqrt[{first}]{{{second}}}"
            name = "overset" if text == "stackrel" else text
            return second if text == "color" else f"\\{name}{{{first}}}{{{second}}}"
        return _SYMBOLS.get(text, text if text in ("_", "^", "/") else _RIGHT.get(text, ""))

    def _bracket(self, left: str) -> str:
        inside = self._row()
        right = self._next()[1] if self._peek() in _RIGHT else ""
        opened, closed = _LEFT[left], _RIGHT.get(right, "")
        cells = _matrix(inside)
        name = _MATRICES.get((opened.strip(), closed))
        if cells is not None and name is not None:
            return f"\\begin{{{name}}} {cells} \\end{{{name}}}"
        return f"{opened}{_join(inside)}{closed}"

    def _bars(self) -> str:
        """`|x|`: a bar closes where it can, else it stands alone."""
        if self._has_lone_bar:
            return "|"  # Each would be tried to the end again, and those within it.
        begin = self._place
        inside = self._row(("|",))
        if self._peek() == "|" and inside:
            self._next()
            return f"|{_join(inside)}|"
        self._place, self._has_lone_bar = begin, True
        return "|"


def _matrix(parts: list[str]) -> str | None:
    """`[a, b], [c, d]` within brackets is a matrix of those rows."""
    rows = parts[::2]
    if len(rows) < 2 or any(part != "," for part in parts[1::2]) or len(parts) % 2 == 0:
        return None
    if not all(len(row) > 1 and row[0] in "([" and row[-1] in ")]" for row in rows):
        return None
    return r" \\ ".join(" & ".join(cell.strip() for cell in row[1:-1].split(",")) for row in rows)


def _bare(part: str) -> str:
    """Brackets around what a script or a fraction takes are not shown."""
    for left, right in (("(", ")"), ("[", "]"), (r"\{", r"\}")):
        if part.startswith(left) and part.endswith(right) and _closes_last(part, left, right):
            return part[len(left) : -len(right)]
    return part


def _closes_last(part: str, left: str, right: str) -> bool:
    depth = place = 0
    while place < len(part):
        if part.startswith(left, place):
            depth += 1
            place += len(left)
        elif part.startswith(right, place):
            depth -= 1
            place += len(right)
            if depth == 0:
                return place == len(part)
        else:
            place += 1
    return False


def _join(parts: list[str]) -> str:
    return " ".join(part for part in parts if part)
