"""Lists of sites that people write, as CSV: what a site is known for, and what was decided of it."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from mammoth_spark.config import Http
from mammoth_spark.web.manners import without_secrets
from mammoth_spark.web.sites import host_of, root_url
from mammoth_spark.web.storage import read_bytes

LABELS = ("positive", "negative")
VERDICTS = ("selected", "rejected")
_MOST_BYTES = 64 << 20
_DOMAIN = re.compile(r"^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$")


@dataclass(frozen=True)
class SiteLabels:
    """What is known of sites, and of parts of them."""

    sites: Mapping[str, str] = field(default_factory=dict)
    """Label by root URL."""
    parts: Mapping[str, Sequence[tuple[str, str, str]]] = field(default_factory=dict)
    """Host, beginning of the path and label by root URL; the longest comes first."""

    def label_of(self, url: str, root: str) -> str | None:
        parts = self.parts.get(root)
        if parts:
            of_page, path_of_page = host_of(url).removeprefix("www."), urlsplit(url).path
            for host, path, label in parts:
                if of_page == host and path_of_page.startswith(path):
                    return label
        return self.sites.get(root)

    @property
    def roots(self) -> frozenset[str]:
        return frozenset(self.sites) | frozenset(self.parts)


def site_labels(path: str, http: Http) -> SiteLabels:
    """From the columns `site,label`: a site (`example.org`) or a part of one (`math.example.org/questions/*`)."""
    sites: dict[str, str] = {}
    parts: dict[str, list[tuple[str, str, str]]] = {}
    for place, site, label, _ in _lines(path, http, "label", LABELS):
        host, begin, root = _named(place, site)
        if begin is None:
            if sites.setdefault(root, label) != label:
                raise ValueError(f"{place}: {root} is labelled positive and negative; give it one")
            continue
        some = parts.setdefault(root, [])
        if any(known[:2] == (host, begin) and known[2] != label for known in some):
            raise ValueError(f"{place}: {site} is labelled positive and negative; give it one")
        some.append((host, begin, label))
    return SiteLabels(sites, {root: sorted(some, key=lambda part: -len(part[1])) for root, some in parts.items()})


@dataclass(frozen=True, slots=True)
class Start:
    """Where the crawl of a site begins."""

    url: str
    root_url: str
    discipline: str


def starts(path: str, http: Http) -> list[Start]:
    """From the columns `start,discipline`: one address a site."""
    found: dict[str, Start] = {}
    for place, url, discipline, _ in _lines(path, http, "discipline", (), site="start"):
        root = root_url(url)
        if not url.startswith(("http://", "https://")) or not root:
            raise ValueError(f"{place}: a crawl begins at an address such as https://example.org/, not {url!r}")
        if root in found:
            raise ValueError(f"{place}: {root} begins twice; give it one address, its links lead to the rest")
        found[root] = Start(url, root, discipline)
    return list(found.values())


def persons_verdicts(path: str, http: Http) -> dict[str, tuple[str, str]]:
    """Verdict and reason by site (`example.org`) or part of one (`example.org/forum/*`), from the columns
    `site,verdict,reason`."""
    verdicts: dict[str, tuple[str, str]] = {}
    for place, site, verdict, reason in _lines(path, http, "verdict", VERDICTS):
        host, folder, root = _named(place, site)
        if folder is not None and folder.count("/") != 2:
            raise ValueError(f"{place}: sites are judged by their first folders, as {host}/forum/*, not {site!r}")
        name = root if folder is None else f"{host}{folder}*"
        if verdicts.setdefault(name, (verdict, reason))[0] != verdict:
            raise ValueError(f"{place}: {name} is selected and rejected; give it one verdict")
    return verdicts


def _named(place: str, site: str) -> tuple[str, str | None, str]:
    """The host as prefixes have it, the beginning of the path or None for a whole site, and the root URL."""
    url = site if "://" in site else f"https://{site}"
    host, root = host_of(url).removeprefix("www."), root_url(url)
    if not root or not host:
        raise ValueError(f"{place}: {site!r} is no site")
    found = urlsplit(url)
    if url.endswith("/*"):
        return host, found.path.removesuffix("*"), root
    if found.path.strip("/"):
        raise ValueError(f"{place}: {site!r} is one page; write {host}{found.path.rstrip('/')}/* for all below it")
    if host != root:
        raise ValueError(f"{place}: {host} is a part of {root}; write {host}/* for the part, or {root} for the whole")
    return host, None, root


def _lines(
    path: str, http: Http, column: str, allowed: Sequence[str], site: str = "site"
) -> Iterator[tuple[str, str, str, str]]:
    """Of each line its place for error messages, the site, what it says, and the reason."""
    content = read_bytes(path, _MOST_BYTES, http)
    path = without_secrets(path)
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not text in UTF-8; save it as CSV in UTF-8") from None
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num + 1}: is not CSV ({error})") from None
    if not rows:
        raise ValueError(f"{path} names no site; it should have the columns {site},{column} and a line a site")
    for line, row in rows:
        name, said, reason = ((row.get(key) or "").strip() for key in (site, column, "reason"))
        place = f"{path}, line {line}"
        if not name or (allowed and said not in allowed):
            which = f", {' or '.join(allowed)}" if allowed else ""
            has = f"{site}={name!r}, {column}={said!r}"
            raise ValueError(f"{place}: needs a {site} and a {column}{which}; it has {has}")
        yield place, name, said, reason


BlockedSites = frozenset[str]
"""Domains; each stands for its subdomains too."""


def blocked_sites(path: str, http: Http) -> BlockedSites:
    """A domain a line; a hosts file or a list with `#` comments will do."""
    found: set[str] = set()
    for line in read_bytes(path, _MOST_BYTES, http).decode("utf-8", errors="replace").splitlines():
        words = line.partition("#")[0].split()
        if words:
            domain = words[-1].lower().lstrip("*.").rstrip(".")
            if not _DOMAIN.match(domain):
                raise ValueError(f"{path}: {words[-1]!r} is no domain; write one a line, as example.org")
            found.add(domain)
    return frozenset(found)


def is_blocked(url: str, blocked: BlockedSites) -> bool:
    if not blocked:
        return False
    labels = host_of(url).split(".")
    return any(".".join(labels[place:]) in blocked for place in range(len(labels)))
