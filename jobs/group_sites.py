"""recalled_pages -> sites.

Counts the round's pages by site and by first folder, with their scores, languages and samples, and keeps those with
enough pages. What was decided of a site stays decided. Section: sites.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import sites, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import RECALLED_PAGES, SITES, STAGE_RUNS, Lake


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    lake.create(RECALLED_PAGES, STAGE_RUNS)
    min_pages = run_file.sites.min_pages
    settings = settings_sha256(min_pages, sites.recall_digest(lake, run_file.round))
    with stage.opened(spark, lake, run_file, "group_sites", "grouping", (SITES,), settings, once=True) as work:
        left = [] if work.is_settled else ["grouping"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            with sites.grouped(lake, run_file.round, min_pages) as (rows, counts):
                work.commit({SITES: rows}, counts)
        work.close(1)


if __name__ == "__main__":
    main("group_sites", __doc__, run, uses=("sites",))
