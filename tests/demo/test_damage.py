import gzip
import re
import zlib
from io import BytesIO

import pytest
from warcio.archiveiterator import ArchiveIterator

from mammoth_spark.demo.damage import BOMB_BYTES, DAMAGES, NESTED_TAGS, Damage, Damaged, chunked
from mammoth_spark.demo.records import Reply

URL = "https://calc-help.github.io/chapters/1/"
HTML = (
    '<html><head><meta charset="utf-8"></head><body><div><main><p>What is 2 + 2? It is 4.</p></main></div>'
    + "".join(f"<p>Line {number}</p>" for number in range(400))
    + "</body></html>"
)
REPLY = Reply(URL, "2026-01-12T10:00:00Z", "200 OK", (("Content-Type", "text/html; charset=utf-8"),), HTML.encode())
MADE: dict[str, Damaged] = {}


def made(name: str) -> Damaged:
    if name not in MADE:
        MADE[name] = next(damage for damage in DAMAGES if damage.name == name).make(REPLY)
    return MADE[name]


def member(name: str) -> bytes:
    """The record's own member, unpacked."""
    damaged = made(name)
    assert damaged.length is not None
    return gzip.decompress(damaged.data[damaged.offset :][: damaged.length])


def body(name: str) -> bytes:
    return member(name).split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n\r\n")


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_each_damage_is_made_alike_every_time(damage: Damage) -> None:
    assert damage.make(REPLY) == made(damage.name)


@pytest.mark.parametrize("damage", [damage for damage in DAMAGES if damage.readable], ids=lambda damage: damage.name)
def test_readable_records_keep_their_address_and_words(damage: Damage) -> None:
    damaged = made(damage.name)
    data = damaged.data[damaged.offset :][: damaged.length]
    record = next(iter(ArchiveIterator(BytesIO(data))))
    assert record.rec_headers.get_header("WARC-Target-URI") == URL
    assert b"What is 2 + 2? It is 4." in record.raw_stream.read().replace(b"\x00", b"")


def test_a_truncated_member_does_not_unpack() -> None:
    damaged = made("truncated_member")
    assert damaged.length is None
    with pytest.raises(EOFError):
        gzip.decompress(damaged.data)


def test_flipped_bits_do_not_unpack() -> None:
    with pytest.raises((zlib.error, gzip.BadGzipFile)):
        gzip.decompress(made("flipped_bits").data)


@pytest.mark.parametrize(("name", "factor"), [("content_length_too_small", 0.5), ("content_length_too_large", 1.5)])
def test_wrong_lengths_differ_from_the_block(name: str, factor: float) -> None:
    head, block = member(name).split(b"\r\n\r\n", 1)
    stated = re.search(rb"Content-Length: (\d+)", head)
    assert stated is not None
    assert int(stated.group(1)) == int((len(block) - 4) * factor)


def test_junk_and_empty_members_stand_before_a_sound_one() -> None:
    assert made("junk_between_members").offset == 600
    empty = made("empty_member")
    assert gzip.decompress(empty.data[: empty.offset]) == b""
    assert body("empty_member") == HTML.encode()


def test_chunk_sizes_are_left_in_the_body_and_not_announced() -> None:
    assert body("chunk_sizes_left") == chunked(HTML.encode())
    assert body("chunk_sizes_left").startswith(b"fa0\r\n<html>")
    assert b"Transfer-Encoding" not in member("chunk_sizes_left")


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_lying_encoding_is_announced_over_a_plain_body(coding: str) -> None:
    name = f"lying_content_encoding_{coding}"
    assert f"Content-Encoding: {coding}".encode() in member(name)
    assert body(name) == HTML.encode()


def test_charsets_lie_or_are_unknown() -> None:
    assert b"charset=utf-8" in member("lying_charset")
    with pytest.raises(UnicodeDecodeError):
        body("lying_charset").decode("utf-8")
    assert "Café Zürich" in body("lying_charset").decode("windows-1252")
    assert b"text/html; charset=x-unheard-of-8" in member("unknown_charset")


def test_headers_are_missing_where_they_should_be() -> None:
    assert member("missing_http_headers").split(b"\r\n\r\n")[1].startswith(b"<html>")
    assert member("missing_warc_headers").startswith(b"HTTP/1.1 200 OK")


def test_other_kinds_of_records() -> None:
    assert b"WARC-Type: revisit" in member("revisit")
    assert member("arc_record").startswith(f"{URL} 198.51.100.9 20260112100000 text/html ".encode())
    assert made("uncompressed_record").data.startswith(b"WARC/1.0\r\n")
    assert body("no_body") == b""


def test_null_bytes_and_nesting_leave_the_text() -> None:
    assert body("null_bytes").count(b"\x00") > 400
    assert body("nested_tags").count(b"<div>") == NESTED_TAGS + 1
    assert body("nested_tags").count(b"</div>") == NESTED_TAGS + 1


def test_the_bomb_is_small_until_it_is_opened() -> None:
    assert len(made("gzip_bomb").data) < 2000
    unpacked = zlib.decompressobj(31).decompress(body("gzip_bomb"), BOMB_BYTES + 1)
    assert len(unpacked) == BOMB_BYTES == 40 * 1024 * 1024
