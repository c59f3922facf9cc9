"""How a job ends: what its user is told, and with which exit code."""

import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.spark.job import main
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.web.manifest import warc_paths
from tests.web.http_server import FileServer, Reply


def end_of(run_path: Path, monkeypatch: pytest.MonkeyPatch, run: object, *overrides: str) -> object:
    monkeypatch.setattr(sys, "argv", ["job", "--conf", str(run_path), *overrides])
    with pytest.raises(SystemExit) as ended:
        main("job", "A job.", run, uses=("crawl", "http"))  # type: ignore[arg-type]
    return ended.value.code


def read_manifests(spark: SparkSession, run_file: RunFile) -> None:
    warc_paths(run_file.crawl, run_file.http)


@pytest.mark.usefixtures("spark")
def test_an_unreadable_manifest_is_told_in_one_line(
    run_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileServer(b"", [Reply(status=404)] * 9) as server:
        manifest = f"{server.url}/warc.paths.gz"
        assert end_of(run_path, monkeypatch, read_manifests, f"crawl.manifests=[{manifest}]") == 2
    started, line = capsys.readouterr().err.splitlines()
    assert started == "job: starting Spark"
    assert line.startswith("error: ")
    assert manifest in line


@pytest.mark.usefixtures("spark")
def test_a_failed_stage_ends_with_another_code_than_a_mistake(
    run_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(spark: SparkSession, run_file: RunFile) -> None:
        raise StageFailed("numbers: 3 of 4 failed")

    assert end_of(run_path, monkeypatch, fail) == 1
    assert capsys.readouterr().err == "job: starting Spark\nfailed: numbers: 3 of 4 failed\n"
    assert end_of(run_path, monkeypatch, fail, "recall.flor_score=1") == 2
    assert "flor_score" in capsys.readouterr().err


def test_a_key_that_is_not_set_is_told_before_spark_starts(
    run_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = "{model: m, base_url: 'https://models.example.org/v1', key_env: NOT_SET_ANYWHERE}"
    monkeypatch.setattr(sys, "argv", ["job", "--conf", str(run_path), f"llm.endpoints=[{endpoint}]"])
    with pytest.raises(SystemExit):
        main("job", "A job.", read_manifests, uses=("llm",), asks=lambda _: ["m"])
    assert capsys.readouterr().err == "error: llm.endpoints: the environment variable NOT_SET_ANYWHERE is not set\n"


@pytest.mark.usefixtures("spark")
def test_an_interrupt_is_told_in_one_line(
    run_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(spark: SparkSession, run_file: RunFile) -> None:
        raise KeyboardInterrupt

    assert end_of(run_path, monkeypatch, interrupted) == 130
    assert capsys.readouterr().err.splitlines()[1:] == ["interrupted; the same command goes on where this one stopped"]
