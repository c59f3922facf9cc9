"""What goes wrong in real WARC files, one function a kind: each takes a sound reply and returns bytes.

The bytes stand in a WARC file where the response's gzip member would have stood.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from mammoth_spark.demo.records import Reply, gzip_member, response_record, revisit_record

BOMB_BYTES = 40 * 2**20
NESTED_TAGS = 5000


class Damaged(NamedTuple):
    """The bytes, and where in them the response's record begins and how long its gzip member is.

    `length` is None where there is no whole gzip member.
    """

    data: bytes
    offset: int
    length: int | None


@dataclass(frozen=True, slots=True)
class Damage:
    """A kind of damage; `readable` says whether a careful reader still gets the page."""

    name: str
    readable: bool
    make: Callable[[Reply], Damaged]


def with_header(reply: Reply, name: str, value: str | None) -> Reply:
    """The reply with that header set, or without it."""
    kept = tuple(header for header in reply.headers if header[0].lower() != name.lower())
    return replace(reply, headers=kept if value is None else (*kept, (name, value)))


def chunked(body: bytes, size: int = 4000) -> bytes:
    """A body in the chunks of HTTP/1.1."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _whole(member: bytes, before: bytes = b"") -> Damaged:
    return Damaged(before + member, len(before), len(member))


def _of_body(change: Callable[[bytes], bytes]) -> Callable[[Reply], Damaged]:
    def make(reply: Reply) -> Damaged:
        return _whole(gzip_member(response_record(replace(reply, body=change(reply.body)))))

    return make


def truncated_member(reply: Reply) -> Damaged:
    """The member ends after three fifths of its bytes."""
    member = gzip_member(response_record(reply))
    return Damaged(member[: len(member) * 3 // 5], 0, None)


def wrong_length(reply: Reply, factor: float) -> Damaged:
    """The WARC header states another Content-Length than the block has."""
    head, block = response_record(reply).split(b"\r\n\r\n", 1)
    lines = [
        b"Content-Length: %d" % int(int(line.split(b":")[1]) * factor) if line.startswith(b"Content-Length:") else line
        for line in head.split(b"\r\n")
    ]
    return _whole(gzip_member(b"\r\n".join(lines) + b"\r\n\r\n" + block))


def junk_between_members(reply: Reply) -> Damaged:
    """Bytes that are neither gzip nor WARC stand before the member."""
    junk = b"".join(b"%05d junk \xff\xfe\x1f\x00" % number for number in range(40))
    return _whole(gzip_member(response_record(reply)), before=junk)


def empty_member(reply: Reply) -> Damaged:
    """A gzip member with nothing in it stands before the member."""
    return _whole(gzip_member(response_record(reply)), before=gzip_member(b""))


def flipped_bits(reply: Reply) -> Damaged:
    """Some bits in the middle of the deflate data are inverted."""
    member = bytearray(gzip_member(response_record(reply)))
    for step in range(8):
        member[len(member) // 2 + 3 * step] ^= 0xA5
    return _whole(bytes(member))


def lying_encoding(reply: Reply, encoding: str) -> Damaged:
    """The HTTP header promises a compressed body; the body is plain."""
    return _whole(gzip_member(response_record(with_header(reply, "Content-Encoding", encoding))))


def lying_charset(reply: Reply) -> Damaged:
    """Header and page say UTF-8, the bytes are windows-1252."""
    text = reply.body.decode("utf-8").replace("<main", "<p>Café Zürich, naïve façade</p>\n<main", 1)
    body = text.encode("windows-1252", "xmlcharrefreplace")
    lie = with_header(reply, "Content-Type", "text/html; charset=utf-8")
    return _whole(gzip_member(response_record(replace(lie, body=body))))


def unknown_charset(reply: Reply) -> Damaged:
    """The charset's label names no charset."""
    lie = with_header(reply, "Content-Type", "text/html; charset=x-unheard-of-8")
    body = reply.body.replace(b'<meta charset="utf-8">', b'<meta charset="x-unheard-of-8">')
    return _whole(gzip_member(response_record(replace(lie, body=body))))


def missing_http_headers(reply: Reply) -> Damaged:
    """The block of the record is the page itself."""
    warc, block = response_record(reply).split(b"\r\n\r\n", 1)
    page = block.split(b"\r\n\r\n", 1)[1]
    lines = [
        b"Content-Length: %d" % (len(page) - 4) if line.startswith(b"Content-Length:") else line
        for line in warc.split(b"\r\n")
    ]
    return _whole(gzip_member(b"\r\n".join(lines) + b"\r\n\r\n" + page))


def missing_warc_headers(reply: Reply) -> Damaged:
    """The member holds the HTTP response alone."""
    return _whole(gzip_member(response_record(reply).split(b"\r\n\r\n", 1)[1]))


def arc_record(reply: Reply) -> Damaged:
    """A record of the older ARC format."""
    http = response_record(reply).split(b"\r\n\r\n", 1)[1][:-4]
    stamp = "".join(character for character in reply.date if character.isdigit())
    line = f"{reply.url} 198.51.100.9 {stamp} text/html {len(http)}\n".encode()
    return _whole(gzip_member(line + http + b"\n"))


def _with_nulls(body: bytes) -> bytes:
    return body.replace(b"<p>", b"<p>\x00").replace(b"</div>", b"\x00</div>\x00")


def _with_nested_tags(body: bytes) -> bytes:
    opened = body.replace(b"<main", b"<div>" * NESTED_TAGS + b"<main", 1)
    return opened.replace(b"</main>", b"</main>" + b"</div>" * NESTED_TAGS, 1)


def gzip_bomb(reply: Reply) -> Damaged:
    """A small body that unpacks to 40 MiB of zeros."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    packed = deflate.compress(b"\x00" * BOMB_BYTES) + deflate.flush()
    bomb = replace(with_header(reply, "Content-Encoding", "gzip"), body=packed)
    return _whole(gzip_member(response_record(bomb)))


def uncompressed_record(reply: Reply) -> Damaged:
    """The record stands in the file without gzip."""
    return Damaged(response_record(reply), 0, None)


DAMAGES: tuple[Damage, ...] = (
    Damage("truncated_member", False, truncated_member),
    Damage("content_length_too_small", False, lambda reply: wrong_length(reply, 0.5)),
    Damage("content_length_too_large", False, lambda reply: wrong_length(reply, 1.5)),
    Damage("junk_between_members", True, junk_between_members),
    Damage("empty_member", True, empty_member),
    Damage("flipped_bits", False, flipped_bits),
    Damage("chunk_sizes_left", True, _of_body(chunked)),
    Damage("lying_content_encoding_gzip", True, lambda reply: lying_encoding(reply, "gzip")),
    Damage("lying_content_encoding_br", True, lambda reply: lying_encoding(reply, "br")),
    Damage("lying_charset", True, lying_charset),
    Damage("unknown_charset", True, unknown_charset),
    Damage("missing_http_headers", False, missing_http_headers),
    Damage("missing_warc_headers", False, missing_warc_headers),
    Damage("revisit", False, lambda reply: _whole(gzip_member(revisit_record(reply)))),
    Damage("arc_record", False, arc_record),
    Damage("null_bytes", True, _of_body(_with_nulls)),
    Damage("nested_tags", True, _of_body(_with_nested_tags)),
    Damage("gzip_bomb", False, gzip_bomb),
    Damage("uncompressed_record", False, uncompressed_record),
    Damage("no_body", False, _of_body(lambda body: b"")),
)
