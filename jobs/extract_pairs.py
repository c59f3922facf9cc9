"""documents -> llm_calls, extracted_pairs.

Takes the pairs that pages mark themselves, has a model find those of the other documents, passage by passage, and keeps
what stands on its page, in the page's own words. Sections: extraction, llm.
"""

from pyspark.sql import DataFrame, SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.llm import pair_extraction
from mammoth_spark.llm.request import Question
from mammoth_spark.spark import documents, extraction, llm_calls, llm_ledger, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.spark.tables import (
    DOCUMENTS,
    DROPPED,
    EXTRACTED_PAIRS,
    STAGE_RUNS,
    Lake,
)


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_, wanted = Lake(spark, run_file.lake), run_file.round, run_file.extraction
    lake.create(DOCUMENTS, STAGE_RUNS)
    documents.check_cleaned(lake, round_)
    question = pair_extraction.question(wanted.model)
    passages = extraction.passages_of(documents.documents_of(lake, round_), wanted).persist()
    try:
        llm_calls.ask_all(spark, lake, run_file, (question, passages))
    except StageFailed:
        # What was answered is paid for, and as good as ever.
        ground(spark, lake, run_file, question, passages)
        raise
    else:
        ground(spark, lake, run_file, question, passages)
    finally:
        passages.unpersist()


def ground(spark: SparkSession, lake: Lake, run_file: RunFile, question: Question, passages: DataFrame) -> None:
    """Reads the answers into pairs."""
    round_, wanted = run_file.round, run_file.extraction
    known = documents.digest(lake, round_, documents.STAGES)
    answered = llm_ledger.digest(lake, question)
    settings = settings_sha256(wanted, question.prompt.version, known, answered)
    writes = (EXTRACTED_PAIRS,)
    with stage.opened(spark, lake, run_file, extraction.STAGE, "reading", writes, settings, once=True) as work:
        left = [] if work.is_settled else ["reading"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            with extraction.grounded(lake, round_, wanted, question, passages) as (pairs, dropped, counts):
                work.commit({EXTRACTED_PAIRS: pairs, DROPPED: dropped}, counts)
        work.close(1)


if __name__ == "__main__":
    main("extract_pairs", __doc__, run, uses=("extraction", "llm"), asks=lambda run_file: [run_file.extraction.model])
