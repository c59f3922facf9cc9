"""URL index, sites of the round before -> index_places.

Looks up in Common Crawl's URL index where the pages of selected sites lie, so that `recall_pages` reads those records
and no whole WARC files. Sections: recall, crawl, sites, http.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import index_places, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import DROPPED, INDEX_PLACES, SITES, Lake
from mammoth_spark.web.url_index import index_files


def run(spark: SparkSession, run_file: RunFile) -> None:
    if run_file.round == 1:
        raise ValueError("round 1 has no selected sites to look up; the index is for the rounds after it")
    lake = Lake(spark, run_file.lake)
    lake.create(SITES)
    files = index_files(run_file.recall.index, run_file.crawl.base, run_file.http)
    chosen = index_places.chosen_sites(lake, run_file.round - 1)
    known = (files, sorted(chosen.sites), dict(chosen.parts), sorted(run_file.recall.languages))
    writes = (INDEX_PLACES, DROPPED)
    settings = settings_sha256(*known)
    with stage.opened(spark, lake, run_file, "find_places", "index files", writes, settings, once=True) as work:
        left = [] if work.is_settled else files
        for some in work.waves(left, len(files), done=len(files) - len(left)):
            with index_places.found(spark, some, chosen, run_file) as (rows, failed, counts):
                work.commit({INDEX_PLACES: rows, DROPPED: failed}, counts)
        work.close(len(files))


if __name__ == "__main__":
    main("find_places", __doc__, run, uses=("recall", "crawl", "sites", "http"), needs=("recall.index",))
