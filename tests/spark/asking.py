"""A stage that asks a question, for tests."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.llm.request import Question
from mammoth_spark.spark import llm_calls, stage
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, Lake
from tests.llm.questions import question


def own_question(folder: Path) -> Question:
    """Of a stage of the test's own: so tests share a lake, whose tables take longer to make than most tests."""
    return replace(question(folder), stage=folder.name)


def about_titles(spark: SparkSession, titles: Iterable[str]) -> DataFrame:
    """Rows to ask about."""
    return spark.createDataFrame([({"title": title},) for title in titles], "slots map<string,string>")


def ask(spark: SparkSession, run_file: RunFile, asked: Question, rows: DataFrame) -> None:
    lake = Lake(spark, run_file.lake)
    writes = (LLM_REQUESTS, LLM_CALLS)
    with stage.opened(spark, lake, run_file, asked.stage, "buckets", writes, "settings") as work:
        llm_calls.ask(spark, lake, run_file, work, asked, rows)
