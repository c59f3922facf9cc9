"""documents without those that repeat another, word for word or almost."""

from random import Random
from typing import Any

import clean_pages
import pytest
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.config import RunFile
from mammoth_spark.demo import prose
from mammoth_spark.lake import rows
from mammoth_spark.spark.tables import RECALLED_PAGES, Lake
from mammoth_spark.text import words
from tests.spark.standing import put, texts_left

LONG = prose.sentences(Random("long"), prose.OFF_TOPIC, 60)
OTHER = prose.sentences(Random("other"), prose.BLOG, 60)
LONGER = f"{LONG} One sentence more."
LOUD = LONG.upper().replace(" ", "\n")
SHORT = "Four words, no more."


@pytest.fixture
def run_file(own_lake: config.Lake) -> RunFile:
    crawl = config.Crawl(manifests=["none.gz"], base="/nowhere")
    return RunFile(run="test", lake=own_lake, crawl=crawl)


def dropped(run_file: RunFile) -> dict[str, tuple[str, str]]:
    found = rows(run_file.lake, "SELECT id, reason, detail FROM dropped WHERE stage = 'drop_duplicates'")
    return {row["id"]: (row["reason"], row["detail"]) for row in found}


def compare(spark: SparkSession, run_file: RunFile, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    """The job's second half; there are no pages to clean."""
    monkeypatch.setattr(clean_pages, "clean", lambda *arguments: None)
    Lake(spark, run_file.lake).create(RECALLED_PAGES)
    chosen = run_file.documents.model_copy(update=settings)
    clean_pages.run(spark, run_file.model_copy(update={"documents": chosen}))


def test_of_what_repeats_another_the_longest_stays_and_the_others_name_it(
    spark: SparkSession, run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(spark, run_file, [SHORT, LONG, OTHER, LOUD, LONGER, SHORT.upper()])
    compare(spark, run_file, monkeypatch)
    # Of the same words the one with the higher score stays, and of almost the same the one with more words.
    assert texts_left(run_file) == {OTHER, LONGER, SHORT.upper()}
    assert dropped(run_file) == {
        words.name_of(SHORT): ("exact_duplicate", words.name_of(SHORT.upper())),
        words.name_of(LONG): ("exact_duplicate", words.name_of(LOUD)),
        words.name_of(LOUD): ("near_duplicate", words.name_of(LONGER)),
    }
    # Repeated, nothing changes.
    compare(spark, run_file, monkeypatch)
    assert len(dropped(run_file)) == 3
    (run,) = rows(run_file.lake, "SELECT rows_in, rows_out FROM stage_runs WHERE stage = 'drop_duplicates'")
    assert (run["rows_in"], run["rows_out"]) == (6, 3)


@pytest.mark.slow
def test_near_duplicates_stay_where_nobody_minds_them(
    spark: SparkSession, run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(spark, run_file, [LONG, LONGER, LOUD])
    compare(spark, run_file, monkeypatch, near_duplicates=False)
    assert texts_left(run_file) == {LOUD, LONGER}
