"""WARC paths -> recalled_pages and warc_files, a wave of files at a time."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructField, StructType

from mammoth_spark import config
from mammoth_spark.spark import index_places
from mammoth_spark.spark.batches import batched
from mammoth_spark.spark.file_tasks import rows_of_file, rows_of_files
from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import (
    RECALL_MODELS,
    RECALLED_PAGES,
    STAGE_RUNS,
    WARC_FILES,
    Lake,
    Table,
    quoted,
)
from mammoth_spark.text import classifier
from mammoth_spark.text.classifier import Classifier
from mammoth_spark.web.recall import RecalledPage, WarcReport, recall_file, recall_places
from mammoth_spark.web.storage import absolute, get_file, join, local_file
from mammoth_spark.web.url_index import Place

_NAMES_AT_ONCE = 1_000
_ADDED_BY_STAGE = ("round", "wave", "model_sha256")


def _struct(table: Table) -> StructType:
    columns = [column for column in table.schema if column.name not in _ADDED_BY_STAGE]
    return StructType([StructField(column.name, column.dataType) for column in columns])


_ROWS = StructType([StructField("page", _struct(RECALLED_PAGES)), StructField("report", _struct(WARC_FILES))])


def load_classifier(lake: Lake, run_file: config.RunFile) -> Classifier:
    """The run file's model, or that with which the round was begun, or else the newest of the round."""
    recall = run_file.recall
    path, sha256, label = recall.model, recall.model_sha256, recall.positive_label
    if path is None:
        label = classifier.POSITIVE
        models = committed(lake, RECALL_MODELS, "train_recall", run_file.round).orderBy(F.desc("trained_at"))
        newest = models.head()
        if newest is None:
            raise ValueError(f"recall_models has no model of round {run_file.round}; run jobs/train_recall.py first")
        # Scores of two models do not compare: a round goes on with its model, whatever was trained since.
        read = committed(lake, WARC_FILES, "recall_pages", run_file.round)
        begun = read.select(F.col("model_sha256").alias("sha256"))
        chosen = models.join(begun.limit(1), "sha256", "left_semi").head() or newest
        path, sha256 = join(lake.files_folder, str(chosen["path"])), chosen["sha256"]
    assert sha256 is not None, "a model comes with its hash"
    return loaded(path, sha256, label, run_file.http)


def loaded(path: str, sha256: str, label: str, manners: config.Http) -> Classifier:
    """A stored model, wherever it lies."""
    with tempfile.TemporaryDirectory() as folder:
        local = local_file(path)
        if local is None:
            local = Path(folder, "model.bin")
            get_file(path, local, manners)
        if not local.is_file():
            raise ValueError(f"the model {path} is not there; train it again, or give recall.model")
        return classifier.load(local, sha256, label)


def settings_of(run_file: config.RunFile, model: Classifier, places: str | None = None) -> str:
    """Hash of what decides a round's pages: by whole files, or by these places. Where the model lies does not."""
    recall = run_file.recall
    known = (model.sha256, model.label, run_file.pages, recall.floor_score, sorted(recall.languages))
    return config.settings_sha256(*known, *([places] if places is not None else []))


def files_done(lake: Lake, round_: int, model: Classifier, settings: str) -> set[str]:
    """WARC files that need no reading. Names of one crawl's files are some megabytes on the driver."""
    runs = lake.read(STAGE_RUNS).where((F.col("stage") == "recall_pages") & (F.col("round") == round_))
    if not runs.where(F.col("settings_sha256") != settings).isEmpty():
        first = lake.read(WARC_FILES).where(F.col("round") == round_).head()
        is_model = first is not None and first["model_sha256"] != model.sha256
        what = (
            "the model"
            if is_model
            else "other values of recall or pages (floor_score, languages, min_words ...) or other places"
        )
        whose = f" {first['model_sha256']}, and this is {model.sha256}" if first is not None and is_model else ""
        raise ValueError(
            f"round {round_} was begun with {what}{whose}: rows of both do not compare; take what it was begun with,"
            " or another lake"
        )
    done = committed(lake, WARC_FILES, "recall_pages", round_).where(F.col("status") == "done")
    return {row["warc_file"] for row in done.select("warc_file").toLocalIterator()}


def forget_failed(lake: Lake, round_: int, warc_files: Collection[str]) -> None:
    """Files that failed and are read again: their rows go, since a file has one row a round."""
    failed = f"round = {round_} AND status = 'failed'"
    rows = lake.read(WARC_FILES).where(failed).select("warc_file").toLocalIterator()
    again = sorted({row["warc_file"] for row in rows}.intersection(warc_files))
    for begin in range(0, len(again), _NAMES_AT_ONCE):
        names = ", ".join(map(quoted, again[begin : begin + _NAMES_AT_ONCE]))
        lake.delete(WARC_FILES, f"{failed} AND warc_file IN ({names})")


@contextmanager
def read_places(
    lake: Lake, warc_files: Sequence[str], model: Classifier, run_file: config.RunFile
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """As `read_wave`, of the records in those files that the URL index names."""
    recall, pages_kept, http, base = run_file.recall, run_file.pages, run_file.http, absolute(run_file.crawl.base)
    arrow_schema = to_arrow_schema(_ROWS)

    def read_all(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        classifier.warm()
        named = (Place(**row) for batch in batches for row in batch.to_pylist())
        for warc_file, of_file in itertools.groupby(named, key=lambda place: place.warc_file):
            some = list(of_file)

            def read(name: str, some: Sequence[Place] = some) -> Iterator[dict[str, object]]:
                return map(_as_row, recall_places(name, some, base, model, recall, pages_kept, http))

            for rows in batched(rows_of_file(warc_file, read, _failed)):
                yield pa.RecordBatch.from_pylist(rows, arrow_schema)

    places = index_places.places_of(lake, run_file.round).where(F.col("warc_file").isin(*warc_files))
    by_file = places.repartition(len(warc_files), "warc_file").sortWithinPartitions("warc_file", "warc_offset")
    with _counted(lake, by_file.mapInArrow(read_all, _ROWS), model) as found:
        yield found


@contextmanager
def read_wave(
    spark: SparkSession, lake: Lake, warc_files: Sequence[str], model: Classifier, run_file: config.RunFile
) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    """Reads the files, one a task: their kept pages, their reports, and the wave's counts."""
    recall, pages_kept, http, base = run_file.recall, run_file.pages, run_file.http, absolute(run_file.crawl.base)

    def read(warc_file: str) -> Iterator[dict[str, object]]:
        classifier.warm()
        yield from map(_as_row, recall_file(warc_file, base, model, recall, pages_kept, http))

    with _counted(lake, rows_of_files(spark, warc_files, read, _failed, _ROWS), model) as found:
        yield found


def _as_row(row: RecalledPage | WarcReport) -> dict[str, object]:
    is_page = isinstance(row, RecalledPage)
    return {"page": _plain(row) if is_page else None, "report": None if is_page else _plain(row)}


def _failed(warc_file: str, reason: str) -> dict[str, object]:
    return {"page": None, "report": _plain(WarcReport(warc_file, status="failed", reason=reason))}


@contextmanager
def _counted(lake: Lake, rows: DataFrame, model: Classifier) -> Iterator[tuple[DataFrame, DataFrame, Counts]]:
    # Read once: the reports are counted before the pages are written.
    rows = rows.persist()
    try:
        # A row a file of the wave: few enough for the driver to count, where each job over `rows` has its price.
        reports = rows.where("report IS NOT NULL").select("report.*").toArrow()
        counts, void = _counts(reports.to_pylist(maps_as_pydicts="strict"))
        pages = rows.where("page IS NOT NULL").select("page.*")
        if void:
            # What was read of them before they failed is read again with the rest.
            pages = pages.where(~F.col("warc_file").isin(void))
        yield pages, lake.frame(reports).withColumn("model_sha256", F.lit(model.sha256)), counts
    finally:
        rows.unpersist()


def _counts(reports: Sequence[Mapping[str, Any]]) -> tuple[Counts, list[str]]:
    """A wave's counts from its rows of `warc_files`, and which files failed."""
    failed = [report["warc_file"] for report in reports if report["status"] == "failed"]
    dropped: Counter[str] = Counter()
    for report in reports:
        dropped.update(report["skipped"])
    rows_in, rows_out = (sum(report[name] for report in reports) for name in ("responses", "kept"))
    return Counts(len(reports), len(failed), rows_in, rows_out, dropped), failed


def _plain(row: RecalledPage | WarcReport) -> dict[str, object]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: list(value.items()) if isinstance(value, Counter) else value for name, value in values.items()}
