r"""Formulas that stand in the text between delimiters: `\(x\)`, `$$x$$`, or what the page's own settings name."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_MOST = 16
_LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class Delimiter:
    left: str
    right: str
    is_display: bool


_USUAL = (Delimiter(r"\(", r"\)", False), Delimiter(r"\[", r"\]", True), Delimiter("$$", "$$", True))
_ENVIRONMENTS = "equation|align|gather|multline|eqnarray|alignat|displaymath|math|flalign"

# MathJax 2 to 4 in the page's own script: inlineMath: [['$','$'], ['\\\\(','\\\\)']], or {'[+]': [[...]]}.
_LIST = re.compile(r"""["']?(inline|display)Math["']?\s*:\s*(?:\{\s*["']\[[+-]\]["']\s*:\s*)?\[""")
_PAIR = re.compile(r"""[\s,]*\[\s*(["'])((?:\\.|(?!\1).)+)\1\s*,\s*(["'])((?:\\.|(?!\3).)+)\3\s*\]""")
# KaTeX's auto-render: {left: '$$', right: '$$', display: true}.
_KATEX = re.compile(
    r"""\{\s*["']?left["']?\s*:\s*(["'])((?:\\.|(?!\1).)+)\1\s*,\s*["']?right["']?\s*:\s*(["'])((?:\\.|(?!\3).)+)\3"""
    r"""\s*,\s*["']?display["']?\s*:\s*(true|false|!0|!1)"""
)
_SCRIPT_SAMPLE = 100_000


def of_page(scripts: Iterable[str]) -> tuple[Delimiter, ...]:
    """The page's delimiters: those that its scripts name, and the usual ones where they name none of the kind."""
    found: dict[str, Delimiter] = {}
    for source in scripts:
        script = source[:_SCRIPT_SAMPLE]
        for begin in _LIST.finditer(script):
            pair = _PAIR.match(script, begin.end())
            while pair is not None:
                _add(found, pair.group(2), pair.group(4), begin.group(1) == "display")
                pair = _PAIR.match(script, pair.end())
        for _, left, _, right, display in _KATEX.findall(script):
            _add(found, left, right, display in ("true", "!0"))
    for usual in _USUAL:
        found.setdefault(usual.left, usual)
    return tuple(sorted(found.values(), key=lambda one: -len(one.left))[:_MOST])


def _add(found: dict[str, Delimiter], left: str, right: str, is_display: bool) -> None:
    left, right = (re.sub(r"\\(.)", r"\1", mark) for mark in (left, right))
    if left and right and not left.isspace() and max(len(left), len(right)) <= _LONGEST_NAME:
        found.setdefault(left, Delimiter(left, right, is_display))


@dataclass(frozen=True)
class Scanner:
    """Finds formulas by some delimiters."""

    by_left: dict[str, Delimiter]
    openings: re.Pattern[str]

    def replaced(self, text: str, formula: Callable[[str, bool], str]) -> str:
        """The text with `formula(tex, is_display)` in each formula's place. What is not closed stays."""
        out: list[str] = []
        end = 0
        absent: set[str] = set()
        found = self.openings.search(text)
        while found is not None:
            mark = found.group()
            name = found.group("environment")
            if mark.startswith("\\") and len(mark) == 2 and mark not in self.by_left:
                found = self.openings.search(text, found.end())  # An escaped sign opens nothing.
                continue
            right = f"\\end{{{name}}}" if name else self.by_left[mark].right
            close = -1 if right in absent else _closing(text, right, found.end())
            if close < 0:
                absent.add(right)
                found = self.openings.search(text, found.end())
                continue
            # Of an environment the name is part of the formula.
            tex = text[found.start() : close + len(right)] if name else text[found.end() : close]
            if tex.strip():
                out += [text[end : found.start()], formula(tex.strip(), bool(name) or self.by_left[mark].is_display)]
                end = close + len(right)
            found = self.openings.search(text, close + len(right))
        return "".join([*out, text[end:]])


def scanner(delimiters: Iterable[Delimiter]) -> Scanner:
    by_left = {one.left: one for one in delimiters}
    marks = "|".join(re.escape(left) for left in by_left)
    environments = rf"\\begin\{{(?P<environment>(?:{_ENVIRONMENTS})\*?)\}}"
    # A backslash takes the next sign with it: `\$` is money, and `\\(` begins no formula.
    return Scanner(by_left, re.compile(rf"{environments}|{marks}|\\."))


def _closing(text: str, right: str, begin: int) -> int:
    place = text.find(right, begin)
    # An escaped dollar closes nothing.
    while place > 0 and right[0] == "$" and text[place - 1] == "\\":
        place = text.find(right, place + 1)
    return place


# Between dollars that nobody has named as delimiters: what only a formula has, and no price.
_DOLLARS = re.compile(r"(?<![\\$])\$(?=[^\s$])([^$\n\v]{1,200}?)(?<=[^\s\\])\$(?![\d$])|(?<!\\)\$")
_ONLY_IN_FORMULAS = re.compile(
    r"\\[A-Za-z]+|[\^_{}]|[A-Za-z0-9)]\s*[=<>+*/-]\s*[A-Za-z0-9(\\]|^-?[A-Za-z]$|^[A-Za-z]\([A-Za-z0-9, ]*\)$"
)


def dollars(text: str, formula: Callable[[str, bool], str]) -> str:
    """Text whose dollars no setting explains: some are formulas, and the others are money, which Markdown escapes."""

    def judged(found: re.Match[str]) -> str:
        tex = found.group(1)
        if tex is None:
            return r"\$"
        if _ONLY_IN_FORMULAS.search(tex):
            return formula(tex, False)
        # The second may open what the first did not.
        return r"\$" + dollars(found.group()[1:], formula)

    return _DOLLARS.sub(judged, text)
