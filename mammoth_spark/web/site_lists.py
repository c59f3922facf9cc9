"""Lists of sites that people write, as CSV: what a site is known for, and what was decided of it."""

import csv
import io
from collections.abc import Iterator, Sequence

from mammoth_spark.config import Http
from mammoth_spark.web.manners import without_secrets
from mammoth_spark.web.sites import root_url
from mammoth_spark.web.storage import read_bytes

LABELS = ("positive", "negative")
VERDICTS = ("selected", "rejected")
_MOST_BYTES = 64 << 20


def site_labels(path: str, http: Http) -> dict[str, str]:
    """The label of each root URL, from the columns `site,label`."""
    labels: dict[str, str] = {}
    for place, site, label, _ in _lines(path, http, "label", LABELS):
        root = root_url(site if "://" in site else f"https://{site}/")
        if not root:
            raise ValueError(f"{place}: {site!r} is no site")
        if labels.setdefault(root, label) != label:
            raise ValueError(f"{place}: {root} is labelled positive and negative; give it one")
    return labels


def persons_verdicts(path: str, http: Http) -> dict[str, tuple[str, str]]:
    """Verdict and reason by site (`example.org`) or part of one (`example.org/forum/*`), from the columns
    `site,verdict,reason`."""
    verdicts: dict[str, tuple[str, str]] = {}
    for place, site, verdict, reason in _lines(path, http, "verdict", VERDICTS):
        if "://" in site or ("/" in site and not site.endswith("/*")):
            raise ValueError(f"{place}: write a site as example.org, or a part as example.org/forum/*, not {site!r}")
        if verdicts.setdefault(site, (verdict, reason))[0] != verdict:
            raise ValueError(f"{place}: {site} is selected and rejected; give it one verdict")
    return verdicts


def _lines(path: str, http: Http, column: str, allowed: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
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
        raise ValueError(f"{path} names no site; it should have the columns site,{column} and a line a site")
    for line, row in rows:
        site, said, reason = ((row.get(name) or "").strip() for name in ("site", column, "reason"))
        place = f"{path}, line {line}"
        if not site or said not in allowed:
            raise ValueError(
                f"{place}: needs a site and a {column}, {' or '.join(allowed)}; it has site={site!r}, {column}={said!r}"
            )
        yield place, site, said, reason
