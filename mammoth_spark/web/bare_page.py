"""A page reduced to its text in one walk: what stands between the tags, and a space for each tag.

A tree is not needed to find a page's words: a tokenizer's rules say what is a tag, a comment or a script, and a tag
divides words wherever it stands. The walk follows those rules to the letter (quotes in tags, comments in scripts),
and leaves to a parser what is left: the characters that entities stand for. It is several times faster than to build
the tree, and linear whatever a page does: no nesting, attribute or formatting can hurt it. A tree orders the words
differently where text stands in a table outside of its cells, shows what a page has in a `noscript` of its head, and
joins the words around a tag that it passes over, such as the end of nothing.
"""

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Codes = NDArray[np.uint64]
# To numba both are the same; `int` of an unsigned number would stay unsigned.
Place = int | np.int64

# Signs that begin no tag, beyond which they are left out: a parser keeps a note of each.
_MOST_SIGNS = 100_000

# What the walk must know of an element.
_UNREAD = 1
_LITERAL = 2
_HIDDEN = 4
_ENDS_DRAWING = 8
_ELEMENTS: dict[int, str] = {
    _UNREAD: "script style",
    # Its content is text in which no tag begins but its own end, and with which a parser deals in its own way.
    _LITERAL: "iframe noembed noframes plaintext script style textarea title xmp",
    # Not read either, but elements may stand in it.
    _HIDDEN: "noscript svg template",
    # Browsers end a drawing that was not closed where one of these begins.
    _ENDS_DRAWING: "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li"
    " listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var",
}


def _code(name: str) -> int:
    """A tag's name as one number, by its first eight bytes."""
    return int.from_bytes(name.encode()[:8], "little")


# A hash table of the kinds by name: a power of two, far larger than the number of names.
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
_SCRIPT, _PLAINTEXT = np.uint64(_code("script")), np.uint64(_code("plaintext"))
_SVG, _TEMPLATE, _FOREIGN = np.uint64(_code("svg")), np.uint64(_code("template")), np.uint64(_code("foreignobject"))
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
            elif name == _SCRIPT and _is_comment(html, place):
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
def _behind_hidden(html: Bytes, words: Codes, place: Place, hidden: np.uint64) -> Place:
    """Where an element ends that is not read, else the page's size."""
    depth, foreign = 1, 0
    while True:
        begin = _find(html, words, place, 60)  # <
        if begin >= html.size - 1:
            return int(html.size)
        if _is_comment(html, begin):
            place = _behind_comment(html, words, begin + 4)
            continue
        closing = html[begin + 1] == 47  # /
        name, place = _name_at(html, begin + (2 if closing else 1))
        if name == 0:
            place = begin + 1
            continue
        place, slash = _end_of_tag(html, words, place)
        kind = _kind_of(name)
        if name == hidden:
            depth += -1 if closing else not slash
            if depth == 0:
                return min(place + 1, html.size)
        elif name == _FOREIGN:
            foreign += -1 if closing else 1
        elif closing:
            continue
        elif hidden != _SVG and kind & _LITERAL:
            place = _behind_literal(html, words, place, name)
        elif hidden == _SVG and kind & _ENDS_DRAWING and foreign == 0:
            return begin


@numba.njit(cache=True, nogil=True)
def _copy(html: Bytes, begin: Place, end: Place, bare: Bytes, size: Place) -> Place:
    # Unsigned, here and below: a signed place could count from the end, and numba would ask each time.
    source, target = np.uint64(begin), np.uint64(size)
    for step in range(np.uint64(end - begin)):
        bare[target + step] = html[source + step]
    return size + end - begin


@numba.njit(cache=True, nogil=True)
def _bare(html: Bytes, bare: Bytes) -> Place:
    """Writes the bare page and gives its size, which is at most the page's."""
    words = html[: html.size // 8 * 8].view(np.uint64)
    size: Place = 0
    place: Place = 0
    signs = 0
    endless = np.uint64(0)  # A hidden element without an end; a second search for one could cost as much again.
    while True:
        text = place
        begin = _find(html, words, text, 60)  # <
        if begin >= html.size - 1:
            return _copy(html, text, html.size, bare, size)
        sign = html[begin + 1]
        closing = sign == 47  # /
        name, name_end = _name_at(html, begin + (2 if closing else 1))
        if name != 0:
            place, slash = _end_of_tag(html, words, name_end)
            size = _copy(html, text, begin, bare, size)
            if place >= html.size:  # A parser drops a tag that the page's end cuts off.
                return size
            place += 1
            kind = 0 if closing else _kind_of(name)
            if kind & _LITERAL:
                end = html.size if name == _PLAINTEXT else _behind_literal(html, words, place, name)
                behind = min(html.size, _end_of_tag(html, words, end)[0] + 1)
                literal, place = place, behind
                if not kind & _UNREAD:
                    size = _copy(html, begin, name_end, bare, size)
                    bare[size] = 62  # >
                    size = _copy(html, literal, behind, bare, size + 1)
                    continue
            elif kind & _HIDDEN and not slash and name != endless:
                end = _behind_hidden(html, words, place, name)
                if end < html.size or name == _TEMPLATE:
                    place = end
                else:
                    endless = name
        elif _is_comment(html, begin):
            size = _copy(html, text, begin, bare, size)
            place = _behind_comment(html, words, begin + 4)
        elif sign in (33, 63) or (closing and begin + 2 < html.size):  # ! or ?
            size = _copy(html, text, begin, bare, size)
            place = min(html.size, _find(html, words, begin + 2, 62) + 1)  # >
            if closing and html[begin + 2] == 62:
                continue  # </> is nothing at all.
        else:
            place = begin + 1
            signs += 1
            size = _copy(html, text, place if signs < _MOST_SIGNS else begin, bare, size)
            continue
        if size > 0 and not _is_space(bare[size - 1]):
            bare[size] = 32
            size += 1


def bare_page(html: bytes) -> bytes:
    """The page's text with its entities, and the few elements whose content is no HTML, such as its title."""
    bare = np.empty(len(html) + 1, np.uint8)
    size = _bare(np.frombuffer(html, np.uint8), bare)
    assert size <= bare.size
    return bare[:size].tobytes()
