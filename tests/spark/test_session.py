"""One function gives a session everywhere, and takes nothing from the platform that it stands on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.conf import SparkConf
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.spark import jars
from mammoth_spark.spark.session import _delta_settings, _laptop_settings, spark_session

DELTA = "io.delta.sql.DeltaSparkSessionExtension"
SETTINGS = ("spark.master", "spark.sql.shuffle.partitions", "spark.sql.extensions", "spark.sql.session.timeZone")


def settings_seen_by_a_submitted_job(tmp_path: Path, *options: str) -> list[str]:
    script = tmp_path / "job.py"
    script.write_text(
        "from mammoth_spark import config\n"
        "from mammoth_spark.spark.session import spark_session\n"
        "session = spark_session('job', config.Spark(local_cores=2, shuffle_partitions=3))\n"
        f"print('seen', *(session.conf.get(name) for name in {SETTINGS!r}), sep='|')\n"
    )
    submit = str(Path(sys.executable).with_name("spark-submit"))
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", "PYTHONPATH": "."}
    run = subprocess.run([submit, *options, str(script)], capture_output=True, text=True, env=environment, check=False)
    lines = [line for line in run.stdout.splitlines() if line.startswith("seen|")]
    assert lines, run.stdout + run.stderr
    return lines[0].split("|")[1:]


def test_a_laptop_session_keeps_to_loopback_and_has_delta(spark: SparkSession) -> None:
    assert spark.conf.get("spark.master") == "local[2,4]"
    assert spark.conf.get("spark.driver.host") == "127.0.0.1"
    assert spark.conf.get("spark.sql.extensions") == "io.delta.sql.DeltaSparkSessionExtension"
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"


def test_small_tables_are_read_without_compiling_each_query(spark: SparkSession) -> None:
    assert spark.conf.get("spark.sql.codegen.wholeStage") == "false"
    submitted = _laptop_settings(config.Spark(small_tables=False))
    assert "spark.sql.codegen.wholeStage" not in submitted
    assert "-XX:" not in submitted["spark.driver.extraJavaOptions"]


def test_spark_submit_keeps_what_it_was_given(tmp_path: Path) -> None:
    options = ["--master", "local[1]", "--conf", "spark.sql.shuffle.partitions=7"]
    master, partitions, extensions, zone = settings_seen_by_a_submitted_job(tmp_path, *options)
    assert (master, partitions, zone) == ("local[1]", "7", "UTC")
    assert extensions == DELTA


@pytest.mark.slow
def test_without_a_master_a_task_is_tried_again(tmp_path: Path) -> None:
    master, *_, zone = settings_seen_by_a_submitted_job(tmp_path, "--conf", "spark.sql.session.timeZone=Europe/Berlin")
    assert (master, zone) == ("local[*,4]", "Europe/Berlin")


def test_extensions_of_the_platform_stay_beside_delta(spark: SparkSession) -> None:
    given = SparkConf(loadDefaults=False)
    given.set("spark.sql.extensions", "com.platform.Extension")
    assert _delta_settings(given)["spark.sql.extensions"] == f"com.platform.Extension,{DELTA}"
    given.set("spark.sql.extensions", f"{DELTA},com.platform.Extension")
    assert _delta_settings(given)["spark.sql.extensions"] == f"{DELTA},com.platform.Extension"


def test_a_ready_session_of_databricks_is_used_as_it_is(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "18.0")
    session = spark_session("job", config.Spark(local_cores=7))
    assert session.conf.get("spark.app.id") == spark.conf.get("spark.app.id")
    assert session.conf.get("spark.master") == "local[2,4]"


def test_missing_jars_are_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    with pytest.raises(ValueError, match=r"Delta's jars are not in .*; run `make setup`"):
        jars.require()
