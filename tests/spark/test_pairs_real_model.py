"""Twenty pages through extraction and refinement with a real model, so small that it says what it will: every row is
accounted for."""

from contextlib import suppress
from typing import Any

import extract_pairs
import pytest
import refine_pairs
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.config import Endpoint, Llm, RunFile
from mammoth_spark.lake import rows
from mammoth_spark.spark.stage import StageFailed
from tests.llm.model_server import MODEL, model_server
from tests.spark.standing import put, put_marked
from tests.spark.test_pairs import THREAD

pytestmark = pytest.mark.slow

PAGES = [THREAD.format(size=3 * minutes, minutes=minutes) for minutes in range(12, 31)]


def sums(run_file: RunFile, stage: str) -> tuple[int, int, int]:
    """Rows in, out and dropped."""
    (run,) = rows(run_file.lake, f"SELECT * FROM stage_runs WHERE stage = '{stage}'")
    return run["rows_in"], run["rows_out"], sum(dict(run["dropped"]).values())


def test_whatever_a_real_model_says_every_passage_claim_and_refinement_has_its_row(
    spark: SparkSession, own_lake: config.Lake
) -> None:
    put(spark, RunFile(run="test", lake=own_lake, crawl=config.Crawl(manifests=["none.gz"], base="/nowhere")), PAGES)
    with model_server() as base_url:
        endpoint = Endpoint(model="SmolLM2", served_model=str(MODEL), base_url=base_url)
        sections: dict[str, Any] = {
            "llm": Llm(endpoints=[endpoint], window=2, attempts=1, backoff_s=0.1, deadline_s=60.0),
            "extraction": config.Extraction(model="SmolLM2"),
            "refinement": config.Refinement(models=["SmolLM2"]),
            "stages": config.Stages(max_failed_share=1.0),
        }
        crawl = config.Crawl(manifests=["none.gz"], base="/nowhere")
        run_file = RunFile(run="test", lake=own_lake, crawl=crawl, **sections)
        # One pair at least goes on to the refiner, whatever the model finds.
        put_marked(spark, run_file)
        # A model that fails at everything stops its stage, and what it said is accounted for all the same.
        with suppress(StageFailed):
            extract_pairs.run(spark, run_file)
        with suppress(StageFailed):
            refine_pairs.run(spark, run_file)
    asked = list(rows(own_lake, "SELECT * FROM llm_calls WHERE stage = 'extract_pairs'"))
    rows_in, rows_out, dropped = sums(run_file, "ground_pairs")
    assert rows_in == rows_out + dropped >= len(PAGES) + 1
    assert len({row["fingerprint"] for row in asked}) <= len(PAGES)
    texts = {row["document"]: row["text"] for row in rows(own_lake, "SELECT * FROM documents")}
    pairs = list(rows(own_lake, "SELECT * FROM extracted_pairs"))
    assert len(pairs) == rows_out >= 1
    for pair in pairs:
        for part in ("question", "answer"):
            span = dict(pair[f"{part}_span"])
            assert texts[pair["document"]][span["begin"] : span["end"]] == pair[part]
    assert sums(run_file, "check_refinements") == (len(pairs), *sums(run_file, "check_refinements")[1:])
    refined = list(rows(own_lake, "SELECT * FROM refined_pairs"))
    refused = list(rows(own_lake, "SELECT * FROM dropped WHERE stage = 'check_refinements'"))
    assert len(refined) + len(refused) == len(pairs)
