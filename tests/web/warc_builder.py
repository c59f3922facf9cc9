"""Small WARC files, sound or damaged as a test wants them; written by hand so that no library repairs them."""

import io
import random
import zlib
from collections.abc import Iterable

from mammoth_spark.web.warc import Response, Tally, read_responses

LIMIT = 16 << 20
_NOISE = random.Random(5)
_WORDS = [f"w{_NOISE.randrange(10**6):06d}" for _ in range(2_000)]


def page(number: int, words: int = 60) -> bytes:
    """An HTML page that no other number has; about half of it is left after gzip."""
    text = " ".join(random.Random(number).choices(_WORDS, k=words))
    return f"<html><head><title>Page {number}</title></head><body><p>{text}</p></body></html>".encode()


def url(number: int) -> str:
    return f"https://site{number}.example.org/page"


def http(body: bytes, *headers: tuple[str, str], status: str = "200 OK", content_type: str = "text/html") -> bytes:
    """An HTTP response as it came over the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(kind: str, target: str, block: bytes, length: int | None = None) -> bytes:
    """A WARC record; `length` is what its Content-Length says, the truth by default."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{hash_id(kind + target)}>\r\n"
        f"WARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: {target}\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\n"
        f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def hash_id(name: str) -> str:
    return f"00000000-0000-4000-8000-{zlib.crc32(name.encode()):012x}"


def response(number: int, block: bytes | None = None, length: int | None = None) -> bytes:
    return record("response", url(number), http(page(number)) if block is None else block, length)


def request(number: int, length: int | None = None) -> bytes:
    return record("request", url(number), b"GET /page HTTP/1.1\r\nHost: site.example.org\r\n\r\n", length)


def metadata(number: int, length: int | None = None) -> bytes:
    return record("metadata", url(number), b"fetchTimeMs: 120\r\ncharset-detected: UTF-8\r\n", length)


def member(content: bytes) -> bytes:
    """A gzip member."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, 31)
    return deflate.compress(content) + deflate.flush()


def read(stored: bytes, limit: int = LIMIT) -> tuple[list[Response], Tally]:
    """All responses of a file with these bytes, and what else was in it."""
    tally = Tally()
    return list(read_responses(io.BytesIO(stored), limit, tally)), tally


def numbers(responses: Iterable[Response]) -> list[int]:
    """The numbers of responses whose pages are exactly those of `page`; -1 for any other."""
    found = []
    for one in responses:
        host = one.url.removeprefix("https://site").partition(".")[0]
        number = int(host) if host.isdigit() else -1
        found.append(number if one.body == page(number) else -1)
    return found
