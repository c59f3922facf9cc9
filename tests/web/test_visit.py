"""Visits to strangers: nothing within our walls is connected to, and each visit ends."""

import asyncio
import datetime
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mammoth_spark.web.network import OPEN_WEB, is_global, one_server
from mammoth_spark.web.visit import NoVisit, Visit, Visitor
from tests.web.small_site import PUBLIC, Names, Page, SmallSite, html

LIMIT = 5 << 20


async def _anyone(url: str) -> None:
    return None


def visit(names: Names, url: str, deadline_s: float = 2.0, limit: int = LIMIT) -> Visit | NoVisit:
    async def go() -> Visit | NoVisit:
        async with Visitor(names.network(), "test (me@example.org)", deadline_s, _anyone) as visitor:
            return await visitor.visit(url, limit)

    return asyncio.run(go())


def test_a_page_comes_as_it_was_sent() -> None:
    page = Page(b"\x1f\x8b no gzip", headers={"Content-Type": "text/html", "Content-Encoding": "gzip", "X-A": "b"})
    with SmallSite({"exam.example/a?b=c": page}) as site:
        names = Names(site.port)
        found = visit(names, "http://exam.example/a?b=c#d")
    assert isinstance(found, Visit)
    assert (found.url, found.status, found.body, found.address) == (
        "http://exam.example/a?b=c#d",
        200,
        b"\x1f\x8b no gzip",
        PUBLIC,
    )
    assert found.by_name["x-a"] == "b"
    assert names.connected == [PUBLIC]
    assert site.agents == {"test (me@example.org)"}


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),
        ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:a9fe:a9fe::1", False),
        ("ff02::1", False),
        ("168.63.129.16", False),
        ("192.0.0.192", False),
        ("64:ff9b:1::a9fe:a9fe", False),
        ("::169.254.169.254", False),
        ("fec0::1", False),
        ("no address", False),
    ],
)
def test_addresses_within_walls_are_told(address: str, is_open: bool) -> None:
    assert is_global(address) is is_open


# The metadata address of clouds, in the ways in which the system's resolver reads it.
METADATA = (
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/latest/meta-data/",
    "http://0251.0376.0251.0376/latest/meta-data/",
    "http://169.254.43518/latest/meta-data/",
    "http://169.16689662/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://0xa9.0xfe.0xa9.0xfe/",
)
OTHERS = (
    ("http://localhost/", "not_global"),
    ("http://127.1/", "not_global"),
    ("http://[::1]:8080/", "not_global"),
    ("http://[fd00:ec2::254]/", "not_global"),
    ("http://0/", "not_global"),
    ("file:///etc/passwd", "scheme"),
    ("ftp://exam.example/", "scheme"),
    ("gopher://exam.example:70/", "scheme"),
    ("http://user:secret@exam.example/", "bad_url"),
    ("http://good.example@169.254.169.254/", "bad_url"),
    ("http:///etc/passwd", "bad_url"),
    ("http://exam.example:99999/", "bad_url"),
    ("http://[::1/", "bad_url"),
    ("http://exam.example/" + "a" * 3000, "bad_url"),
    ("", "scheme"),
)


@pytest.mark.parametrize(("url", "reason"), [*((url, "not_global") for url in METADATA), *OTHERS])
def test_a_hostile_address_is_connected_to_by_nobody(monkeypatch: pytest.MonkeyPatch, url: str, reason: str) -> None:
    """By the system's own resolver, which reads each spelling without asking anybody."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("somebody connects")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)

    async def go() -> Visit | NoVisit:
        monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", refuse)
        async with Visitor(OPEN_WEB, "test", 2.0, _anyone) as visitor:
            return await visitor.visit(url, LIMIT)

    found = asyncio.run(go())
    assert isinstance(found, NoVisit)
    assert found.reason == reason


def test_a_name_that_leads_within_is_refused_and_so_is_one_with_two_faces() -> None:
    with SmallSite({}) as site:
        names = Names(site.port, {"inner.example": [["10.0.0.1"]], "both.example": [[PUBLIC, "169.254.169.254"]]})
        for name in ("inner.example", "both.example"):
            found = visit(names, f"http://{name}/")
            assert isinstance(found, NoVisit)
            assert found.reason == "not_global"
        assert not names.connected
        assert not site.asked


def test_a_name_that_changes_is_checked_each_time_and_connected_to_as_checked() -> None:
    again = Page(b"", 302, {"Location": "/next"})
    with SmallSite({"rebinding.example/": again, "rebinding.example/next": html()}) as site:
        names = Names(site.port, {"rebinding.example": [[PUBLIC], ["127.0.0.1"]]})
        found = visit(names, "http://rebinding.example/")
        assert isinstance(found, NoVisit)
        assert found.reason == "not_global"
        # One connection for one resolution, to the address that it gave.
        assert names.connected == [PUBLIC]
        assert site.paths == ["rebinding.example/"]


def _endless(file: Any, over: threading.Event) -> None:
    while not over.is_set():
        file.write(b"x" * 65536)


def _trickle(file: Any, over: threading.Event) -> None:
    while not over.wait(0.2):
        file.write(b"x")
        file.flush()


def _silent(file: Any, over: threading.Event) -> None:
    file.flush()
    over.wait(30)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(b"", 302, {"Location": "http://169.254.169.254/latest/"}), "not_global"),
        (Page(b"", 302, {"Location": "http://metadata.example/"}), "not_global"),
        (Page(b"", 302, {"Location": "file:///etc/passwd"}), "scheme"),
        (Page(b"", 301, {"Location": "/"}), "too_many_redirects"),
        (Page(b"", 302, {"Location": "http://[::1"}), "bad_url"),
        (Page(write=_endless), "too_large"),
        (Page(b"x" * (LIMIT + 1)), "too_large"),
        (Page(write=_trickle), "deadline"),
        (Page(write=_silent), "deadline"),
        (Page(b"x", headers={"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}), "connection"),
    ],
)
def test_a_hostile_server_gives_a_reason(page: Page, reason: str) -> None:
    with SmallSite({"exam.example/": page}) as site:
        names = Names(site.port, {"metadata.example": [["169.254.169.254"]]})
        began = time.monotonic()
        found = visit(names, "http://exam.example/", deadline_s=1.0)
        assert time.monotonic() - began < 1.5
    assert isinstance(found, NoVisit)
    assert found.reason == reason
    assert set(names.connected) == {PUBLIC}


def test_a_certificate_that_nobody_vouches_for_ends_the_visit(tmp_path: Path) -> None:
    certificate = tmp_path / "server.pem"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "exam.example")])
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("exam.example")])
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    certificate.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, *plain))
    with SmallSite({"exam.example/": html()}, certificate=certificate) as site:
        found = visit(Names(site.port), "https://exam.example/")
        assert not site.asked
    assert isinstance(found, NoVisit)
    assert found.reason == "certificate"


def test_a_name_that_does_not_exist() -> None:
    async def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such host")

    names = Names(1)
    network = names.network()

    async def go() -> Visit | NoVisit:
        async with Visitor(type(network)(nobody, is_global, network.target), "t", 1.0, _anyone) as visitor:
            return await visitor.visit("http://nowhere.example/", LIMIT)

    found = asyncio.run(go())
    assert isinstance(found, NoVisit)
    assert found.reason == "no_such_host"


def test_only_a_server_of_this_machine_may_stand_in_for_all() -> None:
    with pytest.raises(ValueError, match=r"visits\.connect_to: 10\.0\.0\.1 is another machine"):
        one_server("10.0.0.1", 80)
