"""A response's body -> the page's bytes, and from those the same text in UTF-8.

What a server says of its body is often wrong: chunk sizes are left in, a content encoding is named that was already
undone, a charset is named that was not used. So the bytes are believed before the headers.
"""

import re
import zlib

import brotli
import zstandard
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
# Encodings are seldom nested at all; three layers are a mistake of the server's, more an attack.
_LAYERS = 3
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<[!?/A-Za-z]")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
# Where a page states its charset: browsers look no further than 1,024 bytes, many pages come later.
_META_WITHIN = 4_096
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
# From the first byte that is not ASCII; before it all charsets look alike.
_DETECTED_FROM = 4_096
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# By these names browsers understand larger charsets, and pages use them.
_AS_BROWSERS_DO = {
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gbk": "gb18030",
    "iso8859-11": "cp874",
    "shift_jis": "cp932",
}


class TooLarge(ValueError):
    """The body inflates beyond the limit."""


def page_bytes(body: bytes, headers: dict[str, str], limit: int) -> bytes:
    """The body without chunk sizes and content encodings; raises TooLarge rather than hold more than the limit."""
    body = _without_chunks(body)
    named = headers.get("content-encoding", "").lower()
    for _ in range(_LAYERS):
        try:
            content = _inflated(body, named, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            break  # It says so, but it is not: the bytes are the page.
        if content is None:
            break
        body, named = content, ""
    if len(body) > limit:
        raise TooLarge
    return body


def utf8_of(page: bytes, content_type: str) -> tuple[bytes, str]:
    """The page in UTF-8 and the charset that it was in.

    Bytes that are valid UTF-8 are UTF-8, whatever the label says: no other text is so by chance. For the rest the
    label decides, if it is one that browsers know; `utf-7` and its like would turn plain bytes into tags."""
    label = _BYTE_ORDER_MARKS.get(page[:2])
    # A charset to which bytes below 128 are not ASCII comes before UTF-8, but only where such bytes show.
    if label is None and (b"\x1b" in page or b"\0" in page[:_META_WITHIN]):
        named = _label(page, content_type)
        label = named if named is not None and _is_ascii_of_its_own(page, named) else None
    if label is None:
        if _is_utf8(page):
            return page.removeprefix(b"\xef\xbb\xbf"), "utf-8"
        label = _label(page, content_type)
        if label is None or label.startswith("utf-16"):
            label = _detected(page)
    text = page.decode(label, errors="replace").removeprefix("\ufeff")
    return text.encode("utf-8", errors="replace"), label


def _is_utf8(page: bytes) -> bool:
    if page.isascii():
        return True
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_ascii_of_its_own(page: bytes, label: str) -> bool:
    """Whether bytes below 128 mean something else than ASCII: the label says so, and the bytes look so."""
    if label.startswith("utf-16"):
        return b"\0" in page[:_META_WITHIN]
    return label == "iso2022_jp" and b"\x1b" in page


def _detected(page: bytes) -> str:
    first = _NOT_ASCII.search(page)
    sample = page[first.start() : first.start() + _DETECTED_FROM] if first else page[:_DETECTED_FROM]
    charset = detect_encoding(sample, html5_compatible=True) or "cp1252"
    return _AS_BROWSERS_DO.get(charset, charset)


def _label(page: bytes, content_type: str) -> str | None:
    named = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(page, 0, _META_WITHIN)
    labels = [named.group(1)] if named else []
    labels += [meta.group(1).decode("ascii")] if meta else []
    for label in labels:
        charset = map_encoding_to_html5(label, fallback_utf8=False)
        if charset is not None:
            return _AS_BROWSERS_DO.get(charset, charset)
    return None


def _without_chunks(body: bytes) -> bytes:
    """Undoes a chunked transfer that the crawler left in; a body that is not wholly chunks stays as it is."""
    size = _CHUNK_SIZE.match(body)
    if size is None:
        return body
    content = bytearray()
    while size is not None:
        length = int(size.group(1), 16)
        place = size.end() + length
        if length == 0:
            return bytes(content)
        if place > len(body) and content:
            break
        if body[place : place + 2] != b"\r\n":
            return body
        content += body[size.end() : place]
        size = _CHUNK_SIZE.match(body, place + 2)
        if size is None and place + 2 < len(body):
            return body
    # A crawler that cut the transfer at its own limit cut the last chunk, or left it out.
    return bytes(content) + (body[size.end() :] if size is not None else b"")


def _inflated(body: bytes, named: str, limit: int) -> bytes | None:
    """What a compressed body inflates to, as far as it goes; None if the body is not compressed."""
    if body.startswith(_GZIP):
        return _zlib(body, limit, wbits=31)[0]
    if body.startswith(_ZSTD):
        return _unzstd(body, limit)
    if _MARKUP.match(body):
        return None
    if "deflate" in named:
        try:
            content, is_whole = _zlib(body, limit, wbits=15)
        except zlib.error:
            content, is_whole = _zlib(body, limit, wbits=-15)  # Without zlib's frame, as many servers send it.
    elif "br" in named.replace(",", " ").split():
        content, is_whole = _unbrotli(body, limit)
    else:
        return None
    # These two have no mark of their own, and some plain text inflates without an error, to next to nothing.
    return content if is_whole or _MARKUP.match(content) else None


def _zlib(body: bytes, limit: int, wbits: int) -> tuple[bytes, bool]:
    inflater = zlib.decompressobj(wbits)
    content = inflater.decompress(body, limit + 1)
    if len(content) > limit:
        raise TooLarge
    return content, inflater.eof


def _unbrotli(body: bytes, limit: int) -> tuple[bytes, bool]:
    inflater = brotli.Decompressor()
    content = bytes(inflater.process(body, output_buffer_limit=limit + 1))
    if len(content) > limit or not (inflater.can_accept_more_data() or inflater.is_finished()):
        raise TooLarge
    return content, inflater.is_finished()


def _unzstd(body: bytes, limit: int) -> bytes:
    # A frame may ask for a window of gigabytes; browsers refuse more than 8 MB, and so does this.
    content = zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(body).read(limit + 1)
    if len(content) > limit:
        raise TooLarge
    return content
