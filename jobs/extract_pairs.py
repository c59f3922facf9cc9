"""documents -> llm_calls, extracted_pairs.

Takes the pairs that pages mark, has a model find those of other documents, and keeps what stands on its page, in the
page's own words. From the first answers it may learn which passages hold none. Sections: extraction, classifier, llm.
"""

from pyspark.sql import DataFrame, SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.llm import pair_extraction
from mammoth_spark.llm.request import Question
from mammoth_spark.spark import documents, extraction, llm_calls, llm_ledger, stage, void_learning
from mammoth_spark.spark.job import main
from mammoth_spark.spark.stage import Counts, StageFailed
from mammoth_spark.spark.tables import DOCUMENTS, DROPPED, EXTRACTED_PAIRS, LLM_CALLS, STAGE_RUNS, VOID_MODELS, Lake


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_, wanted = Lake(spark, run_file.lake), run_file.round, run_file.extraction
    lake.create(DOCUMENTS, LLM_CALLS, STAGE_RUNS)
    documents.check_cleaned(lake, round_)
    question = pair_extraction.question(wanted.model)
    passages = sifted = extraction.passages_of(documents.documents_of(lake, round_), wanted).persist()
    failure = None
    try:
        if wanted.void_sample:
            settings = void_learning.settings_of(run_file, question)
            if stage.last_settings(lake, void_learning.STAGE, round_) != settings:
                sample = void_learning.sample(passages, wanted.void_sample)
                llm_calls.ask_all(spark, lake, run_file, (question, sample))
                learn_void(spark, lake, run_file, question, sample, settings)
                run_file = llm_calls.without_reopening(run_file)
            sifted = void_learning.sifted(lake, run_file, passages, settings)
        llm_calls.ask_all(spark, lake, run_file, (question, sifted.where("NOT is_passed_over")))
    except StageFailed as failed:
        # What was answered is paid for, and as good as ever.
        failure = failed
    ground(spark, lake, run_file, question, sifted)
    passages.unpersist()
    if failure is not None:
        raise failure


def learn_void(
    spark: SparkSession, lake: Lake, run_file: RunFile, question: Question, sample: DataFrame, settings: str
) -> None:
    """Which passages hold nothing, from the sample's answers; once for the round and the settings."""
    of_stage = (void_learning.STAGE, "model", (VOID_MODELS,), settings)
    with stage.opened(spark, lake, run_file, *of_stage, once=True) as work:
        for _ in work.waves(["model"], 1):
            model = void_learning.learnt(lake, run_file, question, sample)
            if model is None:
                work.say("the sample's answers are of one kind: all passages are asked about; raise void_sample")
            else:
                work.commit({VOID_MODELS: model}, Counts(1, 0, 1, 1))
        work.close(1)


def ground(spark: SparkSession, lake: Lake, run_file: RunFile, question: Question, passages: DataFrame) -> None:
    """Reads the answers into pairs."""
    round_, wanted = run_file.round, run_file.extraction
    # A document that the judge of rewordings takes out later goes with its pairs, and nothing is read anew for it.
    known = documents.digest(lake, round_, documents.STAGES[:3])
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
    main(
        "extract_pairs", __doc__, run, uses=("extraction", "classifier", "llm"), asks=lambda one: [one.extraction.model]
    )
