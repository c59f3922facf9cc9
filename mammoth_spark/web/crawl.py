"""One site -> its pages, politely: robots.txt first, one request after the other, so many pages and links deep.

What was fetched is written in parts, each a WARC file that appears whole, and with each the crawl's state. A crawl that
was killed goes on behind its last part.
"""

import asyncio
import html
import io
import json
import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from urllib.parse import urldefrag, urljoin, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from mammoth_spark.config import Http, Visits
from mammoth_spark.web import payload, robots
from mammoth_spark.web.manners import asked_pause_s
from mammoth_spark.web.network import Network
from mammoth_spark.web.robots import Robots
from mammoth_spark.web.sites import host_of, root_url
from mammoth_spark.web.storage import file_names, put_bytes, read_bytes
from mammoth_spark.web.visit import REFUSALS, NoVisit, Visit, Visitor

PAGES_A_PART = 50
BYTES_A_PART = 32 << 20
# Strangers write what these read: no step of theirs is repeated without a bound, and they look into short pieces.
_ANCHOR = re.compile(rb"<a\s", re.IGNORECASE)
_HREF = re.compile(rb"""\shref\s{0,9}=\s{0,9}["']?\s{0,9}([^"'\s>]{1,2000})""", re.IGNORECASE)
_LOCATION = re.compile(rb"<loc>", re.IGNORECASE)
_LONGEST_TAG = 3_000
_MOST_ANCHORS = 5_000
_MOST_LOCATIONS = 50_000  # A sitemap has no more (sitemaps.org).
_MOST_SITEMAPS = 20
_MOST_LINKS = 500
# So many refusals in a row, and the site wants no visitor; so many failures, and it is not there.
_REFUSED_IN_A_ROW = 5
_FAILED_IN_A_ROW = 10
_FAILURES = ("connection", "deadline", "no_such_host", "robots_unknown")
# Whoever asks for a longer pause is left alone.
_LONGEST_PAUSE_S = 60.0
_FLUSH_EVERY_S = 120.0
# Addresses that are remembered, for each page that may be taken.
_QUEUED_A_PAGE = 5
_NO_PAGE = re.compile(r"\.(?:pdf|jpe?g|png|gif|svg|webp|css|js|json|xml|zip|gz|mp[34]|docx?|pptx?|xlsx?)$", re.I)
_STATE = "state.json"
_MOST_STATE_BYTES = 256 << 20


class Unreachable(OSError):
    """A site does not answer now, which is nothing for good: its crawl is not over, the next run goes on with it."""


@dataclass
class State:
    """How far a site's crawl is."""

    queue: list[tuple[int, str]] = field(default_factory=list)
    """Links that lead there, and the address."""
    seen: list[str] = field(default_factory=list)
    """Every address that is or was in the queue."""
    dropped: dict[str, str] = field(default_factory=dict)
    """Addresses that gave no page, and why."""
    given_back: list[str] = field(default_factory=list)
    """Addresses that failed once, and are asked for once more by the next run."""
    pages: int = 0
    parts: int = 0
    is_over: bool = False
    why_over: str = ""


def crawl(start: str, folder: str, settings: Visits, http: Http, network: Network) -> State:
    """Crawls a site from an address on, or goes on with it, into the parts in a folder."""
    before = [name for name in file_names(folder) if name == _STATE]
    state = State(queue=[(0, start)], seen=[start])
    if before:
        state = State(**json.loads(read_bytes(f"{folder}/{_STATE}", _MOST_STATE_BYTES)))
        state.queue = [(links, address) for links, address in state.queue]
    if not state.is_over:
        asyncio.run(_Crawl(root_url(start), folder, settings, http, network, state).go())
    return state


def parts_of(folder: str) -> list[str]:
    """The WARC files of a crawl, as its state counts them: one more may lie there, and is written again."""
    state = State(**json.loads(read_bytes(f"{folder}/{_STATE}", _MOST_STATE_BYTES)))
    return [f"{folder}/{_part_name(number)}" for number in range(state.parts)]


class _Crawl:
    def __init__(self, site: str, folder: str, settings: Visits, http: Http, network: Network, state: State) -> None:
        self._site, self._folder, self._settings, self._state = site, folder, settings, state
        self._agent = http.user_agent
        self._limit = settings.page_mb << 20
        self._visitor = Visitor(network, http.user_agent, settings.deadline_s, self._before_each)
        self._queue = deque(state.queue)
        self._seen = set(state.seen)
        self._robots: dict[str, Robots] = {}
        self._next_turn: dict[str, float] = {}
        self._waiting: list[Visit] = []
        self._asks_for_rules = False
        self._refusals = 0
        self._failing: list[tuple[int, str]] = []
        """What was asked for in vain, one after the other."""
        self._retried: set[str] = set()
        self._flushed_at = time.monotonic()

    async def go(self) -> None:
        async with self._visitor:
            if not self._state.parts:
                await self._read_sitemaps(self._queue[0][1])
            while self._queue and self._state.pages < self._settings.pages and not self._state.why_over:
                links, address = self._queue.popleft()
                await self._take(links, address)
                is_time = time.monotonic() - self._flushed_at > _FLUSH_EVERY_S
                waiting = sum(len(page.body) for page in self._waiting)
                if is_time or len(self._waiting) >= PAGES_A_PART or waiting >= BYTES_A_PART:
                    self._flush()
        self._state.is_over = True
        self._flush()

    async def _before_each(self, url: str) -> str | None:
        interval_s = self._settings.interval_s
        if not self._asks_for_rules:
            if root_url(url) != self._site:
                return "other_site"
            rules = await self._rules(url)
            if rules.why_unknown:
                return rules.why_unknown if rules.why_unknown in REFUSALS else "robots_unknown"
            if not rules.allow(url):
                return "robots"
            interval_s = max(interval_s, rules.delay_s)
        host = host_of(url)
        pause = self._next_turn.get(host, 0.0) - time.monotonic()
        if pause > 0:
            await asyncio.sleep(pause)
        self._next_turn[host] = time.monotonic() + interval_s
        return None

    async def _rules(self, url: str) -> Robots:
        place = robots.url_of(url)
        if place not in self._robots:
            self._asks_for_rules = True
            try:
                answer = await self._visitor.visit(place, robots.MOST_BYTES, cut=True)
            finally:
                self._asks_for_rules = False
            self._robots[place] = robots.read(answer, self._agent)
        return self._robots[place]

    async def _read_sitemaps(self, start: str) -> None:
        rules = await self._rules(start)
        if rules.why_unknown:
            return
        left = deque(rules.sitemaps or [urljoin(start, "/sitemap.xml")])
        for _ in range(_MOST_SITEMAPS):
            if not left or len(self._queue) > self._settings.pages:
                return
            answer = await self._visitor.visit(left.popleft(), self._limit, cut=True)
            if isinstance(answer, Visit) and answer.status == 200:
                for location in _locations(answer, self._limit):
                    if re.search(r"\.xml(\.gz)?$", location.partition("?")[0]):
                        left.append(location)
                    else:
                        self._add(1, location)

    async def _take(self, links: int, address: str) -> None:
        answer = await self._visitor.visit(address, self._limit)
        if isinstance(answer, NoVisit):
            self._went_without(links, address, answer.reason)
            return
        self._failing = []
        if answer.status in (403, 429, 503):
            await self._step_back(links, address, answer)
            return
        self._refusals = 0
        if answer.status != 200:
            self._state.dropped[address] = f"status_{answer.status // 100}xx"
        elif answer.url != address and answer.url in self._seen:
            self._state.dropped[address] = "redirects_to_seen"
        elif not _is_html(answer):
            self._state.dropped[address] = "not_html"
        else:
            self._seen.add(answer.url)
            self._waiting.append(answer)
            self._state.pages += 1
            if links < self._settings.depth:
                for link in _links(answer, self._limit):
                    self._add(links + 1, link)

    def _went_without(self, links: int, address: str, reason: str) -> None:
        self._state.dropped[address] = reason
        has_nothing = not self._state.pages and not self._queue
        if reason == "robots" and has_nothing:
            self._state.why_over = "its robots.txt allows us no page"
        # Dead links are dead for good; a site of which nothing came is not given up.
        if reason not in _FAILURES or (address in self._state.given_back and not has_nothing):
            return
        self._failing.append((links, address))
        if len(self._failing) == _FAILED_IN_A_ROW or has_nothing:
            self._queue.extendleft(reversed(self._failing))
            for _, failed in self._failing:
                del self._state.dropped[failed]
                self._state.given_back.append(failed)
            self._flush()
            raise Unreachable(f"{self._site} cannot be visited now: {reason} at {address}")

    async def _step_back(self, links: int, address: str, answer: Visit) -> None:
        """A host that is busy is left alone for as long as it asks, and tried once more."""
        self._refusals += 1
        if self._refusals >= _REFUSED_IN_A_ROW:
            self._state.why_over = f"it answered {answer.status} {self._refusals} times in a row"
        if answer.status == 403 or address in self._retried:
            self._state.dropped[address] = f"status_{answer.status}"
            return
        pause_s = asked_pause_s(answer.by_name.get("retry-after"), answer.at)
        if pause_s > _LONGEST_PAUSE_S:
            self._state.dropped[address] = f"status_{answer.status}"
            self._state.why_over = f"it asked to be left alone for {pause_s:,.0f} s"
            return
        self._retried.add(address)
        self._queue.appendleft((links, address))
        await asyncio.sleep(pause_s)

    def _add(self, links: int, address: str) -> None:
        try:
            address = urldefrag(address).url
        except ValueError:
            return
        has_room = len(self._seen) < _QUEUED_A_PAGE * self._settings.pages
        if has_room and address not in self._seen and root_url(address) == self._site and _may_be_page(address):
            self._seen.add(address)
            self._queue.append((links, address))

    def _flush(self) -> None:
        """The pages first: a state that knows of them must find them."""
        if self._waiting:
            name = _part_name(self._state.parts)
            put_bytes(_warc(name, self._agent, self._waiting), f"{self._folder}/{name}")
            self._state.parts += 1
            self._waiting = []
        self._flushed_at = time.monotonic()
        self._state.queue, self._state.seen = list(self._queue), sorted(self._seen)
        put_bytes(json.dumps(asdict(self._state)).encode(), f"{self._folder}/{_STATE}")


def _part_name(number: int) -> str:
    return f"part-{number:05}.warc.gz"


def _warc(name: str, agent: str, pages: list[Visit]) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    info = {"software": "mammoth-spark", "http-header-user-agent": agent, "robots": "obey"}
    writer.write_record(writer.create_warcinfo_record(name, info))
    for page in pages:
        # The body lies here as the server meant it, not in the chunks in which it came.
        headers = [(key, _plain(value)) for key, value in page.headers if key.lower() != "transfer-encoding"]
        record = writer.create_warc_record(
            page.url,
            "response",
            payload=io.BytesIO(page.body),
            length=len(page.body),
            http_headers=StatusAndHeaders(f"{page.status} {_plain(page.phrase)}", headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": f"{page.at:%Y-%m-%dT%H:%M:%SZ}", "WARC-IP-Address": page.address},
        )
        writer.write_record(record)
    return out.getvalue()


def _plain(text: str) -> str:
    """Bytes that are no ASCII came as surrogates, which no record can hold."""
    return text.encode("ascii", errors="replace").decode()


def _is_html(page: Visit) -> bool:
    mime = page.by_name.get("content-type", "").partition(";")[0].strip().lower()
    return mime in ("text/html", "application/xhtml+xml", "")


def _may_be_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and not _NO_PAGE.search(parts.path)


def _links(page: Visit, limit: int) -> Iterator[str]:
    """By a pattern: a parser would have to be kept from pages that are made to kill it."""
    try:
        content = payload.page_bytes(page.body, dict(page.by_name), limit)
    except payload.TooLarge:
        return
    anchors = islice(_ANCHOR.finditer(content), _MOST_ANCHORS)
    tags = (content[one.start() : one.start() + _LONGEST_TAG].partition(b">")[0] for one in anchors)
    for found in islice(filter(None, map(_HREF.search, tags)), _MOST_LINKS):
        with suppress(ValueError):
            yield urljoin(page.url, html.unescape(found[1].decode("utf-8", errors="replace")))


def _locations(sitemap: Visit, limit: int) -> Iterator[str]:
    try:
        content = payload.page_bytes(sitemap.body, dict(sitemap.by_name), limit)
    except payload.TooLarge:
        return
    for found in islice(_LOCATION.finditer(content), _MOST_LOCATIONS):
        location = content[found.end() : found.end() + _LONGEST_TAG].partition(b"<")[0].strip()
        yield html.unescape(location.decode("utf-8", errors="replace"))
