"""sites -> verdicts in sites, llm_calls.

Takes a person's verdicts, and has a model judge the round's sites that are open still. A site that is decided stays
so; to have it judged again, set its verdict to `open` by SQL. Sections: llm, sites, http.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.llm import site_verdicts
from mammoth_spark.spark import site_selection, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, SITES, Lake
from mammoth_spark.web.site_lists import persons_verdicts


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    lake.create(SITES)
    path, round_ = run_file.sites.verdicts, run_file.round
    verdicts = {} if path is None else persons_verdicts(path, run_file.http)
    question = site_verdicts.question(run_file.sites.model)
    settings = settings_sha256(question.prompt.version, question.model)
    writes = (LLM_REQUESTS, LLM_CALLS)
    with stage.opened(spark, lake, run_file, question.stage, "buckets of requests", writes, settings) as work:
        if verdicts:
            taken = site_selection.take_persons_verdicts(spark, lake, round_, verdicts)
            work.say(f"{taken:,} verdicts of a person; {len(verdicts) - taken:,} name sites that the round has not")
        left = site_selection.judge(spark, lake, run_file, work, question)
        if left:
            work.say(f"{left:,} sites stay open: no answer names them")
        work.close(work.total.inputs)


if __name__ == "__main__":
    main("select_sites", __doc__, run, uses=("llm", "sites", "http"), asks=lambda run_file: [run_file.sites.model])
