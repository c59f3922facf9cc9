"""Which site an address belongs to, by the public suffix list that is installed."""

import socket

import pytest

from mammoth_spark.web import sites
from mammoth_spark.web.sites import path_prefix, root_url


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://www.example.org/a/b?c=d#e", "example.org"),
        ("http://a.b.example.co.uk/", "example.co.uk"),
        ("https://example.org", "example.org"),
        # Spelling.
        ("HTTPS://WWW.Example.ORG/A", "example.org"),
        ("https://example.org:8443/", "example.org"),
        ("https://user:secret@www.example.org/", "example.org"),
        ("https://www.example.org./", "example.org"),
        ("//www.example.org/", "example.org"),
        # People who share a domain.
        ("https://name.github.io/page", "name.github.io"),
        ("https://deep.name.github.io/", "name.github.io"),
        ("https://name.wordpress.com/2020/", "name.wordpress.com"),
        ("https://name.blogspot.com/", "name.blogspot.com"),
        ("https://name.tumblr.com/", "name.tumblr.com"),
        ("https://github.io/", "github.io"),
        ("https://wordpress.com/", "wordpress.com"),
        # Hosts without a registered domain.
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("http://localhost/", "localhost"),
        ("http://intranet.nosuchsuffix/", "intranet.nosuchsuffix"),
        # Other scripts, in both spellings.
        ("https://www.münchen.de/", "xn--mnchen-3ya.de"),
        ("https://www.xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"),
        ("https://кто.рф/", "xn--j1ail.xn--p1ai"),
        ("https://xn--j1ail.xn--p1ai/", "xn--j1ail.xn--p1ai"),
        # No host.
        ("", ""),
        ("/relative", ""),
        ("mailto:me@example.org", ""),
        ("https:///path", ""),
        ("https://[::1/", ""),
        ("dns:example.org", ""),
    ],
)  # fmt: skip
def test_a_page_belongs_to_the_registered_domain(url: str, root: str) -> None:
    assert root_url(url) == root


@pytest.mark.parametrize(
    ("url", "prefix"),
    [
        ("https://www.example.org/questions/123/why", "example.org/questions/*"),
        ("https://math.example.org/questions/123", "math.example.org/questions/*"),
        ("https://example.org:8443/q/?page=2", "example.org/q/*"),
        ("https://example.org//q/1", "example.org/q/*"),
        ("https://www.b\u00fccher.org/q/1", "xn--bcher-kva.org/q/*"),
        # In no folder.
        ("https://example.org/about", ""),
        ("https://example.org/", ""),
        ("https://example.org", ""),
        ("https://example.org?x=a/b/c", ""),
        (f"https://example.org/{'x' * 61}/1", ""),
        ("/questions/1", ""),
        ("https://[::1/a/b", ""),
    ],
)
def test_a_page_stands_in_the_first_folder(url: str, prefix: str) -> None:
    assert path_prefix(url) == prefix


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/",
        "http://exa mple.org/",
        "http://\x00/",
        "http://" + "x" * 5000 + ".org",
        "http://ü" + "y" * 300 + ".org/",
    ],
)
def test_what_is_no_name_by_the_rules_is_no_exception(url: str) -> None:
    root_url(url).encode("utf-8")


def test_the_list_is_never_fetched_and_never_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    sites._public_suffixes.cache_clear()
    assert root_url("https://a.b.example.co.uk/") == "example.co.uk"
