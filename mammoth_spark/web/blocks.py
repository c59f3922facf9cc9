"""A page's tree as blocks of Markdown: headings, paragraphs, lists, tables, code, in the order of the page.

One walk without recursion, as a page may nest its tags a hundred thousand deep. What is no content is passed over on
the way, and counted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from selectolax.lexbor import LexborNode

from mammoth_spark.web.boilerplate import BY_TAG, is_hidden_style, kind_of_names, kind_of_role, serves_the_page
from mammoth_spark.web.maths.delimiters import Scanner, dollars
from mammoth_spark.web.maths.tree import elements
from mammoth_spark.web.signs import CLOSE, OPEN, SIGN, Signs

BlockKind = Literal["text", "heading", "item", "code", "table", "mark"]

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_NAMES = (
    "address article blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form"
    " header hgroup hr html legend li main menu ol optgroup option p pre section summary table tbody td tfoot th thead"
    " tr ul h1 h2 h3 h4 h5 h6"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
# A table that holds any of these lays out a page, or shows lines of code with their numbers.
_LAYS_OUT = "table, pre, ul, ol, h1, h2, h3, h4, blockquote, form, section, article, p + p, div + div"
_BREAK = "\v"
_WHOLE = re.compile(r"-?[0-9]{1,8}")
# Raised letters that are no power: 1st, 2nd.
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_SPACES = re.compile(r"[ \t\n\r\f\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_AROUND_BREAKS = re.compile(r" *\v[ \v]*")
_DISPLAYED = re.compile(f"[ \n]*({OPEN}d[0-9]+{CLOSE})[ \n]*")
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|highlight-source|highlight|brush:?)[-: ]\s*([A-Za-z0-9+#]{1,20})")
_FENCES = re.compile(r"^(`{3,})", re.MULTILINE)
# To see how much of the page stands in a part costs that part's length; parts may lie in each other without end.
_MOST_MEASURED = 40
_LEAST_MEASURED = 10
_MOST_CELLS = 200_000
# Lists and quotations within each other further than this are not indented further: each line would grow with them.
_DEEPEST_INDENT = 20


@dataclass(slots=True)
class Block:
    kind: BlockKind
    text: str
    """With signs for formulas and code."""
    linked: int = 0
    """Characters that are links."""
    level: int = 0
    """Of a heading."""
    indent: str = ""
    """What each of its lines begins with: the lists and quotations that it stands in."""
    marker: str = ""
    """Of a list's item, before its first line."""


@dataclass(slots=True)
class _List:
    tag: str
    style: str
    next: int
    step: int


@dataclass(slots=True)
class _Open:
    """An element that is entered, and what leaving it does."""

    node: LexborNode
    is_block: bool
    closes: str = ""
    adds_indent: int = 0
    is_link: bool = False
    pops_list: bool = False
    is_long_script: bool = False


@dataclass
class Walk:
    """One walk over a page, or over a part of it."""

    signs: Signs
    scanner: Scanner | None
    marks: Mapping[int, str] = field(default_factory=dict)
    """What is said before an element, by its address: that it is an answer, and how good."""
    whole: int = 0
    """Characters of the page's text; 0 leaves nothing out by its class."""
    removed: Counter[str] = field(default_factory=Counter)
    """Elements that were passed over, by kind."""

    def __post_init__(self) -> None:
        self._blocks: list[Block] = []
        self._buffer: list[str] = []
        self._linked = 0
        self._in_link = 0
        self._in_long_script = 0
        self._indent: list[str] = []
        self._lists: list[_List] = []
        self._marker = ""
        self._heading = 0
        self._measured = 0

    def blocks(self, root: LexborNode) -> list[Block]:
        """Of what stands within."""
        stack: list[_Open] = []
        node = root.first_child
        while True:
            if node is None:
                if not stack:
                    break
                opened = stack.pop()
                self._leave(opened)
                node = opened.node.next
                continue
            opened_now = self._enter(node)
            if opened_now is None:
                node = node.next
                continue
            stack.append(opened_now)
            node = node.first_child
        self._flush()
        return self._blocks

    def _enter(self, node: LexborNode) -> _Open | None:
        """None if nothing within is to be walked over."""
        tag = node.tag
        if tag == "-text":
            text = node.text_content
            if text:
                self._buffer.append(text)
                if self._in_link:
                    self._linked += len(text)
            return None
        if tag is None or tag[0] in "-_!":
            return None
        attributes = node.attributes
        kind = self._kind(node, tag, attributes)
        if kind is not None:
            self.removed[kind] += 1
            # What is left out divides words, as it does on the screen.
            self._buffer.append(" ")
            return None
        if tag in _BLOCKS:
            return self._enter_block(node, tag, attributes)
        match tag:
            case "br":
                self._buffer.append(_BREAK)
                return None
            case "code" | "kbd" | "samp" | "tt":
                self._add_inline_code(node)
                return None
            case "a":
                self._in_link += 1
                return _Open(node, False, is_link=True)
            case "sup" | "sub":
                return self._script(node, "^" if tag == "sup" else "_")
            case "q":
                self._buffer.append("\u201c")
                return _Open(node, False, closes="\u201d")
            case "img" | "input" | "wbr" | "link" | "meta":
                return None
            case _:
                return _Open(node, False)

    def _kind(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> str | None:
        kind: str | None = BY_TAG.get(tag)
        if kind is not None and kind != "related":
            return kind
        if tag == "header" and self.whole and self._measured < _MOST_MEASURED * self.whole:
            self._measured += len(node.text())
            kind = "navigation" if node.css_first("nav") is not None else None
        if not attributes:
            return kind if self.whole and kind is not None and self._is_small_part(node) else None
        if "hidden" in attributes or attributes.get("aria-hidden") == "true":
            return "hidden"
        style = attributes.get("style")
        if style and is_hidden_style(style):
            return "hidden"
        if not self.whole or tag in ("body", "html", "main"):
            return None
        role = attributes.get("role")
        if kind is None and role:
            kind = kind_of_role(role)
        if kind is None:
            classes, id_ = attributes.get("class"), attributes.get("id")
            if classes or id_:
                kind = kind_of_names(classes or "", id_ or "")
        return kind if kind is not None and self._is_small_part(node) else None

    def _is_small_part(self, node: LexborNode) -> bool:
        """Whether most of the page stands elsewhere, whatever this is called."""
        if self._measured > _MOST_MEASURED * self.whole:
            return False  # Made so that this is never known: then nothing is left out.
        size = len(node.text())
        self._measured += size + _LEAST_MEASURED
        return 2 * size <= self.whole

    def _enter_block(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> _Open | None:
        self._flush()
        mark = self.marks.get(node.mem_id) if self.marks else None
        if mark is not None:
            self._blocks.append(Block("mark", mark, indent=self._prefix()))
        if tag in _HEADINGS:
            self._heading = _HEADINGS[tag]
        elif tag in _LISTS:
            self._lists.append(_new_list(node, tag, attributes))
            return _Open(node, True, pops_list=True)
        elif tag == "li":
            return self._enter_item(node, attributes)
        elif tag == "blockquote":
            self._indent.append("> ")
            return _Open(node, True, adds_indent=1)
        elif tag == "pre":
            self._add_code(node)
            return None
        elif tag == "table" and self._add_table(node):
            return None
        return _Open(node, True)

    def _enter_item(self, node: LexborNode, attributes: Mapping[str, str | None]) -> _Open:
        marker = "- "
        if self._lists:
            current = self._lists[-1]
            value = attributes.get("value") or ""
            if _WHOLE.fullmatch(value):
                current.next = int(value)
            if current.tag == "ol":
                marker = f"{_numbered(current.next, current.style)}. "
                current.next += current.step
        self._marker = marker
        self._indent.append(" " * len(marker))
        return _Open(node, True, adds_indent=1)

    def _leave(self, opened: _Open) -> None:
        if opened.closes:
            self._buffer.append(opened.closes)
        if opened.is_link:
            self._in_link -= 1
        if opened.is_long_script:
            self._in_long_script -= 1
        if opened.is_block:
            self._flush()
            self._heading = 0
        if opened.adds_indent:
            self._indent.pop()
            self._marker = ""
        if opened.pops_list:
            self._lists.pop()

    def _prefix(self, leave: int = 0) -> str:
        """Before each line here; `leave` leaves out the innermost, whose item's marker stands there."""
        return "".join(self._indent[: min(len(self._indent) - leave, _DEEPEST_INDENT)])

    def _flush(self) -> None:
        """Ends the block that is being gathered."""
        if not self._buffer:
            return
        text, self._buffer = "".join(self._buffer), []
        linked, self._linked = self._linked, 0
        text = self._tidied(text)
        if not text:
            return
        if self._heading:
            self._blocks.append(Block("heading", text.replace("\n", " "), linked, level=self._heading))
            return
        marker, self._marker = self._marker, ""
        if marker:
            self._blocks.append(Block("item", text, linked, indent=self._prefix(1), marker=marker))
        elif not serves_the_page(text) or not self.whole:
            self._blocks.append(Block("text", text, linked, indent=self._prefix()))
        else:
            self.removed["phrases"] += 1

    def _tidied(self, text: str) -> str:
        if self.scanner is not None:
            text = self.scanner.replaced(text, self._formula)
        if "$" in text:
            text = dollars(text, self._formula)
        text = _SPACES.sub(" ", text)
        if _BREAK in text:
            text = _AROUND_BREAKS.sub("\n", text)
        if f"{OPEN}d" in text:
            text = _DISPLAYED.sub(r"\n\1\n", text)
        return text.strip()

    def _formula(self, tex: str, is_display: bool) -> str:
        return self.signs.formula(tex.replace(_BREAK, "\n"), is_display)

    def _add_inline_code(self, node: LexborNode) -> None:
        text = node.text()
        if self._in_link:
            self._linked += len(text)
        if SIGN.search(text):
            self._buffer.append(text)  # A formula within: it is no program.
        elif text.strip():
            fence = "``" if "`" in text else "`"
            pad = " " if "`" in text else ""
            self._buffer.append(self.signs.code(f"{fence}{pad}{text.strip()}{pad}{fence}"))

    def _script(self, node: LexborNode, mark: str) -> _Open | None:
        """A power or an index, as formulas write it."""
        if self._in_long_script:
            return _Open(node, False)
        if node.css_first("a") is not None:
            return None  # A footnote's number.
        text = node.text().strip()
        if not text or len(text) > 40:
            self._in_long_script += 1
            return _Open(node, False, is_long_script=True)
        is_ordinal = mark == "^" and text.lower() in _ORDINALS
        scripted = text if is_ordinal else f"{mark}{text}" if len(text) == 1 else f"{mark}{{{text}}}"
        self._buffer.append(scripted)
        return None

    def _add_code(self, node: LexborNode) -> None:
        for line_break in node.css("br"):
            line_break.replace_with("\n")
        text = node.text()
        text = text.removeprefix("\n").rstrip("\n") if "\n" in text else text
        if not text.strip():
            return
        inner = node.css_first("code")
        classes = f"{node.attributes.get('class') or ''} {(inner.attributes.get('class') or '') if inner else ''}"
        language = _LANGUAGE.search(classes)
        longest = max((len(found) for found in _FENCES.findall(text)), default=2)
        fence = "`" * max(3, longest + 1)
        named = language.group(1) if language and language.group(1) != "text" else ""
        marker, self._marker = self._marker, ""
        indent = self._prefix(1) if marker else self._prefix()
        # Its lines stand where the list or the quotation has them, or the fence would not close.
        later = "\n" + indent + " " * len(marker)
        held = self.signs.code(f"{fence}{named}\n{text}\n{fence}".replace("\n", later))
        self._blocks.append(Block("code", held, indent=indent, marker=marker))

    def _add_table(self, table: LexborNode) -> bool:
        """A table of data, as Markdown; False if it lays out the page, whose cells are then walked over as blocks."""
        if _lays_out(table):
            return False
        rows: list[list[str]] = []
        cells = 0
        for row in table.css("tr"):
            texts = [self._cell(cell) for cell in row.css("td, th")]
            cells += len(texts)
            if any(texts):
                rows.append(texts)
            if cells > _MOST_CELLS:
                self.removed["cells"] += 1
                break
        width = max(map(len, rows), default=0)
        if width < 2 and len(rows) < 2:
            return False
        caption = table.css_first("caption")
        if caption is not None and (text := self._tidied(caption.text())):
            self._blocks.append(Block("text", text, indent=self._prefix()))
        padded = [row + [""] * (width - len(row)) for row in rows] if width < 100 else rows
        lines = [f"| {' | '.join(row)} |" for row in padded]
        if len(lines) > 1:
            lines.insert(1, f"|{' --- |' * len(padded[0])}")
        links = sum(len(link.text()) for link in table.css("a"))
        self._blocks.append(Block("table", "\n".join(lines), links, indent=self._prefix()))
        return True

    def _cell(self, cell: LexborNode) -> str:
        inside = Walk(self.signs, self.scanner, whole=0, removed=self.removed)
        text = " ".join(block.text for block in inside.blocks(cell))
        return text.replace("\n", " ").replace("|", "\\|") if text else ""


def _lays_out(table: LexborNode) -> bool:
    """Asked of its parts, since a search below a table finds the table too."""
    return any(part.css_first(_LAYS_OUT) is not None for part in elements(table))


def _new_list(node: LexborNode, tag: str, attributes: Mapping[str, str | None]) -> _List:
    start = attributes.get("start") or ""
    is_reversed = "reversed" in attributes
    first = sum(child.tag == "li" for child in elements(node)) if is_reversed else 1
    if _WHOLE.fullmatch(start):
        first = int(start)
    return _List(tag, attributes.get("type") or "1", first, -1 if is_reversed else 1)


def _numbered(number: int, style: str) -> str:
    """As the list's type says: 1, a, A, i or I. Options of a multiple choice keep their letters."""
    if style in ("a", "A") and 1 <= number <= 26:
        return chr(ord(style) + number - 1)
    if style in ("i", "I") and 1 <= number < 40:
        roman = "x" * (number // 10) + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[number % 10]
        return roman if style == "i" else roman.upper()
    return str(number)


def markdown(blocks: list[Block]) -> str:
    """The blocks as one text; items of a list stand on lines that follow each other."""
    return "".join(_pieces(blocks))


def _pieces(blocks: list[Block]) -> Iterator[str]:
    before: Block | None = None
    for block in blocks:
        if before is not None:
            is_list = block.kind == "item" and (before.kind == "item" or bool(before.indent))
            yield "\n" if is_list else "\n\n"
        yield _lines(block)
        before = block


def _lines(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {block.text}"
    if not block.indent and not block.marker:
        return block.text
    first, *rest = block.text.split("\n")
    later = block.indent + " " * len(block.marker)
    return "\n".join([f"{block.indent}{block.marker}{first}", *(f"{later}{line}" for line in rest)])
