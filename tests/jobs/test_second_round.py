"""The second round: it learns from judged sites, and reads the records that the URL index names."""

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import collect_seeds
import find_places
import group_sites
import pyarrow.parquet as pq
import pytest
import recall_pages
import train_recall
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.demo.corpus import Corpus
from mammoth_spark.lake import rows
from mammoth_spark.spark.seeds import sources_of
from mammoth_spark.spark.tables import Lake
from mammoth_spark.web.site_lists import site_labels
from mammoth_spark.web.sites import path_prefix, root_url
from tests.conftest import run_file_text
from tests.jobs.faulty_store import FaultyStore
from tests.s3_server import s3_server

VERDICTS = "SELECT CASE prefix WHEN '*' THEN root_url ELSE prefix END AS name, verdict FROM sites WHERE round = 1"
PLACES = "SELECT warc_file, url FROM index_places WHERE round = 2"
KEPT = "SELECT warc_file, warc_offset, url, root_url, score, words FROM recalled_pages WHERE round = 2 ORDER BY 1, 2, 3"
FILES = "SELECT warc_file, status, responses, kept, skipped FROM warc_files WHERE round = 2 ORDER BY warc_file"


def table(run_file: config.RunFile, sql: str) -> list[dict[str, Any]]:
    return list(rows(run_file.lake, sql))


@pytest.fixture(scope="module")
def second(
    spark: SparkSession, undisturbed: config.RunFile, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> config.RunFile:
    """A lake whose second round has its seeds, its model and its places."""
    lake = shutil.copytree(str(undisturbed.lake.path), tmp_path_factory.mktemp("second") / "lake")
    seeds = undisturbed.seeds.model_copy(update={"random_files": 0, "random_share": 0.5})
    run_file = undisturbed.model_copy(
        update={
            "round": 2,
            "lake": config.Lake(path=str(lake)),
            "seeds": seeds,
            "recall": config.Recall(floor_score=0.5, index=[str(corpus.index)]),
        }
    )
    for stage in (collect_seeds, train_recall, find_places):
        stage.run(spark, run_file)
    return run_file


def recalled(spark: SparkSession, second: config.RunFile, folder: Path, **changed: Any) -> config.RunFile:
    """In a lake of its own."""
    lake = config.Lake(path=str(shutil.copytree(str(second.lake.path), folder / "lake")))
    run_file = second.model_copy(update={"lake": lake, **changed})
    recall_pages.run(spark, run_file)
    return run_file


def test_round_two_learns_from_judged_sites_and_general_pages(spark: SparkSession, second: config.RunFile) -> None:
    verdicts = dict(tuple(row.values()) for row in table(second, VERDICTS))
    seeds = table(second, "SELECT url, root_url, label, source, text, words FROM seed_pages WHERE round = 2")
    chosen = {name for name, verdict in verdicts.items() if verdict == "selected"}
    assert Counter(seed["source"] for seed in seeds).keys() == {"selected_site", "rejected_site", "random"}
    for seed in seeds:
        expected = {"selected_site": "positive", "rejected_site": "negative", "random": "negative"}[seed["source"]]
        assert seed["label"] == expected
        assert len(seed["text"].split()) >= 20
        of_part = verdicts.get(path_prefix(seed["url"]), "open")
        verdict = verdicts.get(seed["root_url"]) if of_part == "open" else of_part
        if seed["source"] == "random":
            assert verdicts.get(seed["root_url"]) != "selected"
            continue
        assert verdict == seed["source"].removesuffix("_site")
        if verdict == "selected" and of_part == "open":
            # Nothing of the site is selected beside which it would stand.
            assert not any(name.split("/")[0].endswith(seed["root_url"]) and "/" in name for name in chosen)
    assert max(Counter((seed["root_url"], seed["label"]) for seed in seeds).values()) <= second.seeds.pages_per_site
    # Whom a person has named gives no general page, be it judged or not.
    assert second.seeds.sites is not None
    listed = site_labels(second.seeds.sites, second.http).roots
    assert listed - {row["root_url"] for row in table(second, "SELECT root_url FROM sites WHERE round = 1")}
    assert not listed & {seed["root_url"] for seed in seeds if seed["source"] == "random"}
    assert listed <= sources_of(Lake(spark, second.lake), second).without
    assert {row["round"] for row in table(second, "SELECT round FROM recall_models")} == {1, 2}


@pytest.mark.slow
def test_by_the_index_the_same_pages_are_found_as_by_reading_every_file(
    spark: SparkSession, second: config.RunFile, tmp_path: Path
) -> None:
    by_index = recalled(spark, second, tmp_path)
    whole = recalled(spark, second, tmp_path / "whole", recall=config.Recall(floor_score=0.5))
    named = {(row["warc_file"], row["url"]) for row in table(second, PLACES)}
    kept = table(by_index, KEPT)
    assert len(kept) > 20
    assert kept == [page for page in table(whole, KEPT) if (page["warc_file"], page["url"]) in named]
    assert len(named) < sum(file["responses"] for file in table(whole, FILES))
    # Its sites can be grouped.
    group_sites.run(spark, by_index)
    grouped = table(by_index, "SELECT root_url FROM sites WHERE round = 2 AND prefix = '*'")
    assert {row["root_url"] for row in grouped} <= {root_url(url) for _, url in named}


@pytest.mark.slow
def test_the_index_leads_to_the_pages_of_selected_sites_alone(
    spark: SparkSession, second: config.RunFile, tmp_path: Path
) -> None:
    by_index = recalled(spark, second, tmp_path)
    named = {(row["warc_file"], row["url"]) for row in table(second, PLACES)}
    verdicts = dict(tuple(row.values()) for row in table(second, VERDICTS))
    for _, url in named:
        of_part = verdicts.get(path_prefix(url), "open")
        assert (verdicts[root_url(url)] if of_part == "open" else of_part) == "selected"
    kept = table(by_index, KEPT)
    assert {(page["warc_file"], page["url"]) for page in kept} <= named
    for file in table(by_index, FILES):
        assert file["status"] == "done"
        assert file["responses"] == file["kept"] + sum(number for _, number in file["skipped"])
    read = sum(file["responses"] for file in table(by_index, FILES))
    assert read == len(named)
    # What is done is not read again.
    recall_pages.run(spark, by_index)
    assert table(by_index, KEPT) == kept


@pytest.mark.slow
def test_a_store_that_fails_at_times_gives_the_identical_table(
    spark: SparkSession, second: config.RunFile, corpus: Corpus, tmp_path: Path
) -> None:
    sound = recalled(spark, second, tmp_path)
    http = config.Http(attempts=30, backoff_s=0.01, backoff_cap_s=0.02, user_agent="test (me@example.org)")
    with FaultyStore(corpus.folder, {"503": 0.3, "reset": 0.05, "short": 0.02}) as store:
        crawl = second.crawl.model_copy(update={"base": store.url})
        faulty = recalled(spark, second, tmp_path / "faulty", crawl=crawl, http=http)
        assert set(store.met) == {"503", "reset", "short", "sound"}
    assert table(faulty, KEPT) == table(sound, KEPT)
    assert table(faulty, FILES) == table(sound, FILES)


@pytest.mark.slow
def test_index_and_records_on_s3_give_the_same_pages(
    spark: SparkSession, second: config.RunFile, corpus: Corpus, tmp_path: Path
) -> None:
    sound = recalled(spark, second, tmp_path)
    lake = shutil.copytree(str(second.lake.path), tmp_path / "s3" / "lake")
    run_path = tmp_path / "run.yaml"
    run_path.write_text(run_file_text(corpus, lake))
    with s3_server("crawl") as client:
        for path in (file for file in corpus.folder.rglob("*") if file.suffix in (".gz", ".parquet")):
            client.upload_file(str(path), "crawl", f"data/{path.relative_to(corpus.folder)}")
        # Processes of their own: the workers of the tests' session know nothing of the server.
        index = f"recall.index=[s3://crawl/data/{corpus.index.parent.relative_to(corpus.folder)}]"
        for job in ("find_places", "recall_pages"):
            command = [sys.executable, f"jobs/{job}.py", "--conf", str(run_path), "round=2", index]
            ended = subprocess.run(
                [*command, "crawl.base=s3://crawl/data"], capture_output=True, text=True, check=False
            )
            assert ended.returncode == 0, ended.stderr[-3000:]
    there = second.model_copy(update={"lake": config.Lake(path=str(lake))})
    assert table(there, KEPT) == table(sound, KEPT)
    assert table(there, FILES) == table(sound, FILES)


@pytest.mark.slow
def test_an_index_that_is_wrong_costs_the_records_that_it_is_wrong_about(
    spark: SparkSession, second: config.RunFile, corpus: Corpus, tmp_path: Path
) -> None:
    index = pq.read_table(corpus.index)
    names = [row["url"] for row in table(second, "SELECT url FROM index_places WHERE round = 2 ORDER BY url")]
    values = index.to_pylist()
    wrong = {
        names[0]: ("warc_record_offset", 7),
        names[1]: ("url", f"{names[1]}/other"),
        names[2]: ("warc_record_length", 0),
        names[3]: ("warc_record_length", 2_000_000_000),
        names[4]: ("warc_record_offset", None),
    }
    changed = [row | dict([wrong[row["url"]]]) if row["url"] in wrong else row for row in values]
    path = tmp_path / "index.parquet"
    pq.write_table(type(index).from_pylist(changed, index.schema), path)
    lake = config.Lake(path=str(shutil.copytree(str(second.lake.path), tmp_path / "lake")))
    recall = second.recall.model_copy(update={"index": [str(path)], "floor_score": 0.0})
    run_file = second.model_copy(update={"lake": lake, "recall": recall})
    find_places.run(spark, run_file)
    recall_pages.run(spark, run_file)
    skipped: Counter[str] = Counter()
    for file in table(run_file, FILES):
        assert file["status"] == "done"
        skipped.update(dict(file["skipped"]))
    assert (skipped["no_record"], skipped["other_url"]) == (4, 1)


def test_without_selected_sites_the_user_is_told_what_to_run(spark: SparkSession, run_file: config.RunFile) -> None:
    with pytest.raises(ValueError, match=r"round 1 has no selected site; run jobs/group_sites\.py"):
        collect_seeds.run(spark, run_file.model_copy(update={"round": 2}))
