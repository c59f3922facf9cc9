"""recalled_pages -> documents: every page of the round is a document or has its reason."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import clean_pages
import pytest
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.demo.corpus import Corpus
from mammoth_spark.demo.document_figures import decontamination_figures, document_figures
from mammoth_spark.lake import rows


def table(run_file: config.RunFile, sql: str) -> list[dict[str, Any]]:
    return list(rows(run_file.lake, sql))


def test_pages_in_are_documents_out_and_rows_with_a_reason(undisturbed: config.RunFile) -> None:
    pages = {
        (page["warc_file"], page["warc_offset"], page["url"])
        for page in table(undisturbed, "SELECT * FROM recalled_pages")
    }
    runs = {run["stage"]: run for run in table(undisturbed, "SELECT * FROM stage_runs ORDER BY wave")}
    cleaned = table(undisturbed, "SELECT * FROM stage_runs WHERE stage = 'clean_pages'")
    assert sum(run["rows_in"] for run in cleaned) == len(pages)
    assert sum(run["rows_out"] for run in cleaned) == runs["drop_duplicates"]["rows_in"]
    assert runs["drop_duplicates"]["rows_out"] == runs["decontaminate"]["rows_in"]
    documents = table(undisturbed, "SELECT * FROM documents")
    assert runs["decontaminate"]["rows_out"] == len(documents)
    of_documents = "('clean_pages', 'drop_duplicates', 'decontaminate')"
    gone = table(undisturbed, f"SELECT id, stage, reason FROM dropped WHERE stage IN {of_documents}")
    assert len({document["document"] for document in documents} | {row["id"] for row in gone}) == len(pages)
    assert {(one["warc_file"], one["warc_offset"], one["url"]) for one in documents} <= pages
    reasons = {"site_not_selected", "contaminated", "only_links", "near_duplicate", "exact_duplicate"}
    assert {row["reason"] for row in gone} <= reasons
    verdicts = table(undisturbed, "SELECT root_url FROM sites WHERE verdict = 'selected'")
    selected = {site["root_url"] for site in verdicts}
    assert {one["root_url"] for one in documents} <= selected


def test_the_documents_hold_what_the_truth_says_and_no_benchmark(undisturbed: config.RunFile, corpus: Corpus) -> None:
    truth = [json.loads(line) for line in corpus.truth.read_text(encoding="utf-8").splitlines()]
    documents = table(undisturbed, "SELECT document, url, text, questions FROM documents")
    figures = document_figures(truth, documents)
    assert figures["formulas_kept"] >= 0.99
    assert figures["formulas_twice"] == 0
    assert figures["code_kept"] == figures["choices_kept"] == 1
    assert figures["pairs_present"] >= 0.99
    assert figures["boilerplate_left"] <= 0.05
    found = {row["id"] for row in table(undisturbed, "SELECT id FROM contamination WHERE stage = 'decontaminate'")}
    of_items = decontamination_figures(truth, {one["document"] for one in documents}, found)
    assert of_items.pop("decontamination_false_hits") == of_items.pop("near_misses_taken") == 0
    of_items.pop("decontamination_recall_paraphrased", None)  # No words of the question are left to find it by.
    assert of_items
    assert set(of_items.values()) == {1.0}
    rules = Counter(question["rule"] for one in documents for question in one["questions"])
    assert "numbered, with options and key" in rules
    assert any(rule.startswith("schema.org") for rule in rules)


@pytest.fixture
def copied(undisturbed: config.RunFile, tmp_path: Path) -> config.RunFile:
    lake = shutil.copytree(str(undisturbed.lake.path), tmp_path / "lake")
    return undisturbed.model_copy(update={"lake": config.Lake(path=str(lake))})


def test_documents_of_other_settings_are_refused(spark: SparkSession, copied: config.RunFile) -> None:
    other = copied.model_copy(update={"documents": config.Documents(mask_contacts=False)})
    with pytest.raises(ValueError, match=r"made with other settings .* docs/operations\.md says how"):
        clean_pages.run(spark, other)


def test_a_repeated_run_changes_nothing(spark: SparkSession, copied: config.RunFile) -> None:
    before = table(copied, "SELECT document, text FROM documents ORDER BY document")
    runs = table(copied, "SELECT stage, wave FROM stage_runs ORDER BY stage, wave")
    clean_pages.run(spark, copied)
    assert table(copied, "SELECT document, text FROM documents ORDER BY document") == before
    assert table(copied, "SELECT stage, wave FROM stage_runs ORDER BY stage, wave") == runs
