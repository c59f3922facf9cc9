"""mammoth sql: a lake's tables by their names, without a JVM."""

import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.console import main as console
from mammoth_spark.console.sql import as_table
from mammoth_spark.lake import rows


def mammoth(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["mammoth", *arguments])
    try:
        console.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def conf(undisturbed: config.RunFile) -> str:
    return str(Path(str(undisturbed.lake.path)).parent / "run.yaml")


def test_a_query_sees_what_spark_sees(spark: SparkSession, undisturbed: config.RunFile) -> None:
    query = "SELECT root_url, count(*) AS pages FROM {} GROUP BY root_url"
    by_spark = spark.sql(query.format(f"delta.`{undisturbed.lake.path}/recalled_pages`")).collect()
    found = rows(undisturbed.lake, query.format("recalled_pages"))
    assert {row["root_url"]: row["pages"] for row in found} == {row["root_url"]: row["pages"] for row in by_spark}
    assert len(by_spark) > 3


def test_rows_marked_deleted_are_not_seen(spark: SparkSession, tmp_path: Path) -> None:
    address = f"delta.`{tmp_path}/lake/numbers`"
    spark.sql(f"CREATE TABLE {address} (n BIGINT) USING delta TBLPROPERTIES ('delta.enableDeletionVectors'='true')")
    spark.range(100).withColumnRenamed("id", "n").coalesce(1).write.format("delta").mode("append").save(
        f"{tmp_path}/lake/numbers"
    )
    spark.sql(f"DELETE FROM {address} WHERE n % 10 = 0")
    detail = spark.sql(f"DESCRIBE HISTORY {address} LIMIT 1").head()
    assert detail["operationMetrics"]["numDeletionVectorsAdded"] == "1"
    lake = config.Lake(path=f"{tmp_path}/lake")
    assert list(rows(lake, "SELECT count(*) AS n FROM numbers")) == [{"n": 90}]
    assert list(rows(lake, "SELECT min(n) AS low, sum(n) AS all FROM numbers")) == [{"low": 1, "all": 4950 - 450}]
    assert list(rows(lake, "SELECT n FROM numbers WHERE n < 12 ORDER BY n"))[-1] == {"n": 11}


def test_a_query_is_printed_as_a_table(
    conf: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "SELECT stage, wave FROM stage_runs WHERE stage = 'clean_pages' ORDER BY wave"
    assert mammoth(monkeypatch, "sql", "--conf", conf, query) == 0
    assert capsys.readouterr().out.splitlines()[:3] == [
        "stage        wave",
        "-----------  ----",
        "clean_pages     1",
    ]


def test_long_values_and_bytes_are_shown_short(
    conf: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        mammoth(monkeypatch, "sql", "--conf", conf, "SELECT html, damage FROM recalled_pages, warc_files LIMIT 3") == 0
    )
    assert " bytes>" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT x FROM recalled_pagez", "the lake's tables are benchmark_items, benchmark_ngrams, contamination"),
        ("selct 1", "error: SQL error"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    conf: str, query: str, message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mammoth(monkeypatch, "sql", "--conf", conf, query) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_an_empty_lake_says_what_to_do(
    tmp_path: Path, run_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mammoth(monkeypatch, "sql", "--conf", str(run_path), "SELECT 1") == 2
    assert "run a job with this run file first" in capsys.readouterr().err


def test_no_jvm_and_no_spark_is_started(conf: str) -> None:
    """A query is asked in a process of its own, which must not even have loaded pyspark."""
    code = (
        "import sys; sys.argv = ['mammoth', 'sql', '--conf', sys.argv[1], 'SELECT count(*) AS n FROM recalled_pages'];"
        "from mammoth_spark.console.main import main; main(); print('pyspark' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, conf], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "False"


def test_numbers_stand_to_the_right_and_text_to_the_left() -> None:
    assert as_table(["site", "pages"], [["a.org", "7"], ["b.com", "1,200"]]) == (
        "site   pages\n-----  -----\na.org      7\nb.com  1,200"
    )
