"""Common Crawl's columnar URL index: which records of which WARC files hold the pages of chosen sites.

Parquet with the columns that the crawl's own tables have. The domain columns sort most rows out, so that few addresses
are looked at one by one; the suite's own root URL decides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.compute import field

from mammoth_spark.config import Http
from mammoth_spark.web.manifest import listed_paths
from mammoth_spark.web.sites import path_prefix, root_url
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
    "ar": "ara", "bg": "bul", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa",
    "et": "est", "fa": "fas", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun",
    "id": "ind", "it": "ita", "ja": "jpn", "ko": "kor", "lt": "lit", "lv": "lav", "nl": "nld", "no": "nor",
    "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sr": "srp", "sv": "swe",
    "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "zho",
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
    if not found:
        raise ValueError(f"recall.index: there is no Parquet file behind {', '.join(paths)}")
    return found


def places(path: str, chosen: ChosenSites, languages: Collection[str], http: Http) -> Iterator[Place]:
    """Of the pages of chosen sites that one file of the index names."""
    domains = sorted(chosen.domains)
    registered = field("url_host_registered_domain")
    # Hosts without a domain are few, and all looked at.
    may_be_chosen = registered.isin(domains) | field("url_host_private_domain").isin(domains) | registered.is_null()
    is_page = (field("fetch_status") == 200) & field("content_mime_detected").isin(_MIMES)
    long_names = {LONG_NAMES.get(name, name) for name in languages}
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
                    yield Place(row["warc_filename"], row["warc_record_offset"], row["warc_record_length"], row["url"])
