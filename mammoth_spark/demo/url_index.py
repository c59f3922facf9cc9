"""The small web's URL index: a Parquet file with the columns of Common Crawl's, made from the WARC files themselves."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import tldextract

from mammoth_spark.web import payload
from mammoth_spark.web.page_text import language_of, page_text
from mammoth_spark.web.url_index import LONG_NAMES
from mammoth_spark.web.warc import Response, Tally, read_responses

CRAWL = "DEMO-2026-01"
PLACE = f"cc-index/table/cc-main/warc/crawl={CRAWL}/subset=warc/part-00000.parquet"
_LIMIT = 16 << 20
_TEXT, _SMALL, _PLACE = pa.string(), pa.int16(), pa.int32()
# In the order of Common Crawl's own table.
SCHEMA = pa.schema(
    [
        ("url_surtkey", _TEXT),
        ("url", _TEXT),
        ("url_host_name", _TEXT),
        ("url_host_tld", _TEXT),
        ("url_host_2nd_last_part", _TEXT),
        ("url_host_3rd_last_part", _TEXT),
        ("url_host_4th_last_part", _TEXT),
        ("url_host_5th_last_part", _TEXT),
        ("url_host_registry_suffix", _TEXT),
        ("url_host_registered_domain", _TEXT),
        ("url_host_private_suffix", _TEXT),
        ("url_host_private_domain", _TEXT),
        ("url_host_name_reversed", _TEXT),
        ("url_protocol", _TEXT),
        ("url_port", pa.int32()),
        ("url_path", _TEXT),
        ("url_query", _TEXT),
        ("fetch_time", pa.timestamp("ms")),
        ("fetch_status", _SMALL),
        ("fetch_redirect", _TEXT),
        ("content_digest", _TEXT),
        ("content_mime_type", _TEXT),
        ("content_mime_detected", _TEXT),
        ("content_charset", _TEXT),
        ("content_languages", _TEXT),
        ("content_truncated", _TEXT),
        ("warc_filename", _TEXT),
        ("warc_record_offset", _PLACE),
        ("warc_record_length", _PLACE),
        ("warc_segment", _TEXT),
    ]
)
_REGISTRY = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_PRIVATE = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def write_index(web: Path, warc_files: Sequence[str]) -> Path:
    """Sorted by the reversed host, as Common Crawl's is."""
    path = web / PLACE
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = sorted((row for name in warc_files for row in _rows(web, name)), key=lambda row: str(row["url_surtkey"]))
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, compression="zstd")
    return path


def _rows(web: Path, name: str) -> Iterator[dict[str, object]]:
    with (web / name).open("rb") as file:
        for response in read_responses(file, _LIMIT, Tally()):
            if response.url and response.status is not None:
                yield _row(name, response)


def _row(name: str, response: Response) -> dict[str, object]:
    parts = urlsplit(response.url)
    host = (parts.hostname or "").encode("idna").decode()
    registry, private = _REGISTRY(host), _PRIVATE(host)
    labels = host.split(".")
    detected, charset, languages = _looked_at(response)
    reversed_host = ".".join(reversed(labels))
    content_type = response.headers.get("content-type", "")
    last = dict(zip(("2nd", "3rd", "4th", "5th"), reversed(labels[:-1]), strict=False))
    return {
        "url_surtkey": f"{reversed_host.replace('.', ',')}){parts.path}",
        "url": response.url,
        "url_host_name": host,
        "url_host_tld": labels[-1],
        **{f"url_host_{place}_last_part": label for place, label in last.items()},
        "url_host_registry_suffix": registry.suffix or None,
        "url_host_registered_domain": registry.top_domain_under_public_suffix or None,
        "url_host_private_suffix": private.suffix or None,
        "url_host_private_domain": private.top_domain_under_public_suffix or None,
        "url_host_name_reversed": reversed_host,
        "url_protocol": parts.scheme,
        "url_port": parts.port,
        "url_path": parts.path,
        "url_query": parts.query or None,
        "fetch_time": (response.fetched_at or datetime(2026, 1, 12, tzinfo=UTC)).replace(tzinfo=None),
        "fetch_status": response.status,
        "fetch_redirect": response.headers.get("location"),
        "content_digest": base64.b32encode(hashlib.sha1(response.body, usedforsecurity=False).digest()).decode(),
        "content_mime_type": content_type.partition(";")[0] or None,
        "content_mime_detected": detected,
        "content_charset": charset,
        "content_languages": languages,
        "content_truncated": None,
        "warc_filename": name,
        "warc_record_offset": response.offset,
        "warc_record_length": response.length,
        # crawl-data/CRAWL/segments/SEGMENT/warc/FILE
        "warc_segment": next(iter(name.split("/")[3:4]), None),
    }


def _looked_at(response: Response) -> tuple[str, str | None, str | None]:
    """The type by the content's beginning, and for HTML its charset and language."""
    content_type = response.headers.get("content-type", "")
    try:
        body = payload.page_bytes(response.body, dict(response.headers), _LIMIT)
    except payload.TooLarge:
        body = b""
    if body.lstrip()[:1] != b"<":
        return content_type.partition(";")[0] or "application/octet-stream", None, None
    html, charset = payload.utf8_of(body, content_type)
    language = language_of(page_text(html).words)
    return "text/html", charset.upper(), LONG_NAMES.get(language)
