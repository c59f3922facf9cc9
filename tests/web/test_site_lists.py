"""Lists of sites that people write."""

from pathlib import Path

import pytest

from mammoth_spark.config import Http
from mammoth_spark.web.site_lists import (
    SiteLabels,
    Start,
    blocked_sites,
    is_blocked,
    persons_verdicts,
    site_labels,
    starts,
)

HTTP = Http()


def labels_of(folder: Path, content: str | bytes) -> SiteLabels:
    path = folder / "sites.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return site_labels(str(path), HTTP)


def test_sites_are_labelled_by_their_root(tmp_path: Path) -> None:
    content = "site,label\r\nexam.org,positive\nwww.Example.com,negative\n https://name.github.io/ , positive \n"
    expected = SiteLabels({"exam.org": "positive", "example.com": "negative", "name.github.io": "positive"})
    assert labels_of(tmp_path, content) == expected
    assert labels_of(tmp_path, b"\xef\xbb\xbf" + content.encode()) == expected
    twice = "note,label,site\nx,positive,a.org\ny,positive,a.org\n"
    assert labels_of(tmp_path, twice) == SiteLabels({"a.org": "positive"})


def test_a_part_of_a_site_has_a_label_of_its_own(tmp_path: Path) -> None:
    lines = ("site,label", "exam.org,negative", "math.exam.org/q/*,positive", "math.exam.org/q/meta/*,negative")
    labels = labels_of(tmp_path, "\n".join(lines))
    assert labels.roots == {"exam.org"}
    for address, label in (
        ("https://math.exam.org/q/1", "positive"),
        ("https://math.exam.org/q/meta/1", "negative"),
        ("https://math.exam.org/questions", "negative"),
        ("https://exam.org/q/1", "negative"),
        ("https://www.exam.org/", "negative"),
    ):
        assert labels.label_of(address, "exam.org") == label
    assert labels.label_of("https://other.org/q/1", "other.org") is None


def test_a_crawl_begins_once_a_site(tmp_path: Path) -> None:
    path = tmp_path / "starts.csv"
    path.write_text("start,discipline\nhttps://www.exam.org/quiz,mathematics\nhttp://b.org/,law\n")
    assert starts(str(path), HTTP) == [
        Start("https://www.exam.org/quiz", "exam.org", "mathematics"),
        Start("http://b.org/", "b.org", "law"),
    ]
    path.write_text("start,discipline\nhttps://exam.org/,law\nhttps://www.exam.org/,law\n")
    with pytest.raises(ValueError, match=r"line 3: exam\.org begins twice"):
        starts(str(path), HTTP)
    path.write_text("start,discipline\nexam.org,law\n")
    with pytest.raises(ValueError, match="line 2: a crawl begins at an address such as"):
        starts(str(path), HTTP)


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
        ("site,label\n/,positive\n", "line 2: '/' is no site"),
        ("site,label\na.org,positive\nwww.a.org,negative\n", r"line 3: a\.org is labelled positive and negative"),
        ("site,label\na.org/q/*,positive\na.org/q/*,negative\n", r"line 3: a\.org/q/\* is labelled positive and neg"),
        ("site,label\na.org/quiz,positive\n", r"'a\.org/quiz' is one page; write a\.org/quiz/\* for all below it"),
        ("site,label\nmath.a.org,positive\n", r"math\.a\.org is a part of a\.org; write math\.a\.org/\* for the part"),
        ("site,label\na.org,positive\n" + "x" * 200_000 + ",positive\n", "line 3: is not CSV"),
        (b"site,label\ncaf\xe9.org,positive\n", "is not text in UTF-8"),
    ],
)
def test_a_list_of_sites_that_cannot_be_meant_is_refused(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        labels_of(tmp_path, content)
    assert str(caught.value).startswith(str(tmp_path / "sites.csv"))


def verdicts_of(folder: Path, content: str) -> dict[str, tuple[str, str]]:
    path = folder / "verdicts.csv"
    path.write_text(content)
    return persons_verdicts(str(path), HTTP)


def test_a_person_decides_of_sites_and_of_their_parts(tmp_path: Path) -> None:
    content = "site,verdict,reason\nwww.Exam.org,selected,I know it\nhttps://exam.org/shop/*,rejected,\nbücher.org,selected,\n"
    assert verdicts_of(tmp_path, content) == {
        "exam.org": ("selected", "I know it"),
        "exam.org/shop/*": ("rejected", ""),
        "xn--bcher-kva.org": ("selected", ""),
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("exam.org,select,", "needs a site and a verdict, selected or rejected; it has site='exam.org', verdict='se"),
        ("exam.org/forum,selected,", r"is one page; write exam\.org/forum/\* for all below it"),
        ("exam.org/forum/new/*,selected,", r"judged by their first folders, as exam\.org/forum/\*"),
        ("exam.org/*,selected,", r"judged by their first folders, as exam\.org/forum/\*"),
        ("a.org,rejected,", "a.org is selected and rejected"),
    ],
)
def test_a_verdict_that_cannot_be_meant_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        verdicts_of(tmp_path, f"site,verdict,reason\na.org,selected,\n{line}\n")
    assert "verdicts.csv, line 3: " in str(caught.value)


def test_the_list_that_comes_with_the_suite_can_be_read() -> None:
    labels = site_labels("conf/seeds/sites.csv", HTTP)
    assert labels.label_of("https://math.stackexchange.com/questions/1/why", "stackexchange.com") == "positive"
    assert labels.label_of("https://math.stackexchange.com/users/1", "stackexchange.com") is None
    assert len(labels.roots) > 20


def test_a_blocked_domain_stands_for_what_is_below_it(tmp_path: Path) -> None:
    path = tmp_path / "blocked.txt"
    path.write_text("# a comment\nexample.org\n0.0.0.0 Bad.Example.com # of a hosts file\n\n*.wide.net.\n")
    blocked = blocked_sites(str(path), HTTP)
    assert blocked == {"example.org", "bad.example.com", "wide.net"}
    for url in (
        "https://example.org/a",
        "http://www.EXAMPLE.org:80/",
        "https://bad.example.com/",
        "https://a.wide.net/",
    ):
        assert is_blocked(url, blocked)
    for url in ("https://notexample.org/", "https://example.com/", "https://org/", "nothing"):
        assert not is_blocked(url, blocked)


def test_a_line_that_is_no_domain_is_told(tmp_path: Path) -> None:
    path = tmp_path / "blocked.txt"
    path.write_text("https://example.org/page\n")
    with pytest.raises(ValueError, match="is no domain"):
        blocked_sites(str(path), HTTP)
