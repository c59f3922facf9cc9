"""The demo's figures: measured against the truth, and each explained."""

import json
from pathlib import Path

from mammoth_spark import config
from mammoth_spark.demo.corpus import Corpus
from mammoth_spark.demo.figures import all_figures
from mammoth_spark.demo.queries import QUERIES
from mammoth_spark.lake import rows


def test_figures_are_measured_against_the_truth_and_explained(undisturbed: config.RunFile, corpus: Corpus) -> None:
    truth = [json.loads(line) for line in corpus.truth.read_text(encoding="utf-8").splitlines()]
    figures = all_figures(truth, undisturbed)
    assert figures["undamaged_pages_lost"] == 0
    assert figures["rereads_equal"] == 1.0
    assert figures["pages_kept"] < figures["pages_read"]
    assert figures["round1_page_recall"] > 0.5
    assert 0 < figures["round1_page_precision"] <= 1
    assert 0 < figures["round1_site_precision"] <= 1
    assert 0 < figures["round1_site_recall"] <= 1
    explained = Path("docs/figures.md").read_text(encoding="utf-8")
    assert [name for name in figures if f"`{name}`" not in explained] == []


def test_a_lost_record_would_be_seen(undisturbed: config.RunFile, corpus: Corpus) -> None:
    truth = [json.loads(line) for line in corpus.truth.read_text(encoding="utf-8").splitlines()]
    one_more = dict(truth[0], undamaged=True, warc_file="crawl-data/not-read.warc.gz")
    assert all_figures([*truth, one_more], undisturbed)["undamaged_pages_lost"] == 1


def test_each_query_worth_trying_has_an_answer(undisturbed: config.RunFile) -> None:
    for meaning, query in QUERIES:
        assert meaning
        assert list(rows(undisturbed.lake, query))
