"""The one policy on asking again, as a function of what a request has been through."""

import pytest

from mammoth_spark.config import Llm
from mammoth_spark.llm import retry
from mammoth_spark.llm.reply import Fault
from mammoth_spark.llm.retry import Again, EndpointStopped, GiveUp, Tries

SETTINGS = Llm(patience_s=100.0, attempts=3, backoff_s=1.0, backoff_cap_s=8.0)
BUSY = Fault("endpoint", "http_429")


def test_those_who_are_asked_to_come_back_together_do_not() -> None:
    found = [retry.after(BUSY, Tries(0.0), 4.0, 0.0, 1.0, SETTINGS) for _ in range(50)]
    least = [again.least_s for again in found if isinstance(again, Again)]
    assert len(least) == 50
    assert 4.0 <= min(least) < 5.0
    assert 7.0 < max(least) <= 8.0


def test_a_busy_endpoint_is_waited_for_until_it_has_answered_nobody_for_too_long() -> None:
    assert isinstance(retry.after(BUSY, Tries(50.0), 0.0, 50.0, 149.0, SETTINGS), Again)
    with pytest.raises(EndpointStopped, match="busy or away for 101 s"):
        retry.after(BUSY, Tries(50.0), 0.0, 50.0, 151.0, SETTINGS)


def test_a_request_that_alone_is_refused_for_too_long_is_dead() -> None:
    assert retry.after(BUSY, Tries(50.0), 0.0, 150.0, 151.0, SETTINGS) == GiveUp("http_429")


def test_a_fault_of_an_attempt_pauses_no_longer_than_the_longest_own_pause() -> None:
    again = retry.after(Fault("attempt", "http_500"), Tries(0.0), 1e6, 0.0, 1.0, SETTINGS)
    assert isinstance(again, Again)
    assert again.pause_s <= 8.0


def test_attempts_end() -> None:
    tries = Tries(0.0)
    fault = Fault("attempt", "http_500")
    assert isinstance(retry.after(fault, tries, 0.0, 0.0, 1.0, SETTINGS), Again)
    assert isinstance(retry.after(fault, tries, 0.0, 0.0, 1.0, SETTINGS), Again)
    assert retry.after(fault, tries, 0.0, 0.0, 1.0, SETTINGS) == GiveUp("http_500")


def test_a_reply_that_is_cut_again_with_twice_the_room_is_dead() -> None:
    tries = Tries(0.0)
    cut = Fault("request", "length")
    assert isinstance(retry.after(cut, tries, 0.0, 0.0, 1.0, SETTINGS), Again)
    assert tries.room == 2
    assert retry.after(cut, tries, 0.0, 0.0, 1.0, SETTINGS) == GiveUp("length")
