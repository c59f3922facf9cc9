"""recalled_pages -> documents: pages of chosen sites as clean Markdown, a wave of recall at a time."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.spark.batches import Fields, batched
from mammoth_spark.spark.sites import verdicts_digest, with_verdicts
from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import DOCUMENTS, RECALLED_PAGES, SITES, STAGE_RUNS, Lake
from mammoth_spark.text import words
from mammoth_spark.web import site_lists
from mammoth_spark.web.cleaning import Cleaner, cleaner
from mammoth_spark.web.site_lists import BlockedSites

_STAGE = "clean_pages"
_FROM_PAGE = ("warc_file", "warc_offset", "warc_length", "url", "root_url", "score", "language")
_ADDED = ("round", "wave")
_ROW = StructType(
    [StructField(field.name, field.dataType) for field in DOCUMENTS.schema if field.name not in _ADDED]
    + [StructField("reason", StringType())]
)
NOT_SELECTED = "site_not_selected"
STAGES = ("clean_pages", "drop_duplicates", "decontaminate", "drop_rewordings")
"""Those that write documents or take some out, in their order."""


def waves_left(lake: Lake, round_: int) -> list[int]:
    """Waves of recall whose pages are not cleaned yet. A wave keeps its number, so both are of the same pages."""
    runs = lake.read(STAGE_RUNS).where(F.col("round") == round_)
    numbers = {row["stage"]: row["last"] for row in runs.groupBy("stage").agg(F.max("wave").alias("last")).collect()}
    if "recall_pages" not in numbers:
        raise ValueError(f"recalled_pages has no page of round {round_}; run jobs/recall_pages.py with round={round_}")
    return list(range(numbers.get(_STAGE, 0) + 1, numbers["recall_pages"] + 1))


def check_cleaned(lake: Lake, round_: int) -> None:
    """A stage that was forgotten must not read as a clean bill."""
    if lake.read(STAGE_RUNS).where((F.col("stage") == "clean_pages") & (F.col("round") == round_)).isEmpty():
        raise ValueError(f"no pages of round {round_} were cleaned; run jobs/clean_pages.py with round={round_}")


def settings_of(lake: Lake, run_file: config.RunFile, blocked: BlockedSites) -> str:
    """Hash of what decides the documents of a page."""
    settings = run_file.documents.model_dump(mode="json", exclude={"near_duplicates", "duplicate_similarity"})
    return config.settings_sha256(settings, sorted(blocked), verdicts_digest(lake, run_file.round))


def check_unchanged(lake: Lake, round_: int, settings: str) -> None:
    runs = lake.read(STAGE_RUNS).where((F.col("stage") == _STAGE) & (F.col("round") == round_))
    if not runs.where(F.col("settings_sha256") != settings).isEmpty():
        raise ValueError(
            f"documents of round {round_} were made with other settings (section documents) or other verdicts over"
            " sites, and rows of both do not belong together; take what they were made with, or clean all pages anew:"
            " docs/operations.md says how"
        )


@contextmanager
def cleaned(
    lake: Lake, run_file: config.RunFile, wave: int, blocked: BlockedSites
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """The documents of a wave's pages; beside them rows of `dropped` for pages that give none, and the counts."""
    pages = committed(lake, RECALLED_PAGES, "recall_pages", run_file.round).where(F.col("wave") == wave)
    judged = with_verdicts(lake, pages, run_file.round)
    is_judged = not lake.read(SITES).where((F.col("round") == run_file.round) & (F.col("verdict") != "open")).isEmpty()
    is_selected = (
        (F.col("verdict") == "selected") if run_file.documents.selected_sites_only and is_judged else F.lit(True)
    )
    columns = (*_FROM_PAGE, "charset", "robots_tag")
    # A page that is not to be cleaned needs no bytes.
    chosen = judged.select(*columns, F.when(is_selected, F.col("html")).alias("html"))
    settings, arrow_schema = run_file.documents, to_arrow_schema(_ROW)

    def clean_all(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with cleaner(settings) as clean:
            pages = (page for batch in batches for page in batch.to_pylist())
            for rows in batched(_row(page, clean, blocked) for page in pages):
                yield pa.RecordBatch.from_pylist(list(rows), arrow_schema)

    rows = chosen.mapInArrow(clean_all, _ROW).persist()
    try:
        counts = {row["reason"]: row["count"] for row in rows.groupBy("reason").count().collect()}
        out = counts.pop(None, 0)
        dropped = rows.where("reason IS NOT NULL").select(
            F.lit(_STAGE).alias("stage"), F.col("document").alias("id"), "reason", F.col("url").alias("detail")
        )
        yield (
            rows.where("reason IS NULL").drop("reason"),
            dropped,
            Counts(1, 0, pages.count(), out, counts),
        )
    finally:
        rows.unpersist()


def _row(page: Fields, clean: Cleaner, blocked: BlockedSites) -> Fields:
    """A row of `documents`, or why there is none."""
    values = {name: page[name] for name in _FROM_PAGE}
    values["document"] = words.name_of(f"{page['warc_file']} {page['warc_offset']} {page['url']}")
    html, charset, robots_tag = page["html"], str(page["charset"]), str(page["robots_tag"] or "")
    if html is None:
        return values | {"reason": NOT_SELECTED}
    if site_lists.is_blocked(str(page["url"]), blocked):
        return values | {"reason": "blocked_site"}
    assert isinstance(html, bytes), "recalled_pages holds bytes"
    document = clean(html, charset, robots_tag)
    if document.reason:
        return values | {"reason": document.reason}
    hash_, count = words.words_hash(document.text)
    return values | {
        "title": document.title,
        "text": document.text,
        "words": count,
        "words_hash": hash_,
        "questions": [asdict(one) for one in document.questions],
        "removed": list(document.removed.items()),
        "reason": None,
    }


def documents_of(lake: Lake, round_: int) -> DataFrame:
    """The documents that stand."""
    return committed(lake, DOCUMENTS, _STAGE, round_)


def digest(lake: Lake, round_: int, stages: Sequence[str]) -> str:
    """Tells the documents that stand from those of before, by what these stages have done."""
    runs = lake.read(STAGE_RUNS).where(F.col("stage").isin(*stages) & (F.col("round") == round_))
    sums = (
        F.max("wave").alias("wave"),
        F.sum("rows_out").alias("rows"),
        F.max_by("settings_sha256", "wave").alias("settings"),
    )
    last = runs.groupBy("stage").agg(*sums).orderBy("stage")
    return " ".join(f"{row['stage']} {row['wave']} {row['rows']} {row['settings']}" for row in last.collect())
