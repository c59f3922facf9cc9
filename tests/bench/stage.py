"""Our contender: the whole recall stage in one Spark session, from WARC files to committed Delta rows."""

import gzip
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.spark.session import spark_session
from mammoth_spark.spark.tables import RECALLED_PAGES, STAGE_RUNS, WARC_FILES, Lake
from tests.bench.inputs import LABEL, Inputs, repeated

# The jobs are scripts, not a package.
sys.path.insert(0, str(Path(__file__).parents[2] / "jobs"))
import recall_pages


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of the stage."""

    pages: int
    scored: int
    kept: int
    seconds: float
    """From the start of the first wave to the last commit."""
    read_seconds: float
    text_seconds: float
    score_seconds: float
    """The three are summed over all tasks."""


def session(cores: int) -> SparkSession:
    return spark_session("bench", config.Spark(local_cores=cores))


def run(spark: SparkSession, inputs: Inputs, passes: int, files_per_wave: int, cores: int) -> Measured:
    """Runs the job over the corpus so many times over, into a lake of its own."""
    lake_folder = inputs.folder / "lake"
    shutil.rmtree(lake_folder, ignore_errors=True)
    run_file = _run_file(inputs, lake_folder, repeated(inputs, passes), files_per_wave, cores)
    recall_pages.run(spark, run_file)
    lake = Lake(spark, run_file.lake)
    waves = lake.read(STAGE_RUNS).agg(F.date_format(F.min("started_at"), "yyyy-MM-dd HH:mm:ss.SSS")).head()
    commit = spark.sql(f"DESCRIBE HISTORY {lake.address(STAGE_RUNS)} LIMIT 1")
    last = commit.select(F.date_format("timestamp", "yyyy-MM-dd HH:mm:ss.SSS")).head()
    assert waves is not None
    assert last is not None
    names = ("scored", "kept", "read_seconds", "text_seconds", "score_seconds")
    sums = lake.read(WARC_FILES).agg(*(F.sum(name).alias(name) for name in names)).head()
    assert sums is not None
    return Measured(
        inputs.pages * passes,
        sums["scored"],
        sums["kept"],
        (datetime.fromisoformat(last[0]) - datetime.fromisoformat(waves[0])).total_seconds(),
        sums["read_seconds"],
        sums["text_seconds"],
        sums["score_seconds"],
    )


def kept_scores(spark: SparkSession, inputs: Inputs) -> dict[str, float]:
    """URL and score of each page that the last run kept."""
    lake = Lake(spark, config.Lake(path=str(inputs.folder / "lake")))
    return {row["url"]: row["score"] for row in lake.read(RECALLED_PAGES).select("url", "score").distinct().collect()}


def _run_file(inputs: Inputs, lake: Path, names: Sequence[str], files_per_wave: int, cores: int) -> config.RunFile:
    manifest = inputs.folder / "warc.paths.gz"
    manifest.write_bytes(gzip.compress("".join(f"{name}\n" for name in names).encode()))
    return config.RunFile(
        run="bench",
        lake=config.Lake(path=str(lake)),
        spark=config.Spark(local_cores=cores),
        crawl=config.Crawl(manifests=[str(manifest)], base=str(inputs.folder), files_per_wave=files_per_wave),
        recall=config.Recall(
            model=str(inputs.model),
            model_sha256=inputs.model_sha256,
            positive_label=LABEL,
            floor_score=inputs.floor_score,
        ),
    )
