"""Pages of labelled sites."""

from pathlib import Path
from typing import Any

from mammoth_spark.config import Http, Pages
from mammoth_spark.web.seeds import SeedCandidate, Wanted, seed_candidates, some_files
from mammoth_spark.web.site_lists import SiteLabels
from tests.web.warc_builder import http, member, record, request, response, url

HTTP = Http()
PAGES = Pages(min_words=5)


def candidates_of(
    folder: Path, stored: bytes, labels: dict[str, str], languages: tuple[str, ...] = (), **general: Any
) -> list[SeedCandidate]:
    (folder / "a.warc.gz").write_bytes(stored)
    wanted = Wanted(SiteLabels(labels), "site_list", **general)
    return list(seed_candidates("a.warc.gz", str(folder), wanted, PAGES, languages, HTTP))


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
            source="site_list",
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


def test_of_other_sites_a_share_is_drawn_the_same_whoever_draws(tmp_path: Path) -> None:
    page = http(b"<p>one two three four five")
    stored = b"".join(member(record("response", f"https://a{number}.org/", page)) for number in range(200))
    found = candidates_of(tmp_path, stored, {}, share=0.3)
    assert 40 < len(found) < 80
    assert {(one.label, one.source) for one in found} == {("negative", "random")}
    assert candidates_of(tmp_path, stored, {}, share=0.3) == found
    more = candidates_of(tmp_path, stored, {}, share=0.6)
    assert {one.url for one in found} < {one.url for one in more}
    first = found[0].root_url
    others = candidates_of(tmp_path, stored, {}, share=1.0, without=frozenset({first}))
    assert len(others) == 199
    labelled = candidates_of(tmp_path, stored, {first: "positive"}, share=1.0)
    assert [one.label for one in labelled if one.root_url == first] == ["positive"]


def test_pages_in_other_languages_are_dropped_with_their_reason(tmp_path: Path) -> None:
    english = b"<p>This is what the teacher said to the children when they were all in the room"
    stored = member(record("response", url(1), http(english)))
    found = candidates_of(tmp_path, stored, {"example.org": "positive"}, languages=("de",))
    assert [(one.reason, one.text) for one in found] == [("language", "")]
    assert candidates_of(tmp_path, stored, {"example.org": "positive"}, languages=("en",))[0].reason is None


def test_files_are_drawn_by_hash() -> None:
    names = [f"{number}.warc.gz" for number in range(50)]
    some = some_files(names, 5)
    assert some == some_files(names[::-1], 5)
    assert len(set(some)) == 5
    assert some_files(names, 0) == names


def test_a_file_that_fails_gives_one_candidate_with_the_reason(tmp_path: Path) -> None:
    wanted = Wanted(SiteLabels({"example.org": "positive"}), "site_list")
    failed = list(seed_candidates("missing.warc.gz", str(tmp_path), wanted, PAGES, (), HTTP))
    assert [(one.warc_file, one.url, one.label) for one in failed] == [("missing.warc.gz", "", "")]
    assert failed[0].reason == f"{tmp_path}/missing.warc.gz: there is no such file; check the path."
