"""WARC paths -> seed_pages: pages of labelled sites, balanced over sites and labels."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.spark.stage import Counts
from mammoth_spark.spark.tables import SEED_PAGES
from mammoth_spark.spark.warc_tasks import rows_of_files
from mammoth_spark.web.seeds import file_failed, seed_candidates
from mammoth_spark.web.site_lists import LABELS
from mammoth_spark.web.storage import absolute

_ADDED = ("round", "wave", "source")
_CANDIDATES = StructType(
    [StructField(field.name, field.dataType) for field in SEED_PAGES.schema if field.name not in _ADDED]
    + [StructField("reason", StringType())]
)


@contextmanager
def sampled(
    spark: SparkSession, warc_files: Sequence[str], labels: Mapping[str, str], run_file: config.RunFile
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """The seed pages of a round, chosen by hash: the same at any parallelism. Beside them the files that failed."""
    settings, http, base = run_file.pages, run_file.http, absolute(run_file.crawl.base)

    def read(warc_file: str) -> Iterator[dict[str, object]]:
        return map(asdict, seed_candidates(warc_file, base, labels, settings, http))

    def failed(warc_file: str, reason: str) -> dict[str, object]:
        return asdict(file_failed(warc_file, reason))

    candidates = rows_of_files(spark, warc_files, read, failed, _CANDIDATES).persist()
    try:
        files = candidates.where("url = ''").select(
            F.lit("collect_seeds").alias("stage"),
            F.col("warc_file").alias("id"),
            F.lit("file_failed").alias("reason"),
            F.col("reason").alias("detail"),
        )
        void = [row["id"] for row in files.select("id").toLocalIterator()]
        pages = candidates.where("url <> ''")
        if void:
            # What was read of them before they failed is read again with the rest.
            pages = pages.where(~F.col("warc_file").isin(void))
        capped = _with_caps(pages, run_file.seeds).persist()
        drops = {row["reason"]: row["count"] for row in capped.groupBy("reason").count().collect()}
        chosen = drops.pop(None, 0)
        counts = Counts(len(warc_files), len(void), pages.count(), chosen, drops)
        yield capped.where("reason IS NULL").withColumn("source", F.lit("site_list")), files, counts
        capped.unpersist()
    finally:
        candidates.unpersist()


def _with_caps(pages: DataFrame, seeds: config.Seeds) -> DataFrame:
    """Marks what goes beyond a site's or a label's share."""
    order = F.xxhash64("url", "warc_offset")
    in_site = F.row_number().over(Window.partitionBy("root_url", F.col("reason").isNull()).orderBy(order))
    over_site = F.col("reason").isNull() & (in_site > seeds.pages_per_site)
    pages = pages.withColumn("reason", F.when(over_site, "over_pages_per_site").otherwise(F.col("reason")))
    # The label's share is cut at a quantile of the hash: no task has to hold all pages of a label.
    for label, most in zip(LABELS, (seeds.positives, seeds.negatives), strict=True):
        usable = pages.where((F.col("label") == label) & F.col("reason").isNull())
        last = usable.select(order.alias("hash")).orderBy("hash").limit(most).agg(F.max("hash")).head()
        highest = last[0] if last is not None and last[0] is not None else None
        over: Column = (F.col("label") == label) & F.col("reason").isNull()
        if highest is not None:
            pages = pages.withColumn(
                "reason", F.when(over & (order > highest), f"over_{label}s").otherwise(F.col("reason"))
            )
    return pages
