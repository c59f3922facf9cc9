"""The whole pipeline: however often it is killed, its tables are those of a run that nobody disturbed."""

import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
import run_pipeline
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.lake import rows
from mammoth_spark.llm.rules import RulesServer
from tests.jobs.driver import kill, started

KILLS = 8


def contents(run_file: config.RunFile, name: str) -> list[str]:
    """Rows without the number of the wave, which a killed run may have left out."""
    found: list[dict[str, Any]] = list(rows(run_file.lake, f"SELECT * FROM {name}"))
    return sorted(str({column: value for column, value in row.items() if column != "wave"}) for row in found)


@pytest.mark.slow
def test_a_pipeline_killed_in_its_later_stages_ends_with_the_same_tables(
    spark: SparkSession, undisturbed: config.RunFile, with_its_model: Path
) -> None:
    random, killed = Random(2), 0
    with RulesServer() as server:
        served = ", ".join(f"{{model: {model}, base_url: '{server.base_url}'}}" for model in ("rules", "rules-2"))
        endpoints = f"llm.endpoints=[{served}]"
        command = [sys.executable, "jobs/run_pipeline.py", "--conf", str(with_its_model), endpoints]
        while killed < KILLS:
            driver = started(command, "group_sites")
            time.sleep(random.uniform(0, 60))
            is_over = driver.poll() is not None
            kill(driver)
            if is_over:
                break
            killed += 1
        run_file = config.load(with_its_model, [endpoints])
        run_pipeline.run(spark, run_file)
        answered = server.calls["answered"]
    assert killed > 3
    pairs = ("extracted_pairs", "refined_pairs", "preferences")
    for name in ("recalled_pages", "sites", "documents", "contamination", *pairs, "dropped"):
        assert contents(run_file, name) == contents(undisturbed, name), name
    calls = [row["fingerprint"] for row in rows(run_file.lake, "SELECT fingerprint FROM llm_calls")]
    assert len(calls) == len(set(calls)) == len(contents(undisturbed, "llm_calls"))
    assert answered <= len(calls) + killed * (2 * run_file.llm.flush_calls + run_file.llm.window)
