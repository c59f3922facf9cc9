"""A page reduced to what its words depend on, in one walk, and what a parser will make of the rest.

A parser's time goes into what nobody reads: attributes, comments, scripts and styles are most of a page. Without them
the parser finds the same words in half of the time, and two kinds of pages made to hurt are harmless: one tag with a
million attributes, and formatting that is never closed and differs by an attribute (`<p><b id=1><p><b id=2>`), which
a parser opens again in each block. (Two attributes do matter, to where words are divided: of a hidden input amid a
table, and of a font amid a drawing.)

What remains to be feared grows with the depth or the number of tags; both are estimated on the way. The estimate
follows the rules of browsers roughly: it is meant for what programs and accidents write.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Codes = NDArray[np.uint64]
# To numba both are the same; `int` of an unsigned number would stay unsigned.
Place = int | np.int64

# Of equal formatting a parser remembers three.
_MOST_ALIKE = 3
# Formatting that is open at once, and tables within tables, beyond which the walk no longer keeps count.
_MOST_FORMATS = 1_000
_MOST_TABLES = 100
# A parser keeps a note of each `<` that begins no tag. About so many are as large as an element.
_MISTAKES_PER_NODE = 16

# What the walk must know of an element.
_LEAF = 1
_FORMAT = 2
_ENDS_ITS_OWN = 4
_LITERAL = 8
_CELL = 16
_ROW = 32
_TABLE = 64
_FOREIGN = 128
_BLOCK = 256
_PARAGRAPH = 512
_UNREAD = 1024
_STRIPPED = 2048
_ELEMENTS: dict[int, str] = {
    # Holds nothing, or the next one of its kind ends it: an unclosed one does not nest.
    _LEAF: "area base br col colgroup dd dt embed hr img input li link meta optgroup option p param rp rt source tbody"
    " tfoot thead tr track wbr html head body",
    _FORMAT: "a b big code em font i nobr s small strike strong tt u",
    _ENDS_ITS_OWN: "a nobr",
    # Its content is text in which no tag begins but its own end.
    _LITERAL: "iframe noembed noframes plaintext script style textarea title xmp",
    _CELL: "td th caption",
    _ROW: "tr",
    _TABLE: "table",
    _FOREIGN: "svg math",
    # Ends a paragraph, and the formatting that stands in it.
    _BLOCK: "address article aside blockquote center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr li main nav ol p pre section table ul",
    _PARAGRAPH: "p",
    _UNREAD: "script style",
    # Not read either, but where they end is for the parser to say.
    _STRIPPED: "noscript svg template",
}


def _code(name: str) -> int:
    """A tag's name as one number, by its first eight bytes."""
    return int.from_bytes(name.encode()[:8], "little")


# A hash table of the kinds, and of what is open, by name: a power of two, far larger than the number of names.
_SLOTS = 1024
_SLOT_SHIFT = np.uint64(54)
_SLOT_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def _kinds() -> tuple[Codes, NDArray[np.int64]]:
    names, kinds = np.zeros(_SLOTS, np.uint64), np.zeros(_SLOTS, np.int64)
    for kind, elements in _ELEMENTS.items():
        for element in elements.split():
            code = _code(element)
            slot = (code * int(_SLOT_FACTOR) & (1 << 64) - 1) >> int(_SLOT_SHIFT)
            while names[slot] not in (0, code):
                slot = (slot + 1) % _SLOTS
            names[slot] = code
            kinds[slot] |= kind
    return names, kinds


_NAMES, _KINDS = _kinds()
_SCRIPT_CODE = np.uint64(_code("script"))
_PLAINTEXT_CODE = np.uint64(_code("plaintext"))
_EACH_BYTE = np.uint64(0x0101010101010101)
_TOP_BITS = np.uint64(0x8080808080808080)


@numba.njit(cache=True, nogil=True)
def _slot_of(name: np.uint64) -> np.int64:
    return np.int64((name * _SLOT_FACTOR) >> _SLOT_SHIFT)


@numba.njit(cache=True, nogil=True)
def _kind_of(name: np.uint64) -> int:
    slot = _slot_of(name)
    while _NAMES[slot] != name:
        if _NAMES[slot] == 0:
            return 0
        slot = np.int64((slot + 1) & (_SLOTS - 1))
    return int(_KINDS[slot])


@numba.njit(cache=True, nogil=True)
def _is_space(byte: int) -> bool:
    return byte == 32 or (9 <= byte <= 13 and byte != 11)


@numba.njit(cache=True, nogil=True)
def _is_letter(byte: int) -> bool:
    return 97 <= (byte | 32) <= 122


@numba.njit(cache=True, nogil=True)
def _find(html: Bytes, words: Codes, place: Place, byte: int) -> Place:
    """The next place of a byte, else the page's size; it looks at eight bytes at once."""
    wanted = _EACH_BYTE * np.uint64(byte)
    word = place >> 3
    # What lies before the place in its word is made to differ.
    before = (np.uint64(1) << np.uint64((place & 7) << 3)) - np.uint64(1)
    while word < words.size:
        # A byte that is wanted becomes 0, and only below a 0 does the subtraction borrow.
        different = (words[word] ^ wanted) | before
        found = (different - _EACH_BYTE) & ~different & _TOP_BITS
        if found:
            # The bits below the lowest one found, one for each byte, summed up in the top byte.
            below = (found & (~found + np.uint64(1))) - np.uint64(1)
            return (word << 3) + np.int64(((below & _EACH_BYTE) * _EACH_BYTE) >> np.uint64(56)) - 1
        before = np.uint64(0)
        word += 1
    place = max(place, word << 3)
    while place < html.size and html[place] != byte:
        place += 1
    return min(place, html.size)


@numba.njit(cache=True, nogil=True)
def _name_at(html: Bytes, place: Place) -> tuple[np.uint64, Place]:
    """The code of the name at a place, 0 if no letter stands there, and the place behind it."""
    name = np.uint64(0)
    if place >= html.size or not _is_letter(html[place]):
        return name, place
    shift = np.uint64(0)
    while place < html.size and html[place] != 62 and html[place] != 47 and not _is_space(html[place]):  # > or /
        if shift < 64:
            byte = html[place]
            name |= np.uint64(byte | 32 if 65 <= byte <= 90 else byte) << shift
            shift += np.uint64(8)
        place += 1
    return name, place


@numba.njit(cache=True, nogil=True)
def _end_of_tag(html: Bytes, words: Codes, place: Place) -> tuple[Place, bool]:
    """From behind a tag's name: where its `>` stands, else the page's size, and whether a `/` stands before it.

    A `>` ends a tag everywhere but in quotes behind a `=`."""
    slash, in_name = False, False
    at, size = np.uint64(place), np.uint64(html.size)
    while at < size and html[at] != 62:  # >
        byte = html[at]
        at += np.uint64(1)
        slash = byte == 47  # /
        if slash or _is_space(byte):
            # White space may stand between a name and its =.
            in_name = in_name and not slash
        elif byte == 61 and in_name:  # =
            in_name = False
            while at < size and _is_space(html[at]):
                at += np.uint64(1)
            if at < size and (html[at] == 34 or html[at] == 39):  # A quote.
                at = np.uint64(_find(html, words, np.int64(at) + 1, html[at]) + 1)
            else:
                while at < size and html[at] != 62 and not _is_space(html[at]):
                    at += np.uint64(1)
        else:
            in_name = True
    return min(np.int64(at), np.int64(html.size)), slash


@numba.njit(cache=True, nogil=True)
def _behind_comment(html: Bytes, words: Codes, place: Place) -> Place:
    """From behind `<!--` to behind the comment's end, which is `-->`, `--!>`, or `>` or `->` at once."""
    begin = place
    place = _find(html, words, place, 62)  # >
    while place < html.size:
        dash = place - (2 if html[place - 1] == 33 and place - 3 >= begin else 1)  # !
        if html[dash] == 45 and html[dash - 1] == 45:  # -
            return place + 1
        place = _find(html, words, place + 1, 62)
    return int(html.size)


@numba.njit(cache=True, nogil=True)
def _behind_literal(html: Bytes, words: Codes, place: Place, name: np.uint64) -> Place:
    """Where the end tag stands of an element whose content is no HTML, else the page's size."""
    commented, inner = False, False
    while place < html.size - 1:
        if html[place] == 60:  # <
            closing = html[place + 1] == 47  # /
            found, behind = _name_at(html, place + (2 if closing else 1))
            if found == name and behind < html.size:
                if closing and not inner:
                    return place
                # In a comment within a script, a script may stand with an end of its own.
                inner = commented and not closing
            elif name == _SCRIPT_CODE and _is_comment(html, place):
                commented = True
                place += 2  # The dashes may be those of its end.
        elif html[place] == 62 and html[place - 1] == 45 and html[place - 2] == 45:  # -->
            commented, inner = False, False
        place = place + 1 if commented else _find(html, words, place + 1, 60)
    return int(html.size)


@numba.njit(cache=True, nogil=True)
def _is_comment(html: Bytes, place: Place) -> bool:
    if place + 3 >= html.size:
        return False
    return bool(html[place + 1] == 33 and html[place + 2] == 45 and html[place + 3] == 45)  # !--


@numba.njit(cache=True, nogil=True)
def _is_doctype(html: Bytes, place: Place) -> bool:
    doctype = (100, 111, 99, 116, 121, 112, 101)
    if place + 2 + len(doctype) > html.size:
        return False
    for step in range(len(doctype)):  # noqa: SIM110 (numba compiles no generators)
        if (html[place + 2 + step] | 32) != doctype[step]:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _copy(html: Bytes, begin: Place, end: Place, bare: Bytes, size: Place) -> Place:
    # Unsigned, here and below: a signed place could count from the end, and numba would ask each time.
    source, target = np.uint64(begin), np.uint64(size)
    for step in range(np.uint64(end - begin)):
        bare[target + step] = html[source + step]
    return size + end - begin


@numba.njit(cache=True, nogil=True)
def _copy_to_tag(html: Bytes, begin: Place, end: Place, slash: bool, bare: Bytes, size: Place) -> Place:
    """What ends with a tag's name, and the tag's end."""
    size = _copy(html, begin, end, bare, size)
    if slash:
        bare[size] = 47  # /
        size += 1
    bare[size] = 62  # >
    return size + 1


@numba.njit(cache=True, nogil=True)
def _copy_to_comment(html: Bytes, begin: Place, end: Place, bare: Bytes, size: Place) -> Place:
    """What stands before a comment, and an empty one: else the words around it would run into one."""
    size = _copy(html, begin, end, bare, size)
    bare[size], bare[size + 1], bare[size + 2] = 60, 33, 62  # <!>
    return size + 3


@numba.njit(cache=True, nogil=True)
def _without(formats: Codes, size: int, gone: int) -> int:
    """Takes one out of the open formatting; returns how much is left."""
    for position in range(gone, size - 1):
        formats[position] = formats[position + 1]
    return size - 1


@numba.njit(cache=True, nogil=True)
def _bare(html: Bytes, bare: Bytes) -> tuple[Place, int, int, bool]:
    """Writes the bare page; gives its size, about how many elements a parser makes of it, how many steps it takes
    beside reading it, and whether something is left in it that is not read."""
    words = html[: html.size // 8 * 8].view(np.uint64)
    nodes, steps, mistakes, is_left = 0, 0, 0, False
    size: Place = 0
    depth, foreign, tables = 0, 0, 0
    paragraph = -1  # The depth of the open one.
    opened = np.zeros(_SLOTS, np.int32)  # Elements by a hash of their name; only what is open can be closed.
    # The formatting that is open; for each table its depth and what was open before its cell.
    formats = np.zeros(_MOST_FORMATS, np.uint64)
    formats_open = 0
    table_depth = np.zeros(_MOST_TABLES, np.int64)
    before_cell = np.zeros(_MOST_TABLES, np.int64)
    place: Place = 0
    while True:
        text = place
        begin = _find(html, words, text, 60)  # <
        if begin >= html.size - 1:
            size = _copy(html, text, html.size, bare, size)
            return size, nodes + mistakes // _MISTAKES_PER_NODE, steps, is_left
        sign = html[begin + 1]
        if sign in (33, 63):  # ! or ?
            nodes += 1
            if _is_comment(html, begin):
                place = _behind_comment(html, words, begin + 4)
                size = _copy_to_comment(html, text, begin, bare, size)
            elif sign == 33 and foreign > 0 and html[begin + 2] == 91:  # [, as in <![CDATA[
                place = begin + 2
                size = _copy(html, text, place, bare, size)
            else:
                place = min(html.size, _find(html, words, begin + 2, 62) + 1)  # >
                if sign == 33 and _is_doctype(html, begin):
                    size = _copy(html, text, place, bare, size)
                else:
                    size = _copy_to_comment(html, text, begin, bare, size)
            continue
        closing = sign == 47  # /
        name, name_end = _name_at(html, begin + (2 if closing else 1))
        if name == 0:
            if closing and begin + 2 < html.size:
                place = min(html.size, _find(html, words, begin + 2, 62) + 1)
                nodes += 1
                if html[begin + 2] == 62:  # </>, which is nothing.
                    size = _copy(html, text, begin, bare, size)
                else:
                    size = _copy_to_comment(html, text, begin, bare, size)
            else:
                mistakes += 1
                place = begin + 1
                size = _copy(html, text, place, bare, size)
            continue
        place, slash = _end_of_tag(html, words, name_end)
        if place >= html.size:  # A parser drops a tag that the page's end cuts off.
            size = _copy(html, text, begin, bare, size)
            return size, nodes + mistakes // _MISTAKES_PER_NODE, steps, is_left
        place += 1
        kind = _kind_of(name)
        is_literal = kind & _LITERAL and foreign == 0
        if kind & (_UNREAD | _STRIPPED) and not (is_literal and kind & _UNREAD):
            is_left = True
        if is_literal and not closing:
            # Nothing ends plain text.
            end = html.size if name == _PLAINTEXT_CODE else _behind_literal(html, words, place, name)
            nodes += 1
            if kind & _UNREAD:
                size = _copy_to_comment(html, text, begin, bare, size)
                place = min(html.size, _end_of_tag(html, words, end)[0] + 1)
            else:
                size = _copy_to_tag(html, text, name_end, False, bare, size)
                size = _copy(html, place, end, bare, size)
                place = end
            continue
        size = _copy_to_tag(html, text, name_end, slash, bare, size)
        slot = _slot_of(name)
        # For most tags a parser looks through all open elements.
        steps += depth
        in_table = 0 < tables <= _MOST_TABLES
        if in_table and kind & (_ROW | _CELL | _TABLE) and not (kind & _TABLE and not closing):
            # A cell's end also ends what was left open in it.
            depth = table_depth[tables - 1]
            if before_cell[tables - 1] >= 0:
                formats_open = min(formats_open, before_cell[tables - 1])
                before_cell[tables - 1] = -1
        if kind & _BLOCK and paragraph >= 0 and (kind & _PARAGRAPH or not closing):
            depth = min(depth, paragraph)
            paragraph = -1
        if closing:
            if kind & _TABLE:
                tables = max(0, tables - 1)
            elif kind & _FOREIGN:
                foreign = max(0, foreign - 1)
            elif kind & _FORMAT:
                for position in range(formats_open - 1, -1, -1):
                    if formats[position] == name:
                        formats_open = _without(formats, formats_open, position)
                        break
            if opened[slot] > 0:
                opened[slot] -= 1
                depth = max(0, depth - 1)
            continue
        nodes += 1
        if foreign > 0 and slash:  # Only in SVG and MathML does /> close an element.
            continue
        if kind & _FORMAT:
            alike, first = 0, 0
            for position in range(formats_open - 1, -1, -1):
                if formats[position] == name:
                    alike, first = alike + 1, position
            if alike == (1 if kind & _ENDS_ITS_OWN else _MOST_ALIKE):
                formats_open = _without(formats, formats_open, first)
            if formats_open < _MOST_FORMATS:
                formats[formats_open] = name
                formats_open += 1
            if kind & _ENDS_ITS_OWN:
                continue
        else:
            nodes += formats_open
        if kind & _PARAGRAPH:
            paragraph = depth
        if kind & _FOREIGN:
            foreign += 1
        if kind & _CELL:
            if in_table:
                before_cell[tables - 1] = formats_open
            continue
        if kind & _LEAF:
            continue
        if kind & _TABLE:
            tables += 1
            if tables <= _MOST_TABLES:
                table_depth[tables - 1] = depth + 1
                before_cell[tables - 1] = -1
        depth += 1
        opened[slot] += 1


@dataclass(frozen=True, slots=True)
class BarePage:
    html: bytes
    nodes: int
    """About how many elements a parser makes of it."""
    steps: int
    """About how many steps it takes beside reading."""
    is_unread_left: bool
    """Whether an element is left in it that people do not read."""


def bare_page(html: bytes) -> BarePage:
    """The page without its attributes, comments, scripts and styles."""
    # A comment that the page's end cuts off may be shorter than the empty one.
    bare = np.empty(len(html) + 3, np.uint8)
    size, nodes, steps, is_unread_left = _bare(np.frombuffer(html, np.uint8), bare)
    return BarePage(bare[:size].tobytes(), nodes, steps, is_unread_left)
