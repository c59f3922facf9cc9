"""WARC paths, sites to visit, recalled_pages and sites of the round before -> seed_pages.

Round 1 learns from exam and quiz sites: those that it crawls, politely, and those of which the WARC files have pages;
general pages are the other side. Later rounds learn from the sites that were selected and rejected in the round before.
Sections: crawl, pages, seeds, visits, http.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.spark import seeds, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import DROPPED, RECALLED_PAGES, SEED_PAGES, SITES, STAGE_RUNS, Lake
from mammoth_spark.spark.visits import crawled


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    lake.create(RECALLED_PAGES, SITES, STAGE_RUNS)
    sources = seeds.sources_of(lake, run_file)
    writes = (SEED_PAGES, DROPPED)
    with stage.opened(
        spark, lake, run_file, "collect_seeds", "WARC files and sites", writes, sources.settings, once=True
    ) as work:
        inputs = [*sources.warc_files, *(start.url for start in sources.starts)]
        left = [] if work.is_settled else inputs
        for _ in work.waves(left, max(1, len(inputs)), done=len(inputs) - len(left)):
            with (
                crawled(spark, lake, run_file, work, sources.starts) as crawl,
                seeds.collected(spark, lake, run_file, work, sources, crawl.parts) as (pages, failed, counts),
            ):
                lost = failed.unionByName(crawl.dropped)
                work.commit({SEED_PAGES: pages, DROPPED: lost}, counts + crawl.counts)
        work.close(len(inputs))


if __name__ == "__main__":
    main("collect_seeds", __doc__, run, uses=("crawl", "pages", "seeds", "visits", "http"))
