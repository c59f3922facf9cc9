"""What a server's answer means, whatever it holds."""

import json

import pytest

from mammoth_spark.llm.reply import Fault, Reply, Usage, read
from tests.llm.questions import PageSubject

GOOD = '{"subject": "physics"}'


def answer(content: object = GOOD, ended: str = "stop", **other: object) -> bytes:
    message = {"role": "assistant", "content": content, **other}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    choice = {"finish_reason": ended, "message": message}
    return json.dumps({"model": "m", "choices": [choice], "usage": usage}).encode()


def test_a_reply_in_its_form_is_read_with_its_usage() -> None:
    assert read(200, answer(), PageSubject) == Reply('{"subject": "physics"}', False, "m", Usage(7, 3))


def test_a_reply_may_say_that_there_is_nothing() -> None:
    found = read(200, answer('{"subject": "other"}'), PageSubject)
    assert isinstance(found, Reply)
    assert found.is_void


def test_a_fence_around_the_json_is_taken_off() -> None:
    fenced = read(200, answer(f"```json\n{GOOD}\n```\n"), PageSubject)
    assert fenced == read(200, answer(), PageSubject)


@pytest.mark.parametrize("content", ['{"subject": "a\\ud800b"}', '{"subject": "a\ud800b"}', '{"subject": "a\\u0000b"}'])
def test_what_no_table_can_hold_is_replaced(content: str) -> None:
    found = read(200, answer(content), PageSubject)
    assert isinstance(found, Reply)
    found.text.encode("utf-8")
    assert json.loads(found.text)["subject"] in ("a?b", "a\ufffdb")


@pytest.mark.parametrize(
    ("body", "blames", "reason"),
    [
        (b"", "attempt", "broken_answer"),
        (b"<html>", "attempt", "broken_answer"),
        (b"[]", "attempt", "broken_answer"),
        (b"\xff\xfe", "attempt", "broken_answer"),
        (b"{}", "attempt", "no_choices"),
        (b'{"choices": []}', "attempt", "no_choices"),
        (b'{"choices": [null]}', "attempt", "no_choices"),
        (b'{"choices": [{"message": null}]}', "attempt", "no_content"),
        (answer(None), "attempt", "no_content"),
        (answer("  "), "attempt", "no_content"),
        (answer(["physics"]), "attempt", "no_content"),
        (answer(GOOD[:-3]), "attempt", "broken_json"),
        (answer("physics"), "attempt", "broken_json"),
        (answer("[" * 100_000), "attempt", "broken_json"),
        (answer('{"subject": 3}'), "attempt", "other_form"),
        (answer('{"subjects": "physics"}'), "attempt", "other_form"),
        (answer('["physics"]'), "attempt", "other_form"),
        (answer('{"subject": "physics", "more": 1}'), "attempt", "other_form"),
        (answer(GOOD[:5], ended="length"), "request", "length"),
        (answer("", ended="content_filter"), "request", "content_filter"),
        (answer(None, refusal="I cannot."), "request", "refusal"),
    ],
)
def test_what_cannot_be_used_is_a_fault_that_says_whether_to_ask_again(body: bytes, blames: str, reason: str) -> None:
    found = read(200, body, PageSubject)
    assert isinstance(found, Fault)
    assert (found.blames, found.reason) == (blames, reason)


def test_a_reply_that_cannot_be_used_is_paid_all_the_same() -> None:
    found = read(200, answer(GOOD[:-3]), PageSubject)
    assert isinstance(found, Fault)
    assert found.usage == Usage(7, 3)


@pytest.mark.parametrize(
    ("status", "body", "blames", "reason"),
    [
        (400, b'{"error": {"code": "context_length_exceeded"}}', "request", "too_long"),
        (400, b"This model's maximum context length is 4096", "request", "too_long"),
        (400, b"bad", "request", "http_400"),
        (401, b"", "account", "http_401"),
        (402, b"", "account", "http_402"),
        (403, b"", "request", "http_403"),
        (400, b'{"error": {"message": "of the page: invalid_api_key"}}', "request", "http_400"),
        (404, b"no such model", "account", "http_404"),
        (408, b"", "attempt", "http_408"),
        (429, b"slow down", "endpoint", "http_429"),
        (429, b'{"error": {"code": "insufficient_quota"}}', "account", "http_429"),
        (500, b"\xff", "attempt", "http_500"),
        (502, b"", "endpoint", "http_502"),
        (503, b"", "endpoint", "http_503"),
    ],
)
def test_a_refusal_says_whom_it_blames(status: int, body: bytes, blames: str, reason: str) -> None:
    found = read(status, body, PageSubject)
    assert isinstance(found, Fault)
    assert (found.blames, found.reason) == (blames, reason)


def test_an_answer_of_a_hundred_thousand_brackets_is_broken() -> None:
    found = read(200, b"[" * 100_000, PageSubject)
    assert isinstance(found, Fault)
    assert found.reason == "broken_answer"


def test_a_number_that_no_table_holds_is_no_usage() -> None:
    body = b'{"choices": [], "usage": {"prompt_tokens": 100000000000000000000, "completion_tokens": 3}}'
    assert read(200, body, PageSubject).usage == Usage(0, 3)


def test_a_reply_with_what_json_does_not_know_is_broken() -> None:
    body = json.dumps({"choices": [{"message": {"content": '{"subject": NaN}'}}]}).encode()
    found = read(200, body, PageSubject)
    assert isinstance(found, Fault)
    assert found.reason == "broken_json"
