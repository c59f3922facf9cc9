"""A formula as a tree in MathML's terms, whoever drew it: MathML itself, MathJax's CHTML or its SVG."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

# Real formulas nest some twenty levels; a page may nest as many as it likes.
_DEEPEST = 150
_MOST_NODES = 20_000
_TOKENS = frozenset({"mi", "mn", "mo", "mtext", "ms"})


class Unreadable(ValueError):
    """No formula that people write: too deep, or too large."""


@dataclass(slots=True)
class Math:
    """An element: `text` of a token, `children` of any other."""

    name: str
    text: str = ""
    children: list["Math"] = field(default_factory=list)
    attributes: Mapping[str, str | None] = field(default_factory=dict)


class _Limits:
    def __init__(self) -> None:
        self._left = _MOST_NODES

    def check(self, depth: int) -> None:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise Unreadable


def elements(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        if child.is_element_node:
            yield child
        child = child.next


def of_mathml(node: LexborNode) -> Math:
    """From `<math>` or an element within it. Of `<semantics>` the first child is the formula."""
    return _of_mathml(node, 0, _Limits())


def _of_mathml(node: LexborNode, depth: int, limits: _Limits) -> Math:
    limits.check(depth)
    name = _name(node)
    if name in _TOKENS:
        return Math(name, node.text(), attributes=node.attributes)
    inside = [child for child in elements(node) if not _name(child).startswith("annotation")]
    if name in ("semantics", "maction"):
        inside = inside[:1]
    return Math(name, children=[_of_mathml(child, depth + 1, limits) for child in inside], attributes=node.attributes)


def _name(node: LexborNode) -> str:
    """Some pages write a prefix: `<m:mi>`."""
    return (node.tag or "").lower().rpartition(":")[2]


# MathJax 3 and 4, CHTML. Its frame has slots for the parts, and elements that only hold a place.
_SLOTS = {
    "mjx-num": "num",
    "mjx-den": "den",
    "mjx-script": "script",
    "mjx-base": "base",
    "mjx-under": "under",
    "mjx-over": "over",
    "mjx-root": "index",
    "mjx-labels": "labels",
}
_FRAME = frozenset(
    {"mjx-frac", "mjx-dbox", "mjx-dtable", "mjx-row", "mjx-box", "mjx-sqrt", "mjx-table", "mjx-itable", "mjx-block"}
)
_PLACEHOLDERS = frozenset(
    {"mjx-nstrut", "mjx-dstrut", "mjx-tstrut", "mjx-strut", "mjx-spacer", "mjx-line", "mjx-surd", "mjx-assistive-mml"}
)
_CHARACTER = re.compile(r"(?:^| )mjx-c([0-9A-F]{2,6})(?: |$)")

_Parts = list[tuple[str, Math]]
"""With the slot of each; empty for what stands in none."""


def of_chtml(node: LexborNode) -> Math:
    """From `<mjx-math>`. MathJax 3 names the characters by class only; 4 writes them too."""
    limits = _Limits()
    return Math("mrow", children=[part for _, part in _of_chtml(node, 0, limits)])


def _of_chtml(node: LexborNode, depth: int, limits: _Limits) -> _Parts:
    """The parts within an element."""
    parts: _Parts = []
    for child in elements(node):
        limits.check(depth)
        tag = (child.tag or "").lower()
        if tag in _PLACEHOLDERS:
            continue
        if tag in _FRAME:
            parts += _of_chtml(child, depth + 1, limits)
        elif tag in _SLOTS:
            inside = [part for _, part in _of_chtml(child, depth + 1, limits)]
            parts.append((_SLOTS[tag], Math("mrow", children=inside)))
        else:
            parts.append(("", _chtml_element(child, tag.removeprefix("mjx-"), depth, limits)))
    return parts


def _chtml_element(node: LexborNode, name: str, depth: int, limits: _Limits) -> Math:
    if name in _TOKENS:
        return _drawn(name, "".join(_chtml_characters(node)))
    if name == "mspace":
        return Math(name, attributes={"width": (node.attributes.get("style") or "").removeprefix("width:").strip()})
    parts = _of_chtml(node, depth + 1, limits)
    if name in ("munder", "mover", "munderover"):
        # Limits above and below are drawn as a box within the box.
        for slot, part in list(parts):
            if not slot and part.name == "munder":
                parts += zip(("base", "under"), part.children, strict=False)
    held = {slot: part for slot, part in parts if slot}
    free = [part for slot, part in parts if not slot]
    return _assembled(name, node, held, free)


def _assembled(name: str, node: LexborNode, held: Mapping[str, Math], free: list[Math]) -> Math:
    """An element whose parts stand in MathML's order."""
    nothing = Math("mrow")
    script = held.get("script", nothing).children
    match name:
        case "mfrac":
            return Math(name, children=[held.get("num", nothing), held.get("den", nothing)])
        case "msup" | "msub" | "munder" | "mover" if "script" in held:
            mark = {"munder": "msub", "mover": "msup"}.get(name, name)
            return Math(mark, children=[*free[:1], Math("mrow", children=script)])
        case "msubsup" | "munderover" if "script" in held:
            upper, lower = (*script, nothing, nothing)[:2]
            return Math("msubsup", children=[*free[:1], lower, upper])
        case "munder" | "mover" | "munderover":
            wanted = ("base", *(slot for slot in ("under", "over") if slot in name))
            return Math(name, children=[held.get(slot, nothing) for slot in wanted])
        case "mroot":
            return Math(name, children=[Math("mrow", children=free), held.get("index", nothing)])
        case "mlabeledtr":
            return Math("mtr", children=free)
        case "mtable" if "labels" in held:
            return Math(name, children=[*free, Math("labels", children=held["labels"].children)])
        case _:
            return Math(name, children=free, attributes=node.attributes)


def _chtml_characters(node: LexborNode) -> Iterator[str]:
    for child in node.traverse(include_text=False):
        tag = child.tag
        if tag == "mjx-c":
            found = _CHARACTER.search(child.attributes.get("class") or "")
            yield _character(found.group(1)) if found else child.text()
        elif tag == "mjx-utext":
            yield child.text()


def of_svg(node: LexborNode) -> Math:
    """From the `<svg>` of a `mjx-container`, whose groups say what of MathML they draw."""
    limits = _Limits()
    return Math("mrow", children=_of_svg(node, 0, limits))


def _of_svg(node: LexborNode, depth: int, limits: _Limits) -> list[Math]:
    parts: list[Math] = []
    for child in elements(node):
        limits.check(depth)
        name = child.attributes.get("data-mml-node")
        if name is None:
            parts += _of_svg(child, depth + 1, limits)
        elif name in _TOKENS:
            parts.append(_drawn(name, "".join(_svg_characters(child))))
        elif name in ("msqrt", "mroot"):
            inside = [part for part in _of_svg(child, depth + 1, limits) if part.text != "\u221a"]
            # The root's index comes last.
            body, index = (inside[:-1], inside[-1:]) if name == "mroot" else (inside, [])
            parts.append(Math(name, children=[Math("mrow", children=body), *index]))
        elif name == "mlabeledtr":
            parts.append(Math("mlabeledtr", children=_of_svg(child, depth + 1, limits)))
        else:
            parts.append(Math(name, children=_of_svg(child, depth + 1, limits), attributes=child.attributes))
    return parts


def _svg_characters(node: LexborNode) -> Iterator[str]:
    for child in node.traverse(include_text=False):
        code = child.attributes.get("data-c")
        if code is not None:
            yield _character(code)
        elif child.tag == "text":
            yield child.text()


def _drawn(name: str, text: str) -> Math:
    """A token as MathJax draws it: italic letters have characters of their own, so a plain one is upright."""
    is_upright = name == "mi" and len(text) == 1 and text.isascii() and text.isalpha()
    return Math(name, text, attributes={"mathvariant": "normal"} if is_upright else {})


def _character(code: str) -> str:
    try:
        return chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
