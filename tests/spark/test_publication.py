"""Refined pairs become training samples, each with its ancestry, and what is left out has its reason."""

import json
from collections import Counter
from typing import Any

import publish_dataset
import pytest
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.config import RunFile
from mammoth_spark.lake import rows
from mammoth_spark.spark.publication import kept_shares
from mammoth_spark.spark.tables import DOCUMENTS, Lake
from tests.spark.standing import Standing, put_refined

BOTH = {"rules": "12 m", "rules-2": "12 m"}
TANK = "A tank of 60 litres loses 3 litres a minute through a hole in its floor. After how many minutes is it empty"
PAIRS = [
    Standing(f"{TANK}?", {"rules": "20", "rules-2": "20"}),
    # The same in almost the same words, and the same exercise with another number.
    Standing(f"{TANK}, please?", {"rules": "20"}, "b.example", agreement="alone"),
    Standing(f"{TANK.replace('60', '90')}?", {"rules": "30", "rules-2": "30"}),
    Standing("How far does the kinetic energy of 5 J carry a mass of 2 kg?", BOTH, choices=["3 m", "12 m"]),
    Standing("Which clause of the treaty ended the war, and why?", {"rules": "the third clause"}, agreement="alone"),
    Standing("Which king signed the treaty?", {"rules": "Ivo", "rules-2": "Ada"}, agreement="disagree", passed=False),
    Standing("What is $2 + 2$?", {"rules": "4", "rules-2": "4"}, "forum.c.example"),
]


@pytest.fixture
def run_file(own_lake: config.Lake) -> RunFile:
    crawl = config.Crawl(manifests=["none.gz"], base="/nowhere")
    refinement = config.Refinement(models=["rules", "rules-2"])
    return RunFile(run="test", lake=own_lake, crawl=crawl, refinement=refinement)


def publish(spark: SparkSession, run_file: RunFile, **settings: Any) -> tuple[list[dict[str, Any]], Counter[str]]:
    chosen = run_file.publication.model_copy(update=settings)
    publish_dataset.run(spark, run_file.model_copy(update={"publication": chosen}))
    published = list(rows(run_file.lake, "SELECT * FROM instructions"))
    dropped = Counter(row["reason"] for row in rows(run_file.lake, "SELECT * FROM dropped"))
    run = next(rows(run_file.lake, "SELECT * FROM stage_runs WHERE stage = 'publish_dataset'"))
    assert dict(run["dropped"]) == dropped
    assert run["rows_in"] == run["rows_out"] + sum(dropped.values())
    return published, dropped


def test_each_refinement_is_published_or_has_its_reason(spark: SparkSession, run_file: RunFile) -> None:
    put_refined(spark, run_file, PAIRS)
    Lake(spark, run_file.lake).delete(DOCUMENTS, f"document = '{PAIRS[6].name}'")
    published, dropped = publish(spark, run_file)
    # What both models wrote alike is one sample.
    assert dropped == {"near_duplicate": 1, "not_passed": 2, "pair_gone": 2, "same_sample": 3}
    by_question = {row["messages"][0]["content"].splitlines()[0]: row for row in published}
    assert by_question.keys() == {PAIRS[place].question for place in (0, 2, 3, 4)}
    tank, _, clause = (by_question[PAIRS[place].question] for place in (0, 2, 4))
    assert (tank["tier"], tank["answer_kind"], tank["subject"]) == ("verifiable", "number", "other")
    assert (tank["cluster_size"], tank["cluster_sites"], tank["cluster_agrees"]) == (2, 2, True)
    assert (clause["tier"], clause["checker"], clause["subject"]) == ("plain", None, "other")
    assert dict(clause["labels"])["not_verifiable"].startswith("answer_in_words")
    energy = by_question[PAIRS[3].question]
    assert energy["messages"][0]["content"].endswith("A. 3 m\nB. 12 m")
    assert (energy["final_answer"], energy["answer_kind"], energy["subject"]) == ("B", "choice", "science")
    for row in published:
        assert None not in [row[name] for name in ("warc_file", "warc_offset", "url", "root_url", "score", "document")]
        assert row["calls"] == ["c0", f"call of {row['refined_by']}"]
        assert [one["role"] for one in row["messages"]] == ["user", "assistant"]


@pytest.mark.slow
def test_sites_that_agree_make_gold_and_those_that_do_not_are_told(spark: SparkSession, run_file: RunFile) -> None:
    one = Standing(f"{TANK}?", {"rules": "20"}, agreement="alone")
    agreeing = Standing(f"{TANK}, please?", {"rules": "20 minutes"}, "b.example", agreement="alone")
    put_refined(spark, run_file, [one, agreeing])
    (row,), _ = publish(spark, run_file)
    assert (row["tier"], dict(row["labels"])["gold_by"]) == ("gold", "2 sites")


@pytest.mark.slow
def test_a_site_has_so_many_pairs_and_the_mixture_its_shares(spark: SparkSession, run_file: RunFile) -> None:
    math = [Standing(f"What is the integral of $x^{n}$?", {"rules": f"{n}"}, f"m{n % 3}.example") for n in range(60)]
    other = [Standing(f"Which king of {n} wrote the law?", {"rules": f"Ivo {n}"}, "law.example") for n in range(30)]
    put_refined(spark, run_file, [*math, *other])
    published, dropped = publish(spark, run_file, pairs_per_site=18, mixture={"math": 0.5, "other": 0.5})
    assert dropped["site_full"] == 2 * 3 + 12
    assert Counter(row["subject"] for row in published)["other"] == 18
    assert 8 <= Counter(row["subject"] for row in published)["math"] <= 28
    assert max(Counter(row["root_url"] for row in published).values()) == 18
    again, _ = publish(spark, run_file, pairs_per_site=18, mixture={"math": 0.5, "other": 0.5})
    assert json.dumps(again, default=str, sort_keys=True) == json.dumps(published, default=str, sort_keys=True)


def test_as_much_as_the_mixture_allows_stays() -> None:
    assert kept_shares({"math": 60, "other": 30}, {"math": 0.5, "other": 0.5}) == {"math": 0.5, "other": 1.0}
    assert kept_shares({"math": 60, "other": 30}, {"math": 1.0}) == {"math": 1.0, "other": 0.0}
    with pytest.raises(ValueError, match="wants science"):
        kept_shares({"math": 60}, {"math": 0.5, "science": 0.5})


def test_a_dataset_of_nothing_refined_says_what_is_to_be_run(spark: SparkSession, run_file: RunFile) -> None:
    with pytest.raises(ValueError, match=r"run jobs/refine_pairs\.py"):
        publish_dataset.run(spark, run_file)
