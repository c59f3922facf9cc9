"""Whether a page's owner lets it be used: what its robots marks say, in the page and in the response."""

import re
from collections.abc import Collection

from selectolax.lexbor import LexborHTMLParser

# To all robots, or to those who gather texts for models.
_FOR_US = frozenset({"robots", "ccbot", "gptbot", "google-extended", "anthropic-ai", "claudebot", "mammoth-spark"})
# Without any of these a page says nothing to robots.
WORDS = (
    b"robots",
    b"ccbot",
    b"gptbot",
    b"claudebot",
    b"anthropic",
    b"google-extended",
    b"mammoth-spark",
    b"tdm-reservation",
)
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*", re.IGNORECASE)
_AGENT = re.compile(r"^\s*([a-z][a-z_-]*)\s*:\s*(.*)$", re.IGNORECASE)
# Directives with a value, which name no robot.
_DIRECTIVES = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_NOINDEX = frozenset({"noindex", "none"})
_NOAI = frozenset({"noai", "notrain"})


def refusals(tree: LexborHTMLParser, mentioned: Collection[bytes], robots_tag: str) -> set[str]:
    """`noai`, `noindex`, both or neither. `robots_tag` is the response's X-Robots-Tag; empty if it has none."""
    words: set[str] = set()
    is_for_us = True
    for part in robots_tag.split(","):
        # "otherbot: noindex, nofollow" goes on until another robot is named.
        named = _AGENT.match(part)
        is_named = named is not None and named.group(1).lower() not in _DIRECTIVES
        if named is not None and is_named:
            is_for_us = named.group(1).lower() in _FOR_US
        if is_for_us:
            said = named.group(2) if named is not None and is_named else part
            words |= set(_WORD.findall(said.lower()))
    if any(word in mentioned for word in WORDS):
        for meta in tree.css("meta[name][content]"):
            name, content = (meta.attributes.get(key) or "" for key in ("name", "content"))
            if name.strip().lower() in _FOR_US:
                words |= set(_WORD.findall(content.lower()))
            elif name.strip().lower() == "tdm-reservation" and content.strip() == "1":
                words.add("noai")
    return ({"noindex"} if words & _NOINDEX else set()) | ({"noai"} if words & _NOAI else set())
