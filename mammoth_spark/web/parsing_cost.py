"""What a page would cost an HTML parser, by a look at its tags: for pages made to hurt, and for broken ones.

A parser by the rules of browsers takes steps that grow with the square of the depth and of one tag's attributes, and
opens formatting that is never closed (`<p><b id=1><p><b id=2>...`) again in every block: 70 KB can take 5 GB. The
walk follows those rules roughly. It is meant for what programs and accidents write, not for someone who has read it.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Codes = NDArray[np.uint64]

# Formatting that is open at once, and tables within tables, beyond which the walk no longer keeps count.
_MOST_FORMATS = 1_000
_MOST_TABLES = 100
# A parser keeps a note of each mistake: of a `<` that begins no tag, or of a stray sign within one. About so many are
# as large as an element.
_MISTAKES_PER_NODE = 16

# What the walk must know of an element.
_LEAF = 1
_FORMAT = 2
_ENDS_ITS_OWN = 4
_RAW = 8
_CELL = 16
_ROW = 32
_TABLE = 64
_FOREIGN = 128
_BLOCK = 256
_PARAGRAPH = 512
_ROOT = 1024
_ELEMENTS: dict[int, str] = {
    # Holds nothing, or the next one of its kind ends it: an unclosed one does not nest.
    _LEAF: "area base br col colgroup dd dt embed hr img input li link meta optgroup option p param rp rt source tbody"
    " tfoot thead tr track wbr html head body",
    _FORMAT: "a b big code em font i nobr s small strike strong tt u",
    _ENDS_ITS_OWN: "a nobr",
    _RAW: "script style textarea title",
    _CELL: "td th caption",
    _ROW: "tr",
    _TABLE: "table",
    _FOREIGN: "svg math",
    # Ends a paragraph, and the formatting that stands in it.
    _BLOCK: "address article aside blockquote center dd div dl dt fieldset figure footer form h header hr li main nav"
    " ol p pre section table ul",
    _PARAGRAPH: "p",
    _ROOT: "html body",
}


def _code(name: str) -> int:
    """A tag's name as one number, by its first eight letters."""
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
    return byte == 32 or (9 <= byte <= 13) or byte == 0


@numba.njit(cache=True, nogil=True)
def _find(html: Bytes, words: Codes, place: int, byte: int) -> int:
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
def _name_at(html: Bytes, place: int) -> tuple[np.uint64, int]:
    """The code of the name at a place, 0 if no letter stands there, and the place behind its letters."""
    name = np.uint64(0)
    shift = np.uint64(0)
    while place < html.size and 97 <= (html[place] | 32) <= 122:
        if shift < 64:
            name |= np.uint64(html[place] | 32) << shift
            shift += np.uint64(8)
        place += 1
    return name, place


@numba.njit(cache=True, nogil=True)
def _behind_comment(html: Bytes, words: Codes, place: int) -> int:
    place = _find(html, words, place, 62)  # >
    while place < html.size and not (html[place - 1] == 45 and html[place - 2] == 45):  # --
        place = _find(html, words, place + 1, 62)
    return place


@numba.njit(cache=True, nogil=True)
def _behind_raw(html: Bytes, words: Codes, place: int, name: np.uint64) -> int:
    """Where an element ends whose content is no HTML."""
    place = _find(html, words, place, 60)  # <
    while place < html.size - 1:
        if html[place + 1] == 47 and _name_at(html, place + 2)[0] == name:  # /
            return place
        place = _find(html, words, place + 1, 60)
    return int(html.size)


@numba.njit(cache=True, nogil=True)
def _read_tag(html: Bytes, words: Codes, place: int) -> tuple[int, int, int]:
    """From behind a tag's name: how many attributes it has, how many bytes outside quotes, and where it ends."""
    begin, quoted, attributes = place, 0, 0
    between = True
    while place < html.size and html[place] != 62:  # >
        byte = html[place]
        place += 1
        if _is_space(byte) or byte == 47:  # /
            between = True
        elif byte == 61 and not between:  # =
            while place < html.size and _is_space(html[place]):
                place += 1
            if place < html.size and (html[place] == 34 or html[place] == 39):  # A quote.
                opening = place
                place = _find(html, words, place + 1, html[place]) + 1
                quoted += place - opening
            else:
                while place < html.size and html[place] != 62 and not _is_space(html[place]):
                    place += 1
            between = True
        elif between:
            attributes += 1
            between = False
    return attributes, place - begin - quoted, min(place, html.size)


@numba.njit(cache=True, nogil=True)
def _hash_of(html: Bytes, begin: int, end: int) -> np.uint64:
    hashed = np.uint64(14695981039346656037)
    for place in range(begin, end):
        hashed = (hashed ^ np.uint64(html[place])) * np.uint64(1099511628211)
    return hashed


@numba.njit(cache=True, nogil=True)
def _without(formats: Codes, size: int, gone: int) -> int:
    """Takes one out of the open formatting; returns how much is left."""
    for position in range(gone, size - 1):
        formats[0, position] = formats[0, position + 1]
        formats[1, position] = formats[1, position + 1]
    return size - 1


@numba.njit(cache=True, nogil=True)
def parsing_cost(html: Bytes) -> tuple[int, int]:
    """About how many elements and attributes a parser makes of a page, and how many steps beside reading it."""
    words = html[: html.size // 8 * 8].view(np.uint64)
    nodes, steps = 0, 0
    depth, foreign, tables, root_attributes, loose = 0, 0, 0, 0, 0
    paragraph = -1  # The depth of the open one.
    opened = np.zeros(_SLOTS, np.int32)  # Elements by a hash of their name; only what is open can be closed.
    # The formatting that is open, by name and whole tag; for each table its depth and what was open before its cell.
    formats = np.zeros((2, _MOST_FORMATS), np.uint64)
    formats_open = 0
    table_depth = np.zeros(_MOST_TABLES, np.int64)
    before_cell = np.zeros(_MOST_TABLES, np.int64)
    place = 0
    while True:
        place = _find(html, words, place, 60)  # <
        if place >= html.size - 1:
            return nodes + loose // _MISTAKES_PER_NODE, steps
        begin = place
        if html[place + 1] == 33 and place + 3 < html.size and html[place + 2] == 45 and html[place + 3] == 45:  # !--
            place = _behind_comment(html, words, place + 4)
            nodes += 1
            continue
        closing = html[place + 1] == 47  # /
        name, place = _name_at(html, place + (2 if closing else 1))
        if name == 0:
            # A closed end of nothing, or what a parser takes for a comment.
            loose += 1
            nodes += html[place] == 33 or html[place] == 63  # ! or ?
            continue
        attributes, unquoted, place = _read_tag(html, words, place)
        loose += unquoted
        kind = _kind_of(name)
        slot = _slot_of(name)
        # For most tags a parser looks through all open elements, and it compares each attribute with those before it.
        steps += depth + attributes * attributes // 2
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
                    if formats[0, position] == name:
                        formats_open = _without(formats, formats_open, position)
                        break
            if opened[slot] > 0:
                opened[slot] -= 1
                depth = max(0, depth - 1)
            continue
        nodes += 1 + attributes
        if foreign > 0 and html[place - 1] == 47:  # Only in SVG and MathML does /> close an element.
            continue
        if kind & _FORMAT:
            tag = np.uint64(0) if kind & _ENDS_ITS_OWN else _hash_of(html, begin, place)
            same, first = 0, 0
            for position in range(formats_open - 1, -1, -1):
                if formats[0, position] == name and formats[1, position] == tag:
                    same, first = same + 1, position
            # Of equal formatting a parser remembers three.
            if same == (1 if kind & _ENDS_ITS_OWN else 3):
                formats_open = _without(formats, formats_open, first)
            if formats_open < _MOST_FORMATS:
                formats[0, formats_open], formats[1, formats_open] = name, tag
                formats_open += 1
            if kind & _ENDS_ITS_OWN:
                continue
        else:
            nodes += formats_open
        if kind & _RAW:
            place = _behind_raw(html, words, place, name)
            continue
        if kind & _ROOT:
            root_attributes += attributes  # Those of all such tags come together in one element.
            steps += attributes * root_attributes
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
