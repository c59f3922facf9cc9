"""The URL index and the selected sites -> index_places: which records to read where no whole WARC files are read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.spark.file_tasks import failed_files, rows_of_files
from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import INDEX_PLACES, SITES, Lake
from mammoth_spark.web.sites import WHOLE_SITE
from mammoth_spark.web.url_index import ChosenSites, index_languages, places

_ADDED = ("round", "wave")
_ROW = StructType(
    [StructField(field.name, field.dataType) for field in INDEX_PLACES.schema if field.name not in _ADDED]
    + [StructField("index_file", StringType()), StructField("reason", StringType())]
)


def chosen_sites(lake: Lake, round_: int) -> ChosenSites:
    """What is selected of a round, some megabytes of names."""
    judged = lake.read(SITES).where((F.col("round") == round_) & (F.col("verdict") != "open"))
    rows = list(judged.select("root_url", "prefix", "verdict").toLocalIterator())
    selected = [row for row in rows if row["verdict"] == "selected"]
    return ChosenSites(
        frozenset(row["root_url"] for row in selected if row["prefix"] == WHOLE_SITE),
        {row["prefix"]: row["verdict"] == "selected" for row in rows if row["prefix"] != WHOLE_SITE},
        frozenset(row["root_url"] for row in selected),
    )


@contextmanager
def found(
    spark: SparkSession, index_files: Sequence[str], chosen: ChosenSites, run_file: config.RunFile
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """The records of chosen sites in files of the index, each record once; beside them the files that failed."""
    languages, http = run_file.recall.languages, run_file.http
    index_languages(languages)  # What the run file has wrong is told once, not by each file.

    def read(index_file: str) -> Iterator[dict[str, object]]:
        for place in places(index_file, chosen, languages, http):
            yield {**asdict(place), "index_file": index_file, "reason": None}

    def failed(index_file: str, reason: str) -> dict[str, object]:
        return dict.fromkeys(_ROW.names) | {"index_file": index_file, "reason": reason}

    rows = rows_of_files(spark, index_files, read, failed, _ROW).persist()
    try:
        broken, void = failed_files(rows.where("reason IS NOT NULL"), "find_places", "index_file")
        named = rows.where("reason IS NULL")
        if void:
            named = named.where(~F.col("index_file").isin(void))
        once = named.dropDuplicates(["warc_file", "warc_offset", "url"]).persist()
        rows_in, rows_out = named.count(), once.count()
        dropped = {"named_twice": rows_in - rows_out} if rows_in > rows_out else {}
        # In the order of the WARC files, so that a wave of recall reads the places of its own.
        ordered = once.repartitionByRange("warc_file").sortWithinPartitions("warc_file", "warc_offset")
        yield ordered, broken, Counts(len(index_files), len(void), rows_in, rows_out, dropped)
        once.unpersist()
    finally:
        rows.unpersist()


def places_of(lake: Lake, round_: int) -> DataFrame:
    places = committed(lake, INDEX_PLACES, "find_places", round_)
    return places.select("warc_file", "warc_offset", "warc_length", "url")


def files_of(lake: Lake, round_: int) -> list[str]:
    """The WARC files in which they lie. Names of one crawl's files are some megabytes on the driver."""
    files = places_of(lake, round_).select("warc_file").distinct().toLocalIterator()
    found = sorted(row["warc_file"] for row in files)
    if not found:
        raise ValueError(f"index_places has no place of round {round_}; run jobs/find_places.py with round={round_}")
    return found


def digest(lake: Lake, round_: int) -> str:
    """Tells the round's places from others."""
    hash_ = F.xxhash64("warc_file", "warc_offset", "url")
    row = places_of(lake, round_).agg(F.count("*").alias("places"), F.bit_xor(hash_).alias("hash")).head()
    assert row is not None, "an aggregate has one row"
    return f"{row['places']} {row['hash']}"
