"""extracted_pairs, documents -> llm_calls, refined_pairs, preferences.

Has each model refine each pair beside its page, checks what came of it, and compares the models' answers. Where they
differ the arbiter is asked, where one is named, and what has passed goes before the judge. Sections: refinement, llm.
"""

from collections.abc import Sequence
from contextlib import ExitStack

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.llm import pair_refinement
from mammoth_spark.llm.request import Question
from mammoth_spark.spark import extraction, llm_calls, llm_ledger, refinement, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.llm_calls import Asked
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.spark.tables import (
    DOCUMENTS,
    DROPPED,
    EXTRACTED_PAIRS,
    LLM_CALLS,
    PREFERENCES,
    REFINED_PAIRS,
    STAGE_RUNS,
    Lake,
)


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, wanted = Lake(spark, run_file.lake), run_file.refinement
    lake.create(DOCUMENTS, EXTRACTED_PAIRS, LLM_CALLS, STAGE_RUNS)
    refinement.check_extracted(lake, run_file.round)
    failures: list[StageFailed] = []

    def ask(*asked: Asked) -> None:
        try:
            llm_calls.ask_all(spark, lake, run_file, *asked)
        except StageFailed as failed:
            # What was answered is paid for, and as good as ever.
            failures.append(failed)

    with ExitStack() as kept:
        pages, requests = kept.enter_context(refinement.requested(lake, run_file.round))
        asked = [(pair_refinement.question(model), requests) for model in wanted.models]
        ask(*asked)
        if wanted.arbiter is not None:
            with refinement.refined(lake, pages, asked, wanted) as rows:
                contested = kept.enter_context(refinement.disagreeing(rows, requests))
                asked.append((pair_refinement.question(wanted.arbiter), contested))
                ask(asked[-1])
        rows = kept.enter_context(refinement.refined(lake, pages, asked, wanted))
        verdicts = [] if wanted.judge is None else refinement.to_judge(rows, wanted.judge)
        if verdicts:
            ask(*verdicts)
        questions = [question for question, _ in (*asked, *verdicts)]
        accounted = refinement.accounted(refinement.judged(lake, rows, verdicts), pages, asked)
        check(spark, lake, run_file, accounted, questions)
    if failures:
        raise failures[0]


def check(
    spark: SparkSession, lake: Lake, run_file: RunFile, accounted: refinement.Accounted, questions: Sequence[Question]
) -> None:
    known = [stage.last_settings(lake, extraction.STAGE, run_file.round)]
    known += [llm_ledger.digest(lake, question) for question in questions]
    settings = settings_sha256(run_file.refinement, known)
    writes = (REFINED_PAIRS, PREFERENCES)
    with stage.opened(spark, lake, run_file, refinement.STAGE, "reading", writes, settings, once=True) as work:
        left = [] if work.is_settled else ["reading"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            with accounted as (refined, preferences, dropped, counts):
                work.commit({REFINED_PAIRS: refined, PREFERENCES: preferences, DROPPED: dropped}, counts)
        work.close(1)


if __name__ == "__main__":
    main("refine_pairs", __doc__, run, uses=("refinement", "llm"), asks=lambda run_file: run_file.refinement.all_models)
