"""recalled_pages -> llm_calls.

Asks for the subject of some recalled pages by their titles: a few calls that show whether address, key, prices and the
form of the replies are right, before a stage that costs. Sections: llm, extraction (its model).
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import endpoint_check, llm_calls, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, RECALLED_PAGES, Lake


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    lake.create(RECALLED_PAGES)
    question = endpoint_check.question(run_file.extraction.model)
    settings = settings_sha256(question.prompt.version, question.model)
    writes = (LLM_REQUESTS, LLM_CALLS)
    with stage.opened(spark, lake, run_file, question.stage, "buckets", writes, settings) as work:
        titles = endpoint_check.some_titles(lake, run_file.round)
        llm_calls.ask(spark, lake, run_file, work, question, titles)
        work.close(work.total.inputs)


if __name__ == "__main__":
    main("check_endpoint", __doc__, run, uses=("llm", "extraction"))
