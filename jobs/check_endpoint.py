"""recalled_pages -> llm_calls.

Asks for the subject of some recalled pages by their titles: a few calls that show whether address, key, prices and the
form of the replies are right, before a stage that costs. Sections: llm, extraction (its model).
"""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.llm import page_subject
from mammoth_spark.llm.task import hasty
from mammoth_spark.spark import llm_calls, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, RECALLED_PAGES, Lake


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    lake.create(RECALLED_PAGES)
    question = page_subject.question(run_file.extraction.model)
    settings = settings_sha256(question.prompt.version, question.model)
    writes = (LLM_REQUESTS, LLM_CALLS)
    with stage.opened(spark, lake, run_file, question.stage, "buckets of requests", writes, settings) as work:
        titles = spark.sql(page_subject.ROWS, round=run_file.round, recalled_pages=lake.read(RECALLED_PAGES))
        if titles.isEmpty():
            raise ValueError(f"no page of round {run_file.round} has been recalled; run jobs/recall_pages.py first")
        rows = titles.select(F.create_map(F.lit("title"), F.col("title")).alias("slots"))
        run_hastily = run_file.model_copy(update={"llm": hasty(run_file.llm)})
        llm_calls.ask(spark, lake, run_hastily, work, question, rows)
        work.close(work.total.inputs)


if __name__ == "__main__":
    main("check_endpoint", __doc__, run, uses=("llm", "extraction"), asks=lambda run_file: [run_file.extraction.model])
