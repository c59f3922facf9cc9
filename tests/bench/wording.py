"""Gives the corpus's pages as many different words as real pages have.

The demo writes its pages from a few hundred sentences: in two million words of it, 6 % of the runs of three words are
different ones; in as many of a Linux system's documentation 47 %, in 177,000 of Python packages' READMEs 76 %. To
fastText that decides whether the rows that it reads of a 2 GB matrix lie in the processor's cache: it predicted 2,300
of the demo's own pages a second, and 880 real pages of as many words. So here 40 % of the words are replaced by words
drawn as a language draws them (Zipf's law), which gives 63 % and 930 pages; mark-up is left alone.
"""

import re
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.warcwriter import WARCWriter

REPLACED_SHARE = 0.4
LEXICON_WORDS = 200_000
_CONSONANTS, _VOWELS = "bcdfghjklmnprstvw", "aeiou"
_SYLLABLES = tuple(consonant + vowel for consonant in _CONSONANTS for vowel in _VOWELS)
_NOT_WORDS_OR_WORD = re.compile(
    r"(<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!--.*?-->|<[^>]*>|&#?\w+;)|([A-Za-z]{2,})",
    re.DOTALL | re.IGNORECASE,
)


def lexicon() -> list[str]:
    """Words by falling frequency; the frequent ones are short."""
    words: list[str] = []
    for number in range(LEXICON_WORDS):
        word, rest = "", number + len(_SYLLABLES)
        while rest:
            rest, syllable = divmod(rest, len(_SYLLABLES))
            word += _SYLLABLES[syllable]
        words.append(word)
    return words


def chances() -> NDArray[np.float64]:
    """Chance that a word of this or a lower rank is drawn."""
    weights = 1.0 / (np.arange(LEXICON_WORDS) + 2.7)
    return np.cumsum(weights / weights.sum())


def varied(html: str, words: list[str], cumulated: NDArray[np.float64], random: np.random.Generator) -> str:
    """The page with REPLACED_SHARE of its words drawn anew."""
    found = len(_NOT_WORDS_OR_WORD.findall(html))
    ranks = iter(np.minimum(np.searchsorted(cumulated, random.random(found)), LEXICON_WORDS - 1).tolist())
    replaced = iter((random.random(found) < REPLACED_SHARE).tolist())

    def word(match: re.Match[str]) -> str:
        if match.group(2) is None or not next(replaced):
            return match.group(0)
        return words[int(next(ranks))]

    return _NOT_WORDS_OR_WORD.sub(word, html)


def write_varied(source: Path, target: Path, seed: int) -> None:
    """Copies a WARC file with varied wording; bodies are unpacked and payloads named, as Common Crawl keeps them."""
    words, cumulated, random = lexicon(), chances(), np.random.default_rng(seed)
    unfinished = target.with_suffix(".part")
    with source.open("rb") as file, unfinished.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for record in ArchiveIterator(file):
            if record.rec_type != "response":
                writer.write_record(record)
                continue
            body = record.content_stream().read()
            content_type = record.http_headers.get_header("Content-Type") or ""
            if content_type.startswith("text/html"):
                # Pages in other charsets stay as they are.
                with suppress(UnicodeDecodeError):
                    body = varied(body.decode("utf-8"), words, cumulated, random).encode()
            writer.write_record(_response(writer, record, body, content_type.partition(";")[0]))
    unfinished.rename(target)


def _response(writer: WARCWriter, record: ArcWarcRecord, body: bytes, mime: str) -> ArcWarcRecord:
    for name in ("Content-Encoding", "Transfer-Encoding"):
        record.http_headers.remove_header(name)
    record.http_headers.replace_header("Content-Length", str(len(body)))
    headers = {name: record.rec_headers.get_header(name) for name in ("WARC-Date", "WARC-Record-ID")}
    return writer.create_warc_record(
        record.rec_headers.get_header("WARC-Target-URI"),
        "response",
        payload=BytesIO(body),
        length=len(body),
        http_headers=record.http_headers,
        warc_headers_dict={**headers, "WARC-Identified-Payload-Type": mime},
    )
