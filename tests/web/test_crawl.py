"""A site's pages, politely: by its robots.txt, at its pace, and where a killed crawl stopped."""

import gzip
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from mammoth_spark.config import Http, Visits
from mammoth_spark.web import crawl as crawling
from mammoth_spark.web.crawl import State, Unreachable, crawl, parts_of
from mammoth_spark.web.robots import url_of
from mammoth_spark.web.warc import Tally, read_responses
from tests.web.small_site import PUBLIC, Names, Page, SmallSite, html
from tests.web.test_visit import METADATA, OTHERS

AGENT = "mammoth-test (me@example.org)"
TEXT = {"Content-Type": "text/plain"}


def crawled(folder: Path, site: SmallSite, names: Names | None = None, **settings: object) -> State:
    visits = Visits(interval_s=0.0, deadline_s=2.0).model_copy(update=settings)
    network = (names or Names(site.port)).network()
    return crawl("http://example.org/", str(folder), visits, Http(user_agent=AGENT), network)


def pages_of(folder: Path) -> list[str]:
    """As recall's own reader finds them."""
    found = []
    for part in parts_of(str(folder)):
        with Path(part).open("rb") as file:
            tally = Tally()
            found += [response.url for response in read_responses(file, 1 << 20, tally)]
            assert not tally.damage
    return found


def robots(text: str) -> Page:
    return Page(text.encode(), headers=TEXT)


def test_a_site_is_followed_link_by_link(tmp_path: Path) -> None:
    with SmallSite(
        {
            "example.org/": html(
                "/a", "b?x=1&amp;y=2#part", "http://www.example.org/c", "https://example.com/", "x.pdf"
            ),
            "example.org/a": html("/", "/a/deep"),
            "example.org/b?x=1&y=2": html(),
            "www.example.org/c": html("/moved"),
            "example.org/a/deep": html("/a/deep/er"),
            "www.example.org/moved": Page(b"", 301, {"Location": "http://example.org/here"}),
            "example.org/here": html(),
        }
    ) as site:
        state = crawled(tmp_path, site, depth=2)
    assert Counter(pages_of(tmp_path)) == Counter(
        f"http://{place}"
        for place in ("example.org/", "example.org/a", "example.org/b?x=1&y=2", "www.example.org/c",
                      "example.org/a/deep", "example.org/here")
    )  # fmt: skip
    assert (state.pages, state.dropped, state.is_over) == (6, {}, True)
    # Another site, a file that is no page, a link too deep: nobody asked for them.
    assert not {"example.com/", "example.org/x.pdf", "example.org/a/deep/er"} & set(site.paths)
    assert site.agents == {AGENT}


def test_robots_txt_is_read_first_and_obeyed(tmp_path: Path) -> None:
    rules = "User-agent: *\nDisallow: /private\n\nUser-agent: mammoth-test\nDisallow: /secret*.html$\n"
    with SmallSite(
        {
            "example.org/robots.txt": robots(rules),
            "example.org/": html("/private", "/secret1.html", "/secret.htmlx", "/redirect"),
            "example.org/private": html(),
            "example.org/secret1.html": html(),
            "example.org/secret.htmlx": html(),
            "example.org/redirect": Page(b"", 302, {"Location": "/secret2.html"}),
            "example.org/secret2.html": html(),
        }
    ) as site:
        state = crawled(tmp_path, site)
        assert site.paths[0] == "example.org/robots.txt"
        assert not {"example.org/secret1.html", "example.org/secret2.html"} & set(site.paths)
    # The rules for us by name, and not those for all.
    assert "http://example.org/private" in pages_of(tmp_path)
    assert state.dropped == {"http://example.org/secret1.html": "robots", "http://example.org/redirect": "robots"}


FORBIDS = b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize(
    ("answer", "reason", "why_over"),
    [
        (robots(FORBIDS.decode()), "robots", "its robots.txt allows us no page"),
        (
            Page(gzip.compress(FORBIDS), headers={**TEXT, "Content-Encoding": "gzip"}),
            "robots",
            "its robots.txt allows us no page",
        ),
        (Page(b"", 301, {"Location": "/robots.txt"}), "too_many_redirects", ""),
    ],
)
def test_where_robots_txt_forbids_all_no_page_is_read(tmp_path: Path, answer: Page, reason: str, why_over: str) -> None:
    with SmallSite({"example.org/robots.txt": answer, "example.org/": html()}) as site:
        state = crawled(tmp_path, site)
        assert set(site.paths) == {"example.org/robots.txt"}
    assert (state.pages, state.why_over) == (0, why_over)
    assert state.dropped == {"http://example.org/": reason}
    assert parts_of(str(tmp_path)) == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_while_robots_txt_cannot_be_had_no_page_is_read(tmp_path: Path, status: int) -> None:
    pages: dict[str, Page | list[Page]] = {"example.org/robots.txt": Page(b"", status), "example.org/": html()}
    with SmallSite(pages) as site:
        with pytest.raises(Unreachable, match="cannot be visited now: robots_unknown"):
            crawled(tmp_path, site)
        assert set(site.paths) == {"example.org/robots.txt"}
    # The crawl is not over: the next one goes on with it.
    with SmallSite({"example.org/": html()}) as site:
        assert crawled(tmp_path, site).pages == 1


@pytest.mark.parametrize(("url", "reason"), [*((url, "not_global") for url in METADATA), *OTHERS])
def test_of_a_hostile_address_the_state_says_why_no_page_came(tmp_path: Path, url: str, reason: str) -> None:
    with SmallSite({}) as site:
        names = Names(site.port, {"localhost": [["127.0.0.1"]]})
        visits = Visits(interval_s=0.0, deadline_s=2.0)
        state = crawl(url, str(tmp_path), visits, Http(user_agent=AGENT), names.network())
        assert (state.pages, state.dropped) == (0, {url: reason})
        assert set(names.connected) <= {PUBLIC}


def test_a_site_that_falls_silent_is_left_and_gone_on_with(tmp_path: Path) -> None:
    links = [f"/{number}" for number in range(15)]
    silent = {f"example.org{link}": Page(write=lambda _, over: over.wait(2)) for link in links}
    with SmallSite({"example.org/": html(*links), **silent}) as site:
        with pytest.raises(Unreachable, match="deadline"):
            crawled(tmp_path, site, deadline_s=0.1)
        assert len([path for path in site.paths if path[12:].isdigit()]) == 10
    with SmallSite({f"example.org{link}": html() for link in links}) as site:
        state = crawled(tmp_path, site)
        assert "example.org/" not in site.paths
    assert (state.pages, state.dropped) == (16, {})


def test_dead_links_are_tried_by_one_more_run_and_no_other(tmp_path: Path) -> None:
    links = [f"/{number}" for number in range(12)]
    dead = {f"example.org{link}": Page(write=lambda _, over: over.wait(2)) for link in links}
    with SmallSite({"example.org/": html(*links, "/last"), "example.org/last": html(), **dead}) as site:
        with pytest.raises(Unreachable):
            crawled(tmp_path, site, deadline_s=0.1)
        state = crawled(tmp_path, site, deadline_s=0.1)
    assert (state.pages, state.is_over) == (2, True)
    assert state.dropped == {f"http://example.org{link}": "deadline" for link in links}


def test_what_many_addresses_redirect_to_is_taken_once(tmp_path: Path) -> None:
    to_login = Page(b"", 302, {"Location": "/login"})
    pages = {f"example.org/{number}": to_login for number in range(3)}
    with SmallSite({"example.org/": html("/0", "/1", "/2"), "example.org/login": html(), **pages}) as site:
        state = crawled(tmp_path, site)
    assert pages_of(tmp_path) == ["http://example.org/", "http://example.org/login"]
    assert set(state.dropped.values()) == {"redirects_to_seen"}


def test_all_spellings_of_a_host_share_its_pace(tmp_path: Path) -> None:
    twins = ("http://example.org:80/a", "http://EXAMPLE.org/b", "http://example.org/c")
    with SmallSite({"example.org/": html(*twins)} | {f"example.org/{name}": html() for name in "abc"}) as site:
        crawled(tmp_path, site, interval_s=0.2)
        times = [moment for moment, _ in site.asked]
    assert all(later - earlier > 0.19 for earlier, later in pairwise(times))


def test_what_a_site_writes_to_hang_a_crawl_does_not(tmp_path: Path) -> None:
    spaces = b" " * (2 << 20)
    hostile = b"<a href=" + spaces + b">" + b"<a " * 300_000 + b"<a" + spaces + b"href=/late>"
    broken = b"<loc>" + spaces + b"</loc><loc>http://[::1/</loc><loc>http://example.org/sound</loc>"
    odd = {"Content-Type": "text/html", "Content-Disposition": "r\xe9sum\xe9"}
    began = time.monotonic()
    with SmallSite(
        {
            "example.org/sitemap.xml": Page(broken, headers=TEXT),
            "example.org/": Page(hostile),
            "example.org/sound": Page(b"sound", headers=odd),
        }
    ) as site:
        state = crawled(tmp_path, site)
    assert (state.pages, state.dropped) == (2, {})
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_site_without_robots_txt_is_open(tmp_path: Path, status: int) -> None:
    with SmallSite({"example.org/robots.txt": Page(b"", status), "example.org/": html()}) as site:
        assert crawled(tmp_path, site).pages == 1


def test_of_an_endless_robots_txt_the_beginning_counts(tmp_path: Path) -> None:
    endless = Page(b"User-agent: *\nDisallow: /private\n", headers=TEXT, write=_endless_rules)
    with SmallSite(
        {"example.org/robots.txt": endless, "example.org/": html("/private"), "example.org/private": html()}
    ) as site:
        state = crawled(tmp_path, site)
    assert state.dropped == {"http://example.org/private": "robots"}


def _endless_rules(file: object, over: object) -> None:
    file.write(b"User-agent: *\nDisallow: /private\n")  # type: ignore[attr-defined]
    for _ in range(1600):  # A hundred megabytes, if somebody reads on.
        file.write(b"# nothing\n" * 6400)  # type: ignore[attr-defined]


def test_a_host_is_asked_at_its_pace(tmp_path: Path) -> None:
    rules = robots("User-agent: *\nCrawl-delay: 0.5\n")
    pages = {f"example.org/{number}": html() for number in range(3)}
    start = html(*(f"/{number}" for number in range(3)))
    with SmallSite({"example.org/robots.txt": rules, "example.org/": start, **pages}) as site:
        crawled(tmp_path, site, interval_s=0.2)
        times = [moment for moment, place in site.asked if not place.endswith(("robots.txt", "sitemap.xml"))]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) > 0.45
    with SmallSite({"example.org/": start, **pages}) as site:
        crawled(tmp_path / "other", site, interval_s=0.2)
        times = [moment for moment, _ in site.asked]
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.15


def test_sitemaps_lead_to_pages_that_nothing_links_to(tmp_path: Path) -> None:
    index = b"<sitemapindex><sitemap><loc>http://example.org/one.xml</loc></sitemap></sitemapindex>"
    one = b"<urlset><url><loc> http://example.org/q/1?a=1&amp;b=2 </loc></url><url><loc>http://example.com/</loc></url>"
    with SmallSite(
        {
            "example.org/robots.txt": robots("Sitemap: http://example.org/index.xml\n"),
            "example.org/index.xml": Page(index, headers={"Content-Type": "application/xml"}),
            "example.org/one.xml": Page(one, headers={"Content-Type": "application/xml"}),
            "example.org/": html(),
            "example.org/q/1?a=1&b=2": html(),
        }
    ) as site:
        crawled(tmp_path, site)
        assert "example.com/" not in site.paths
    assert pages_of(tmp_path) == ["http://example.org/", "http://example.org/q/1?a=1&b=2"]


def test_what_is_no_page_has_a_reason(tmp_path: Path) -> None:
    links = ("/gone", "/broken", "/picture", "/huge", "/loop", "/inner")
    with SmallSite(
        {
            "example.org/": html(*links),
            "example.org/gone": Page(b"", 404),
            "example.org/broken": Page(b"", 500),
            "example.org/picture": Page(b"\x89PNG", headers={"Content-Type": "image/png"}),
            "example.org/huge": Page(b"x" * ((1 << 20) + 1)),
            "example.org/loop": Page(b"", 302, {"Location": "/loop"}),
            "example.org/inner": Page(b"", 302, {"Location": "http://inner.example.org/"}),
        }
    ) as site:
        names = Names(site.port, {"inner.example.org": [["10.0.0.1"]]})
        state = crawled(tmp_path, site, names, page_mb=1)
    assert {url.rpartition("/")[2]: reason for url, reason in state.dropped.items()} == {
        "gone": "status_4xx",
        "broken": "status_5xx",
        "picture": "not_html",
        "huge": "too_large",
        "loop": "too_many_redirects",
        "inner": "not_global",
    }
    assert "10.0.0.1" not in names.connected


def test_a_busy_host_is_given_time_and_a_host_that_refuses_is_left_alone(tmp_path: Path) -> None:
    busy = Page(b"", 503, {"Retry-After": "1"})
    links = [f"/{number}" for number in range(10)]
    with SmallSite({"example.org/": [busy, html(*links)]}) as site:
        for link in links:
            site.pages[f"example.org{link}"] = Page(b"", 403)
        began = time.monotonic()
        state = crawled(tmp_path, site)
        assert time.monotonic() - began >= 1.0
    assert state.pages == 1
    assert state.why_over == "it answered 403 5 times in a row"
    assert len(state.dropped) == 5


def test_a_killed_crawl_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawling, "PAGES_A_PART", 5)
    pages = {f"example.org/{number}": html(f"/{number + 1}") for number in range(40)}
    with SmallSite({"example.org/": html("/0"), **pages}) as site:
        with monkeypatch.context() as patch:
            patch.setattr(crawling, "_links", _dies_at("/17"))
            with pytest.raises(KeyboardInterrupt):
                crawled(tmp_path, site, depth=100, pages=30)
        assert len(pages_of(tmp_path)) == 15
        state = crawled(tmp_path, site, depth=100, pages=30)
        assert state.pages == 30
        asked = Counter(place for place in site.paths if not place.endswith((".txt", ".xml")))
        # Those since the last part, and no more.
        assert sum(count - 1 for count in asked.values()) <= 5
        # It is over, and nothing is asked again.
        count = len(site.asked)
        assert crawled(tmp_path, site, depth=100, pages=30) == state
        assert len(site.asked) == count
    assert sorted(pages_of(tmp_path)) == sorted(f"http://{place}" for place in ["example.org/", *list(pages)[:29]])


def _dies_at(path: str) -> object:
    links = crawling._links

    def dies(page: crawling.Visit, limit: int) -> object:
        if page.url.endswith(path):
            raise KeyboardInterrupt
        return links(page, limit)

    return dies


def test_the_rules_of_a_page_are_at_its_host() -> None:
    assert url_of("https://a.example:8443/b/c?d#e") == "https://a.example:8443/robots.txt"
    assert url_of("http://a.example") == "http://a.example/robots.txt"
