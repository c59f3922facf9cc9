"""One WARC file -> the pages worth keeping, and a report of what became of each response in it."""

import io
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from mammoth_spark.config import Http, Pages, Recall
from mammoth_spark.text import kernels
from mammoth_spark.text.classifier import SCORE_BINS, Classifier
from mammoth_spark.web import payload
from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.page_text import PageText, first_question, language_of, page_text
from mammoth_spark.web.ranges import ranges_of
from mammoth_spark.web.sites import path_prefix, root_url
from mammoth_spark.web.storage import join, open_path
from mammoth_spark.web.url_index import Place
from mammoth_spark.web.warc import Response, Tally, read_responses

_HTML = ("text/html", "application/xhtml+xml")
# Beginnings of PDF, PNG, JPEG, GIF, ZIP (and what is built on it), and of gzip and zstd that did not inflate: servers
# send all of these as text/html.
_NO_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page that could be read."""

    response: Response
    html: bytes
    charset: str
    text: PageText
    words: int


@dataclass(frozen=True, slots=True)
class RecalledPage:
    """A row of `recalled_pages`, without what the stage adds."""

    warc_file: str
    warc_offset: int
    warc_length: int
    url: str
    root_url: str
    prefix: str
    score: float
    language: str
    words: int
    title: str
    question: str
    fetched_at: datetime | None
    charset: str
    robots_tag: str
    html: bytes


@dataclass(slots=True)
class WarcReport:
    """A row of `warc_files`, without what the stage adds."""

    warc_file: str
    status: str = "done"
    reason: str | None = None
    records: int = 0
    responses: int = 0
    scored: int = 0
    kept: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    damage: Counter[str] = field(default_factory=Counter)
    score_histogram: list[int] = field(default_factory=lambda: [0] * SCORE_BINS)
    bytes: int = 0
    read_seconds: float = 0.0
    text_seconds: float = 0.0
    score_seconds: float = 0.0
    seconds: float = 0.0


def recall_file(
    warc_file: str, base: str, classifier: Classifier, settings: Recall, pages: Pages, http: Http
) -> Iterator[RecalledPage | WarcReport]:
    """The kept pages as they are read, and at the end the report.

    A file that cannot be read to its end is reported as failed; the pages that came before it are then void."""
    work = _Work(WarcReport(warc_file), classifier, settings, pages)
    tally = Tally()
    try:
        with open_path(join(base, warc_file), http) as file:
            for response in read_responses(file, work.limit, tally):
                page = work.judged(response)
                if page is not None:
                    yield page
                    work.go_on()
            work.report.bytes = file.seek(0, 2)
        if work.report.bytes == 0:
            raise FetchError("empty", warc_file, f"{warc_file} is empty")
        if tally.records == 0:
            raise FetchError("no_records", warc_file, f"{warc_file} holds no WARC record; is it a WARC file?")
    except (FetchError, ValueError, OSError) as error:
        work.report = WarcReport(warc_file, status="failed", reason=str(error))
    yield work.ended(tally)


def recall_places(
    warc_file: str,
    places: Iterable[Place],
    base: str,
    classifier: Classifier,
    settings: Recall,
    pages: Pages,
    http: Http,
) -> Iterator[RecalledPage | WarcReport]:
    """As `recall_file`, of a few records that an index names, each read by itself."""
    work = _Work(WarcReport(warc_file), classifier, settings, pages)
    tally = Tally()
    try:
        with ranges_of(join(base, warc_file), http) as read:
            for place in places:
                if not 0 < place.warc_length <= work.limit:
                    work.missed("no_record")
                    continue
                part = read(place.warc_offset, place.warc_length)
                work.report.bytes += len(part)
                found = list(read_responses(io.BytesIO(part), work.limit, tally))
                response = next((one for one in found if one.url == place.url), None)
                if response is None:
                    work.missed("other_url" if found else "no_record")
                    continue
                page = work.judged(replace(response, offset=place.warc_offset, length=place.warc_length))
                if page is not None:
                    yield page
                    work.go_on()
    except (FetchError, ValueError, OSError) as error:
        work.report = WarcReport(warc_file, status="failed", reason=str(error))
    yield work.ended(tally)


class _Work:
    """A file's pages on their way through the classifier, and the account of them."""

    def __init__(self, report: WarcReport, classifier: Classifier, settings: Recall, pages: Pages) -> None:
        self.report, self._classifier, self._settings, self._min_words = report, classifier, settings, pages.min_words
        self.limit = pages.max_page_mb << 20
        self._began = self._mark = time.perf_counter()

    def judged(self, response: Response) -> RecalledPage | None:
        """The page, if it is kept."""
        report = self.report
        report.responses += 1
        report.read_seconds += self._lap()
        page = read_page(response, self.limit, self._min_words)
        report.text_seconds += self._lap()
        kept: RecalledPage | str = (
            page if isinstance(page, str) else _judge(page, self._classifier, self._settings, report)
        )
        report.score_seconds += self._lap()
        if isinstance(kept, str):
            report.skipped[kept] += 1
            return None
        report.kept += 1
        return kept

    def missed(self, reason: str) -> None:
        """The index named a record that is not there."""
        self.report.responses += 1
        self.report.skipped[reason] += 1

    def go_on(self) -> None:
        """After others had the time."""
        self._mark = time.perf_counter()

    def ended(self, tally: Tally) -> WarcReport:
        report = self.report
        report.records, report.damage = tally.records, tally.damage
        report.read_seconds += self._lap()
        report.seconds = time.perf_counter() - self._began
        return report

    def _lap(self) -> float:
        before, self._mark = self._mark, time.perf_counter()
        return self._mark - before


def read_page(response: Response, limit: int, min_words: int) -> Page | str:
    """The page of a response, or in a word why it is none."""
    if not response.url:
        return "no_url"
    if response.status is None:
        return "no_http"
    if response.status != 200:
        return f"status_{response.status // 100}xx"
    if response.cut:
        return "too_large"
    content_type = response.headers.get("content-type", "")
    mime = re.split("[;,]", content_type, maxsplit=1)[0].strip().lower()
    try:
        body = payload.page_bytes(response.body, response.headers, limit)
        if not body:
            return "empty"
        if body.startswith(_NO_TEXT) or (mime not in _HTML and (mime or body.lstrip()[:1] != b"<")):
            return "not_html"
        html, charset = payload.utf8_of(body, content_type)
        text = page_text(html)
    except payload.TooLarge:
        return "too_large"
    except Exception as error:  # Whatever a page does to a parser, it costs that page alone.
        return f"error_{type(error).__name__}"
    words = kernels.count_words(np.frombuffer(text.words, np.uint8))
    return Page(response, body, charset, text, words) if words >= min_words else "short"


def _judge(page: Page, classifier: Classifier, settings: Recall, report: WarcReport) -> RecalledPage | str:
    score = classifier.score(page.text.words)
    report.scored += 1
    report.score_histogram[min(SCORE_BINS - 1, int(score * SCORE_BINS))] += 1
    if score < settings.floor_score:
        return "low_score"
    language = language_of(page.text.words)
    if settings.languages and language not in settings.languages:
        return "language"
    response = page.response
    return RecalledPage(
        warc_file=report.warc_file,
        warc_offset=response.offset,
        warc_length=response.length,
        url=response.url,
        root_url=root_url(response.url),
        prefix=path_prefix(response.url),
        score=score,
        language=language,
        words=page.words,
        title=page.text.title,
        question=first_question(page.text.words),
        fetched_at=response.fetched_at,
        charset=page.charset,
        robots_tag=response.headers.get("x-robots-tag", ""),
        html=page.html,
    )
