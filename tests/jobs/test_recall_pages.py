"""WARC paths -> recalled_pages: what stands in the tables, and what disturbs it."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import collect_seeds
import find_places
import pytest
import recall_pages
import run_pipeline
import train_recall
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.demo.corpus import Corpus
from mammoth_spark.lake import rows
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.text.classifier import sha256_of
from mammoth_spark.web import payload
from mammoth_spark.web.storage import join, open_path
from mammoth_spark.web.warc import read_again
from tests.jobs.driver import kill, started
from tests.s3_server import s3_server
from tests.web.http_server import FileServer, Reply

PAGES = "SELECT * FROM recalled_pages ORDER BY warc_file, warc_offset, url"
FILES = """SELECT warc_file, wave, status, reason, records, responses, scored, kept, skipped, damage, score_histogram,
    bytes, model_sha256 FROM warc_files ORDER BY warc_file"""
MIB = 1 << 20


def table(run_file: config.RunFile, sql: str) -> list[dict[str, Any]]:
    return list(rows(run_file.lake, sql))


def truth_of(corpus: Corpus) -> list[dict[str, Any]]:
    return [json.loads(line) for line in corpus.truth.read_text(encoding="utf-8").splitlines()]


def manifest(folder: Path, *paths: str) -> Path:
    file = folder / "warc.paths.gz"
    file.write_bytes(gzip.compress("".join(f"{path}\n" for path in paths).encode()))
    return file


def paths_of(corpus: Corpus) -> list[str]:
    return gzip.decompress(corpus.manifest.read_bytes()).decode().split()


def assert_same_tables(run_file: config.RunFile, undisturbed: config.RunFile) -> None:
    assert table(run_file, FILES) == table(undisturbed, FILES)
    assert table(run_file, PAGES) == table(undisturbed, PAGES)


def test_no_undamaged_record_is_lost_and_every_response_is_accounted_for(
    undisturbed: config.RunFile, corpus: Corpus
) -> None:
    undamaged = Counter(page["warc_file"] for page in truth_of(corpus) if page["undamaged"])
    files = table(undisturbed, FILES)
    assert {file["warc_file"] for file in files} == set(paths_of(corpus))
    for file in files:
        assert file["status"] == "done"
        assert file["responses"] >= undamaged[file["warc_file"]]
        assert file["responses"] == file["kept"] + sum(number for _, number in file["skipped"])
        assert file["scored"] == sum(file["score_histogram"])
    assert sum(number for file in files for _, number in file["damage"]) > 0


def test_kept_pages_are_found_again_by_file_offset_and_length(undisturbed: config.RunFile) -> None:
    kept = table(undisturbed, PAGES)
    assert len(kept) > 20
    for page in kept:
        with open_path(join(undisturbed.crawl.base, page["warc_file"]), undisturbed.http) as file:
            response = read_again(file, page["warc_offset"], page["warc_length"], page["url"], 16 * MIB)
        assert response is not None
        assert payload.page_bytes(response.body, response.headers, 16 * MIB) == page["html"]


def test_kept_pages_carry_what_the_table_declares(undisturbed: config.RunFile) -> None:
    for page in table(undisturbed, PAGES):
        assert page["score"] >= 0.5
        assert page["root_url"]
        assert page["root_url"] in page["url"]
        assert page["words"] >= 20
        assert page["language"]
        assert page["fetched_at"] is not None
        assert page["charset"]


def test_a_page_keeps_its_site_where_people_share_a_domain(undisturbed: config.RunFile) -> None:
    sites = {page["root_url"] for page in table(undisturbed, "SELECT DISTINCT root_url FROM seed_pages")}
    assert "calc-help.github.io" in sites
    assert "github.io" not in sites


def recall(spark: SparkSession, run_file: config.RunFile) -> None:
    for stage in (collect_seeds, train_recall, recall_pages):
        stage.run(spark, run_file)


def test_every_stage_accounts_for_its_rows(undisturbed: config.RunFile) -> None:
    runs = table(undisturbed, "SELECT * FROM stage_runs ORDER BY stage, wave")
    waves = Counter(run["stage"] for run in runs)
    stages = {stage.__name__: 1 for stage in run_pipeline.ROUND if stage is not find_places}
    after = ("drop_duplicates", "load_benchmarks", "decontaminate", "decontaminate_pairs")
    pairs = ("extract_pairs", "ground_pairs", "check_refinements")
    # Two models, each asked in a wave of its own.
    several = {"recall_pages": 3, "clean_pages": 3, "refine_pairs": 2}
    assert waves == stages | dict.fromkeys((*after, *pairs), 1) | several
    for run in runs:
        assert run["rows_in"] == run["rows_out"] + sum(number for _, number in run["dropped"])
        assert len(run["settings_sha256"]) == 64
    assert sum(run["rows_out"] for run in runs if run["stage"] == "recall_pages") == len(table(undisturbed, PAGES))


def test_the_classifier_is_measured_on_sites_it_was_not_trained_on(undisturbed: config.RunFile) -> None:
    (model,) = table(undisturbed, "SELECT * FROM recall_models")
    held_out = set(model["held_out_sites"])
    labels = {row["root_url"]: row["label"] for row in table(undisturbed, "SELECT root_url, label FROM seed_pages")}
    assert {labels[site] for site in held_out} == {"positive", "negative"}
    pages = table(undisturbed, "SELECT root_url FROM seed_pages")
    assert sum(number for _, number in model["held_out_pages"]) == sum(p["root_url"] in held_out for p in pages)
    assert sum(number for _, number in model["train_pages"]) == sum(p["root_url"] not in held_out for p in pages)
    assert 0 < model["loss"] < 0.6931
    assert sum(model["positive_histogram"]) == dict(model["held_out_pages"])["positive"]


@pytest.mark.slow
def test_a_driver_killed_between_waves_loses_nothing(
    spark: SparkSession, undisturbed: config.RunFile, with_its_model: Path
) -> None:
    """By spark-submit, as on a cluster; the second run takes over the dead one's lease at once."""
    submit = Path(sys.executable).with_name("spark-submit")
    command = [str(submit), "jobs/recall_pages.py", "--conf", str(with_its_model)]
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    # Under spark-submit, what Python says on its standard error comes out on the standard output.
    driver = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    )
    assert driver.stdout is not None
    seen = []
    for line in driver.stdout:
        seen.append(line)
        if "3 of 7 WARC files" in line:
            break
    os.killpg(driver.pid, signal.SIGKILL)
    driver.stdout.close()
    driver.wait()
    assert "3 of 7 WARC files" in seen[-1], "".join(seen)
    run_file = config.load(with_its_model)
    assert len(table(run_file, FILES)) < 7
    recall_pages.run(spark, run_file)
    assert_same_tables(run_file, undisturbed)


@pytest.mark.slow
def test_a_driver_killed_at_any_moment_loses_nothing(
    spark: SparkSession, undisturbed: config.RunFile, with_its_model: Path
) -> None:
    """Sometimes with all its processes, as when a machine dies; sometimes alone, and its JVM may end what it began."""
    random = Random(1)
    command = [sys.executable, "jobs/recall_pages.py", "--conf", str(with_its_model)]
    killed = 0
    for _ in range(12):
        driver = started(command, "WARC files to do")
        time.sleep(random.uniform(0, 12))
        killed += driver.poll() is None
        if random.random() < 0.5:
            driver.kill()
            driver.wait()
        kill(driver)
    assert killed > 3
    run_file = config.load(with_its_model)
    recall_pages.run(spark, run_file)
    assert_same_tables(run_file, undisturbed)


@pytest.mark.slow
def test_files_on_s3_give_the_same_pages(undisturbed: config.RunFile, with_its_model: Path, corpus: Corpus) -> None:
    with s3_server("crawl") as client:
        for path in (*paths_of(corpus), corpus.manifest.name):
            client.upload_file(str(corpus.folder / path), "crawl", f"data/{path}")
        # A process of its own: the workers of the tests' session know nothing of the server.
        settings = [f"crawl.manifests=[s3://crawl/data/{corpus.manifest.name}]", "crawl.base=s3://crawl/data"]
        command = [sys.executable, "jobs/recall_pages.py", "--conf", str(with_its_model), *settings]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert_same_tables(config.load(with_its_model), undisturbed)


def test_a_killed_worker_costs_nothing(
    spark: SparkSession, undisturbed: config.RunFile, with_its_model: Path, corpus: Corpus, tmp_path: Path
) -> None:
    """A worker dies while it waits for the rest of a file; Spark gives the file to another."""
    path = paths_of(corpus)[0]
    body = Path(corpus.folder, path).read_bytes()
    released = threading.Event()
    with FileServer(body, [Reply(stop_after=20_000, hold=released)]) as server:
        settings = [f"crawl.manifests=[{manifest(tmp_path, path)}]", f"crawl.base={server.url}"]
        run_file = config.load(with_its_model, settings)
        stage = threading.Thread(target=recall_pages.run, args=(spark, run_file))
        stage.start()
        while not server.requests:
            assert stage.is_alive()
        killed = _kill_workers()
        released.set()
        stage.join()
        assert killed
        assert len(server.requests) == 2
    one_file = f"warc_file = '{path}'"
    columns = "warc_file, warc_offset, warc_length, url, score, html"
    query = f"SELECT {columns} FROM recalled_pages WHERE {one_file} ORDER BY warc_offset"
    assert table(run_file, query) == table(undisturbed, query)


def _kill_workers() -> list[int]:
    """Kills the Python workers of this process's Spark, not the daemon that forks them."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if b"pyspark.daemon" in command:
                parents[int(entry.name)] = parent
    workers = [process for process, parent in parents.items() if parent in parents and _is_ours(process)]
    for process in workers:
        os.kill(process, signal.SIGKILL)
    return workers


def _is_ours(process: int) -> bool:
    while process > 1:
        if process == os.getpid():
            return True
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return False


@pytest.mark.slow
def test_paths_that_fail_are_told_and_tried_again_by_the_next_run(
    spark: SparkSession, undisturbed: config.RunFile, with_its_model: Path, corpus: Corpus, tmp_path: Path
) -> None:
    web = tmp_path / "web"
    first, second, *_ = paths_of(corpus)
    for path in (first, second):
        (web / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(corpus.folder / first, web / first)
    (web / "folder.warc.gz").mkdir()
    (web / "empty.warc.gz").touch()
    (web / "page.html").write_text("<html><p>This is no archive at all.</html>")
    listed = manifest(tmp_path, first, second, "folder.warc.gz", "empty.warc.gz", "page.html")
    run_file = config.load(with_its_model, [f"crawl.manifests=[{listed}]", f"crawl.base={web}"])
    with pytest.raises(StageFailed, match=r"recall_pages: 4 of 5 WARC files failed"):
        recall_pages.run(spark, run_file)
    failed = {file["warc_file"]: file["reason"] for file in table(run_file, FILES) if file["status"] == "failed"}
    assert set(failed) == {second, "folder.warc.gz", "empty.warc.gz", "page.html"}
    assert "is a directory" in failed["folder.warc.gz"] or "is a folder" in failed["folder.warc.gz"]
    assert "empty" in failed["empty.warc.gz"]
    assert "WARC" in failed["page.html"]
    assert str(web / second) in failed[second]
    kept_first = len(table(run_file, PAGES))
    assert kept_first > 0

    shutil.copy(corpus.folder / second, web / second)
    for name in ("folder.warc.gz", "empty.warc.gz", "page.html"):
        shutil.rmtree(web / name, ignore_errors=True)
        (web / name).unlink(missing_ok=True)
        shutil.copy(corpus.folder / first, web / name)
    recall_pages.run(spark, run_file)
    files = table(run_file, FILES)
    assert [file["status"] for file in files] == ["done"] * 5
    assert len({file["warc_file"] for file in files}) == 5
    assert len(table(run_file, PAGES)) > kept_first


def test_a_round_is_not_scored_by_two_models(
    spark: SparkSession, undisturbed: config.RunFile, with_its_model: Path, tmp_path: Path
) -> None:
    other = config.load(with_its_model)
    elsewhere = other.model_copy(update={"lake": undisturbed.lake, "recall": other.recall})
    model = Path(str(other.recall.model))
    changed = tmp_path / "changed.bin"
    changed.write_bytes(model.read_bytes() + b"\0")
    recall = other.recall.model_copy(update={"model": str(changed), "model_sha256": sha256_of(changed)})
    with pytest.raises(ValueError, match="round 1 was begun with the model"):
        recall_pages.run(spark, elsewhere.model_copy(update={"recall": recall}))


def test_a_round_is_not_recalled_by_two_floors(spark: SparkSession, undisturbed: config.RunFile) -> None:
    recall = undisturbed.recall.model_copy(update={"floor_score": 0.7})
    with pytest.raises(ValueError, match="round 1 was begun with other values of recall or pages"):
        recall_pages.run(spark, undisturbed.model_copy(update={"recall": recall}))


def test_the_labels_of_one_model_are_not_mixed(spark: SparkSession, with_its_model: Path) -> None:
    recall_pages.run(spark, config.load(with_its_model, ["crawl.limit=1"]))
    with pytest.raises(ValueError, match="round 1 was begun with other values of recall or pages"):
        recall_pages.run(spark, config.load(with_its_model, ["recall.positive_label=__label__negative"]))


@pytest.mark.slow
def test_a_run_over_other_files_leaves_what_failed_before(
    spark: SparkSession, with_its_model: Path, corpus: Corpus, tmp_path: Path
) -> None:
    first, second, *_ = paths_of(corpus)
    for paths in ((first, "it's gone.warc.gz"), (second,), (first, "it's gone.warc.gz")):
        run_file = config.load(
            with_its_model, [f"crawl.manifests=[{manifest(tmp_path, *paths)}]", "stages.max_failed_share=1.0"]
        )
        recall_pages.run(spark, run_file)
    files = table(run_file, "SELECT warc_file, status FROM warc_files")
    assert sorted((file["warc_file"], file["status"]) for file in files) == sorted(
        [(first, "done"), (second, "done"), ("it's gone.warc.gz", "failed")]
    )


@pytest.mark.slow
def test_the_pipeline_goes_on_after_a_failure_that_was_allowed(
    spark: SparkSession, run_path: Path, corpus: Corpus, tmp_path: Path
) -> None:
    """Its seeds and so its newest model are others then; the round keeps the model with which it was begun."""
    web = tmp_path / "web"
    shutil.copytree(corpus.folder, web)
    gone = web / paths_of(corpus)[1]
    gone.rename(tmp_path / "kept")
    run_file = config.load(run_path, [f"crawl.base={web}", "stages.max_failed_share=0.3"])
    recall(spark, run_file)
    assert [file["status"] for file in table(run_file, FILES)].count("failed") == 1
    (tmp_path / "kept").rename(gone)
    recall(spark, run_file)
    files = table(run_file, FILES)
    assert [file["status"] for file in files] == ["done"] * 7
    assert len({file["model_sha256"] for file in files}) == 1
    assert len(table(run_file, "SELECT sha256 FROM recall_models")) == 2


@pytest.mark.slow
def test_the_pipeline_repeated_changes_nothing_whatever_decides_no_row(
    spark: SparkSession, undisturbed: config.RunFile
) -> None:
    before = table(undisturbed, "SELECT * FROM stage_runs ORDER BY stage, wave")
    crawl = undisturbed.crawl.model_copy(update={"files_per_wave": 2})
    http = undisturbed.http.model_copy(update={"attempts": 3})
    # Nobody is asked, so nobody need be there.
    endpoints = [config.Endpoint(model=model, base_url="http://127.0.0.1:9/v1") for model in ("rules", "rules-2")]
    changed = {"crawl": crawl, "http": http, "llm": config.Llm(endpoints=endpoints), "run": "other"}
    run_pipeline.run(spark, undisturbed.model_copy(update=changed))
    assert table(undisturbed, "SELECT * FROM stage_runs ORDER BY stage, wave") == before


@pytest.mark.slow
def test_a_file_that_cannot_give_seeds_is_dropped_with_its_reason_and_read_by_the_next_run(
    spark: SparkSession, run_path: Path, corpus: Corpus, tmp_path: Path
) -> None:
    listed = manifest(tmp_path, *paths_of(corpus), "missing.warc.gz")
    web = shutil.copytree(corpus.folder, tmp_path / "web")
    settings = [f"crawl.manifests=[{listed}]", f"crawl.base={web}", "stages.max_failed_share=0.2"]
    run_file = config.load(run_path, settings)
    collect_seeds.run(spark, run_file)
    (dropped,) = table(run_file, "SELECT stage, round, wave, id, reason, detail FROM dropped")
    detail = dropped.pop("detail")
    assert dropped == {
        "stage": "collect_seeds",
        "round": 1,
        "wave": 1,
        "id": "missing.warc.gz",
        "reason": "file_failed",
    }
    assert "missing.warc.gz: there is no such file" in detail
    files = "SELECT DISTINCT warc_file FROM seed_pages"
    before = {row["warc_file"] for row in table(run_file, files)}
    # The next run finds it, and reads no other again: what those gave is kept.
    for path in paths_of(corpus):
        Path(web, path).rename(Path(web, "missing.warc.gz"))
    collect_seeds.run(spark, run_file)
    assert {row["warc_file"] for row in table(run_file, files)} == {*before, "missing.warc.gz"}
    assert not table(run_file, "SELECT id FROM dropped")
    assert not any(Path(run_file.lake.files_folder, "seeds").rglob("*.arrow"))


def test_without_a_model_the_user_is_told_what_to_run(spark: SparkSession, run_file: config.RunFile) -> None:
    with pytest.raises(ValueError, match=r"recall_models has no model of round 1; run jobs/train_recall.py first"):
        recall_pages.run(spark, run_file)
