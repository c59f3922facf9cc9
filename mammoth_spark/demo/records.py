"""WARC records as Common Crawl writes them: a gzip member for each, request and metadata with a response.

warcio formats the records; the gzip members are made here with a fixed header, so that they do not depend on
the operating system. (The deflate data are those of the machine's zlib: another library packs differently.)
"""

import zlib
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha1
from io import BytesIO
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

AGENT = "DemoCrawler/1.0 (a synthetic web; nothing was fetched)"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sent for a URL: status, HTTP headers in order, and the body as it was transferred."""

    url: str
    date: str
    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def host(self) -> str:
        """The host of the URL."""
        return self.url.split("/")[2]


def gzip_member(data: bytes) -> bytes:
    """One gzip member with no name, time or operating system in its header."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(data) + deflate.flush()
    tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + packed + tail


def record_id(kind: str, name: str) -> str:
    """The same record has the same id in every run."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{kind} {name}')}>"


def _digest(data: bytes) -> str:
    return "sha1:" + b32encode(sha1(data, usedforsecurity=False).digest()).decode()


def _record(
    kind: str,
    url: str,
    headers: dict[str, str],
    payload: bytes,
    http: StatusAndHeaders | None = None,
    content_type: str = "",
) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=False)
    record = writer.create_warc_record(
        url,
        kind,
        payload=BytesIO(payload),
        length=len(payload),
        warc_headers_dict=headers,
        http_headers=http,
        warc_content_type=content_type,
    )
    writer.write_record(record)
    return out.getvalue()


def warcinfo_record(name: str, date: str) -> bytes:
    """The first record of a file."""
    fields = (
        ("isPartOf", "DEMO-2026-01"),
        ("publisher", "mammoth-spark demo"),
        ("software", "mammoth_spark.demo"),
        ("description", "A small synthetic web"),
        ("robots", "classic"),
        ("format", "WARC File Format 1.0"),
    )
    payload = "".join(f"{key}: {value}\r\n" for key, value in fields).encode()
    headers = {"WARC-Date": date, "WARC-Record-ID": record_id("warcinfo", name), "WARC-Filename": name}
    return _record("warcinfo", "", headers, payload, content_type="application/warc-fields")


def _address(host: str) -> str:
    # 198.51.100.0/24 is reserved for documentation.
    return f"198.51.100.{sum(host.encode()) % 254 + 1}"


def _http(reply: Reply) -> StatusAndHeaders:
    return StatusAndHeaders(reply.status, list(reply.headers), protocol="HTTP/1.1")


def response_record(reply: Reply, warcinfo: str = "demo") -> bytes:
    """The response, not yet compressed."""
    headers = {
        "WARC-Date": reply.date,
        "WARC-Record-ID": record_id("response", reply.url),
        "WARC-Warcinfo-ID": record_id("warcinfo", warcinfo),
        "WARC-Concurrent-To": record_id("request", reply.url),
        "WARC-IP-Address": _address(reply.host),
        "WARC-Payload-Digest": _digest(reply.body),
    }
    return _record("response", reply.url, headers, reply.body, _http(reply))


def request_record(reply: Reply, warcinfo: str = "demo") -> bytes:
    """The request that went before the response."""
    headers = {
        "WARC-Date": reply.date,
        "WARC-Record-ID": record_id("request", reply.url),
        "WARC-Warcinfo-ID": record_id("warcinfo", warcinfo),
        "WARC-IP-Address": _address(reply.host),
    }
    path = "/" + reply.url.split("/", 3)[3]
    http = StatusAndHeaders(
        f"GET {path} HTTP/1.1",
        [
            ("User-Agent", AGENT),
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
            ("Accept-Language", "en-US,en;q=0.5"),
            ("Accept-Encoding", "br,gzip"),
            ("Host", reply.host),
            ("Connection", "Keep-Alive"),
        ],
        is_http_request=True,
    )
    return _record("request", reply.url, headers, b"", http)


def metadata_record(reply: Reply, charset: str, language: str, warcinfo: str = "demo") -> bytes:
    """What the crawler noted about the page."""
    headers = {
        "WARC-Date": reply.date,
        "WARC-Record-ID": record_id("metadata", reply.url),
        "WARC-Warcinfo-ID": record_id("warcinfo", warcinfo),
        "WARC-Concurrent-To": record_id("response", reply.url),
    }
    detected = f'{{"reliable":true,"text-bytes":{len(reply.body) // 9},"languages":[{{"code":"{language}"}}]}}'
    fields = f"fetchTimeMs: {len(reply.url) * 7}\r\ncharset-detected: {charset}\r\nlanguages-cld2: {detected}\r\n"
    return _record("metadata", reply.url, headers, fields.encode(), content_type="application/warc-fields")


def revisit_record(reply: Reply) -> bytes:
    """A record that only says that the body was seen before."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=False)
    record = writer.create_revisit_record(
        reply.url,
        _digest(reply.body),
        reply.url,
        "2025-11-03T08:00:00Z",
        http_headers=_http(reply),
        warc_headers_dict={"WARC-Date": reply.date, "WARC-Record-ID": record_id("revisit", reply.url)},
    )
    writer.write_record(record)
    return out.getvalue()
