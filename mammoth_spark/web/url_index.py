"""Common Crawl's columnar URL index: which records of which WARC files hold the pages of chosen sites.

Parquet with the columns that the crawl's own tables have. The domain columns sort most rows out, so that few addresses
are looked at one by one; the suite's own root URL decides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.compute import field

from mammoth_spark.config import Http
from mammoth_spark.web.manifest import listed_paths
from mammoth_spark.web.sites import path_prefix, root_url, shared_domain
from mammoth_spark.web.storage import files_below, join, open_path

COLUMNS = (
    "url",
    "url_host_registered_domain",
    "url_host_private_domain",
    "fetch_status",
    "content_mime_detected",
    "content_languages",
    "warc_filename",
    "warc_record_offset",
    "warc_record_length",
)
_MIMES = ("text/html", "application/xhtml+xml")
# The index names languages as ISO 639-3, several with commas, most likely first.
LONG_NAMES = {
    "af": "afr", "ar": "ara", "as": "asm", "az": "aze", "ba": "bak", "be": "bel", "bg": "bul", "bn": "ben",
    "bo": "bod", "br": "bre", "ca": "cat", "ce": "che", "cs": "ces", "cv": "chv", "cy": "cym", "da": "dan",
    "de": "deu", "dv": "div", "el": "ell", "en": "eng", "eo": "epo", "es": "spa", "et": "est", "eu": "eus",
    "fa": "fas", "fi": "fin", "fo": "fao", "fr": "fra", "fy": "fry", "ga": "gle", "gd": "gla", "gl": "glg",
    "gu": "guj", "ha": "hau", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind",
    "io": "ido", "is": "isl", "it": "ita", "ja": "jpn", "jv": "jav", "ka": "kat", "kk": "kaz", "km": "khm",
    "kn": "kan", "ko": "kor", "ku": "kur", "ky": "kir", "la": "lat", "lb": "ltz", "lt": "lit", "lv": "lav",
    "mg": "mlg", "mk": "mkd", "ml": "mal", "mn": "mon", "mr": "mar", "mt": "mlt", "my": "mya", "ne": "nep",
    "nl": "nld", "no": "nor", "or": "ori", "pa": "pan", "pl": "pol", "ps": "pus", "pt": "por", "rm": "roh",
    "ro": "ron", "ru": "rus", "sa": "san", "sc": "srd", "sd": "snd", "si": "sin", "sk": "slk", "sl": "slv",
    "so": "som", "sq": "sqi", "sr": "srp", "sv": "swe", "sw": "swa", "ta": "tam", "te": "tel", "tg": "tgk",
    "th": "tha", "tk": "tuk", "tl": "tgl", "tr": "tur", "tt": "tat", "ug": "uig", "uk": "ukr", "ur": "urd",
    "uz": "uzb", "vi": "vie", "vo": "vol", "yi": "yid", "zh": "zho",
}  # fmt: skip


@dataclass(frozen=True)
class ChosenSites:
    """Verdicts on sites and their parts: the part's where it has one, else the site's."""

    sites: Collection[str]
    """Root URLs that are selected as a whole."""
    parts: Mapping[str, bool]
    """Whether a part is selected, by its prefix."""
    domains: Collection[str]
    """Root URLs of all these, selected wholly or in part."""

    def takes(self, url: str) -> bool:
        verdict = self.parts.get(path_prefix(url))
        return root_url(url) in self.sites if verdict is None else verdict


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page's record lies."""

    warc_file: str
    warc_offset: int
    warc_length: int
    url: str


def index_files(paths: Sequence[str], base: str, http: Http) -> list[str]:
    """The Parquet files behind what a run file names: files, folders, and lists of paths under a base."""
    found: list[str] = []
    for path in paths:
        if path.endswith(".parquet"):
            found.append(path)
        elif path.endswith((".gz", ".txt", ".paths")):
            found += [join(base, name) for name in listed_paths(path, http) if name.endswith(".parquet")]
        else:
            found += [file for file in files_below(path) if file.endswith(".parquet")]
    # Beside the pages a crawl's index has redirections, errors and robots.txt in parts of their own.
    found = [file for file in found if "/subset=" not in file or "/subset=warc/" in file]
    if not found:
        raise ValueError(f"recall.index: there is no Parquet file behind {', '.join(paths)}")
    return found


def index_languages(languages: Collection[str]) -> set[str]:
    """As the index names them."""
    unknown = sorted(set(languages) - LONG_NAMES.keys())
    if unknown:
        raise ValueError(f"recall.languages: {unknown[0]!r} is no language of the index; write it as ISO 639-1, as en")
    return {LONG_NAMES[name] for name in languages}


def places(path: str, chosen: ChosenSites, languages: Collection[str], http: Http) -> Iterator[Place]:
    """Of the pages of chosen sites that one file of the index names."""
    # The index knows of fewer shared domains than we do.
    domains = sorted({*chosen.domains, *filter(None, map(shared_domain, chosen.domains))})
    registered = field("url_host_registered_domain")
    # Hosts without a domain are few, and all looked at.
    may_be_chosen = registered.isin(domains) | field("url_host_private_domain").isin(domains) | registered.is_null()
    is_page = (field("fetch_status") == 200) & field("content_mime_detected").isin(_MIMES)
    is_page &= field("warc_filename").is_valid()
    long_names = index_languages(languages)
    with open_path(path, http) as file:
        index = pq.ParquetFile(file)
        missing = [name for name in COLUMNS if name not in index.schema_arrow.names]
        if missing:
            raise ValueError(f"{path} is no URL index: it has no column {', '.join(missing)}")
        for batch in index.iter_batches(columns=list(COLUMNS)):
            for row in pa.Table.from_batches([batch]).filter(is_page & may_be_chosen).to_pylist():
                # What has no language by the index gets one by our own look.
                first = (row["content_languages"] or "").partition(",")[0]
                if chosen.takes(row["url"]) and (not first or not long_names or first in long_names):
                    yield _place(row)


def _place(row: Mapping[str, Any]) -> Place:
    """What the index lacks is nought, a place without a record, and counted by those who look there."""
    length, offset = row["warc_record_length"] or 0, row["warc_record_offset"] or 0
    return Place(row["warc_filename"], max(0, offset), max(0, length), row["url"])
