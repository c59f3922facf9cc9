"""Parts of files by offset and length, from a disk, over HTTP and from S3, whatever the store does meanwhile."""

import random
from pathlib import Path

import pytest

from mammoth_spark.config import Http
from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.ranges import ranges_of
from tests.s3_server import s3_server
from tests.web.http_server import FileServer, Reply

BODY = random.Random(1).randbytes(100_000)
QUICK = Http(user_agent="test (me@example.org)", backoff_s=0.01, backoff_cap_s=0.02, attempts=4, read_timeout_s=1.0)


def test_a_local_files_parts(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(BODY)
    with ranges_of(str(tmp_path / "a"), QUICK) as read:
        assert read(500, 100) == BODY[500:600]
        assert read(0, 10) == BODY[:10]
        assert read(99_990, 100) == BODY[99_990:]
        assert read(200_000, 10) == b""


def test_parts_of_an_object_on_s3() -> None:
    with s3_server("crawl") as client:
        client.put_object(Bucket="crawl", Key="part a/b.gz", Body=BODY)
        with ranges_of("s3://crawl/part a/b.gz", QUICK) as read:
            assert read(500, 100) == BODY[500:600]
            assert read(99_990, 100) == BODY[99_990:]
            assert read(200_000, 10) == b""
        with pytest.raises(FetchError, match="there is no such object") as caught, ranges_of("s3://crawl/c", QUICK):
            pass
        assert caught.value.kind == "not_found"


def test_a_remote_files_parts_are_asked_for_one_by_one() -> None:
    with FileServer(BODY) as server:
        with ranges_of(server.url + "/a", QUICK) as read:
            assert read(500, 100) == BODY[500:600]
            assert read(99_990, 100) == BODY[99_990:]
            assert read(200_000, 10) == b""
        assert [request.headers["Range"] for request in server.requests] == [
            "bytes=500-599",
            "bytes=99990-100089",
            "bytes=200000-200009",
        ]
        assert server.requests[0].headers["User-Agent"] == "test (me@example.org)"


@pytest.mark.parametrize(
    "faults",
    [
        [Reply(status=503), Reply(status=503)],
        [Reply(status=429, headers={"Retry-After": "0"})],
        [Reply(stop_after=50, then="reset")],
        [Reply(stop_after=50, then="close")],
        [Reply(status=200)],
        [Reply(stop_after=50, then="stall")],
    ],
)
def test_a_store_that_fails_for_a_while_gives_the_same_bytes(faults: list[Reply]) -> None:
    with FileServer(BODY, faults) as server:
        with ranges_of(server.url + "/a", QUICK) as read:
            assert read(500, 100) == BODY[500:600]
        assert len(server.requests) == len(faults) + 1


def test_a_store_that_fails_for_good_is_given_up_with_its_reason() -> None:
    with (
        FileServer(BODY, [Reply(status=503)] * 9) as server,
        ranges_of(server.url + "/a?token=secret", QUICK) as read,
        pytest.raises(FetchError, match=r"/a\?\.\.\.: given up after 4 requests: the server answered 503") as caught,
    ):
        read(0, 10)
    assert caught.value.kind == "http_503"


def test_a_store_that_forbids_is_asked_once_more_and_no_oftener() -> None:
    manners = QUICK.model_copy(update={"forbidden_pause_s": 0.05})
    with FileServer(BODY, [Reply(status=403)] * 9) as server:
        with (
            ranges_of(server.url + "/a", manners) as read,
            pytest.raises(FetchError, match="after 2 requests") as caught,
        ):
            read(0, 10)
        assert len(server.requests) == 2
    assert caught.value.kind == "forbidden"


def test_a_missing_file_is_told_at_once() -> None:
    with FileServer(BODY, [Reply(status=404)]) as server:
        with ranges_of(server.url + "/a", QUICK) as read, pytest.raises(FetchError, match="no such file"):
            read(0, 10)
        assert len(server.requests) == 1


def test_a_server_that_knows_no_ranges_is_not_read_whole() -> None:
    with (
        FileServer(BODY, ranges=False) as server,
        ranges_of(server.url + "/a", QUICK) as read,
        pytest.raises(FetchError, match="the server answered 200"),
    ):
        read(0, 10)
