"""Lists of WARC paths."""

import gzip
from pathlib import Path

import pytest

from mammoth_spark.config import Crawl, Http
from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.manifest import warc_paths
from tests.web.http_server import FileServer

HTTP = Http()


def paths_of(folder: Path, *contents: bytes, limit: int = 0) -> list[str]:
    names = []
    for number, content in enumerate(contents):
        names.append(str(folder / f"{number}.paths"))
        Path(names[-1]).write_bytes(content)
    return warc_paths(Crawl(manifests=names, limit=limit), HTTP)


@pytest.mark.parametrize("store", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_a_manifest_names_a_path_a_line(tmp_path: Path, store: type[bytes]) -> None:
    content = "# a comment\r\na.warc.gz\r\n\r\n  b.warc.gz  \n  # indented\nc d ü.warc.gz\na.warc.gz\n\n".encode()
    assert paths_of(tmp_path, store(content)) == ["a.warc.gz", "b.warc.gz", "c d ü.warc.gz"]


def test_the_last_line_needs_no_end_and_the_first_may_have_a_mark(tmp_path: Path) -> None:
    assert paths_of(tmp_path, b"\xef\xbb\xbfa\nb") == ["a", "b"]


def test_manifests_are_read_in_order_and_each_path_once(tmp_path: Path) -> None:
    assert paths_of(tmp_path, b"b\na\n", gzip.compress(b"c\nb\n"), b"a\nd\n") == ["b", "a", "c", "d"]


def test_a_limit_takes_the_first_of_all(tmp_path: Path) -> None:
    assert paths_of(tmp_path, b"b\na\n", b"c\n", limit=2) == ["b", "a"]
    assert paths_of(tmp_path, b"b\na\n", b"c\n", limit=9) == ["b", "a", "c"]


def test_a_manifest_may_come_in_several_members(tmp_path: Path) -> None:
    assert paths_of(tmp_path, gzip.compress(b"a\n") + gzip.compress(b"b\n")) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "names no file"),
        (b"\n \r\n# nothing\n", "names no file"),
        (gzip.compress(b"", mtime=0), "names no file"),
        (gzip.compress(b"a.warc.gz\n" * 50, mtime=0)[:-9], "is damaged"),
        (gzip.compress(b"a.warc.gz\n" * 50, mtime=0)[:20], "is damaged"),
        (gzip.compress(b"a.warc.gz\n" * 50, mtime=0)[:-6] + b"\0\0\0\0\0\0", "is damaged"),
        (b"\x1f\x8bnot gzip", "is damaged"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is no list of paths"),
        (b"a.warc.gz\0b.warc.gz\n", "is no list of paths"),
        ("a.warc.gz\n".encode("utf-16"), "is no list of paths"),
    ],
)
def test_what_is_no_manifest_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        paths_of(tmp_path, b"sound.warc.gz\n", content)
    assert str(caught.value).startswith(str(tmp_path / "1.paths"))


def test_a_manifest_that_inflates_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mammoth_spark.web.manifest._LIMIT", 1 << 20)
    with pytest.raises(ValueError, match="inflates to more than 1048576 bytes"):
        paths_of(tmp_path, gzip.compress(b"\n" * (2 << 20)))


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"no\.paths: there is no such file"):
        warc_paths(Crawl(manifests=[str(tmp_path / "no.paths")]), HTTP)


@pytest.mark.parametrize("path", ["/etc/passwd", "file:/etc/passwd", "dbfs:/Volumes/a"])
def test_a_manifest_from_elsewhere_names_no_path_of_this_machine(path: str) -> None:
    with FileServer(f"a.warc.gz\n{path}\n".encode()) as server:
        address = f"{server.url}/warc.paths?signature=secret"
        with pytest.raises(ValueError, match="comes from elsewhere and names") as caught:
            warc_paths(Crawl(manifests=[address]), HTTP)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["https://a.org/a.warc.gz?signature=secret", "https://me:secret@a.org/a.warc.gz"])
def test_a_path_that_holds_a_secret_is_refused_without_showing_it(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="give plain URLs") as caught:
        paths_of(tmp_path, f"{path}\n".encode())
    assert "secret" not in str(caught.value).replace("may be secret", "")


def test_a_manifest_may_lie_behind_http() -> None:
    with FileServer(gzip.compress(b"a.warc.gz\nb.warc.gz\n")) as server:
        assert warc_paths(Crawl(manifests=[server.url + "/warc.paths.gz"]), HTTP) == ["a.warc.gz", "b.warc.gz"]
