"""One WARC file -> the pages in it from which a classifier learns."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mammoth_spark.config import Http, Pages
from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.page_text import language_of
from mammoth_spark.web.recall import read_page
from mammoth_spark.web.site_lists import SiteLabels
from mammoth_spark.web.sites import root_url
from mammoth_spark.web.storage import join, open_path
from mammoth_spark.web.warc import Tally, read_responses


@dataclass(frozen=True, slots=True)
class SeedCandidate:
    """A response of a labelled site: its words, or the reason why it has none. Without URL: a file that failed."""

    warc_file: str
    warc_offset: int
    warc_length: int
    url: str
    root_url: str
    label: str
    source: str
    language: str = "unknown"
    words: int = 0
    text: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Wanted:
    """Which responses of a WARC file are looked at: those of labelled sites, and a share of all others."""

    labels: SiteLabels
    source: str
    """How a label is known."""
    share: float = 0.0
    """Of other sites' responses, drawn by hash, that are taken for negative."""
    without: frozenset[str] = frozenset()
    """Sites of which none is drawn."""

    def label_of(self, url: str, root: str, place: str) -> tuple[str, str] | None:
        """The label and how it is known."""
        label = self.labels.label_of(url, root)
        if label is not None:
            return label, self.source
        if not self.share or not root or root in self.labels.roots or root in self.without:
            return None
        return ("negative", "random") if lot(f"{url} {place}") < self.share else None


def lot(name: str) -> float:
    """From 0 to 1, by hash: the same at any parallelism."""
    return int.from_bytes(hashlib.sha256(name.encode(errors="replace")).digest()[:8]) / 2**64


def some_files(warc_files: Sequence[str], count: int) -> list[str]:
    """So many, drawn by hash; 0 takes all."""
    return sorted(warc_files, key=lot)[:count] if count else list(warc_files)


def seed_candidates(
    warc_file: str, base: str, wanted: Wanted, pages: Pages, languages: Collection[str], http: Http
) -> Iterator[SeedCandidate]:
    """The wanted responses. A file that fails ends with `file_failed`; its pages are then void."""
    limit = pages.max_page_mb << 20
    try:
        with open_path(join(base, warc_file), http) as file:
            for response in read_responses(file, limit, Tally()):
                site = root_url(response.url)
                label = wanted.label_of(response.url, site, f"{warc_file} {response.offset}")
                if label is None:
                    continue
                page = read_page(response, limit, pages.min_words)
                place = (warc_file, response.offset, response.length, response.url, site, *label)
                if isinstance(page, str):
                    yield SeedCandidate(*place, reason=page)
                    continue
                language = language_of(page.text.words)
                if languages and language not in languages:
                    yield SeedCandidate(*place, language=language, words=page.words, reason="language")
                else:
                    yield SeedCandidate(*place, language, page.words, line_of(page.text.words))
    except (FetchError, ValueError, OSError) as error:
        yield file_failed(warc_file, str(error))


def line_of(words: bytes) -> str:
    """One line of tokens, the same that recall will score."""
    return b" ".join(words.replace(b"\0", b" ").split()).decode("utf-8", errors="replace")


def file_failed(warc_file: str, reason: str) -> SeedCandidate:
    """Stands for a file that could not be read to its end."""
    return SeedCandidate(warc_file, 0, 0, "", "", "", "", reason=reason)
