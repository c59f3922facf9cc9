"""Damaged WARC files: no damage costs another record than its own, and each is counted."""

import io
import random
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mammoth_spark.web.warc import Response, Tally, read_again, read_responses
from tests.child import measured
from tests.web.warc_builder import (
    LIMIT,
    http,
    member,
    metadata,
    numbers,
    page,
    read,
    record,
    request,
    response,
    url,
)

RECORDS = 20
SOUND = [member(response(number)) for number in range(RECORDS)]
LENGTH = len(http(page(7)))


def flipped(stored: bytes, place: int) -> bytes:
    return stored[:place] + bytes([stored[place] ^ 0xA5]) + stored[place + 1 :]


def with_line_feeds(number: int) -> bytes:
    """A record whose lines end as on Unix."""
    head, _, block = response(number).partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + block


def arc(number: int) -> bytes:
    """The older format: one line, and the HTTP response."""
    block = http(page(number))
    return f"{url(number)} 198.51.100.9 20100102030405 text/html {len(block)}\n".encode() + block + b"\n"


def longer_arc(number: int, by: int) -> bytes:
    stored = arc(number)
    length = len(http(page(number)))
    return stored.replace(b" %d\n" % length, b" %d\n" % (length + by), 1)


ARC_FIELDS = b"1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n"
ARC_HEADER = b"filedesc://a.arc 0.0.0.0 20100102030405 text/plain %d\n%b\n" % (len(ARC_FIELDS), ARC_FIELDS)


# What stands in the place of a record, by kind: the bytes, whether the page is still read, and what is counted.
Damage = tuple[Callable[[int], bytes], bool, dict[str, int]]
DAMAGES: dict[str, Damage] = {
    # Members.
    "truncated member": (lambda n: SOUND[n][: len(SOUND[n]) * 3 // 5], False, {"broken_member": 1}),
    "only a gzip header": (lambda n: SOUND[n][:10], False, {"broken_member": 1}),
    "member without its checksum": (lambda n: SOUND[n][:-8], False, {"broken_member": 1}),
    "member without its last byte": (lambda n: SOUND[n][:-1], False, {"broken_member": 1}),
    "flipped bits": (lambda n: flipped(SOUND[n], len(SOUND[n]) // 2), False, {"broken_member": 1}),
    "flipped checksum": (lambda n: flipped(SOUND[n], len(SOUND[n]) - 6), False, {"broken_member": 1}),
    "empty member": (lambda n: member(b"") + SOUND[n], True, {"empty_member": 1}),
    "two empty members": (lambda n: member(b"") * 2 + SOUND[n], True, {"empty_member": 2}),
    "member of line ends": (lambda n: member(b"\r\n\r\n") + SOUND[n], True, {"empty_member": 1}),
    "member of something else": (lambda n: member(b"hello " * 50) + SOUND[n], True, {"not_a_record": 1}),
    "junk": (lambda n: b"\x00\xffjunk" * 40 + SOUND[n], True, {"junk": 1}),
    "junk that begins like gzip": (lambda n: b"\x1f\x8b\x08junk" * 40 + SOUND[n], True, {"broken_member": 1}),
    "junk that begins like a record": (lambda n: b"WARC/1.0\r\njunk\r\n" * 9 + SOUND[n], True, {"junk": 1}),
    "zeros": (lambda n: bytes(5000) + SOUND[n], True, {"padding": 1}),
    # Content-Length.
    "length 0": (lambda n: member(response(n, length=0)), False, {"wrong_length": 1}),
    "length too small": (lambda n: member(response(n, length=LENGTH // 2)), False, {"wrong_length": 1}),
    "length too small by 1": (lambda n: member(response(n, length=len(http(page(n))) - 1)), False, {"wrong_length": 1}),
    "length too large": (lambda n: member(response(n, length=LENGTH * 2)), False, {"wrong_length": 1}),
    "length of all that exists": (lambda n: member(response(n, length=10**14)), False, {"wrong_length": 1}),
    "length that swallows the next record": (
        lambda n: member(response(n, length=len(http(page(n))) + 4 + len(response(n + 1)))),
        False,
        {"wrong_length": 1},
    ),
    "length of 20 digits": (lambda n: member(response(n, length=10**20)), False, {"wrong_length": 1}),
    "negative length": (lambda n: member(response(n, length=-5)), False, {"wrong_length": 1}),
    "request with a length too small": (lambda n: member(request(n, 5)) + SOUND[n], True, {"wrong_length": 1}),
    "request with a length too large": (lambda n: member(request(n, 500)) + SOUND[n], True, {"wrong_length": 1}),
    "request with the length of two": (
        lambda n: member(request(n, 46 + 4 + len(response(n)))) + SOUND[n],
        True,
        {"wrong_length": 1},
    ),
    "metadata with a length too small": (lambda n: member(metadata(n, 3)) + SOUND[n], True, {"wrong_length": 1}),
    "metadata with a length too large": (lambda n: member(metadata(n, 9000)) + SOUND[n], True, {"wrong_length": 1}),
    "broken metadata": (lambda n: flipped(member(metadata(n)), 60) + SOUND[n], True, {"broken_member": 1}),
    # Headers.
    "no WARC header": (lambda n: member(http(page(n))), False, {"not_a_record": 1}),
    "no Content-Length": (lambda n: member(response(n).replace(b"Content-L", b"X-L")), False, {"wrong_length": 1}),
    "no WARC-Type": (lambda n: member(response(n).replace(b"WARC-Type", b"X-Type")), False, {"no_type": 1}),
    "an unknown type": (lambda n: member(record("screenshot", url(n), b"...")), False, {}),
    "a header of 90 KB": (
        lambda n: member(response(n).replace(b"WARC-Date", b"X: " + b"z" * 90_000 + b"\r\nWARC-Date")),
        False,
        {"wrong_length": 1},
    ),
    "zeros in the header": (lambda n: member(response(n).replace(b"WARC-Date", b"WA\0RC\xff-Date")), True, {}),
    "line feeds alone": (lambda n: member(with_line_feeds(n)), True, {}),
    "no empty lines at the end": (lambda n: member(response(n)[:-4]), True, {}),
    "version 1.1": (lambda n: member(response(n).replace(b"WARC/1.0", b"WARC/1.1")), True, {}),
    "version 0.18": (lambda n: member(response(n).replace(b"WARC/1.0", b"WARC/0.18")), True, {}),
    # Other ways to store a record.
    "uncompressed": (response, True, {"uncompressed": 1}),
    "uncompressed with a length too small": (lambda n: response(n, length=50), False, {"wrong_length": 1}),
    "uncompressed and cut": (lambda n: response(n)[:300], False, {"wrong_length": 1}),
    "request and response in one member": (lambda n: member(request(n) + response(n) + metadata(n)), True, {}),
    "ARC record": (lambda n: member(arc(n)), True, {}),
    "uncompressed ARC record with a length too large": (lambda n: longer_arc(n, 10**5), False, {"wrong_length": 1}),
    "uncompressed ARC record with a length a little too large": (
        lambda n: longer_arc(n, 3),
        False,
        {"wrong_length": 1},
    ),
    "ARC file header and record in one member": (lambda n: member(ARC_HEADER + arc(n)), True, {}),
    "uncompressed ARC record": (arc, True, {}),
    "ARC file header": (
        lambda n: member(ARC_HEADER) + SOUND[n],
        True,
        {},
    ),
    "revisit": (lambda n: member(record("revisit", url(n), http(b""))) + SOUND[n], True, {}),
}


@pytest.mark.parametrize("place", [0, 1, 9, RECORDS - 2])
@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_costs_its_own_record_alone_and_is_counted(kind: str, place: int) -> None:
    damaged, is_read, counted = DAMAGES[kind]
    if place == 0 and kind == "uncompressed":
        counted = {}  # A file that begins so is taken for a plain one.
    stored = b"".join([*SOUND[:place], damaged(place), *SOUND[place + 1 :]])
    responses, tally = read(stored)
    assert numbers(responses) == [number for number in range(RECORDS) if number != place or is_read]
    assert dict(tally.damage) == counted
    for one in responses:
        assert read_again(io.BytesIO(stored), one.offset, one.length, one.url, LIMIT) == one


@pytest.mark.parametrize(
    ("last", "is_read", "counted"),
    [
        (SOUND[19][: len(SOUND[19]) // 2], False, {"cut_off": 1}),
        (SOUND[19][:10], False, {"cut_off": 1}),
        # The page is there, and what is missing is only the checksum.
        (SOUND[19][:-8], True, {"cut_off": 1}),
        (flipped(SOUND[19], len(SOUND[19]) - 6), False, {"broken_member": 1}),
        (response(19)[:300], False, {"cut_off": 1}),
        (response(19, length=50), False, {"wrong_length": 1}),
        (member(response(19, length=50)), False, {"wrong_length": 1}),
        (member(response(19, length=5000)), False, {"wrong_length": 1}),
        (SOUND[19] + bytes(1000), True, {"padding": 1}),
        (SOUND[19] + b"\r\n\r\n", True, {}),
        (SOUND[19] + b"junk", True, {"junk": 1}),
        (SOUND[19] + member(b""), True, {"empty_member": 1}),
    ],
)
def test_damage_at_the_end_costs_the_last_record_at_most(last: bytes, is_read: bool, counted: dict[str, int]) -> None:
    responses, tally = read(b"".join([*SOUND[:19], last]))
    assert numbers(responses) == list(range(20 if is_read else 19))
    assert dict(tally.damage) == counted


@pytest.mark.parametrize("layout", ["a member each", "plain", "one member"])
def test_a_sound_file_is_read_whole_with_nothing_counted(layout: str) -> None:
    records = [kind(number) for number in range(6) for kind in (request, response, metadata)]
    stored = {
        "a member each": b"".join(map(member, records)),
        "plain": b"".join(records),
        "one member": member(b"".join(records)),
    }[layout]
    responses, tally = read(stored)
    assert numbers(responses) == [0, 1, 2, 3, 4, 5]
    assert (tally.records, dict(tally.damage)) == (18, {})
    for one in responses:
        assert read_again(io.BytesIO(stored), one.offset, one.length, one.url, LIMIT) == one


@pytest.mark.parametrize("damaged", [2, 4])
@pytest.mark.parametrize(
    "change",
    [
        lambda n: response(n, length=10),
        lambda n: response(n, length=5000),
        lambda n: response(n)[:100],
        lambda n: response(n)[:400],
        lambda n: b"junk" * 50 + response(n),
    ],
    ids=["too small", "too large", "cut in the header", "cut in the page", "junk"],
)
@pytest.mark.parametrize("store", [lambda content: content, member], ids=["plain", "one member"])
def test_damage_in_a_file_without_members_costs_its_own_record_alone(
    store: Callable[[bytes], bytes], change: Callable[[int], bytes], damaged: int
) -> None:
    responses, tally = read(store(b"".join(change(n) if n == damaged else response(n) for n in range(6))))
    assert [number for number in numbers(responses) if number != damaged] == [n for n in range(6) if n != damaged]
    assert tally.damage.total() == 1


def test_a_flipped_bit_anywhere_costs_at_most_the_record_that_it_lies_in() -> None:
    stored = b"".join(SOUND[:4])
    ends = [sum(map(len, SOUND[: number + 1])) for number in range(4)]
    for place in range(0, len(stored), 7):
        bit = 1 << place % 8
        responses, tally = read(stored[:place] + bytes([stored[place] ^ bit]) + stored[place + 1 :])
        hit = next(number for number, end in enumerate(ends) if place < end)
        found = numbers(responses)
        assert [number for number in found if number != hit] == [number for number in range(4) if number != hit]
        # Some bits of a gzip header mean nothing.
        assert hit in found or tally.damage.total() == 1


def cut_everywhere(stored: bytes, ends: list[int]) -> Counter[str]:
    """Cuts a file of so many records at every place; checks that what lies before the cut is read, and no more."""
    seen: Counter[str] = Counter()
    for cut in range(len(stored)):
        responses, tally = read(stored[:cut])
        whole = sum(end <= cut for end in ends)
        # A record ends with line ends and a checksum, which its page does not need.
        assert numbers(responses) in (list(range(whole)), list(range(whole + 1))), cut
        seen.update(tally.damage)
    return seen


def layouts(records: int) -> dict[str, tuple[bytes, list[int]]]:
    """A file in each layout, with the places where its records end."""
    plain = [response(number) for number in range(records)]
    members = [member(one) for one in plain]
    whole = member(b"".join(plain))
    inflate = zlib.decompressobj(wbits=31)
    sizes = [len(inflate.decompress(whole[place : place + 1])) for place in range(len(whole))]
    reached = [sum(sizes[: place + 1]) for place in range(len(whole))]
    content_ends = [sum(map(len, plain[: number + 1])) for number in range(records)]
    return {
        "a member each": (b"".join(members), [sum(map(len, members[: number + 1])) for number in range(records)]),
        "plain": (b"".join(plain), content_ends),
        "one member": (whole, [next(n + 1 for n, size in enumerate(reached) if size >= end) for end in content_ends]),
    }


@pytest.mark.parametrize("layout", ["a member each", "plain", "one member"])
def test_a_file_cut_at_any_byte_gives_all_records_before_the_cut(layout: str) -> None:
    seen = cut_everywhere(*layouts(6)[layout])
    assert set(seen) <= {"cut_off", "junk", "wrong_length", "broken_member"}
    assert seen["cut_off"] > 100


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["a member each", "plain", "one member"])
def test_a_longer_file_cut_at_every_byte_gives_all_records_before_the_cut(layout: str) -> None:
    cut_everywhere(*layouts(20)[layout])


@pytest.mark.slow
@pytest.mark.parametrize("store", [member, lambda content: content], ids=["a member each", "plain"])
def test_random_damage_to_some_records_costs_no_other(store: Callable[[bytes], bytes]) -> None:
    chance = random.Random(11)
    for _ in range(1500):
        parts = [bytearray(store(response(number))) for number in range(12)]
        hit = set(chance.sample(range(12), chance.randint(1, 3)))
        for number in hit:
            part, place = parts[number], chance.randrange(len(parts[number]))
            match chance.randrange(4):
                case 0:
                    del part[place:]
                case 1:
                    del part[place : place + chance.randrange(1, 50)]
                case 2:
                    part[place:place] = chance.randbytes(chance.randrange(1, 50))
                case _:
                    part[place] ^= chance.randrange(1, 256)
        found = set(numbers(read(b"".join(parts))[0]))
        assert found >= set(range(12)) - hit


def test_a_response_is_read_with_all_that_it_says() -> None:
    block = http(b"<p>x", ("X-Twice", "1"), ("x-twice", "2"), status="404 Not Found")
    stored = member(request(0)) + member(record("response", f"<{url(1)}>", block)) + member(metadata(1))
    offset, length = len(member(request(0))), len(member(record("response", f"<{url(1)}>", block)))
    responses, tally = read(stored)
    assert responses == [
        Response(
            offset=offset,
            length=length,
            url="https://site1.example.org/page",
            fetched_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            status=404,
            headers={"content-type": "text/html", "x-twice": "2"},
            body=b"<p>x",
            cut=False,
        )
    ]
    assert tally.records == 3


@pytest.mark.parametrize(
    ("block", "status", "body"),
    [
        (b"<html>a page alone</html>", None, b""),
        (b"", None, b""),
        (b"HTTP/1.1 200 OK\r\n\r\n<p>no headers", 200, b"<p>no headers"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html", 200, b""),
        (b"HTTP/1.1 200\r\nA: b\r\n\r\nx", 200, b"x"),
        (b"HTTP/1.1 200 OK\nA: b\n\nx", 200, b"x"),
        (b"HTTP/1.1 abc\r\nA: b\r\n\r\nx", None, b"x"),
        (b"HTTP/1.1 99999999999999999999 OK\r\nA: b\r\n\r\nx", None, b"x"),
    ],
)
def test_an_http_header_that_lacks_something_is_still_a_response(block: bytes, status: int | None, body: bytes) -> None:
    responses, tally = read(SOUND[0] + member(record("response", url(1), block)) + SOUND[2])
    assert [one.status for one in responses] == [200, status, 200]
    if status is not None:
        assert responses[1].body == body
    assert (tally.records, dict(tally.damage)) == (3, {})


def test_an_http_header_without_end_costs_its_own_response_alone() -> None:
    block = http(page(1), ("X-Long", "z" * 200_000))
    responses, tally = read(SOUND[0] + member(record("response", url(1), block)) + SOUND[2])
    assert [(one.url, one.status) for one in responses] == [(url(0), 200), (url(1), None), (url(2), 200)]
    assert tally.records == 3


def test_names_that_are_no_text_can_still_be_written() -> None:
    for name in (b"https://x\xff.org/", "https://x.org/\ud800".encode("utf-8", "surrogatepass"), b"https://a\0b/"):
        responses, _ = read(member(response(1).replace(url(1).encode(), name)))
        responses[0].url.encode("utf-8")


@pytest.mark.parametrize("date", ["", "yesterday", "0001-01-01T00:00:00+05:00", "2026-13-01T00:00:00Z"])
def test_a_date_that_is_none_is_left_out(date: str) -> None:
    responses, _ = read(member(response(1).replace(b"2026-01-02T03:04:05Z", date.encode())))
    assert [one.fetched_at for one in responses] == [None]


def test_a_body_is_cut_at_the_limit_and_says_so() -> None:
    blocks = [http(b"x" * size) for size in (99, 100, 101)]
    stored = b"".join(member(record("response", url(n), block)) for n, block in enumerate(blocks))
    responses, _ = read(stored, limit=100)
    assert [(len(one.body), one.cut) for one in responses] == [(99, False), (100, False), (100, True)]


def test_a_record_with_gzip_or_warc_bytes_in_its_page_is_one_record() -> None:
    bodies = [member(b"<p>packed"), b"x\x1f\x8b\x08y" * 9, b"\nWARC/1.0\r\nWARC-Type: response\r\n" * 9]
    for store in (member, bytes):
        stored = b"".join(store(record("response", url(n), http(body))) for n, body in enumerate(bodies))
        responses, tally = read(stored)
        assert [one.body for one in responses] == bodies
        assert (tally.records, dict(tally.damage)) == (3, {})


def test_nothing_is_found_where_nothing_is() -> None:
    for stored in (b"", b"\r\n\r\n", b"no archive at all\n" * 100):
        responses, tally = read(stored)
        assert (responses, tally.records) == ([], 0)


def test_read_again_finds_nothing_under_another_url() -> None:
    assert read_again(io.BytesIO(SOUND[0]), 0, len(SOUND[0]), url(5), LIMIT) is None


class FailingFile(io.BytesIO):
    """A disk that fails behind a place."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 3000:
            raise OSError(5, "Input/output error")
        return super().read(1000 if size is None or size < 0 else min(size, 1000))


def test_a_file_that_cannot_be_read_is_no_damage_of_its_content() -> None:
    with pytest.raises(OSError, match="Input/output error"):
        list(read_responses(FailingFile(b"".join(SOUND)), LIMIT, Tally()))


def bomb(kind: str) -> bytes:
    """A member of 200 KB that inflates to 200 MB."""
    head = record(kind, url(5), b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", length=44 + 200_000_000)
    deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
    parts = [deflate.compress(head[:-4]), *(deflate.compress(bytes(1_000_000)) for _ in range(200))]
    return b"".join([*parts, deflate.compress(b"\r\n\r\n"), deflate.flush()])


def read_around(middle: bytes) -> tuple[list[int], list[bool], dict[str, int]]:
    responses, tally = read(SOUND[0] + middle + SOUND[1])
    return numbers(responses), [one.cut for one in responses], dict(tally.damage)


def test_a_member_that_inflates_to_200_mb_takes_little_memory_and_no_other_record() -> None:
    as_response = bomb("response")
    for middle, expected in [
        (as_response, ([0, -1, 1], [False, True, False], {})),
        (as_response[:-30], ([0, 1], [False, False], {"broken_member": 1})),
        (bomb("metadata"), ([0, 1], [False, False], {})),
    ]:
        read_it = measured(read_around, middle)
        assert read_it.value == expected
        assert read_it.grown_mb < 100
