"""Which site an address belongs to."""

import functools
from contextlib import suppress
from urllib.parse import urlsplit

import tldextract

# Domains whose names belong to different people, as those of blogspot.com do, but which the public list lacks.
_SHARED = (
    "livejournal.com",
    "neocities.org",
    "substack.com",
    "tumblr.com",
    "typepad.com",
    "weebly.com",
    "wordpress.com",
)
# Longer ones are no names of folders: titles, tokens, whole addresses.
_LONGEST_FOLDER = 60
WHOLE_SITE = "*"
"""Stands for the prefix of a whole site, beside its parts."""


def site_name(root: str, prefix: str) -> str:
    """As people name a site, or a part of one."""
    return root if prefix == WHOLE_SITE else prefix


@functools.cache
def _public_suffixes() -> tldextract.TLDExtract:
    """The list that the package brings: without URLs it is never downloaded, without a folder never cached.

    Private suffixes count, so that people who share a domain (name.github.io) are sites of their own."""
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=_SHARED
    )


def shared_domain(root: str) -> str | None:
    """The domain that a site shares with others, where only we say that it is shared."""
    domain = root.partition(".")[2]
    return domain if domain in _SHARED else None


def path_prefix(url: str) -> str:
    """The part of a site that a page stands in, `host/first folder/*`; empty for a page in no folder.

    Sites keep their questions apart from the rest: `example.org/questions/*`, `math.example.org/q/*`."""
    host = host_of(url).removeprefix("www.")
    if not host:
        return ""
    folder, slash, _ = urlsplit(url).path.lstrip("/").partition("/")
    return f"{host}/{folder}/*" if folder and slash and len(folder) <= _LONGEST_FOLDER else ""


def root_url(url: str) -> str:
    """The registered domain; the bare host where there is none, as of an IP address; empty for what is no URL."""
    host = host_of(url)
    return _public_suffixes()(host).top_domain_under_public_suffix or host


def host_of(url: str) -> str:
    """Names in other scripts are given as the DNS has them (`xn--...`), so that both spellings are one site."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    if not host.isascii():
        with suppress(UnicodeError):  # What is no name by the rules stays as it is written.
            host = host.encode("idna").decode("ascii")
    return host
