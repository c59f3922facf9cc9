"""One WARC file -> the pages of labelled sites in it, from which a classifier learns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mammoth_spark.config import Http, Pages
from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.page_text import language_of
from mammoth_spark.web.recall import read_page
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
    language: str = "unknown"
    words: int = 0
    text: str = ""
    reason: str | None = None


def seed_candidates(
    warc_file: str, base: str, labels: Mapping[str, str], pages: Pages, http: Http
) -> Iterator[SeedCandidate]:
    """All responses of labelled sites. A file that fails ends with `file_failed`; its pages are then void."""
    limit = pages.max_page_mb << 20
    try:
        with open_path(join(base, warc_file), http) as file:
            for response in read_responses(file, limit, Tally()):
                site = root_url(response.url)
                label = labels.get(site)
                if label is None:
                    continue
                page = read_page(response, limit, pages.min_words)
                place = (warc_file, response.offset, response.length, response.url, site, label)
                if isinstance(page, str):
                    yield SeedCandidate(*place, reason=page)
                else:
                    # One line of tokens, the same that recall will score.
                    words = page.text.words
                    text = b" ".join(words.replace(b"\0", b" ").split()).decode("utf-8", errors="replace")
                    yield SeedCandidate(*place, language=language_of(words), words=page.words, text=text)
    except (FetchError, ValueError, OSError) as error:
        yield file_failed(warc_file, str(error))


def file_failed(warc_file: str, reason: str) -> SeedCandidate:
    """Stands for a file that could not be read to its end."""
    return SeedCandidate(warc_file, 0, 0, "", "", "", reason=reason)
