import gzip
from io import BytesIO

from warcio.archiveiterator import ArchiveIterator

from mammoth_spark.demo.records import (
    Reply,
    gzip_member,
    metadata_record,
    request_record,
    response_record,
    warcinfo_record,
)

REPLY = Reply(
    "https://algebracorner.org/questions/1?a=b", "2026-01-12T10:00:00Z", "200 OK",
    (("Content-Type", "text/html"), ("Content-Length", "5")), b"hello",
)  # fmt: skip


def test_a_member_has_no_time_and_no_operating_system_in_its_header() -> None:
    member = gzip_member(b"some bytes")
    assert member[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    assert gzip.decompress(member) == b"some bytes"


def test_warcio_reads_the_records_back() -> None:
    made = (
        warcinfo_record("a.warc.gz", REPLY.date),
        request_record(REPLY),
        response_record(REPLY),
        metadata_record(REPLY, "UTF-8", "en"),
    )
    data = BytesIO(b"".join(gzip_member(record) for record in made))
    read = [
        (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
        for record in ArchiveIterator(data, check_digests="raise")
    ]
    assert [kind for kind, _, _ in read] == ["warcinfo", "request", "response", "metadata"]
    assert [url for _, url, _ in read] == [None, REPLY.url, REPLY.url, REPLY.url]
    assert read[2][2] == b"hello"
    assert b"charset-detected: UTF-8" in read[3][2]


def test_requests_ask_for_the_path_of_the_host() -> None:
    block = request_record(REPLY).split(b"\r\n\r\n")[1]
    assert block.startswith(b"GET /questions/1?a=b HTTP/1.1\r\n")
    assert b"\r\nHost: algebracorner.org\r\n" in block


def test_records_of_one_page_refer_to_each_other() -> None:
    request, response, metadata = (
        request_record(REPLY),
        response_record(REPLY),
        metadata_record(REPLY, "UTF-8", "en"),
    )

    def header(record: bytes, name: bytes) -> bytes:
        return next(line for line in record.split(b"\r\n") if line.startswith(name)).split(b": ")[1]

    assert header(response, b"WARC-Concurrent-To") == header(request, b"WARC-Record-ID")
    assert header(metadata, b"WARC-Concurrent-To") == header(response, b"WARC-Record-ID")
