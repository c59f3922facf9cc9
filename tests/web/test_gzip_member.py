"""A gzip member by itself: where it ends, what is wrong with it, and reading in it."""

import io
import random
import zlib

import pytest

from mammoth_spark.web import gzip_member
from mammoth_spark.web.gzip_member import GzipMember
from tests.web.warc_builder import member

CONTENT = " ".join(random.Random(2).choices([f"word{number}" for number in range(5000)], k=60_000)).encode()
STORED = member(CONTENT)


def test_a_member_knows_its_end_size_and_beginning() -> None:
    found = GzipMember(io.BytesIO(b"before" + STORED + b"behind"), 6)
    assert (found.end, found.size, found.is_cut_off) == (6 + len(STORED), len(CONTENT), False)
    assert found.head == CONTENT[: 64 << 10]
    assert found.read() == CONTENT


def test_an_empty_member_has_nothing() -> None:
    found = GzipMember(io.BytesIO(member(b"")), 0)
    assert (found.end, found.size, found.head, found.read()) == (len(member(b"")), 0, b"", b"")


def test_a_member_that_is_cut_gives_what_stands_before_the_cut() -> None:
    for cut in (0, 1, 9, 10, 11, len(STORED) // 2, len(STORED) - 8, len(STORED) - 1):
        found = GzipMember(io.BytesIO(STORED[:cut]), 0)
        assert (found.end, found.is_cut_off) == (None, True)
        assert found.read() == CONTENT[: found.size]
    assert found.size == len(CONTENT)


def test_a_member_with_a_flipped_bit_gives_what_stands_before_the_damage() -> None:
    for place in (3000, 100_000, len(STORED) // 2, len(STORED) - 5):
        broken = STORED[:place] + bytes([STORED[place] ^ 0x10]) + STORED[place + 1 :]
        found = GzipMember(io.BytesIO(broken), 0)
        assert (found.end, found.is_cut_off) == (None, False)
        content = found.read()
        assert len(content) == found.size
        # Deflate needs about as many bytes for each word, so the beginning that is right is in proportion.
        right = next((at for at in range(found.size) if content[at] != CONTENT[at]), found.size)
        assert right >= len(CONTENT) * place // len(STORED) * 8 // 10
        found.seek(0)
        assert found.read() == content


@pytest.mark.parametrize("mark_every", [1, 50_000, 32 << 20])
def test_reading_goes_back_and_forth(monkeypatch: pytest.MonkeyPatch, mark_every: int) -> None:
    monkeypatch.setattr(gzip_member, "_MARK_EVERY", mark_every)
    monkeypatch.setattr(gzip_member, "_INFLATED_BLOCK", 10_000)
    found = io.BufferedReader(GzipMember(io.BytesIO(STORED), 0), 700)
    chance = random.Random(4)
    for _ in range(100):
        place, size = chance.randrange(len(CONTENT) + 100), chance.randrange(2000)
        assert found.seek(place) == place
        assert found.read(size) == CONTENT[place : place + size]
    assert found.seek(-4, io.SEEK_END) == len(CONTENT) - 4
    assert found.read() == CONTENT[-4:]
    assert found.tell() == len(CONTENT)


def test_reading_nothing_gives_nothing() -> None:
    found = GzipMember(io.BytesIO(STORED), 0)
    assert found.read(0) == b""
    assert found.tell() == 0


def test_bytes_that_are_no_deflate_have_no_content() -> None:
    found = GzipMember(io.BytesIO(b"\x1f\x8b\x08 this is no deflate at all"), 0)
    assert (found.end, found.size, found.is_cut_off) == (None, 0, False)


def test_a_stored_block_is_read_to_its_end() -> None:
    deflate = zlib.compressobj(0, zlib.DEFLATED, 31)
    stored = deflate.compress(CONTENT) + deflate.flush()
    found = GzipMember(io.BytesIO(stored + STORED), 0)
    assert (found.end, found.read()) == (len(stored), CONTENT)
