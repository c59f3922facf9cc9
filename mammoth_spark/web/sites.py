"""Which site an address belongs to."""

import functools
from urllib.parse import urlsplit

import tldextract


@functools.cache
def _public_suffixes() -> tldextract.TLDExtract:
    """The list that the package brings: without URLs it is never downloaded, without a folder never cached.

    Private suffixes count, so that people who share a domain (name.github.io) are sites of their own."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def root_url(url: str) -> str:
    """The registered domain; the bare host where there is none, as of an IP address."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return _public_suffixes()(host).top_domain_under_public_suffix or host
