"""Files by any path: on the local disk, on an S3 server on loopback, and behind HTTP."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from mammoth_spark.config import Http
from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.storage import get_file, join, open_path, put_file, read_bytes
from tests.s3_server import s3_server
from tests.web.http_server import FileServer, Reply

BODY = random.Random(7).randbytes(5_000_000)
QUICK = Http(attempts=5, backoff_s=0.01, backoff_cap_s=0.02, restarts_per_s=1000)


# ---------------------------------------------------------------- local paths


@pytest.mark.parametrize("spelling", ["{}", "file://{}", "file:{}"])
def test_local_spellings_open_the_same_file(tmp_path: Path, spelling: str) -> None:
    (tmp_path / "a.bin").write_bytes(b"content")
    with open_path(spelling.format(tmp_path / "a.bin"), QUICK) as file:
        assert file.read(3) == b"con"
        file.seek(1)
        assert file.read() == b"ontent"


def test_a_file_url_may_be_percent_encoded(tmp_path: Path) -> None:
    (tmp_path / "a b.bin").write_bytes(b"content")
    assert read_bytes((tmp_path / "a b.bin").as_uri(), 100, QUICK) == b"content"


def test_a_volume_of_databricks_is_a_folder() -> None:
    with pytest.raises(FetchError) as caught:
        open_path("dbfs:/Volumes/no/such/file", QUICK)
    assert caught.value.kind == "not_found"
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert caught.value.__cause__.filename == "/Volumes/no/such/file"


@pytest.mark.parametrize("path", ["dbfs:/elsewhere/a", "gs://bucket/a", "hdfs://host/a"])
def test_other_places_are_refused(path: str) -> None:
    with pytest.raises(FetchError) as caught:
        open_path(path, QUICK)
    assert caught.value.kind == "scheme"


def test_a_folder_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="name a file") as caught:
        open_path(str(tmp_path), QUICK)
    assert caught.value.kind == "is_a_directory"
    with pytest.raises(FetchError, match="there is no such file") as caught:
        open_path(str(tmp_path / "missing"), QUICK)
    assert caught.value.kind == "not_found"


def test_read_bytes_refuses_what_is_larger_than_expected(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_bytes(str(tmp_path / "a"), 5, QUICK) == b"12345"
    with pytest.raises(FetchError) as caught:
        read_bytes(str(tmp_path / "a"), 4, QUICK)
    assert caught.value.kind == "too_large"


def test_put_file_makes_folders_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "old").write_bytes(b"old")
    put_file(tmp_path / "source", str(tmp_path / "lake" / "old"))
    put_file(tmp_path / "source", (tmp_path / "lake" / "deep" / "er" / "file").as_uri())
    assert (tmp_path / "lake" / "old").read_bytes() == b"new"
    assert (tmp_path / "lake" / "deep" / "er" / "file").read_bytes() == b"new"
    assert sorted(path.name for path in (tmp_path / "lake").iterdir()) == ["deep", "old"]


def test_put_file_names_what_stands_in_its_way(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "folder").mkdir()
    for source, target, kind in [
        ("source", "folder", "is_a_directory"),
        ("missing", "target", "not_found"),
        ("source", "source/below", "disk"),
    ]:
        with pytest.raises(FetchError) as caught:
            put_file(tmp_path / source, str(tmp_path / target))
        assert caught.value.kind == kind
    with pytest.raises(FetchError) as caught:
        put_file(tmp_path / "source", "https://data.example.org/a")
    assert caught.value.kind == "scheme"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "source"]


def test_get_file_brings_a_remote_file_whole_or_not_at_all(tmp_path: Path) -> None:
    with FileServer(BODY, [Reply(), *[Reply(stop_after=1000, then="close")] * 9]) as server:
        get_file(server.url + "/a", tmp_path / "new" / "a", QUICK)
        with pytest.raises(FetchError):
            get_file(server.url + "/a", tmp_path / "new" / "b", QUICK)
    assert (tmp_path / "new" / "a").read_bytes() == BODY
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a"]


def test_paths_are_joined_below_their_base() -> None:
    assert join("https://data.example.org/", "crawl/warc.paths.gz") == "https://data.example.org/crawl/warc.paths.gz"
    assert join("s3://bucket", "crawl/a") == "s3://bucket/crawl/a"
    assert join("folder/of/ours", "a") == "folder/of/ours/a"
    assert join("s3://bucket", "/data/a") == "/data/a"
    assert join("s3://bucket", "https://data.example.org/a") == "https://data.example.org/a"
    assert join("s3://bucket", "dbfs:/Volumes/a") == "dbfs:/Volumes/a"


@pytest.mark.parametrize("relative", ["../a", "a/../../b", "..", "a/%2e%2E/b"])
def test_a_path_that_climbs_is_refused(relative: str) -> None:
    with pytest.raises(ValueError, match="leaves its base"):
        join("s3://bucket/folder", relative)


# ---------------------------------------------------------------- S3


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with s3_server("lake") as client:
        client.put_object(Bucket="lake", Key="crawl=1/a%20b c.bin", Body=BODY)
        client.put_object(Bucket="lake", Key="crawl=1/empty", Body=b"")
        yield "s3://lake"


def test_an_object_is_read_whole(bucket: str) -> None:
    assert read_bytes(bucket + "/crawl=1/a%20b c.bin", 10**7, QUICK) == BODY
    assert read_bytes(bucket + "/crawl=1/empty", 10**7, QUICK) == b""
    assert read_bytes("s3a://lake/crawl=1/a%20b c.bin", 10**7, QUICK) == BODY


def test_an_object_can_be_sought_in(bucket: str) -> None:
    with open_path(bucket + "/crawl=1/a%20b c.bin", QUICK) as file:
        assert file.read(600_000) == BODY[:600_000]
        file.seek(3_000_000)
        assert file.read(1000) == BODY[3_000_000:3_001_000]
        file.seek(-10, os.SEEK_END)
        assert file.read() == BODY[-10:]
        file.seek(5)
        assert file.read(700_000) == BODY[5:700_005]
        file.seek(9_000_000)
        assert file.read() == b""


def test_a_missing_object_is_told_at_once(bucket: str) -> None:
    for path in (bucket + "/missing", "s3://no-such-bucket/a"):
        with pytest.raises(FetchError) as caught:
            open_path(path, QUICK)
        assert caught.value.kind == "not_found"


@pytest.mark.parametrize("prefix", ["", "/crawl=1/"])
def test_a_prefix_is_no_object(bucket: str, prefix: str) -> None:
    with pytest.raises(FetchError) as caught:
        open_path(bucket + prefix, QUICK)
    assert caught.value.kind == "is_a_directory"


def test_put_file_and_get_file_carry_an_object_there_and_back(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(BODY)
    put_file(tmp_path / "there", bucket + "/deep/er/a")
    get_file(bucket + "/deep/er/a", tmp_path / "back", QUICK)
    assert (tmp_path / "back").read_bytes() == BODY


def test_an_upload_that_breaks_off_leaves_no_object(bucket: str, tmp_path: Path) -> None:
    unreadable = Path("/proc/self/mem")  # It opens, and its first byte cannot be read.
    for target in (bucket + "/broken", str(tmp_path / "broken")):
        with pytest.raises(FetchError):
            put_file(unreadable, target)
        with pytest.raises(FetchError, match="there is no such"):
            open_path(target, QUICK)
    assert list(tmp_path.iterdir()) == []


def test_put_file_into_a_bucket_that_does_not_exist_says_so(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(FetchError) as caught:
        put_file(tmp_path / "a", "s3://no-such-bucket/a")
    assert caught.value.kind == "not_found"
