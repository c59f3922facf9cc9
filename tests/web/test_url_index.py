"""Which records the URL index names for chosen sites."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mammoth_spark.config import Http
from mammoth_spark.demo.url_index import SCHEMA
from mammoth_spark.web.url_index import ChosenSites, Place, places

HTTP = Http()
CHOSEN = ChosenSites(
    sites={"exam.org", "name.github.io", "127.0.0.1"},
    parts={"exam.org/shop/*": False, "mixed.org/questions/*": True},
    domains={"exam.org", "name.github.io", "127.0.0.1", "mixed.org"},
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
        row("http://127.0.0.1/a", None, None),
        row("https://elsewhere.net/", "elsewhere.net", "elsewhere.net"),
    ]
    assert found(tmp_path, *rows) == [
        "https://www.exam.org/q/1",
        "https://mixed.org/questions/1",
        "https://name.github.io/a",
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


def test_a_place_names_file_offset_and_length(tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    pq.write_table(pa.Table.from_pylist([row("https://exam.org/", "exam.org", "exam.org")], SCHEMA), path)
    assert list(places(str(path), CHOSEN, (), HTTP)) == [Place("a.warc.gz", 10, 20, "https://exam.org/")]


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"url": ["x"]}), path)
    with pytest.raises(ValueError, match="is no URL index: it has no column url_host_registered_domain"):
        list(places(str(path), CHOSEN, (), HTTP))
