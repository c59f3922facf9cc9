"""One POST: over at its deadline whatever the server does, with a bounded answer, and silent about its key."""

import socket
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.llm.transport import Call, CallFailed, HttpTransport, Waiting
from tests.child import measured

BODY = b'{"messages": [{"role": "user", "content": "x"}], "max_tokens": 5}'
MIB = 1 << 20


def post(url: str, timeout_s: float = 5.0, key: str | None = None) -> object:
    with closing(Waiting(HttpTransport(4))) as transport:
        return transport.send(Call(url + "/chat/completions", BODY, key, timeout_s, 8 * MIB))


def failure_of(url: str, timeout_s: float = 5.0, key: str | None = None) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        post(url, timeout_s, key)
    return caught.value


@pytest.mark.parametrize("fault", ["trickle", "silence"])
def test_a_call_ends_at_its_deadline(fault: str) -> None:
    with RulesServer({fault: 1.0}) as server:
        began = time.monotonic()
        assert failure_of(server.base_url, timeout_s=1.5).kind == "deadline"
        assert time.monotonic() - began < 1.5 * 1.1


def test_headers_that_trickle_end_at_the_deadline() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def trickle() -> None:
        connection, _ = listener.accept()
        with connection:
            for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000:
                try:
                    connection.send(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.2)

    thread = threading.Thread(target=trickle)
    thread.start()
    began = time.monotonic()
    assert failure_of(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=1.5).kind == "deadline"
    assert time.monotonic() - began < 1.5 * 1.1
    thread.join()
    listener.close()


def huge_answer() -> None:
    with RulesServer({"huge": 1.0}) as server:
        assert failure_of(server.base_url).kind == "too_large"


def test_a_gigabyte_is_given_up_while_it_is_read() -> None:
    assert measured(huge_answer).grown_mb <= 64


def test_a_reset_and_a_server_that_is_not_there_are_told_apart() -> None:
    with RulesServer({"reset": 1.0}) as server:
        assert failure_of(server.base_url).kind == "reset"
    assert failure_of(server.base_url).kind == "unreachable"


def test_a_redirect_is_not_followed() -> None:
    with RulesServer({"redirect": 1.0}) as server:
        failed = failure_of(server.base_url, key="canary")
    assert failed.kind == "redirect"
    assert "elsewhere.example.org" in failed.detail


@pytest.mark.parametrize("fault", ["silence", "reset", "redirect", "huge"])
def test_no_failure_shows_the_key(fault: str) -> None:
    with RulesServer({fault: 1.0}) as server:
        failed = failure_of(server.base_url, timeout_s=0.5, key="canary-key")
    shown = repr(failed) + str(failed) + repr(failed.__cause__) + repr(failed.__context__)
    assert "canary-key" not in shown


def test_no_thread_and_no_descriptor_is_left_behind() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with RulesServer() as server:
        post(server.base_url)
        before = descriptors(), threading.active_count()
        for _ in range(5):
            post(server.base_url)
        time.sleep(0.2)
        after = descriptors(), threading.active_count()
    assert after[1] <= before[1] + 1
    assert after[0] <= before[0] + 1


def test_this_machine_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with RulesServer() as server:
        assert post(server.base_url)
    assert failure_of("http://models.example.org/v1").kind in ("unreachable", "proxy")
