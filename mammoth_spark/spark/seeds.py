"""WARC files, crawled sites and the sites of the round before -> seed_pages, balanced over sites and labels."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType
from pyspark.sql.window import Window

from mammoth_spark import config
from mammoth_spark.progress import again_and_again
from mammoth_spark.spark.batches import Fields
from mammoth_spark.spark.file_tasks import failed_files, rows_of_files
from mammoth_spark.spark.sites import verdicts_digest, with_verdicts
from mammoth_spark.spark.stage import Counts, Stage, committed
from mammoth_spark.spark.tables import RECALLED_PAGES, SEED_PAGES, SITES, Lake
from mammoth_spark.web import payload
from mammoth_spark.web.kept_rows import kept_rows
from mammoth_spark.web.manifest import warc_paths
from mammoth_spark.web.page_text import page_text
from mammoth_spark.web.seeds import Wanted, file_failed, line_of, seed_candidates, some_files
from mammoth_spark.web.site_lists import SiteLabels, Start, site_labels, starts
from mammoth_spark.web.storage import absolute, file_names, remove_folder

CRAWL = "crawl"
_ADDED = ("round", "wave")
_CANDIDATES = StructType(
    [StructField(field.name, field.dataType) for field in SEED_PAGES.schema if field.name not in _ADDED]
    + [StructField("reason", StringType())]
)
_SOURCES = {"selected": "selected_site", "rejected": "rejected_site"}
_LABELS = {"selected": "positive", "rejected": "negative"}
# Of the round before, so many times the wanted pages are drawn before those of a site are counted.
_DRAWN = 20
# Of a site, so many times the pages that it may give: hashes are spread evenly, and fewer than wanted do not occur.
_ENOUGH_DRAWN = 10
_PLACE = ("warc_file", "warc_offset", "url")


@dataclass(frozen=True)
class Sources:
    """Where a round's seeds come from."""

    warc_files: Sequence[str]
    """That are read."""
    drawn: frozenset[str]
    """Those of them from which general pages are drawn."""
    labels: SiteLabels
    starts: Sequence[Start]
    """Sites that are visited."""
    without: frozenset[str]
    """Sites from which no general page is drawn."""
    settings: str
    """Hash of all that decides the seeds."""
    settings_of_files: str
    """Hash of what decides which rows a file gives."""

    def wanted_of(self, parts: Collection[str], share: float) -> Callable[[str], Wanted]:
        """What is wanted of a file, be it a part of a crawl or of Common Crawl."""
        crawled = frozenset(parts)
        of_crawl = Wanted(SiteLabels({start.root_url: "positive" for start in self.starts}), CRAWL)
        labelled = Wanted(self.labels, "site_list")
        general = replace(labelled, share=share, without=self.without)
        drawn = self.drawn
        return lambda file: of_crawl if file in crawled else general if file in drawn else labelled


def sources_of(lake: Lake, run_file: config.RunFile) -> Sources:
    seeds, visits, http = run_file.seeds, run_file.visits, run_file.http
    paths = warc_paths(run_file.crawl, http)
    drawn = frozenset(some_files(paths, seeds.random_files)) if seeds.random_share else frozenset()
    labels = site_labels(seeds.sites, http) if seeds.sites is not None else SiteLabels()
    begin = starts(visits.sites, http) if visits.sites is not None else []
    if run_file.round > 1:
        selected, judged = _judged_sites(lake, run_file.round - 1)
        # Nor from those that a person has named, of which the round before may have seen too few pages to judge.
        without = selected | labels.roots | {start.root_url for start in begin}
        files = [path for path in paths if path in drawn]
        settings = config.settings_sha256(files, run_file.pages, seeds, judged, sorted(without))
        of_files = config.settings_sha256(run_file.pages, seeds.languages, seeds.random_share, sorted(without))
        return Sources(files, drawn, SiteLabels(), [], without, settings, of_files)
    if not labels.roots and not begin:
        raise ValueError("give seeds.sites or visits.sites: the classifier needs pages that hold questions and answers")
    files = [path for path in paths if labels.roots or path in drawn]
    known = (dict(labels.sites), dict(labels.parts), [start.url for start in begin])
    settings = config.settings_sha256(files, sorted(drawn), run_file.pages, seeds, visits, *known)
    of_files = config.settings_sha256(run_file.pages, seeds.languages, seeds.random_share, *known)
    return Sources(files, drawn, labels, begin, frozenset(start.root_url for start in begin), settings, of_files)


def _judged_sites(lake: Lake, round_: int) -> tuple[frozenset[str], str]:
    """The sites of which something is selected, some megabytes of names, and a digest of all verdicts."""
    sites = lake.read(SITES).where((F.col("round") == round_) & (F.col("verdict") == "selected"))
    selected = sites.select("root_url").distinct().toLocalIterator()
    names = frozenset(row["root_url"] for row in selected)
    if not names:
        raise ValueError(
            f"round {round_} has no selected site; run jobs/group_sites.py and jobs/select_sites.py with round={round_}"
        )
    return names, verdicts_digest(lake, round_)


@contextmanager
def collected(
    spark: SparkSession,
    lake: Lake,
    run_file: config.RunFile,
    work: Stage,
    sources: Sources,
    crawl_parts: Sequence[str],
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """The round's seed pages, chosen by hash: the same at any parallelism. Beside them the files that failed.

    What a WARC file has given is kept until no file is left to be read, so that none is read twice."""
    warc_files = [*sources.warc_files, *crawl_parts]
    wanted_of = sources.wanted_of(crawl_parts, run_file.seeds.random_share)
    folder = f"{lake.files_folder}/seeds/{sources.settings_of_files[:16]}"
    candidates_schema = to_arrow_schema(_CANDIDATES)
    settings, seeds, http = run_file.pages, run_file.seeds, run_file.http
    base = absolute(run_file.crawl.base)

    def read(warc_file: str) -> Iterator[Fields]:
        wanted = wanted_of(warc_file)

        def found() -> Iterator[Fields]:
            return map(asdict, seed_candidates(warc_file, base, wanted, settings, seeds.languages, http))

        if wanted.source == CRAWL:
            return found()
        name = f"{warc_file} {wanted.share}"
        return kept_rows(folder, name, candidates_schema, found, lambda last: bool(last["url"]))

    def failed(warc_file: str, reason: str) -> Fields:
        return asdict(file_failed(warc_file, reason))

    def tell() -> None:
        work.say(f"{len(file_names(folder)):,} of {len(sources.warc_files):,} WARC files read")

    candidates = rows_of_files(spark, warc_files, read, failed, _CANDIDATES).persist()
    try:
        with again_and_again(tell):
            files, void = failed_files(candidates.where("url = ''"), "collect_seeds", "warc_file")
        pages = candidates.where("url <> ''")
        if void:
            # What was read of them before they failed is read again with the rest.
            pages = pages.where(~F.col("warc_file").isin(void))
        if run_file.round > 1:
            pages = pages.unionByName(_of_judged_sites(lake, run_file))
        of_sites = _with_caps_of_sites(pages, run_file.seeds).persist()
        capped = _with_caps_of_groups(of_sites, run_file).persist()
        drops = {row["reason"]: row["count"] for row in capped.groupBy("reason").count().collect()}
        chosen = drops.pop(None, 0)
        counts = Counts(len(warc_files), len(void), sum(drops.values()) + chosen, chosen, drops)
        yield _with_texts(lake, run_file.round, capped.where("reason IS NULL")), files, counts
        capped.unpersist()
        of_sites.unpersist()
        if not void:
            remove_folder(folder)
    finally:
        candidates.unpersist()


def _of_judged_sites(lake: Lake, run_file: config.RunFile) -> DataFrame:
    """Pages that the round before recalled from sites which are judged, without their texts."""
    before = run_file.round - 1
    pages = committed(lake, RECALLED_PAGES, "recall_pages", before)
    light = pages.select(*(name for name in _CANDIDATES.names if name in RECALLED_PAGES.schema.names), "prefix")
    judged = with_verdicts(lake, light, before).where(F.col("verdict").isin(*_LABELS))
    verdict = F.col("verdict")
    is_selected = verdict == "selected"
    seeds = run_file.seeds
    sizes = {row["verdict"]: row["count"] for row in judged.groupBy("verdict").count().collect()}
    wanted = {"selected": seeds.positives, "rejected": seeds.negatives}
    shares = {name: min(1.0, _DRAWN * wanted[name] / max(1, sizes.get(name, 0))) for name in wanted}
    is_drawn = _lot() < F.when(is_selected, shares["selected"]).otherwise(shares["rejected"])
    # The first page of a site, its members and its help are no examples of what its questions look like.
    reason = F.when(is_selected & F.col("is_aside"), "beside_selected_parts").when(~is_drawn, "not_drawn")
    if seeds.languages:
        reason = reason.when(~F.col("language").isin(*seeds.languages), "language")
    return judged.select(
        *(name for name in _CANDIDATES.names if name in light.columns),
        F.when(is_selected, _LABELS["selected"]).otherwise(_LABELS["rejected"]).alias("label"),
        F.when(is_selected, _SOURCES["selected"]).otherwise(_SOURCES["rejected"]).alias("source"),
        F.lit("").alias("text"),
        reason.alias("reason"),
    )


def _lot() -> Column:
    """From 0 to 1, by hash, for the choice before the caps; those choose by another."""
    return F.pmod(F.xxhash64(*_PLACE), F.lit(1 << 32)) / float(1 << 32)


def _with_caps_of_sites(pages: DataFrame, seeds: config.Seeds) -> DataFrame:
    """Marks what goes beyond a site's share."""
    order = F.xxhash64("url", "warc_offset")
    is_over, usable = F.lit("over_pages_per_site"), F.col("reason").isNull()
    sizes = pages.where(usable).groupBy("root_url", "label").agg(F.count("*").alias("pages"))
    # Most of a large site's pages go by their hash alone, so that no task has to order a million of them.
    share = (_ENOUGH_DRAWN * seeds.pages_per_site) / F.col("pages")
    may_stay = F.pmod(order, F.lit(1 << 32)) / float(1 << 32) < share
    drawn = pages.join(F.broadcast(sizes), ["root_url", "label"], "left").withColumn(
        "reason", F.when(usable & ~may_stay, is_over).otherwise(F.col("reason"))
    )
    left = drawn.where(usable).withColumn(
        "place", F.row_number().over(Window.partitionBy("root_url", "label").orderBy(order))
    )
    left = left.withColumn("reason", F.when(F.col("place") > seeds.pages_per_site, is_over))
    return left.drop("place").unionByName(drawn.where(~usable)).drop("pages")


def _with_caps_of_groups(pages: DataFrame, run_file: config.RunFile) -> DataFrame:
    """Marks what goes beyond a label's share, or a source's. General pages fill what known negatives leave."""
    seeds, is_general = run_file.seeds, F.col("source") == "random"
    is_known = (F.col("label") == "negative") & ~is_general
    pages = _capped(pages, F.col("label") == "positive", "over_positives", seeds.positives)
    if run_file.round == 1:
        pages = _capped(pages, is_known, "over_negatives", seeds.negatives)
    else:
        pages = _capped(pages, is_known, "over_rejected", round(seeds.rejected_share * seeds.negatives))
    known = pages.where(is_known & F.col("reason").isNull()).count()
    return _capped(pages, is_general, "over_random", seeds.negatives - known)


def _capped(pages: DataFrame, is_of_group: Column, reason: str, most: int) -> DataFrame:
    """Cuts at a quantile of the hash: no task has to hold all pages of a label."""
    order, usable = F.xxhash64("url", "warc_offset"), is_of_group & F.col("reason").isNull()
    last = pages.where(usable).select(order.alias("hash")).orderBy("hash").limit(most).agg(F.max("hash")).head()
    assert last is not None, "an aggregate has one row"
    # Of nothing, or where nothing is wanted, there is no last.
    is_beyond = order > last[0] if last[0] is not None else F.lit(True)
    return pages.withColumn("reason", F.when(usable & is_beyond, reason).otherwise(F.col("reason")))


def _with_texts(lake: Lake, round_: int, chosen: DataFrame) -> DataFrame:
    """The texts of pages that an earlier round recalled are made from their HTML, once they are chosen."""
    if round_ == 1:
        return chosen
    is_recalled = F.col("source").isin(*_SOURCES.values())
    pages = committed(lake, RECALLED_PAGES, "recall_pages", round_ - 1).select(*_PLACE, "charset", "html")
    recalled = pages.join(F.broadcast(chosen.where(is_recalled).drop("text")), list(_PLACE))
    schema = StructType([field for field in recalled.schema if field.name not in ("charset", "html")])
    schema = StructType([*schema, StructField("text", StringType())])
    arrow_schema = to_arrow_schema(schema)

    def with_texts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = batch.to_pylist()
            for row in rows:
                html, _ = payload.utf8_of(row.pop("html"), f"text/html; charset={row.pop('charset')}")
                row["text"] = line_of(page_text(html).words)
            yield pa.RecordBatch.from_pylist(rows, arrow_schema)

    return chosen.where(~is_recalled).unionByName(recalled.mapInArrow(with_texts, schema))
