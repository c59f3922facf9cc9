"""A small subset of TeX as a tree, and the tree as MathML, AsciiMath, MathJax and KaTeX output.

The demo's texts write formulas as TeX. `parse` reads them, so that one formula can be written in every way
that web pages use, each with the structure the real tool gives it (attributes that only style are left out).
"""

# ruff: noqa: RUF001 (mathematical characters look like Latin ones)

import re
from dataclasses import dataclass
from html import escape
from typing import Literal

Kind = Literal[
    "number", "identifier", "upright", "operator", "big", "text", "space", "row", "fraction", "power",
    "subscript", "both", "root", "limits", "matrix",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formula:
    """One node: `text` for leaves (as Unicode), `parts` for the rest.

    Parts: row any; fraction 2; power (base, upper); subscript (base, lower); both and limits (base, lower,
    upper; an empty row where one is absent); root (body) or (body, index); matrix rows of rows.
    """

    kind: Kind
    text: str = ""
    parts: tuple["Formula", ...] = ()


GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "theta": "θ", "lambda": "λ",
    "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "ϕ", "omega": "ω",
    "Delta": "Δ", "Sigma": "Σ", "Omega": "Ω", "infty": "∞",
}  # fmt: skip
OPERATORS = {
    "cdot": "⋅", "times": "×", "div": "÷", "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈", "equiv": "≡",
    "pm": "±", "to": "→", "rightarrow": "→", "Rightarrow": "⇒", "ldots": "…", "cdots": "⋯", "mid": "∣",
    "circ": "∘", "in": "∈", "lt": "<", "gt": ">",
}  # fmt: skip
FUNCTIONS = ("sin", "cos", "tan", "ln", "log", "exp", "gcd", "det", "max", "min")
BIG = {"sum": "∑", "prod": "∏", "int": "∫"}
SPACES = {",": "0.167em", ";": "0.278em", "!": "-0.167em", " ": "0.333em", "quad": "1em"}
APPLY = "\u2061"  # invisible function application: renderers write it after sin, ln and so on

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|\\|[,;! ])|\d+(?:\.\d+)?|[A-Za-z]|[-+=<>()\[\]|/!',:*^_{}&]|\s+")
EMPTY = Formula("row")


def parse(tex: str) -> Formula:
    """Read TeX of the subset; anything outside it is a mistake in the demo's own texts."""
    tokens = _TOKEN.findall(tex)
    assert "".join(tokens) == tex, f"outside the TeX subset: {tex!r}"
    reader = _Reader(tokens)
    row = reader.row(until=())
    assert reader.done(), f"left over in {tex!r}"
    return row


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0

    def done(self) -> bool:
        return self.position >= len(self.tokens)

    def peek(self) -> str:
        return "" if self.done() else self.tokens[self.position]

    def take(self) -> str:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def next_token(self) -> str:
        """The next token that is no space."""
        return next((token for token in self.tokens[self.position :] if not token.isspace()), "")

    def skip_spaces(self) -> None:
        while self.peek().isspace():
            self.position += 1

    def raw_group(self) -> str:
        self.skip_spaces()
        assert self.take() == "{"
        taken: list[str] = []
        while self.peek() != "}":
            taken.append(self.take())
        self.take()
        return "".join(taken).strip()

    def row(self, until: tuple[str, ...]) -> Formula:
        parts: list[Formula] = []
        while True:
            self.skip_spaces()
            if self.done() or self.peek() in until:
                return Formula("row", parts=tuple(parts))
            parts.append(self.scripted())
            after = self.next_token()
            if parts[-1].text in FUNCTIONS and parts[-1].kind == "upright" and after and after not in until:
                parts.append(Formula("operator", APPLY))

    def argument(self) -> Formula:
        self.skip_spaces()
        if self.peek() == "{":
            self.take()
            row = self.row(until=("}",))
            self.take()
            return row.parts[0] if len(row.parts) == 1 else row
        return self.atom()

    def scripted(self) -> Formula:
        base = self.atom()
        lower = upper = EMPTY
        while self.next_token() in ("^", "_", "'"):
            self.skip_spaces()
            if self.peek() == "'":
                self.take()
                upper = Formula("operator", "′")
            elif self.take() == "^":
                upper = self.argument()
            else:
                lower = self.argument()
        if lower is EMPTY and upper is EMPTY:
            return base
        if base.text in ("∑", "∏", "lim"):
            return Formula("limits", parts=(base, lower, upper))
        if lower is EMPTY:
            return Formula("power", parts=(base, upper))
        if upper is EMPTY:
            return Formula("subscript", parts=(base, lower))
        return Formula("both", parts=(base, lower, upper))

    def atom(self) -> Formula:
        piece = self.take()
        assert piece not in ("}", "&", "^", "_"), f"{piece} stands where a formula should"
        if piece == "{":
            row = self.row(until=("}",))
            self.take()
            return row
        if piece[0].isdigit():
            return Formula("number", piece)
        if piece.isalpha():
            return Formula("identifier", piece)
        if piece[0] == "\\":
            return self.command(piece[1:])
        return Formula("operator", {"-": "−", "*": "∗"}.get(piece, piece))

    def command(self, name: str) -> Formula:
        if name in GREEK:
            return Formula("identifier", GREEK[name])
        if name in OPERATORS:
            return Formula("operator", OPERATORS[name])
        if name in FUNCTIONS or name == "lim":
            return Formula("upright", name)
        if name in BIG:
            return Formula("big", BIG[name])
        if name in SPACES:
            return Formula("space", SPACES[name])
        if name in ("left", "right"):
            return self.atom()
        if name == "frac":
            above = self.argument()
            return Formula("fraction", parts=(above, self.argument()))
        if name == "sqrt":
            self.skip_spaces()
            if self.peek() == "[":
                self.take()
                index = self.row(until=("]",))
                self.take()
                return Formula("root", parts=(self.argument(), index))
            return Formula("root", parts=(self.argument(),))
        if name == "mathrm":
            return Formula("upright", self.raw_group())
        if name == "text":
            return Formula("text", self.raw_group())
        if name == "begin":
            return self.matrix()
        raise AssertionError(f"outside the TeX subset: \\{name}")

    def matrix(self) -> Formula:
        assert self.raw_group() == "pmatrix"
        rows: list[Formula] = []
        cells: list[Formula] = []
        while True:
            cells.append(self.row(until=("&", "\\\\", "\\end")))
            piece = self.take()
            if piece == "&":
                continue
            rows.append(Formula("row", parts=tuple(cells)))
            cells = []
            if piece == "\\end":
                self.raw_group()
                return Formula("matrix", parts=tuple(rows))


# MathML ------------------------------------------------------------------------------------------------


def _mathml(node: Formula) -> str:
    inner = [_mathml(part) for part in node.parts]
    match node.kind:
        case "number":
            return f"<mn>{node.text}</mn>"
        case "identifier":
            return f"<mi>{node.text}</mi>"
        case "upright":
            plain = len(node.text) == 1
            return f'<mi mathvariant="normal">{node.text}</mi>' if plain else f"<mi>{node.text}</mi>"
        case "operator" | "big":
            return f"<mo>{escape(node.text)}</mo>"
        case "text":
            return f"<mtext>{escape(node.text)}</mtext>"
        case "space":
            return f'<mspace width="{node.text}"></mspace>'
        case "row":
            return f"<mrow>{''.join(inner)}</mrow>"
        case "fraction":
            return f"<mfrac>{inner[0]}{inner[1]}</mfrac>"
        case "power":
            return f"<msup>{inner[0]}{inner[1]}</msup>"
        case "subscript":
            return f"<msub>{inner[0]}{inner[1]}</msub>"
        case "both":
            return f"<msubsup>{''.join(inner)}</msubsup>"
        case "limits":
            if node.parts[2] is EMPTY:
                return f"<munder>{inner[0]}{inner[1]}</munder>"
            return f"<munderover>{''.join(inner)}</munderover>"
        case "root":
            return f"<mroot>{inner[0]}{inner[1]}</mroot>" if len(inner) == 2 else f"<msqrt>{inner[0]}</msqrt>"
        case "matrix":
            rows = "".join(
                "<mtr>" + "".join(f"<mtd>{_mathml(cell)}</mtd>" for cell in row.parts) + "</mtr>" for row in node.parts
            )
            return f"<mrow><mo>(</mo><mtable>{rows}</mtable><mo>)</mo></mrow>"


def to_mathml(formula: Formula) -> str:
    """The inside of a `<math>` element."""
    return _mathml(formula)


# AsciiMath ---------------------------------------------------------------------------------------------

_ASCII_OPERATORS = {
    "−": "-", "⋅": "*", "×": "xx", "÷": "-:", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~~", "≡": "-=",
    "±": "+-", "→": "->", "⇒": "=>", "…": "...", "⋯": "cdots", "∣": "|", "∘": "@", "∈": "in", "′": "'",
    "∗": "**", "/": "//", APPLY: "",
}  # fmt: skip
_ASCII_NAMES = {character: name for name, character in GREEK.items()} | {"∞": "oo", "ϕ": "phi"}
_ASCII_BIG = {"∑": "sum", "∏": "prod", "∫": "int"}


def to_asciimath(node: Formula) -> str:
    """The formula in AsciiMath's notation."""
    inner = [to_asciimath(part) for part in node.parts]
    match node.kind:
        case "number":
            return node.text
        case "identifier":
            return _ASCII_NAMES.get(node.text, node.text)
        case "upright":
            return node.text if node.text in FUNCTIONS or node.text == "lim" else f'"{node.text}"'
        case "text":
            return f'"{node.text}"'
        case "operator":
            return _ASCII_OPERATORS.get(node.text, node.text)
        case "big":
            return _ASCII_BIG[node.text]
        case "space":
            return ""
        case "row":
            return " ".join(part for part in inner if part)
        case "fraction":
            return f"({inner[0]})/({inner[1]})"
        case "power":
            return f"{inner[0]}^({inner[1]})"
        case "subscript":
            return f"{inner[0]}_({inner[1]})"
        case "both" | "limits":
            upper = f"^({inner[2]})" if node.parts[2] is not EMPTY else ""
            return f"{inner[0]}_({inner[1]}){upper}"
        case "root":
            return f"root({inner[1]})({inner[0]})" if len(inner) == 2 else f"sqrt({inner[0]})"
        case "matrix":
            rows = ("(" + ",".join(to_asciimath(cell) for cell in row.parts) + ")" for row in node.parts)
            return "(" + ",".join(rows) + ")"


def italic(character: str) -> str:
    """The mathematical italic letter by which TeX's fonts show a variable."""
    code = ord(character)
    if character == "h":
        return "\u210e"
    if "a" <= character <= "z":
        return chr(0x1D44E + code - ord("a"))
    if "A" <= character <= "Z":
        return chr(0x1D434 + code - ord("A"))
    if "α" <= character <= "ω":
        return chr(0x1D6FC + code - ord("α"))
    return {"ϵ": "\U0001d716", "ϕ": "\U0001d719"}.get(character, character)
