"""seed_pages -> recall_models.

Trains the round's classifier with the run file's values and measures it on sites that it was not trained on.
Section: classifier.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import recall_training, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import RECALL_MODELS, SEED_PAGES, STAGE_RUNS, Lake


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    lake.create(SEED_PAGES, STAGE_RUNS)
    settings = settings_sha256(run_file.classifier, recall_training.seeds_digest(lake, run_file.round))
    with stage.opened(spark, lake, run_file, "train_recall", "model", (RECALL_MODELS,), settings) as work:
        left = [] if work.is_settled else ["model"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            work.commit({RECALL_MODELS: recall_training.trained(lake, run_file)}, stage.Counts(1, 0, 1, 1))
        work.close(1)


if __name__ == "__main__":
    main("train_recall", __doc__, run, uses=("classifier",))
