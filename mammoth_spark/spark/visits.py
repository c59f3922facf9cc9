"""Sites -> the WARC parts of their crawls, beside the lake: a site a task, since a site is asked slowly."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.progress import again_and_again
from mammoth_spark.spark.file_tasks import rows_of_files
from mammoth_spark.spark.session import refuse_speculation
from mammoth_spark.spark.stage import Counts, Stage
from mammoth_spark.spark.tables import Lake
from mammoth_spark.web.crawl import PAGES_A_PART, crawl, parts_of
from mammoth_spark.web.manners import has_contact
from mammoth_spark.web.network import OPEN_WEB, Network, one_server
from mammoth_spark.web.site_lists import Start
from mammoth_spark.web.sites import root_url
from mammoth_spark.web.storage import file_names, folder_names

_ROW = StructType(
    [StructField(name, StringType()) for name in ("site", "part", "url", "reason", "why_over")]
    + [StructField("pages", LongType())]
)
"""A part, an address that gave no page, or, with neither, how the site's crawl ended."""
_DROPPED = "stage string, id string, reason string, detail string"


@dataclass(frozen=True)
class Crawl:
    """What the visits have brought."""

    parts: Sequence[str]
    """WARC files."""
    dropped: DataFrame
    """Addresses that gave no page."""
    counts: Counts


@contextmanager
def crawled(
    spark: SparkSession, lake: Lake, run_file: config.RunFile, work: Stage, starts: Sequence[Start]
) -> Iterator[Crawl]:
    """Visits sites. A crawl that is over is not made again."""
    if not starts:
        yield Crawl([], spark.createDataFrame([], _DROPPED), Counts(0, 0, 0, 0))
        return
    refuse_speculation(spark, "visit sites twice at once")
    visits, http = run_file.visits, run_file.http
    network = _network(visits, http)
    # What was crawled by other bounds is another crawl.
    bounds = config.settings_sha256(visits.pages, visits.depth, visits.page_mb, visits.connect_to is None)[:8]
    folder = f"{lake.files_folder}/crawls/{bounds}"

    def read(start: str) -> Iterator[dict[str, object]]:
        site = root_url(start)
        state = crawl(start, f"{folder}/{site}", visits, http, network)
        for part in parts_of(f"{folder}/{site}"):
            yield _row(site, part=part)
        for url, reason in state.dropped.items():
            yield _row(site, url=url, reason=reason)
        yield _row(site, why_over=state.why_over, pages=state.pages)

    def failed(start: str, reason: str) -> dict[str, object]:
        return _row(root_url(start), url=start, reason="crawl_failed", why_over=reason, pages=0)

    def tell() -> None:
        # Other lists of sites may have been crawled by the same bounds.
        begun = sorted({start.root_url for start in starts}.intersection(folder_names(folder)))
        names = [name for site in begun for name in file_names(f"{folder}/{site}")]
        parts = sum(name.endswith(".warc.gz") for name in names)
        work.say(f"{len(begun):,} of {len(starts):,} sites begun, {parts:,} files of up to {PAGES_A_PART} pages")

    rows = rows_of_files(spark, [start.url for start in starts], read, failed, _ROW).persist()
    try:
        with again_and_again(tell):
            parts = [row["part"] for row in rows.where("part IS NOT NULL").select("part").collect()]
        ends = rows.where("pages IS NOT NULL").orderBy("site").collect()
        for end in ends:
            work.say(f"{end['site']}: {end['pages']:,} pages{_because(end['why_over'])}")
        lost = rows.where("reason IS NOT NULL")
        drops = Counter({row["reason"]: row["count"] for row in lost.groupBy("reason").count().collect()})
        counts = Counts(len(starts), drops["crawl_failed"], drops.total(), 0, drops)
        dropped = lost.select(
            F.lit("collect_seeds").alias("stage"),
            F.col("url").alias("id"),
            "reason",
            F.coalesce("why_over", F.concat(F.lit("crawl of "), "site")).alias("detail"),
        )
        yield Crawl(sorted(parts), dropped, counts)
    finally:
        rows.unpersist()


def _network(visits: config.Visits, http: config.Http) -> Network:
    if visits.connect_to is None:
        if not has_contact(http):
            raise ValueError(
                "http.user_agent needs a contact, an e-mail or web address, before another's server is asked"
            )
        return OPEN_WEB
    host, _, port = visits.connect_to.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"visits.connect_to: write host:port, such as 127.0.0.1:8000, not {visits.connect_to!r}")
    return one_server(host, int(port))


def _row(site: str, **values: object) -> dict[str, object]:
    return dict.fromkeys(_ROW.names) | {"site": site, **values}


def _because(why: str | None) -> str:
    return f" ({why})" if why else ""
