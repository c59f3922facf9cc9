"""How a client behaves towards a server: pauses, and what its messages show."""

import datetime

import pytest

from mammoth_spark.config import Http
from mammoth_spark.web.manners import (
    asked_pause_s,
    has_contact,
    own_pause_s,
    why_redirect_refused,
    why_refused,
    without_secrets,
)


def test_both_forms_of_retry_after_are_understood() -> None:
    now = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.UTC)
    assert asked_pause_s(None, now) == 0
    assert asked_pause_s(" 120 ", now) == 120
    assert asked_pause_s("Sun, 01 Mar 2026 12:01:30 GMT", now) == 90
    assert asked_pause_s("Sun, 01 Mar 2026 11:00:00 GMT", now) == 0
    assert asked_pause_s("Sun, 01 Mar 2026 12:00:05 -0000", now) == 5
    assert asked_pause_s("-5", now) == 0
    assert asked_pause_s("soon", now) == 0


def test_pauses_double_up_to_the_cap() -> None:
    assert [own_pause_s(n, 1, 60, 0.5) for n in (1, 2, 3, 4)] == [0.5, 1, 2, 4]
    assert own_pause_s(2000, 1, 60, 0.5) == 30
    assert own_pause_s(3, 1, 60, 0.0) == 0


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@data.example.org/a.gz?key=secret", "https://data.example.org/a.gz?..."),
        ("https://data.example.org?key=secret", "https://data.example.org?..."),
        ("https://data.example.org/by@name/a.gz", "https://data.example.org/by@name/a.gz"),
    ],
)
def test_messages_show_neither_password_nor_query(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize(
    ("url", "plain_http", "refusal"),
    [
        ("https://data.example.org/a", False, None),
        ("http://127.0.0.1:8000/a", False, None),
        ("http://[::1]/a", False, None),
        ("http://localhost/a", False, None),
        ("http://data.example.org/a", True, None),
        ("http://data.example.org/a", False, "only https:// is read"),
        ("http://127.0.0.1.example.org/a", False, "only https:// is read"),
        ("ftp://data.example.org/a", True, "only https:// is read"),
        ("https:///a", False, "the URL names no host"),
        ("https://user:secret@[::1/a", False, "this is not a valid URL"),
        ("https://a..b/", False, "this is not a valid URL"),
        ("https://a:99999/", False, "this is not a valid URL"),
    ],
)
def test_only_https_and_loopback_are_asked(url: str, plain_http: bool, refusal: str | None) -> None:
    answer = why_refused(url, plain_http)
    assert answer is None if refusal is None else answer is not None and answer.startswith(refusal)


@pytest.mark.parametrize(
    ("url", "target", "is_followed"),
    [
        ("https://data.example.org/a", "https://mirror.example.org/a", True),
        ("http://127.0.0.1:8000/a", "http://localhost:8000/b", True),
        ("https://data.example.org/a", "http://127.0.0.1:8000/a", False),
        ("https://data.example.org/a", "http://localhost/a", False),
        ("https://data.example.org/a", "https://169.254.169.254/latest", False),
        ("https://data.example.org/a", "https://[fd00::1]/a", False),
        ("https://data.example.org/a", "http://mirror.example.org/a", False),
    ],
)
def test_nobody_sends_us_to_hosts_that_only_we_can_reach(url: str, target: str, is_followed: bool) -> None:
    assert (why_redirect_refused(url, target, plain_http=False) is None) is is_followed


@pytest.mark.parametrize(
    ("user_agent", "has"),
    [
        ("mammoth-spark/0.1", False),
        ("me @ home", False),
        ("mammoth-spark/0.1 (https://localhost)", False),
        ("mammoth-spark/0.1 (you@example.org)", True),
        ("mammoth-spark/0.1 (+https://example.org/bot)", True),
    ],
)
def test_a_contact_is_an_address_that_somebody_reads(user_agent: str, has: bool) -> None:
    assert has_contact(Http(user_agent=user_agent)) is has
