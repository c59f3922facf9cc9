"""Work in a child process that no input can hold up, fill or kill for more than that input."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mammoth_spark.web.guarded import GivenUp, Guarded

MB = 1 << 20


def work(content: bytes) -> bytes:
    match content:
        case b"slow":
            time.sleep(60)
        case b"busy":
            while True:
                pass
        case b"deaf":
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            sum(range(10**12))
        case b"large":
            return bytes(4096 * MB)
        case b"killed":
            os.kill(os.getpid(), signal.SIGKILL)  # As the kernel does where memory runs out.
        case b"left":
            os._exit(0)
        case b"raises":
            raise LookupError("no \udcff such thing")
        case b"who":
            return str(os.getpid()).encode()
    return content


@pytest.fixture
def guarded() -> Iterator[Guarded]:
    with Guarded(work, seconds=0.3, memory_mb=256) as one:
        yield one


def given_up(guarded: Guarded, content: bytes) -> str:
    with pytest.raises(GivenUp) as raised:
        guarded(content)
    return raised.value.reason


@pytest.mark.parametrize("content", [b"", b"page", bytes(range(256)), b"x" * (8 * MB)], ids=["", "page", "256", "8 MB"])
def test_a_result_passes_through_unchanged(guarded: Guarded, content: bytes) -> None:
    assert guarded(content) == content


def test_one_child_does_ordinary_work(guarded: Guarded) -> None:
    assert guarded(b"who") == guarded(b"who") != str(os.getpid()).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"slow", "too_slow"),
        (b"busy", "too_slow"),
        (b"deaf", "too_slow"),
        (b"large", "too_much_memory"),
        (b"killed", "died"),
        (b"left", "died"),
        (b"raises", "error_LookupError"),
    ],
)
def test_a_page_costs_itself_alone(guarded: Guarded, content: bytes, reason: str) -> None:
    guarded(b"before")
    began = time.monotonic()
    assert given_up(guarded, content) == reason
    # One that waits is stopped by the clock, ten times later than one that works.
    assert time.monotonic() - began < (5 if content == b"slow" else 2)
    assert guarded(b"after") == b"after"
    assert given_up(guarded, content) == reason


@pytest.mark.parametrize("content", [b"slow", b"killed", b"left"])
def test_a_fresh_child_follows_one_that_ended(guarded: Guarded, content: bytes) -> None:
    first = guarded(b"who")
    given_up(guarded, content)
    assert guarded(b"who") != first


@pytest.mark.parametrize("content", [b"large", b"raises"])
def test_a_child_that_can_say_what_went_wrong_goes_on(guarded: Guarded, content: bytes) -> None:
    first = guarded(b"who")
    given_up(guarded, content)
    assert guarded(b"who") == first


def test_a_child_that_was_killed_between_two_pages_costs_one(guarded: Guarded) -> None:
    os.kill(int(guarded(b"who")), signal.SIGKILL)
    assert given_up(guarded, b"x" * MB) == "died"
    assert guarded(b"page") == b"page"


def open_files() -> set[str]:
    return {entry.name for entry in Path("/proc/self/fd").iterdir() if entry.exists()}


def children() -> list[str]:
    """Also those that ended and were not waited for."""
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


def test_no_process_and_no_file_is_left() -> None:
    files, before = open_files(), children()
    with Guarded(work, seconds=0.1, memory_mb=256) as guarded:
        for content in (b"page", b"slow", b"killed", b"raises", b"left", b"page") * 3:
            try:
                guarded(content)
            except GivenUp:
                continue
        assert len(children()) == len(before) + 1
    assert children() == before
    assert open_files() == files


def test_without_a_page_there_is_no_child() -> None:
    before = children()
    with Guarded(work, seconds=1, memory_mb=256):
        assert children() == before


def fail_after_a_page() -> None:
    with Guarded(work, seconds=1, memory_mb=256) as guarded:
        guarded(b"page")
        raise KeyError


def test_an_error_of_the_callers_ends_the_child_too() -> None:
    before = children()
    with pytest.raises(KeyError):
        fail_after_a_page()
    assert children() == before
