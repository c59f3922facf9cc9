"""WARC paths -> seed_pages.

Samples pages of labelled sites, by hash, at most so many a site and a label. Sections: crawl, pages, seeds, http.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import seeds, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import DROPPED, SEED_PAGES, Lake
from mammoth_spark.web.manifest import warc_paths
from mammoth_spark.web.site_lists import site_labels


def run(spark: SparkSession, run_file: RunFile) -> None:
    assert run_file.seeds.sites is not None, "it was looked for before Spark started"
    labels = site_labels(run_file.seeds.sites, run_file.http)
    paths = warc_paths(run_file.crawl, run_file.http)
    lake = Lake(spark, run_file.lake)
    settings = settings_sha256(paths, run_file.pages, run_file.seeds, labels)
    writes = (SEED_PAGES, DROPPED)
    with stage.opened(spark, lake, run_file, "collect_seeds", "WARC files", writes, settings, once=True) as work:
        left = [] if work.is_settled else paths
        for warc_files in work.waves(left, len(paths), done=len(paths) - len(left)):
            with seeds.sampled(spark, warc_files, labels, run_file) as (pages, failed, counts):
                work.commit({SEED_PAGES: pages, DROPPED: failed}, counts)
        work.close(len(paths))


if __name__ == "__main__":
    main("collect_seeds", __doc__, run, uses=("crawl", "pages", "seeds", "http"), needs=("seeds.sites",))
