"""One WARC file through the recall: which pages are kept, and what becomes of every response."""

import gzip
import resource
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mammoth_spark.config import Http, Pages, Recall
from mammoth_spark.text.classifier import Classifier
from mammoth_spark.web.recall import RecalledPage, WarcReport, read_page, recall_file
from mammoth_spark.web.warc import Response
from tests.child import measured
from tests.text.synthetic import OWN_WORDS, load, trained
from tests.web.http_server import FileServer, Reply
from tests.web.warc_builder import LIMIT, http, member, metadata, record, request, url

QUICK = Http(attempts=5, backoff_s=0.01, backoff_cap_s=0.02, restarts_per_s=1000, read_timeout_s=2)
SETTINGS, PAGES = Recall(floor_score=0.5), Pages(min_words=20, max_page_mb=1)
GOOD, BAD = (" ".join(OWN_WORDS[label][:30]) for label in ("positive", "negative"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return load(trained(tmp_path_factory.mktemp("model")))


def stored(number: int, body: bytes, *headers: tuple[str, str], **other: str) -> bytes:
    """A response in its member."""
    return member(record("response", url(number), http(body, *headers, **other)))


def html(words: str) -> bytes:
    return f"<html><head><title>A title</title></head><body><p>{words}</p></body></html>".encode()


def recalled(
    folder: Path, content: bytes, model: Classifier, settings: Recall = SETTINGS
) -> tuple[list[RecalledPage], WarcReport]:
    (folder / "a.warc.gz").write_bytes(content)
    return rows(str(folder), "a.warc.gz", model, settings)


def rows(base: str, name: str, model: Classifier, settings: Recall = SETTINGS) -> tuple[list[RecalledPage], WarcReport]:
    *pages, report = recall_file(name, base, model, settings, PAGES, QUICK)
    assert isinstance(report, WarcReport)
    return [page for page in pages if isinstance(page, RecalledPage)], report


# ---------------------------------------------------------------- a file


def test_a_page_over_the_floor_is_kept_with_all_that_leads_back_to_it(tmp_path: Path, model: Classifier) -> None:
    said = (("X-Robots-Tag", "noarchive"), ("x-robots-tag", "otherbot: noindex"))
    before = member(request(1))
    page = stored(1, html(GOOD + " café"), *said, content_type="text/html; charset=latin1")
    pages, report = recalled(tmp_path, before + page + stored(2, html(BAD)), model)
    assert pages == [
        RecalledPage(
            warc_file="a.warc.gz",
            warc_offset=len(before),
            warc_length=len(page),
            url="https://site1.example.org/page",
            root_url="example.org",
            prefix="",
            score=pages[0].score,
            language=pages[0].language,
            words=33,
            title="A title",
            question="",
            fetched_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            charset="utf-8",
            robots_tag="noarchive, otherbot: noindex",
            html=html(GOOD + " café"),
        )
    ]
    assert pages[0].score > 0.9
    assert (report.status, report.reason) == ("done", None)
    assert (report.records, report.responses, report.scored, report.kept) == (3, 2, 2, 1)
    assert dict(report.skipped) == {"low_score": 1}


def test_every_response_is_kept_or_skipped_for_one_reason(tmp_path: Path, model: Classifier) -> None:
    bomb = zlib.compress(bytes(20 << 20))
    content = b"".join(
        [
            member(record("warcinfo", "", b"software: a test\r\n")),
            stored(1, html(GOOD)),
            stored(2, html(BAD)),
            stored(3, html(GOOD), status="404 Not Found"),
            stored(4, html(GOOD), status="500 Internal Server Error"),
            stored(5, b"", ("Location", "/"), status="301 Moved Permanently"),
            stored(6, html(GOOD), status="206 Partial Content"),
            stored(7, b"%PDF-1.7 " + GOOD.encode(), content_type="text/html"),
            stored(8, GOOD.encode(), content_type="text/plain"),
            stored(9, b""),
            stored(10, html("too few words")),
            stored(11, html(GOOD * 10_000)),
            stored(12, bomb, ("Content-Encoding", "deflate")),
            member(record("response", url(14), html(GOOD))),
            member(record("response", "", http(html(GOOD)))),
            member(record("revisit", url(1), http(b""))),
            stored(15, html(GOOD))[:-40],
            member(request(16)),
            member(metadata(16)),
            stored(17, html(GOOD)),
        ]
    )
    pages, report = recalled(tmp_path, content, model)
    assert [page.url for page in pages] == [url(1), url(17)]
    assert dict(report.skipped) == {
        "low_score": 1,
        "status_4xx": 1,
        "status_5xx": 1,
        "status_3xx": 1,
        "status_2xx": 1,
        "not_html": 2,
        "empty": 1,
        "short": 1,
        "too_large": 2,
        "no_http": 1,
        "no_url": 1,
    }
    assert dict(report.damage) == {"broken_member": 1}
    assert report.responses == 15 == report.kept + report.skipped.total()
    assert report.records == 19
    assert report.scored == 3 == sum(report.score_histogram)
    assert report.bytes == len(content)
    assert report.seconds > report.read_seconds + report.text_seconds + report.score_seconds - 0.01


def test_the_histogram_has_each_score_in_its_bin(tmp_path: Path, model: Classifier) -> None:
    mixed = " ".join(OWN_WORDS["positive"][:15] + OWN_WORDS["negative"][:15])
    content = b"".join(stored(number, html(words)) for number, words in enumerate([GOOD, GOOD, BAD, mixed]))
    pages, report = recalled(tmp_path, content, model, SETTINGS.model_copy(update={"floor_score": 0.0}))
    expected = [0] * 20
    for page in pages:
        expected[min(19, int(page.score * 20))] += 1
    assert len(pages) == 4
    assert report.score_histogram == expected
    assert (report.score_histogram[0], report.score_histogram[19]) == (1, 2)


def test_only_pages_in_the_wanted_languages_are_kept(tmp_path: Path, model: Classifier) -> None:
    german = "Der schnelle braune Fuchs springt über den faulen Hund und schläft danach den ganzen Tag in der Sonne. "
    content = stored(1, html(german * 5))
    low = SETTINGS.model_copy(update={"floor_score": 0.0})
    pages, _ = recalled(tmp_path, content, model, low.model_copy(update={"languages": ["de", "fr"]}))
    assert [page.language for page in pages] == ["de"]
    pages, report = recalled(tmp_path, content, model, low.model_copy(update={"languages": ["en"]}))
    assert (pages, dict(report.skipped), report.scored) == ([], {"language": 1}, 1)


def test_a_file_cut_in_a_page_keeps_what_came_before(tmp_path: Path, model: Classifier) -> None:
    content = b"".join(stored(number, html(GOOD)) for number in range(3))
    pages, report = recalled(tmp_path, content[:-60], model)
    assert [page.url for page in pages] == [url(0), url(1)]
    assert (report.status, dict(report.damage)) == ("done", {"cut_off": 1})


# ---------------------------------------------------------------- files that fail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "a.warc.gz is empty"),
        (b"no archive at all\n" * 100, "a.warc.gz holds no WARC record; is it a WARC file?"),
        (gzip.compress(b"no archive at all\n" * 100), "a.warc.gz holds no WARC record; is it a WARC file?"),
        (b"\x1f\x8b\x08", "a.warc.gz holds no WARC record; is it a WARC file?"),
        (bytes(5000), "a.warc.gz holds no WARC record; is it a WARC file?"),
    ],
)
def test_what_is_no_warc_file_fails_with_the_reason(
    tmp_path: Path, model: Classifier, content: bytes, reason: str
) -> None:
    pages, report = recalled(tmp_path, content, model)
    assert (pages, report.status, report.reason) == ([], "failed", reason)
    assert (report.responses, report.kept, report.scored, sum(report.score_histogram)) == (0, 0, 0, 0)


def test_a_missing_file_and_a_folder_fail_with_the_reason(tmp_path: Path, model: Classifier) -> None:
    (tmp_path / "folder").mkdir()
    for base, name, reason in [
        (str(tmp_path), "missing", f"{tmp_path}/missing: there is no such file; check the path."),
        (str(tmp_path) + "/", "folder", f"{tmp_path}/folder: is a folder; name a file."),
        ("s3:/", "../up", "The path '../up' leaves its base 's3:/' by '..'; write it without."),
        ("", "gs://bucket/a", "gs://bucket/a: files of this kind cannot be used here"),
    ]:
        pages, report = rows(base, name, model)
        assert (pages, report.status) == ([], "failed")
        assert report.reason is not None
        assert report.reason.startswith(reason)
        assert "\n" not in report.reason


def test_a_base_is_put_before_names_and_not_before_whole_paths(tmp_path: Path, model: Classifier) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.warc.gz").write_bytes(stored(1, html(GOOD)))
    for base, name in [
        (str(tmp_path), "deep/a.warc.gz"),
        (str(tmp_path) + "/", "deep/a.warc.gz"),
        ("s3://elsewhere", str(tmp_path / "deep" / "a.warc.gz")),
        ("s3://elsewhere", (tmp_path / "deep" / "a.warc.gz").as_uri()),
    ]:
        pages, report = rows(base, name, model)
        assert ([page.warc_file for page in pages], report.kept) == ([name], 1)


# ---------------------------------------------------------------- over HTTP


def large_file() -> bytes:
    """Three megabytes, more than a download keeps in one block."""
    filler = zlib.compressobj(0, zlib.DEFLATED, 31)
    noise = filler.compress(record("metadata", url(0), bytes(1_000_000))) + filler.flush()
    return b"".join(part for number in range(3) for part in (stored(number, html(GOOD)), noise, stored(9, html(BAD))))


def test_a_recall_through_two_broken_connections_equals_the_local_one(tmp_path: Path, model: Classifier) -> None:
    content = large_file()
    (tmp_path / "a.warc.gz").write_bytes(content)
    local_pages, local = rows(str(tmp_path), "a.warc.gz", model)
    resets = [Reply(stop_after=1_200_000, then="reset"), Reply(stop_after=900_000, then="reset")]
    with FileServer(content, resets) as server:
        pages, report = rows(server.url, "a.warc.gz", model)
        assert len(server.requests) == 3
    assert len(pages) == 3
    assert pages == local_pages
    for name in ("status", "records", "responses", "scored", "kept", "skipped", "damage", "score_histogram", "bytes"):
        assert getattr(report, name) == getattr(local, name), name


def test_a_download_that_is_given_up_fails_the_file_and_not_the_run(model: Classifier) -> None:
    with FileServer(large_file(), [Reply(stop_after=1_200_000, then="close"), *[Reply(status=503)] * 9]) as server:
        _, report = rows(server.url, "a.warc.gz", model)
    assert report.status == "failed"
    assert report.reason is not None
    assert "the server answered 503" in report.reason
    assert (report.kept, report.responses) == (0, 0)


# ---------------------------------------------------------------- a page


def response_of(body: bytes, status: int | None = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(0, 1, "https://example.org/", None, status, named, body, cut=False)


def outcome(body: bytes, status: int | None = 200, **headers: str) -> str:
    """`page`, or why it is none."""
    page = read_page(response_of(body, status, **headers), LIMIT, min_words=3)
    return page if isinstance(page, str) else "page"


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/html", "page"),
        ("Text/HTML;charset=utf-8", "page"),
        ("text/html, text/html; charset=utf-8", "page"),
        ("application/xhtml+xml", "page"),
        ("", "page"),
        ("application/pdf", "not_html"),
        ("text/plain", "not_html"),
        ("image/png; charset=utf-8", "not_html"),
    ],
)
def test_the_content_type_decides_and_without_one_the_beginning(content_type: str, expected: str) -> None:
    assert outcome(b"<p>three plain words", content_type=content_type) == expected


def test_without_a_content_type_only_markup_is_a_page() -> None:
    assert outcome(b" \r\n<p>three plain words") == "page"
    assert outcome(b"three plain words") == "not_html"


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.4 three plain words",
        b"\x89PNG\r\n\x1a\n three plain words",
        b"\xff\xd8\xff\xe0 three plain words",
        b"GIF89a three plain words",
        b"PK\x03\x04 three plain words",
        b"\x1f\x8b\x08\x00broken three plain words",
        gzip.compress(b"%PDF-1.4 three plain words"),
    ],
)
def test_other_formats_under_the_name_of_html_are_no_pages(body: bytes) -> None:
    assert outcome(body, content_type="text/html") == "not_html"


def test_a_page_that_inflates_to_nothing_is_empty() -> None:
    assert outcome(gzip.compress(b""), content_type="text/html", content_encoding="gzip") == "empty"


@pytest.mark.parametrize(
    ("status", "reason"), [(None, "no_http"), (301, "status_3xx"), (404, "status_4xx"), (503, "status_5xx")]
)
def test_only_status_200_is_a_page(status: int | None, reason: str) -> None:
    assert outcome(b"<p>three plain words", status) == reason


def test_words_are_counted_as_the_classifier_counts_them() -> None:
    assert outcome("<p>two\u00a0words only".encode(), content_type="text/html") == "short"
    assert outcome(b"<p>three plain words", content_type="text/html") == "page"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "100,000 nested tags": lambda: b"<div>" * 100_000 + b"three plain words",
    "zeros": lambda: b"<p>three plain words" + bytes(LIMIT - 20),
    "zeros between letters": lambda: b"<p>" + b"w\0o\0r\0d\0 " * 1_800_000,
    "16 MB of <b>": lambda: b"<b>" * (LIMIT // 3),
    "1,500,000 attributes": lambda: b"<p " + b" ".join(b"a%d" % n for n in range(1_500_000)) + b">three plain words",
    "16 MB in one word": lambda: b"<p>" + b"x" * (LIMIT - 3),
    "16 MB of entities": lambda: b"<p>" + b"&lt; " * (LIMIT // 5 - 1),
    "16 MB without an end of a tag": lambda: b"<p>three plain words <a href='" + b"x" * (LIMIT - 40),
    "16 MB of a comment": lambda: b"<p>three plain words <!--" + b"-" * (LIMIT - 40),
    "16 MB of <": lambda: b"<" * LIMIT,
    "16 MB of bytes that are no text": lambda: bytes(range(256)) * (LIMIT // 256),
}


def read_hostile(body: bytes) -> str:
    return outcome(body, content_type="text/html")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("100,000 nested tags", "page"),
        ("zeros", "page"),
        ("zeros between letters", "page"),
        ("16 MB of <b>", "short"),
        ("1,500,000 attributes", "page"),
        ("16 MB in one word", "short"),
        ("16 MB of entities", "page"),
        ("16 MB without an end of a tag", "page"),
        ("16 MB of a comment", "page"),
        ("16 MB of <", "short"),
        ("16 MB of bytes that are no text", "page"),
    ],
)
def test_no_page_takes_long_or_all_memory(kind: str, expected: str) -> None:
    read = measured(read_hostile, HOSTILE[kind]())
    assert read.value == expected
    assert read.seconds < 4
    assert read.grown_mb < 256


def read_100_mb(folder: Path) -> tuple[str, dict[str, int], list[int]]:
    body = http(b"<p>word " * 13_000_000)
    member_of_100_mb = member(record("response", url(2), body))
    del body
    (folder / "a.warc.gz").write_bytes(stored(1, html(GOOD)) + member_of_100_mb + stored(3, html(GOOD)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model = load(next(folder.glob("model*.bin")))
    pages, report = rows(str(folder), "a.warc.gz", model)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return report.status, dict(report.skipped), [len(pages), grown]


def test_a_page_of_100_mb_is_too_large_and_costs_no_other(tmp_path: Path) -> None:
    trained(tmp_path)
    status, skipped, (kept, grown_kb) = measured(read_100_mb, tmp_path).value
    assert (status, skipped, kept) == ("done", {"too_large": 1}, 2)
    assert grown_kb < 100_000
