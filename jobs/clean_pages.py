"""recalled_pages, sites -> documents.

Cleans the pages of selected sites (of all sites, where none is judged), and leaves out documents that repeat another. A
wave of recall is cleaned once; what came since is cleaned by the same command. Section: documents.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import documents, stage
from mammoth_spark.spark.duplicates import duplicates
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import DOCUMENTS, DROPPED, RECALLED_PAGES, SITES, STAGE_RUNS, Lake
from mammoth_spark.web.site_lists import blocked_sites


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_ = Lake(spark, run_file.lake), run_file.round
    lake.create(RECALLED_PAGES, SITES, STAGE_RUNS)
    clean(spark, lake, run_file)
    known = documents.digest(lake, round_, ["clean_pages"])
    near = run_file.documents.duplicate_similarity if run_file.documents.near_duplicates else None
    settings = settings_sha256(near, known)
    with stage.opened(spark, lake, run_file, "drop_duplicates", "comparison", (DROPPED,), settings) as work:
        work.take_out(DOCUMENTS)
        left = [] if work.is_settled else ["comparison"]
        for _ in work.waves(left, 1, done=1 - len(left)):
            with duplicates(lake, round_, near) as (dropped, counts):
                work.commit({DROPPED: dropped}, counts)
            work.take_out(DOCUMENTS)
        work.close(1)


def clean(spark: SparkSession, lake: Lake, run_file: RunFile) -> None:
    path = run_file.documents.blocked_sites
    blocked = frozenset() if path is None else blocked_sites(path, run_file.http)
    settings = documents.settings_of(lake, run_file, blocked)
    documents.check_unchanged(lake, run_file.round, settings)
    with stage.opened(spark, lake, run_file, "clean_pages", "waves of pages", (DOCUMENTS,), settings) as work:
        left = documents.waves_left(lake, run_file.round)
        for (wave,) in work.waves(left, 1, done=left[0] - 1 if left else 0):
            with documents.cleaned(lake, run_file, wave, blocked) as (rows, dropped, counts):
                work.commit({DOCUMENTS: rows, DROPPED: dropped}, counts)
        work.close(len(left))


if __name__ == "__main__":
    main("clean_pages", __doc__, run, uses=("documents", "http"))
