"""A response's body -> the page's bytes, and from those the same text in UTF-8.

What a server says of its body is often wrong: chunk sizes are left in, a content encoding is named that was already
undone, a charset is named that was not used. So the bytes are believed before the headers.
"""

import re
import zlib
from typing import Protocol

import brotli
import zstandard
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
# Encodings are seldom nested at all; three layers are a mistake of the server's, more an attack.
_LAYERS = 3
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
# Where a page states its charset: browsers look no further than 1,024 bytes, many pages come later.
_META_WITHIN = 4_096


class TooLarge(ValueError):
    """The body inflates beyond the limit."""


class _Inflater(Protocol):
    def __call__(self, body: bytes, limit: int) -> bytes: ...


def page_bytes(body: bytes, headers: dict[str, str], limit: int) -> bytes:
    """The body without chunk sizes and content encodings; raises TooLarge rather than hold more than the limit."""
    body = _without_chunks(body)
    named = headers.get("content-encoding", "").lower()
    for _ in range(_LAYERS):
        inflate = _inflater(body, named)
        if inflate is None:
            break
        try:
            body = inflate(body, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError):
            break  # It says so, but it is not: the bytes are the page.
        named = ""
    if len(body) > limit:
        raise TooLarge
    return body


def utf8_of(page: bytes, content_type: str) -> tuple[bytes, str]:
    """The page in UTF-8 and the charset that it was in.

    Bytes that are valid UTF-8 are UTF-8, whatever the label says: no other text is so by chance. For the rest the
    label decides, if it is one that browsers know; `utf-7` and its like would turn plain bytes into tags."""
    label = _label(page, content_type)
    if page.startswith((b"\xff\xfe", b"\xfe\xff")):
        label = "utf-16-le" if page.startswith(b"\xff\xfe") else "utf-16-be"
    stateful = label is not None and label.startswith(("utf-16", "iso2022"))
    if not stateful:
        try:
            page.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return page.removeprefix(b"\xef\xbb\xbf"), "utf-8"
    charset = label or detect_encoding(page[:_META_WITHIN], html5_compatible=True) or "cp1252"
    text = page.decode(charset, errors="replace").removeprefix("\ufeff")
    return text.encode("utf-8", errors="replace"), charset


def _label(page: bytes, content_type: str) -> str | None:
    named = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(page, 0, _META_WITHIN)
    labels = [named.group(1)] if named else []
    labels += [meta.group(1).decode("ascii")] if meta else []
    for label in labels:
        charset = map_encoding_to_html5(label, fallback_utf8=False)
        if charset is not None:
            return charset
    return None


def _without_chunks(body: bytes) -> bytes:
    """Undoes a chunked transfer that the crawler left in; a body that is not wholly chunks stays as it is."""
    size = _CHUNK_SIZE.match(body)
    if size is None:
        return body
    chunks: list[bytes] = []
    place = 0
    while size is not None:
        length = int(size.group(1), 16)
        place = size.end() + length
        if length == 0:
            return b"".join(chunks)
        if place + 2 > len(body) or body[place : place + 2] != b"\r\n":
            return body
        chunks.append(body[size.end() : place])
        size = _CHUNK_SIZE.match(body, place + 2)
    # A crawler that cut the transfer at its own limit leaves out the last chunk.
    return b"".join(chunks) if place + 2 == len(body) else body


def _inflater(body: bytes, named: str) -> _Inflater | None:
    if body.startswith(_GZIP):
        return _gunzip
    if body.startswith(_ZSTD):
        return _unzstd
    if "deflate" in named:
        return _inflate
    return _unbrotli if "br" in named.replace(",", " ").split() else None


def _gunzip(body: bytes, limit: int) -> bytes:
    return _zlib(body, limit, wbits=31)


def _inflate(body: bytes, limit: int) -> bytes:
    try:
        return _zlib(body, limit, wbits=15)
    except zlib.error:
        return _zlib(body, limit, wbits=-15)  # Without zlib's frame, as many servers send it.


def _zlib(body: bytes, limit: int, wbits: int) -> bytes:
    content = zlib.decompressobj(wbits).decompress(body, limit + 1)
    if len(content) > limit:
        raise TooLarge
    return content


def _unbrotli(body: bytes, limit: int) -> bytes:
    inflater = brotli.Decompressor()
    content = inflater.process(body, output_buffer_limit=limit + 1)
    if len(content) > limit or not (inflater.can_accept_more_data() or inflater.is_finished()):
        raise TooLarge
    return bytes(content)


def _unzstd(body: bytes, limit: int) -> bytes:
    # A frame may ask for a window of gigabytes; browsers refuse more than 8 MB, and so does this.
    content = zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(body).read(limit + 1)
    if len(content) > limit:
        raise TooLarge
    return content
