"""A page -> the words that the recall classifier reads: fast, and for a score only.

`bare_page` takes the tags out and lexbor reads the text. `document.py` is the careful way, for pages that are kept.
"""

import re
from dataclasses import dataclass
from itertools import islice

from resiliparse.parse.lang import detect_fast
from selectolax.lexbor import LexborHTMLParser

from mammoth_spark.text.classifier import words_of
from mammoth_spark.web.bare_page import bare_page

# A title is a sample for people and for a verdict over a site; some hold the whole page.
_TITLE_LENGTH = 500
# Enough words to tell a language by.
_LANGUAGE_SAMPLE = 20_000
_QUESTION_SAMPLE = 100_000
_QUESTION_END = re.compile(rb"\?(?=\s|$)")
_SENTENCE_END = re.compile(rb"(?<=[.!?])\s")
_LONGEST_QUESTION = 300
_MOST_MARKS = 100
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class PageText:
    title: str
    words: bytes
    """UTF-8, as the classifier reads it: tokens between white space."""


def page_text(html: bytes) -> PageText:
    """The title and words of a page in UTF-8."""
    # Browsers pass over zeros, and so does the parser, but it keeps a note of each.
    tree = LexborHTMLParser(bare_page(html.replace(b"\0", b"")))
    root = tree.root
    words = root.text(separator=" ") if root is not None else ""
    title = tree.css_first("title")
    beginning = title.text().lstrip()[: 10 * _TITLE_LENGTH] if title is not None else ""
    return PageText(" ".join(beginning.split())[:_TITLE_LENGTH], words_of(words))


def first_question(words: bytes) -> str:
    """The first sentence that asks something: a sample for people and for a verdict over a site."""
    sample = words[:_QUESTION_SAMPLE]
    for mark in islice(_QUESTION_END.finditer(sample), _MOST_MARKS):
        before = sample[max(0, mark.start() - _LONGEST_QUESTION) : mark.end()]
        sentence = _SENTENCE_END.split(before)[-1].decode("utf-8", errors="ignore").split()
        if len(sentence) >= _LEAST_WORDS:
            return " ".join(sentence)
    return ""


def language_of(words: bytes) -> str:
    """ISO 639-1 code, or `unknown`."""
    if not words.strip():
        return "unknown"  # Else a guess, as for any text.
    language, _ = detect_fast(words[:_LANGUAGE_SAMPLE].decode("utf-8", errors="ignore"))
    return str(language)
