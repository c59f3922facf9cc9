"""Which records the URL index names for chosen sites."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from resiliparse.parse.lang import supported_langs

from mammoth_spark.config import Http
from mammoth_spark.demo.url_index import SCHEMA
from mammoth_spark.web.url_index import LONG_NAMES, ChosenSites, Place, index_files, places

HTTP = Http()
CHOSEN = ChosenSites(
    sites={"exam.org", "name.github.io", "name.wordpress.com", "127.0.0.1"},
    parts={"exam.org/shop/*": False, "mixed.org/questions/*": True},
    domains={"exam.org", "name.github.io", "name.wordpress.com", "127.0.0.1", "mixed.org"},
)


def row(url: str, registered: str | None, private: str | None, **other: object) -> dict[str, object]:
    usual = {
        "fetch_status": 200,
        "content_mime_detected": "text/html",
        "content_languages": "eng,deu",
        "warc_filename": "a.warc.gz",
        "warc_record_offset": 10,
        "warc_record_length": 20,
    }
    return usual | {"url": url, "url_host_registered_domain": registered, "url_host_private_domain": private} | other


def found(folder: Path, *rows: dict[str, object], languages: tuple[str, ...] = ()) -> list[str]:
    path = folder / "index.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows), SCHEMA), path)
    return [place.url for place in places(str(path), CHOSEN, languages, HTTP)]


def test_pages_of_chosen_sites_and_parts_are_found(tmp_path: Path) -> None:
    rows = [
        row("https://www.exam.org/q/1", "exam.org", "exam.org"),
        row("https://exam.org/shop/1", "exam.org", "exam.org"),
        row("https://mixed.org/questions/1", "mixed.org", "mixed.org"),
        row("https://mixed.org/news/1", "mixed.org", "mixed.org"),
        row("https://name.github.io/a", "github.io", "name.github.io"),
        row("https://other.github.io/a", "github.io", "other.github.io"),
        # The index does not know that people share this domain.
        row("https://name.wordpress.com/a", "wordpress.com", "wordpress.com"),
        row("https://other.wordpress.com/a", "wordpress.com", "wordpress.com"),
        row("http://127.0.0.1/a", None, None),
        row("https://elsewhere.net/", "elsewhere.net", "elsewhere.net"),
    ]
    assert found(tmp_path, *rows) == [
        "https://www.exam.org/q/1",
        "https://mixed.org/questions/1",
        "https://name.github.io/a",
        "https://name.wordpress.com/a",
        "http://127.0.0.1/a",
    ]


def test_only_html_that_was_fetched_and_in_the_languages(tmp_path: Path) -> None:
    def page(number: int, **other: object) -> dict[str, object]:
        return row(f"https://exam.org/{number}", "exam.org", "exam.org", **other)

    rows = [
        page(1),
        page(2, fetch_status=404),
        page(3, content_mime_detected="application/pdf"),
        page(4, content_mime_detected="application/xhtml+xml"),
        page(5, content_languages="deu,eng"),
        page(6, content_languages=None),
    ]
    assert found(tmp_path, *rows) == [f"https://exam.org/{number}" for number in (1, 4, 5, 6)]
    assert found(tmp_path, *rows, languages=("en",)) == [f"https://exam.org/{number}" for number in (1, 4, 6)]


def test_what_the_index_lacks_is_a_place_without_a_record(tmp_path: Path) -> None:
    lacking = {"warc_record_offset": None, "warc_record_length": None}
    rows = [row("https://exam.org/a", "exam.org", "exam.org", **lacking), row("https://exam.org/b", "exam.org", None)]
    rows[1] |= {"warc_record_offset": -4, "warc_record_length": -1}
    rows.append(row("https://exam.org/c", "exam.org", "exam.org", warc_filename=None))
    path = tmp_path / "index.parquet"
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
    assert [(place.warc_offset, place.warc_length) for place in places(str(path), CHOSEN, (), HTTP)] == [(0, 0), (0, 0)]


def test_a_language_that_the_index_has_no_name_for_is_refused(tmp_path: Path) -> None:
    assert set(supported_langs()) <= LONG_NAMES.keys()
    with pytest.raises(ValueError, match=r"recall\.languages: 'eng' is no language of the index; write it"):
        found(tmp_path, row("https://exam.org/a", "exam.org", "exam.org"), languages=("eng",))


def test_of_a_crawls_index_only_the_pages_part_is_read(tmp_path: Path) -> None:
    for subset in ("warc", "robotstxt", "crawldiagnostics"):
        folder = tmp_path / "crawl=CC-MAIN-2024-10" / f"subset={subset}"
        folder.mkdir(parents=True)
        (folder / "part-0.parquet").touch()
    (file,) = index_files([str(tmp_path)], "", HTTP)
    assert file.endswith("/subset=warc/part-0.parquet")


def test_a_place_names_file_offset_and_length(tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    pq.write_table(pa.Table.from_pylist([row("https://exam.org/", "exam.org", "exam.org")], SCHEMA), path)
    assert list(places(str(path), CHOSEN, (), HTTP)) == [Place("a.warc.gz", 10, 20, "https://exam.org/")]


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"url": ["x"]}), path)
    with pytest.raises(ValueError, match="is no URL index: it has no column url_host_registered_domain"):
        list(places(str(path), CHOSEN, (), HTTP))
