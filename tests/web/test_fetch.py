"""Files over HTTP, against a real server on loopback."""

import datetime
import errno
import os
import pickle
import random
import resource
import signal
import tempfile
import threading
import time
from email.utils import format_datetime
from pathlib import Path

import pytest

from mammoth_spark.config import Http
from mammoth_spark.web.fetch import FetchError, download
from mammoth_spark.web.storage import read_bytes
from tests.web.http_server import FileServer, Reply

MIB = 1 << 20
BODY = random.Random(7).randbytes(5_000_000)
AGENT = "mammoth-spark-tests (mailto:tests@example.org)"
# As a run has them, but for the pauses.
QUICK = Http(
    user_agent=AGENT,
    connect_timeout_s=2,
    read_timeout_s=2,
    attempts=5,
    backoff_s=0.01,
    backoff_cap_s=0.02,
    forbidden_pause_s=0.02,
    restarts_per_s=1000,
)
IMPATIENT = QUICK.model_copy(update={"read_timeout_s": 0.4, "attempts": 3})


def failure_of(url: str, manners: Http = QUICK) -> FetchError:
    with download(url, manners) as file, pytest.raises(FetchError) as caught:
        file.read()
    return caught.value


def ranges_seen(server: FileServer) -> list[str | None]:
    return [request.headers.get("Range") for request in server.requests]


def download_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "download"]


def unnamed_files() -> list[str]:
    """The deleted files that this process still holds open."""
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except FileNotFoundError:  # The descriptor of the listing itself.
            continue
    return [link for link in links if link.startswith(tempfile.gettempdir()) and link.endswith("(deleted)")]


# ---------------------------------------------------------------- HTTP: what a reader gets


def test_a_download_has_the_bytes_that_the_server_has() -> None:
    with FileServer(BODY) as server, download(server.url + "/a.warc.gz", QUICK) as file:
        assert file.read() == BODY
        assert ranges_seen(server) == [None]


def test_the_server_sees_our_user_agent_and_no_wish_for_encoding() -> None:
    with FileServer(b"x") as server, download(server.url + "/a", QUICK) as file:
        file.read()
        assert server.requests[0].headers["User-Agent"] == "mammoth-spark-tests (mailto:tests@example.org)"
        assert server.requests[0].headers["Accept-Encoding"] == "identity"


def test_a_body_that_claims_an_encoding_is_not_decoded() -> None:
    with FileServer(b"\x1f\x8b is no gzip", [Reply(headers={"Content-Encoding": "gzip"})]) as server:
        assert read_bytes(server.url + "/a.gz", 100, QUICK) == b"\x1f\x8b is no gzip"


def test_the_first_bytes_are_read_before_the_last_are_sent() -> None:
    send_the_rest = threading.Event()
    with (
        FileServer(BODY, [Reply(stop_after=1000, hold=send_the_rest)]) as server,
        download(server.url + "/a", QUICK) as file,
    ):
        assert file.read(1000) == BODY[:1000]
        send_the_rest.set()
        assert file.read() == BODY[1000:]


def test_seeking_goes_back_forth_and_to_the_end_with_one_request() -> None:
    with FileServer(BODY) as server, download(server.url + "/a", QUICK) as file:
        assert file.seek(4_000_000) == 4_000_000
        assert file.read(10) == BODY[4_000_000:4_000_010]
        assert file.seek(0) == 0
        assert file.read(10) == BODY[:10]
        assert file.seek(-3, os.SEEK_END) == 4_999_997
        assert file.read() == BODY[-3:]
        assert file.tell() == 5_000_000
        assert file.seek(6_000_000) == 6_000_000
        assert file.read() == b""
        assert len(server.requests) == 1


def test_a_chunked_body_without_a_length_is_read_whole() -> None:
    with FileServer(BODY, [Reply(chunked=True)]) as server, download(server.url + "/a", QUICK) as file:
        assert file.seek(0, os.SEEK_END) == 5_000_000
        file.seek(0)
        assert file.read() == BODY


def test_an_empty_file_is_empty() -> None:
    with FileServer(b"") as server:
        assert read_bytes(server.url + "/a", 100, QUICK) == b""


# ---------------------------------------------------------------- HTTP: broken connections


def test_a_reset_connection_is_resumed_where_it_stopped() -> None:
    break_off = threading.Event()
    with FileServer(BODY, [Reply(stop_after=1_000_000, hold=break_off, then="reset")]) as server:
        with download(server.url + "/a", QUICK) as file:
            start = file.read(1_000_000)
            break_off.set()
            assert start + file.read() == BODY
        assert ranges_seen(server) == [None, "bytes=1000000-"]
        assert server.requests[1].headers["If-Range"] == '"one"'


def test_a_short_body_is_resumed() -> None:
    with FileServer(BODY, [Reply(stop_after=1_000_000, then="close")]) as server:
        with download(server.url + "/a", QUICK) as file:
            assert file.read() == BODY
        assert ranges_seen(server) == [None, "bytes=1000000-"]


def test_a_broken_chunked_body_is_resumed() -> None:
    with FileServer(BODY, [Reply(chunked=True, stop_after=1_000_000, then="close")]) as server:
        with download(server.url + "/a", QUICK) as file:
            assert file.read() == BODY
        assert ranges_seen(server) == [None, "bytes=1000000-"]


def test_a_broken_chunked_body_that_was_complete_ends_there() -> None:
    with FileServer(BODY, [Reply(chunked=True, stop_after=5_000_000, then="close")]) as server:
        with download(server.url + "/a", QUICK) as file:
            assert file.read() == BODY
        assert ranges_seen(server) == [None, "bytes=5000000-"]


def test_a_stalled_connection_times_out_and_is_resumed() -> None:
    with FileServer(BODY, [Reply(stop_after=1_000_000, then="stall")]) as server:
        with download(server.url + "/a", IMPATIENT) as file:
            assert file.read() == BODY
        assert ranges_seen(server) == [None, "bytes=1000000-"]


def test_a_server_that_trickles_counts_as_stalled() -> None:
    with FileServer(BODY, [Reply(stop_after=1000, then="trickle")]) as server:
        with download(server.url + "/a", QUICK.model_copy(update={"read_timeout_s": 0.2})) as file:
            assert file.read() == BODY
        assert len(server.requests) == 2


def test_a_server_that_never_sends_the_rest_costs_the_file_and_says_so() -> None:
    with FileServer(BODY, [Reply(stop_after=1000, then="stall"), *[Reply(stop_after=0, then="stall")] * 2]) as server:
        with download(server.url + "/a", IMPATIENT) as file:
            assert file.read(1000) == BODY[:1000]
            with pytest.raises(FetchError) as caught:
                file.read(1)
        assert caught.value.kind == "timeout"
        assert ranges_seen(server) == [None, "bytes=1000-", "bytes=1000-"]


def test_a_body_that_always_ends_early_is_given_up_as_short() -> None:
    with FileServer(BODY, [Reply(stop_after=1000, then="close")] * 5) as server:
        failure = failure_of(server.url + "/a")
        assert failure.kind == "short"
        assert ranges_seen(server) == [None, *[f"bytes={n}000-" for n in (1, 2, 3, 4)]]


def test_a_server_without_ranges_is_read_from_the_start_again() -> None:
    with FileServer(BODY, [Reply(stop_after=1_000_000, then="close")], ranges=False) as server:
        with download(server.url + "/a", QUICK) as file:
            assert file.read() == BODY
        assert ranges_seen(server) == [None, "bytes=1000000-"]


def test_a_server_that_says_it_has_no_ranges_is_not_asked_for_one() -> None:
    no_ranges = {"Accept-Ranges": "none"}
    with FileServer(BODY, [Reply(headers=no_ranges, stop_after=1000, then="close")], ranges=False) as server:
        with download(server.url + "/a", QUICK) as file:
            assert file.read() == BODY
        assert ranges_seen(server) == [None, None]


def test_a_server_that_sends_another_range_is_read_from_the_start_again() -> None:
    wrong = Reply(headers={"Content-Range": "bytes 7-4999999/5000000"})
    with FileServer(BODY, [Reply(stop_after=1_000_000, then="close"), wrong]) as server:
        with download(server.url + "/a", QUICK) as file:
            assert file.read() == BODY
        assert ranges_seen(server) == [None, "bytes=1000000-", None]


def test_restarts_from_the_first_byte_keep_their_distance() -> None:
    slow = Http(user_agent=AGENT, attempts=4, backoff_s=0.001, backoff_cap_s=0.001, restarts_per_s=5)
    with FileServer(BODY, [Reply(status=500)] * 3) as server:
        began = time.monotonic()
        assert read_bytes(server.url + "/a", 10**7, slow) == BODY
        assert time.monotonic() - began >= 0.4  # The second and third restart each wait a fifth of a second.


# ---------------------------------------------------------------- HTTP: changed files


def test_a_file_with_a_new_etag_is_an_error_at_the_byte_where_it_changed() -> None:
    other = Reply(body=BODY[::-1], headers={"ETag": '"two"'})
    with FileServer(BODY, [Reply(stop_after=1_000_000, then="close"), other]) as server:
        with download(server.url + "/a", QUICK) as file:
            assert file.read(1_000_000) == BODY[:1_000_000]
            with pytest.raises(FetchError, match="changed while it was read: its ETag is another one") as caught:
                file.read(1)
        assert caught.value.kind == "changed"


def test_a_file_with_a_new_length_is_an_error() -> None:
    with FileServer(BODY, [Reply(stop_after=1000, then="close"), Reply(body=BODY + b"x")], etag=None) as server:
        failure = failure_of(server.url + "/a")
    assert failure.kind == "changed"
    assert "it had 5000000 bytes and has 5000001 now" in str(failure)


def test_a_file_that_became_shorter_than_what_is_held_is_an_error() -> None:
    with FileServer(BODY, [Reply(stop_after=1000, then="close"), Reply(body=b"x")], etag=None) as server:
        assert failure_of(server.url + "/a").kind == "changed"


def test_a_restart_with_other_bytes_is_an_error_even_if_nothing_in_the_head_tells() -> None:
    replies = [Reply(stop_after=1_000_000, then="close"), Reply(body=BODY[::-1])]
    with FileServer(BODY, replies, etag=None, ranges=False) as server:
        failure = failure_of(server.url + "/a")
    assert failure.kind == "changed"
    assert "bytes that were already read are others now" in str(failure)


# ---------------------------------------------------------------- HTTP: refusals


def test_a_server_that_is_busy_three_times_is_asked_a_fourth_time() -> None:
    with FileServer(BODY, [Reply(status=503)] * 3) as server:
        assert read_bytes(server.url + "/a", 10**7, QUICK) == BODY
        assert len(server.requests) == 4


def test_a_server_that_stays_busy_is_given_up() -> None:
    with FileServer(BODY, [Reply(status=503)] * 9) as server:
        failure = failure_of(server.url + "/a")
        assert failure.kind == "http_503"
        assert failure.path == server.url + "/a"
        assert str(failure) == (
            f"{server.url}/a: given up after 5 requests: the server answered 503; run the stage again later, "
            "with fewer connections if the server is busy."
        )
        assert len(server.requests) == 5


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_file_is_asked_for_once(status: int) -> None:
    with FileServer(BODY, [Reply(status=status)] * 9) as server:
        assert failure_of(server.url + "/a").kind == "not_found"
        assert len(server.requests) == 1


def test_after_a_403_there_is_a_pause_and_one_more_request() -> None:
    patient = Http(user_agent=AGENT, backoff_s=0.001, forbidden_pause_s=0.3, restarts_per_s=1000)
    with FileServer(BODY, [Reply(status=403)]) as server:
        began = time.monotonic()
        assert read_bytes(server.url + "/a", 10**7, patient) == BODY
        assert time.monotonic() - began >= 0.3


def test_after_a_second_403_the_file_is_given_up() -> None:
    with FileServer(BODY, [Reply(status=403), Reply(status=503), Reply(status=403)]) as server:
        assert failure_of(server.url + "/a").kind == "forbidden"
        assert len(server.requests) == 3


def test_a_pause_that_the_server_asks_for_is_kept() -> None:
    patient = Http(user_agent=AGENT, backoff_s=0.001, restarts_per_s=1000)
    with FileServer(BODY, [Reply(status=429, headers={"Retry-After": "1"})]) as server:
        began = time.monotonic()
        assert read_bytes(server.url + "/a", 10**7, patient) == BODY
        assert time.monotonic() - began >= 1


def test_a_server_that_asks_for_too_long_a_pause_is_not_asked_again() -> None:
    in_an_hour = format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1), True)
    with FileServer(BODY, [Reply(status=503, headers={"Retry-After": in_an_hour})]) as server:
        failure = failure_of(server.url + "/a", Http(user_agent=AGENT))
        assert failure.kind == "http_503"
        assert "asks for a pause of 3" in str(failure)
        assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_a_connection_error() -> None:
    with FileServer(BODY) as server:
        url = server.url + "/a?signature=secret"
    failure = failure_of(url)
    assert failure.kind == "connection"
    assert "Connection refused" in str(failure)
    assert "secret" not in str(failure)


# ---------------------------------------------------------------- HTTP: redirects and schemes


def test_three_redirects_on_loopback_are_followed() -> None:
    replies = [Reply(status=status, headers={"Location": "/next"}) for status in (301, 302, 307)]
    with FileServer(BODY, replies) as server:
        assert read_bytes(server.url + "/a", 10**7, QUICK) == BODY
        assert [request.path for request in server.requests] == ["/a", "/next", "/next", "/next"]


def test_a_fourth_redirect_is_refused() -> None:
    with FileServer(BODY, [Reply(status=302, headers={"Location": "/next"})] * 4) as server:
        assert failure_of(server.url + "/a").kind == "redirect"


@pytest.mark.parametrize(
    "target", ["http://data.example.org/a", "//data.example.org/a", "ftp://127.0.0.1/a", "https://"]
)
def test_a_redirect_to_anything_but_https_elsewhere_is_refused(target: str) -> None:
    with FileServer(BODY, [Reply(status=302, headers={"Location": target})]) as server:
        assert failure_of(server.url + "/a").kind == "redirect"
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://data.example.org/a",
        "ftp://data.example.org/a",
        "https:///a",
        "https://[::1/a",
        "https://a..b/",
        "https://a:99999/",
    ],
)
def test_a_url_that_is_not_https_is_refused_before_any_request(url: str) -> None:
    with pytest.raises(FetchError) as caught:
        download(url, QUICK)
    assert caught.value.kind == "scheme"


def test_plain_http_to_other_hosts_needs_the_flag() -> None:
    with FileServer(b"x") as server:
        other_host = server.url.replace("127.0.0.1", "0.0.0.0")  # It is not a loopback address, yet leads here.
        with pytest.raises(FetchError, match="plain_http"):
            download(other_host + "/a", QUICK)
        assert read_bytes(other_host + "/a", 10, QUICK.model_copy(update={"plain_http": True})) == b"x"


# ---------------------------------------------------------------- HTTP: what is left behind


def test_no_more_downloads_than_connections_run_at_once() -> None:
    go_on = threading.Event()
    two = Http(user_agent=AGENT, connections=2)
    with FileServer(BODY, [Reply(stop_after=10, hold=go_on)] * 2) as server:
        files = [download(f"{server.url}/{n}", two) for n in range(5)]
        assert files[0].read(10) == BODY[:10]
        assert files[1].read(10) == BODY[:10]
        go_on.set()
        assert [len(file.read()) for file in files] == [4_999_990, 4_999_990, 5_000_000, 5_000_000, 5_000_000]
        for file in files:
            file.close()
        assert server.most_at_once == 2


def test_a_download_that_waits_for_a_connection_can_be_closed() -> None:
    go_on = threading.Event()
    one = Http(user_agent=AGENT, connections=1)
    with FileServer(BODY, [Reply(stop_after=10, hold=go_on)]) as server:
        first = download(server.url + "/first", one)
        assert first.read(10) == BODY[:10]
        download(server.url + "/second", one).close()
        assert len(download_threads()) == 1
        go_on.set()
        assert len(first.read()) == 4_999_990
        first.close()
        assert [request.path for request in server.requests] == ["/first"]


def test_a_finished_download_leaves_no_thread_and_no_file() -> None:
    before = unnamed_files()
    with FileServer(BODY) as server:
        with download(server.url + "/a", QUICK) as file:
            file.read()
            assert len(unnamed_files()) == len(before) + 1
        assert unnamed_files() == before
        assert download_threads() == []


def test_closing_early_ends_the_thread_the_connection_and_the_file() -> None:
    before = unnamed_files()
    for then in ("stall", "trickle"):
        with FileServer(BODY, [Reply(stop_after=1000, then=then)]) as server:
            file = download(server.url + "/a", Http(user_agent=AGENT))
            assert file.read(1000) == BODY[:1000]
            began = time.monotonic()
            file.close()
            assert time.monotonic() - began < 1
            assert unnamed_files() == before
            assert download_threads() == []


def test_closing_in_a_pause_ends_the_thread() -> None:
    with FileServer(BODY, [Reply(stop_after=1000, then="close"), *[Reply(status=403)] * 9]) as server:
        file = download(server.url + "/a", Http(user_agent=AGENT, backoff_s=0.001))
        assert file.read(1000) == BODY[:1000]
        file.close()
        assert download_threads() == []


def test_a_disk_that_takes_no_more_is_told_to_the_reader() -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with FileServer(BODY) as server:
            resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, usual[1]))
            with download(server.url + "/a", QUICK) as file:
                assert file.read(3_000_000) == BODY[:3_000_000]
                with pytest.raises(FetchError, match="TMPDIR") as caught:
                    file.read(1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.kind == "disk"
    assert os.strerror(errno.EFBIG) in str(caught.value)


def test_an_error_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(FetchError("short", "/a", "/a: is short.")))
    assert (copy.kind, copy.path, str(copy)) == ("short", "/a", "/a: is short.")
