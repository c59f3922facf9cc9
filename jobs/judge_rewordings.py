"""documents, pairs, benchmark_items -> llm_calls, documents without reworded benchmark questions, contamination.

Compares the questions that pages mark, those of the pairs and those that models made of them with the benchmark items
most like them, and has a model judge whether they are the same in other words, in both orders. It judges rewordings and
near misses of our own beside them, and the run tells how often it was right. Sections: decontamination (judge), llm.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.llm import same_question
from mammoth_spark.spark import documents, llm_calls, refinement, rewordings, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import (
    BENCHMARK_ITEMS,
    BENCHMARK_NGRAMS,
    CONTAMINATION,
    DOCUMENTS,
    DROPPED,
    EXTRACTED_PAIRS,
    REFINED_PAIRS,
    STAGE_RUNS,
    Lake,
)


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_, wanted = Lake(spark, run_file.lake), run_file.round, run_file.decontamination
    question = same_question.question(wanted.judge)
    lake.create(DOCUMENTS, EXTRACTED_PAIRS, REFINED_PAIRS, BENCHMARK_ITEMS, BENCHMARK_NGRAMS, STAGE_RUNS)
    known = documents.digest(lake, round_, documents.STAGES[:3]), refinement.digest(lake, round_)
    settings = settings_sha256(wanted, question.prompt.version, known)
    writes = (CONTAMINATION, DROPPED)
    with stage.opened(spark, lake, run_file, "drop_rewordings", "check", writes, settings) as work:
        work.take_out(DOCUMENTS)
        left = [] if work.is_settled else ["check"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            with rewordings.compared(spark, lake, round_, wanted) as (pairs, planted):
                llm_calls.ask_all(spark, lake, run_file, (question, pairs))
                judged = rewordings.judged(lake, round_, question, pairs, planted)
                with judged as (dropped, evidence, figures, counts):
                    work.say(", ".join(f"{name} {value:g}" for name, value in figures.items()))
                    work.commit({DROPPED: dropped, CONTAMINATION: evidence}, counts, figures)
            work.take_out(DOCUMENTS)
        work.close(1)


if __name__ == "__main__":
    main(
        "judge_rewordings",
        __doc__,
        run,
        uses=("decontamination", "llm"),
        asks=lambda run_file: [run_file.decontamination.judge] if run_file.decontamination.judge else [],
    )
