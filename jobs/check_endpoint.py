"""recalled_pages -> llm_calls.

Asks for the subject of some recalled pages by their titles: a few calls that show whether address, key, prices and the
form of the replies are right, before a stage that costs. Sections: llm, extraction (its model).
"""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.llm import page_subject
from mammoth_spark.spark import llm_calls, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, RECALLED_PAGES, Lake

# A server that is away when it is first asked has a wrong address, more likely than not.
PATIENCE_S = 20.0


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    lake.create(RECALLED_PAGES)
    question = page_subject.question(run_file.extraction.model)
    settings = settings_sha256(question.prompt.version, question.model)
    writes = (LLM_REQUESTS, LLM_CALLS)
    with stage.opened(spark, lake, run_file, question.stage, "buckets", writes, settings) as work:
        llm = run_file.llm.model_copy(update={"patience_s": min(PATIENCE_S, run_file.llm.patience_s)})
        hasty = run_file.model_copy(update={"llm": llm})
        llm_calls.ask(spark, lake, hasty, work, question, some_titles(lake, run_file.round))
        work.close(work.total.inputs)


def some_titles(lake: Lake, round_: int) -> DataFrame:
    """Titles of some pages, chosen by hash: `page_subject.ROWS`."""
    pages = lake.read(RECALLED_PAGES).where((F.col("round") == round_) & (F.col("title") != ""))
    chosen = pages.orderBy(F.md5("url"), "warc_offset").limit(page_subject.PAGES)
    return chosen.select(F.create_map(F.lit("title"), F.col("title")).alias("slots"))


if __name__ == "__main__":
    main("check_endpoint", __doc__, run, uses=("llm", "extraction"))
