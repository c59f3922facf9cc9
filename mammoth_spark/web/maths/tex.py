"""A formula's tree as TeX. It cannot be what the author wrote, but it means the same."""

import re

from mammoth_spark.web.maths.symbols import ACCENTS, BIG, FUNCTIONS, TEX, UNDER_ACCENTS, plain_letter
from mammoth_spark.web.maths.tree import Math

_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+$")
_LENGTH = re.compile(r"(-?[0-9]{0,6}\.?[0-9]{1,6})(em|ex|px|pt|mu)?")
_BRACES = ("\u23de", "\u23df")
_IN_EM = {"em": 1.0, "ex": 0.43, "px": 1 / 16, "pt": 1 / 10, "mu": 1 / 18}
_SPACES = ((0.0, r"\!"), (0.2, r"\,"), (0.25, r"\:"), (0.3, r"\;"), (0.9, r"\ "), (1.9, r"\quad"))
_FENCED = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix", ("{", "}"): "Bmatrix"}
_IN_TEXT = re.compile(r"[\\{}$&#%_^~]")
_VARIANTS = {
    "bold": "mathbf",
    "double-struck": "mathbb",
    "script": "mathcal",
    "fraktur": "mathfrak",
    "normal": "mathrm",
}


def tex_of(math: Math) -> str:
    return _join([_tex(math)]).strip()


def _tex(math: Math) -> str:
    kids = math.children
    match math.name:
        case "mi":
            return _identifier(math)
        case "mn":
            return "".join(_letters(math.text.strip()))
        case "mo":
            return _operator(math.text.strip())
        case "mtext" | "ms":
            return _text(math.text)
        case "mspace":
            return _space(math.attributes.get("width") or "")
        case "mfrac" if len(kids) == 2:
            # Without a line it is a binomial coefficient.
            is_bare = (math.attributes.get("linethickness") or "").startswith("0")
            return rf"{{{_tex(kids[0])} \atop {_tex(kids[1])}}}" if is_bare else _command("frac", *kids)
        case "msup" if len(kids) == 2:
            return _base(kids[0]) + _upper(kids[1])
        case "msub" if len(kids) == 2:
            return _base(kids[0]) + _script("_", kids[1])
        case "msubsup" if len(kids) == 3:
            return _base(kids[0]) + _script("_", kids[1]) + _upper(kids[2])
        case "munder" if len(kids) == 2:
            return _under(kids[0], kids[1])
        case "mover" if len(kids) == 2:
            return _over(kids[0], kids[1])
        case "munderover" if len(kids) == 3:
            return _base(kids[0]) + _script("_", kids[1]) + _script("^", kids[2])
        case "msqrt":
            return f"\\sqrt{{{_row(kids)}}}"
        case "mroot" if len(kids) == 2:
            return f"\\sqrt[{_tex(kids[1])}]{{{_tex(kids[0])}}}"
        case "mmultiscripts" if kids:
            return _multiscripts(kids)
        case "mfenced":
            return _fenced(math)
        case "mtable":
            return _table(kids, "matrix")
        case "labels" | "mphantom" | "none" | "mprescripts":
            return ""
        case _:
            return _row(kids)


def _row(kids: list[Math]) -> str:
    parts: list[str] = []
    place = 0
    while place < len(kids):
        fenced = kids[place : place + 3]
        # A matrix and its brackets are one thing to TeX.
        if fenced[-1].name != "mtable" and len(fenced) == 3 and _inner(fenced[1]).name == "mtable":
            name = _FENCED.get((fenced[0].text.strip(), fenced[2].text.strip()))
            if name is not None:
                parts.append(_table(_inner(fenced[1]).children, name))
                place += 3
                continue
        is_open = kids[place].text.strip() == "{" and place + 1 < len(kids)
        if is_open and _inner(kids[place + 1]).name == "mtable":
            parts.append(_table(_inner(kids[place + 1]).children, "cases"))
            place += 3 if place + 2 < len(kids) and not kids[place + 2].text.strip() else 2
            continue
        parts.append(_tex(kids[place]))
        place += 1
    return _join(parts)


def _inner(math: Math) -> Math:
    """What stands alone in rows within rows."""
    while math.name in ("mrow", "mstyle", "mpadded", "math") and len(math.children) == 1:
        math = math.children[0]
    return math


def _join(parts: list[str]) -> str:
    """A command's name ends where no letter follows."""
    out = ""
    for part in parts:
        if part[:1].isalpha() and _ENDS_IN_COMMAND.search(out[-24:]):
            out += " "
        out += part
    return out


def _command(name: str, *kids: Math) -> str:
    return f"\\{name}" + "".join(f"{{{_tex(kid)}}}" for kid in kids)


def _base(math: Math) -> str:
    base = _tex(math)
    inner = _inner(math)
    # What has scripts itself, or is several things, needs braces.
    is_one = inner.name in ("mi", "mn", "mo", "mtext", "mfenced", "mtable", "msqrt") or not inner.children
    return base if is_one or _closes(math) else f"{{{base}}}"


def _closes(math: Math) -> bool:
    """Whether a script after this row is one on its closing bracket, as people write it."""
    row = _inner(math)
    return row.name in ("mrow", "math") and bool(row.children) and row.children[-1].text.strip() in (")", "]", "|")


def _script(mark: str, math: Math) -> str:
    text = _tex(math)
    return f"{mark}{{{text}}}" if text else ""


def _upper(math: Math) -> str:
    text = _tex(math)
    return text if text and not text.strip("'") else _script("^", math)


def _multiscripts(kids: list[Math]) -> str:
    """Scripts on both sides, as isotopes have them: after the base in pairs of lower and upper, then before it."""
    names = [kid.name for kid in kids]
    middle = names.index("mprescripts") if "mprescripts" in names else len(kids)
    before, after = kids[middle + 1 :], kids[1:middle]
    left = _pairs(before)
    return (f"{{}}{left}" if left else "") + _base(kids[0]) + _pairs(after)


def _pairs(scripts: list[Math]) -> str:
    return "".join(_script("^" if place % 2 else "_", one) for place, one in enumerate(scripts))


def _under(base: Math, under: Math) -> str:
    accent = UNDER_ACCENTS.get(_inner(under).text.strip())
    if accent is not None:
        return _command(accent, base)
    return _base(base) + _script("_", under) if _takes_limits(base) else f"\\underset{{{_tex(under)}}}{{{_tex(base)}}}"


def _over(base: Math, over: Math) -> str:
    accent = ACCENTS.get(_inner(over).text.strip()) if _inner(over).name == "mo" else None
    if accent is not None:
        return _command(accent, base)
    return _base(base) + _script("^", over) if _takes_limits(base) else f"\\overset{{{_tex(over)}}}{{{_tex(base)}}}"


def _takes_limits(base: Math) -> bool:
    inner = _inner(base)
    text = inner.text.strip()
    is_braced = (
        inner.name in ("munder", "mover")
        and bool(inner.children)
        and _inner(inner.children[-1]).text.strip() in _BRACES
    )
    return text in BIG or text in FUNCTIONS or is_braced


def _identifier(math: Math) -> str:
    text = math.text.strip()
    if text in FUNCTIONS:
        return f"\\{text}"
    variant = _VARIANTS.get(math.attributes.get("mathvariant") or "", "")
    if len(text) > 1 and text.isascii() and text.isalpha():
        return f"\\{variant or 'mathrm'}{{{text}}}"
    letters = "".join(_letters(text))
    return f"\\{variant}{{{letters}}}" if variant and text.isalpha() and text.isascii() else letters


def _operator(text: str) -> str:
    if text in FUNCTIONS:
        return f"\\{text}"
    if len(text) > 1 and text.isalpha():
        return f"\\operatorname{{{text}}}"
    return _join(_letters(text))


def _letters(text: str) -> list[str]:
    parts: list[str] = []
    for character in text:
        letter, alphabet = plain_letter(character)
        tex = TEX.get(letter, letter)
        parts.append(f"\\{alphabet}{{{tex}}}" if alphabet else tex)
    return [_join(parts)]


def _text(text: str) -> str:
    text = text.replace("\u00a0", " ")
    if not text.strip():
        return r"\ " if text else ""
    return f"\\text{{{_IN_TEXT.sub(_escaped, text)}}}"


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    return {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}.get(character, f"\\{character}")


def _space(width: str) -> str:
    found = _LENGTH.match(width)
    if found is None:
        return ""
    em = float(found.group(1)) * _IN_EM[found.group(2) or "em"]
    if em == 0:
        return ""
    return next((space for most, space in _SPACES if em <= most), r"\qquad")


def _fenced(math: Math) -> str:
    left, right = (math.attributes.get(name) for name in ("open", "close"))
    left, right = "(" if left is None else left, ")" if right is None else right
    if len(math.children) == 1 and _inner(math.children[0]).name == "mtable":
        name = _FENCED.get((left, right), "cases" if left == "{" and not right else "")
        if name:
            return _table(_inner(math.children[0]).children, name)
    separator = (math.attributes.get("separators") or ",").strip()[:1]
    inside = separator.join(_tex(kid) for kid in math.children)
    return _join([*_letters(left), inside, *_letters(right)])


def _table(rows: list[Math], name: str) -> str:
    lines: list[str] = []
    label = ""
    for row in rows:
        if row.name == "labels":
            label = "".join(_plain(row))
            continue
        cells = row.children if row.name in ("mtr", "mlabeledtr") else [row]
        if row.name == "mlabeledtr" and cells:
            label, cells = "".join(_plain(cells[0])), cells[1:]
        lines.append(" & ".join(_tex(cell) for cell in cells))
    if label:
        # A numbered equation: its table has one row.
        return " ".join(lines) + f" \\tag{{{label.strip('() ')}}}"
    return f"\\begin{{{name}}} " + r" \\ ".join(lines) + f" \\end{{{name}}}"


def _plain(math: Math) -> list[str]:
    return [math.text, *(text for kid in math.children for text in _plain(kid))]
