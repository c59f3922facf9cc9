"""A page -> the words that the recall classifier reads: fast, and for a score only.

`document.py` is the careful way, for pages that are kept. lexbor parses, and what people do not read is stripped.
"""

from dataclasses import dataclass

import numpy as np
from resiliparse.parse.lang import detect_fast
from selectolax.lexbor import LexborHTMLParser

from mammoth_spark.text import kernels
from mammoth_spark.text.classifier import words_of

_NOT_READ = ["script", "style", "noscript", "template", "svg"]
# A page within these is safe with any parser; others are looked at first. Parsing takes time that grows with the
# square of the depth and of one tag's attributes (20,000 of either take half a second), and memory by the tag.
_PLAIN_BYTES, _PLAIN_TAGS = 512 << 10, 20_000
_MOST_TAGS, _MOST_DEPTH, _MOST_PARTS = 300_000, 20_000, 20_000
# Enough words to tell a language by.
_LANGUAGE_SAMPLE = 20_000


class TooComplex(ValueError):
    """The page's tags would cost a parser minutes or gigabytes."""


@dataclass(frozen=True, slots=True)
class PageText:
    title: str
    words: bytes
    """UTF-8, as the classifier reads it: tokens between white space."""


def page_text(html: bytes) -> PageText:
    """The title and words of a page in UTF-8; raises TooComplex for one made to hurt."""
    if len(html) > _PLAIN_BYTES or html.count(b"<") > _PLAIN_TAGS:
        tags, deepest, most_parts = kernels.tag_shape(np.frombuffer(html, np.uint8))
        if tags > _MOST_TAGS or deepest > _MOST_DEPTH or most_parts > _MOST_PARTS:
            raise TooComplex
    tree = LexborHTMLParser(html)
    tree.strip_tags(_NOT_READ)
    root = tree.root
    words = root.text(separator=" ") if root is not None else ""
    title = tree.css_first("title")
    return PageText(title.text().strip() if title is not None else "", words_of(words))


def language_of(words: bytes) -> str:
    """ISO 639-1 code, or `unknown`."""
    language, _ = detect_fast(words[:_LANGUAGE_SAMPLE].decode("utf-8", errors="ignore"))
    return str(language)
