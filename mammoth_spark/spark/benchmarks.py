"""Benchmark files -> benchmark_items, benchmark_ngrams: what must not be found in what is published."""

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, settings_sha256
from mammoth_spark.spark import contamination, stage
from mammoth_spark.spark.stage import Counts
from mammoth_spark.spark.tables import BENCHMARK_ITEMS, BENCHMARK_NGRAMS, Lake
from mammoth_spark.web.benchmark_files import items_of


def load(spark: SparkSession, lake: Lake, run_file: RunFile) -> None:
    """The items of all benchmarks, and their n-grams."""
    wanted = run_file.decontamination
    settings = settings_sha256(contamination.rows_decided_by(wanted))
    writes = (BENCHMARK_ITEMS, BENCHMARK_NGRAMS)
    with stage.opened(spark, lake, run_file, "load_benchmarks", "benchmarks", writes, settings, once=True) as work:
        left = [] if work.is_settled else wanted.benchmarks
        for benchmarks in work.waves(left, len(wanted.benchmarks), done=len(wanted.benchmarks) - len(left)):
            items = [item for benchmark in benchmarks for item in items_of(benchmark, run_file.http)]
            rows = contamination.item_rows(lake, items)
            ngrams = contamination.ngram_rows(rows, wanted)
            counts = Counts(len(benchmarks), 0, len(items), len(items))
            work.commit({BENCHMARK_ITEMS: rows, BENCHMARK_NGRAMS: ngrams}, counts)
        work.close(len(wanted.benchmarks))
