"""Whether a page's owner lets it be used: what its robots marks say, in the page and in the response."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser

# To all robots, or to those who gather texts for models.
_FOR_US = frozenset({"robots", "ccbot", "gptbot", "google-extended", "anthropic-ai", "claudebot", "mammoth-spark"})
_META = re.compile(rb"<meta[^>]{0,400}(?:robots|bot|noai|anthropic|google-extended|tdm)", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*", re.IGNORECASE)
_AGENT = re.compile(r"^\s*([a-z][a-z-]*)\s*:\s*(.*)$", re.IGNORECASE)
_NOINDEX = frozenset({"noindex", "none"})
_NOAI = frozenset({"noai", "notrain"})


def refusals(html: bytes, tree: LexborHTMLParser, robots_tags: Iterable[str]) -> set[str]:
    """`noai`, `noindex`, both or neither. `robots_tags` are the values of the response's X-Robots-Tag."""
    words: set[str] = set()
    for value in robots_tags:
        for part in value.split("\n"):
            named = _AGENT.match(part)
            # "unavailable_after: date" names no robot, and is no refusal either.
            if named is None:
                words |= set(_WORD.findall(part.lower()))
            elif named.group(1).lower() in _FOR_US:
                words |= set(_WORD.findall(named.group(2).lower()))
    if _META.search(html):
        for meta in tree.css("meta[name][content]"):
            name, content = (meta.attributes.get(key) or "" for key in ("name", "content"))
            if name.strip().lower() in _FOR_US:
                words |= set(_WORD.findall(content.lower()))
            elif name.strip().lower() == "tdm-reservation" and content.strip() == "1":
                words.add("noai")
    return ({"noindex"} if words & _NOINDEX else set()) | ({"noai"} if words & _NOAI else set())
