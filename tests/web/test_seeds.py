"""Pages of labelled sites."""

from pathlib import Path

import pytest

from mammoth_spark.config import Http, Pages
from mammoth_spark.web.seeds import SeedCandidate, seed_candidates, site_labels
from tests.web.warc_builder import http, member, record, request, response, url

HTTP = Http()
PAGES = Pages(min_words=5)


def labels_of(folder: Path, content: str | bytes) -> dict[str, str]:
    path = folder / "sites.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return site_labels(str(path), HTTP)


def test_sites_are_labelled_by_their_root(tmp_path: Path) -> None:
    content = "site,label\r\nexam.org,positive\nwww.Shop.example.com,negative\n https://name.github.io/x , positive \n"
    expected = {"exam.org": "positive", "example.com": "negative", "name.github.io": "positive"}
    assert labels_of(tmp_path, content) == expected
    assert labels_of(tmp_path, b"\xef\xbb\xbf" + content.encode()) == expected
    assert labels_of(tmp_path, "note,label,site\nx,positive,a.org\ny,positive,a.org\n") == {"a.org": "positive"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "names no site"),
        ("site,label\n", "names no site"),
        ("exam.org,positive\nshop.org,negative\n", "line 2: needs a site and a label"),
        (
            "site,label\nexam.org,good\n",
            "line 2: needs a site and a label, positive or negative; it has site='exam.org'",
        ),
        ("site,label\na.org,positive\nexam.org\n", "line 3: needs a site"),
        ("site,label\n/,positive\n", "line 2: needs a site"),
        ("site,label\na.org,positive\nwww.a.org,negative\n", r"line 3: a\.org is labelled positive and negative"),
        ("site,label\na.org,positive\n" + "x" * 200_000 + ",positive\n", "line 3: is not CSV"),
        (b"site,label\ncaf\xe9.org,positive\n", "is not text in UTF-8"),
    ],
)
def test_a_list_of_sites_that_cannot_be_meant_is_refused(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        labels_of(tmp_path, content)
    assert str(caught.value).startswith(str(tmp_path / "sites.csv"))


def candidates_of(folder: Path, stored: bytes, labels: dict[str, str]) -> list[SeedCandidate]:
    (folder / "a.warc.gz").write_bytes(stored)
    return list(seed_candidates("a.warc.gz", str(folder), labels, PAGES, HTTP))


def test_a_page_of_a_labelled_site_gives_one_line_of_words(tmp_path: Path) -> None:
    html = b"<title>T</title><p>one\0 two\n three <script>x</script>four __label__five caf\xe9 </s>"
    stored = member(request(1)) + member(record("response", url(1), http(html)))
    found = candidates_of(tmp_path, stored, {"example.org": "positive"})
    assert found == [
        SeedCandidate(
            warc_file="a.warc.gz",
            warc_offset=len(member(request(1))),
            warc_length=len(stored) - len(member(request(1))),
            url="https://site1.example.org/page",
            root_url="example.org",
            label="positive",
            language=found[0].language,
            words=len(found[0].text.split()),
            text=found[0].text,
        )
    ]
    assert found[0].text.replace("\ufffd", " ").split() == ["T", "one", "two", "three", "four", "five", "café"]
    assert "\n" not in found[0].text


def test_a_page_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    stored = b"".join(
        [
            member(record("response", url(1), http(b"<p>too few", status="200 OK"))),
            member(record("response", url(2), http(b"<p>gone", status="404 Not Found"))),
            member(record("response", url(3), http(b"%PDF-1.4"))),
            member(response(4)),
        ]
    )
    found = candidates_of(tmp_path, stored, {"example.org": "negative"})
    assert [one.reason for one in found] == ["short", "status_4xx", "not_html", None]
    assert {one.label for one in found} == {"negative"}


def test_other_sites_are_passed_over(tmp_path: Path) -> None:
    assert candidates_of(tmp_path, member(response(1)) + member(response(2)), {"elsewhere.org": "positive"}) == []


def test_a_file_that_fails_gives_one_candidate_with_the_reason(tmp_path: Path) -> None:
    failed = list(seed_candidates("missing.warc.gz", str(tmp_path), {"example.org": "positive"}, PAGES, HTTP))
    assert [(one.warc_file, one.url, one.label) for one in failed] == [("missing.warc.gz", "", "")]
    assert failed[0].reason == f"{tmp_path}/missing.warc.gz: there is no such file; check the path."
