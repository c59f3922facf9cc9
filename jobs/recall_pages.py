"""WARC paths, or index_places -> recalled_pages, warc_files.

Reads every WARC file of the manifests, or of each the records that the URL index names, scores the pages with the
round's classifier and keeps those over the floor. Files that are done are not read again; those that failed are tried
again. Sections: crawl, pages, recall, http.
"""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.spark import index_places, recall, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import INDEX_PLACES, RECALL_MODELS, RECALLED_PAGES, STAGE_RUNS, WARC_FILES, Lake
from mammoth_spark.web.manifest import warc_paths


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake, round_ = Lake(spark, run_file.lake), run_file.round
    lake.create(RECALL_MODELS, INDEX_PLACES, WARC_FILES, STAGE_RUNS)
    by_index = bool(run_file.recall.index) and round_ > 1
    paths = index_places.files_of(lake, round_) if by_index else warc_paths(run_file.crawl, run_file.http)
    model = recall.load_classifier(lake, run_file)
    settings = recall.settings_of(run_file, model, index_places.digest(lake, round_) if by_index else None)
    writes = (RECALLED_PAGES, WARC_FILES)
    with stage.opened(spark, lake, run_file, "recall_pages", "WARC files", writes, settings) as work:
        done = recall.files_done(lake, round_, model, settings)
        left = [path for path in paths if path not in done]
        recall.forget_failed(lake, round_, left)
        for warc_files in work.waves(left, run_file.crawl.files_per_wave, done=len(paths) - len(left)):
            wave = (warc_files, model, run_file)
            read = recall.read_places(lake, *wave) if by_index else recall.read_wave(spark, lake, *wave)
            with read as (pages, reports, counts):
                work.commit({RECALLED_PAGES: pages, WARC_FILES: reports}, counts)
        work.close(len(paths))


if __name__ == "__main__":
    main("recall_pages", __doc__, run, uses=("crawl", "pages", "recall", "http"))
