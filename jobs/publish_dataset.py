"""refined_pairs, extracted_pairs, documents -> question_clusters, instructions.

Publishes the refinements that have passed, each as chat messages with its ancestry: of questions that are almost the
same one pair, of a site and of a subject no more than the run file allows. Sections: publication, decontamination.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import decontamination, publication, question_clusters, refinement, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import (
    DOCUMENTS,
    DROPPED,
    EXTRACTED_PAIRS,
    INSTRUCTIONS,
    LLM_CALLS,
    QUESTION_CLUSTERS,
    REFINED_PAIRS,
    Lake,
)


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_, wanted = Lake(spark, run_file.lake), run_file.round, run_file.publication
    lake.create(DOCUMENTS, EXTRACTED_PAIRS, REFINED_PAIRS, LLM_CALLS)
    refinement.check_refined(lake, round_)
    if run_file.decontamination.benchmarks:
        decontamination.check_pairs_checked(lake, run_file)
    models = run_file.refinement.all_models
    settings = settings_sha256(wanted, models, decontamination.pairs_settings(lake, run_file))
    by = (spark, lake, run_file)
    with stage.opened(*by, question_clusters.STAGE, "reading", (QUESTION_CLUSTERS,), settings, once=True) as work:
        left = [] if work.is_settled else ["reading"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            with question_clusters.clustered(lake, round_, wanted.question_similarity, models) as (clusters, counts):
                work.commit({QUESTION_CLUSTERS: clusters}, counts)
        work.close(1)
    with stage.opened(*by, publication.STAGE, "reading", (INSTRUCTIONS,), settings, once=True) as work:
        left = [] if work.is_settled else ["reading"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            with publication.published(lake, round_, wanted, models) as (instructions, dropped, counts):
                work.commit({INSTRUCTIONS: instructions, DROPPED: dropped}, counts)
        work.close(1)


if __name__ == "__main__":
    main("publish_dataset", __doc__, run, uses=("publication", "refinement", "decontamination"))
