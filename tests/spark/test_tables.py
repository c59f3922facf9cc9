"""The tables: declared once, created with their comments, addressed by folder or by catalog."""

import threading
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.spark.tables import (
    LEASES,
    RECALLED_PAGES,
    STAGE_RUNS,
    TABLES,
    WARC_FILES,
    Lake,
    create_statement,
)

DESIGN = [
    "seed_pages",
    "recall_models",
    "index_places",
    "warc_files",
    "recalled_pages",
    "sites",
    "documents",
    "benchmark_items",
    "benchmark_ngrams",
    "contamination",
    "llm_requests",
    "llm_calls",
    "void_models",
    "extracted_pairs",
    "refined_pairs",
    "preferences",
    "question_clusters",
    "instructions",
    "packed_sequences",
    "evaluations",
    "dropped",
    "stage_runs",
]


def lake_in(folder: Path, spark: SparkSession) -> Lake:
    return Lake(spark, config.Lake(path=str(folder)))


def test_every_table_is_declared_in_pipeline_order() -> None:
    assert [table.name for table in TABLES] == [*DESIGN, "leases"]


def test_every_column_is_explained_and_every_key_and_clustering_names_columns() -> None:
    for table in TABLES:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names), table.name
        assert set(table.key) | set(table.cluster_by) <= set(names), table.name
        assert table.comment
        assert all(column.comment for column in table.columns), table.name
        assert len(table.cluster_by) <= 4, "Delta clusters by four columns at most"


def test_no_column_is_named_by_a_word_that_sql_keeps_for_itself() -> None:
    reserved = {"offset", "length", "order", "group", "user", "table", "select", "limit", "values", "desc"}
    assert not {column.name for table in TABLES for column in table.columns} & reserved


def test_a_table_is_created_in_delta_with_its_comments(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_in(tmp_path, spark)
    lake.create(RECALLED_PAGES)
    detail = spark.sql(f"DESCRIBE DETAIL {lake.address(RECALLED_PAGES)}").head()
    assert detail["format"] == "delta"
    assert detail["description"] == "A page whose score is at least the floor"
    assert detail["clusteringColumns"] == ["round", "root_url"]
    columns = {
        row["col_name"]: row["comment"] for row in spark.sql(f"DESCRIBE {lake.address(RECALLED_PAGES)}").collect()
    }
    assert columns["score"] == "Probability by the round's classifier that the page holds questions and answers"
    fields = {field.name: field.nullable for field in lake.read(RECALLED_PAGES).schema}
    assert not fields["url"]
    assert fields["title"]


def test_every_declared_table_can_be_created(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_in(tmp_path, spark)
    lake.create(*TABLES)
    lake.create(*TABLES)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == sorted(table.name for table in TABLES)
    assert all(lake.read(table).schema.names == table.schema.names for table in TABLES)


def test_a_table_is_addressed_by_catalog_and_schema(spark: SparkSession) -> None:
    settings = config.Lake(catalog="main", schema="web", files="/Volumes/main/web/files")
    address = Lake(spark, settings).address(WARC_FILES)
    assert address == "`main`.`web`.`warc_files`"
    assert create_statement(WARC_FILES, address).startswith("CREATE TABLE IF NOT EXISTS `main`.`web`.`warc_files` (")


def test_a_catalog_table_is_written_and_read(spark: SparkSession, tmp_path: Path) -> None:
    spark.sql(f"CREATE SCHEMA IF NOT EXISTS web LOCATION '{tmp_path}/web.db'")
    lake = Lake(spark, config.Lake(catalog="spark_catalog", schema="web", files=str(tmp_path)))
    try:
        lake.create(LEASES)
        row = ("recall_pages", 1, "holder", "run", "host", "space", 1, 1, None)
        lake.replace(spark.createDataFrame([row], LEASES.schema), LEASES, "stage = 'recall_pages'")
        assert [tuple(found) for found in lake.read(LEASES).collect()] == [row]
    finally:
        spark.sql("DROP SCHEMA web CASCADE")


def test_two_that_create_a_table_at_once_both_have_it(spark: SparkSession, tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def create() -> None:
        try:
            lake_in(tmp_path, spark).create(LEASES)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=create) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_rows_written_twice_stand_once(spark: SparkSession, tmp_path: Path) -> None:
    lake = lake_in(tmp_path, spark)
    lake.create(LEASES)
    for turn in (1, 2):
        rows = spark.createDataFrame([("a", turn, "h", "r", "host", "", 1, 1, None)], LEASES.schema)
        lake.replace(rows, LEASES, "stage = 'a'")
    rows = spark.createDataFrame([("b", 9, "h", "r", "host", "", 1, 1, None)], LEASES.schema)
    lake.replace(rows, LEASES, "stage = 'b'")
    assert sorted((row["stage"], row["turn"]) for row in lake.read(LEASES).collect()) == [("a", 2), ("b", 9)]


def test_a_relative_lake_folder_is_the_same_to_the_jvm(spark: SparkSession, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    lake = Lake(spark, config.Lake(path="some/lake"))
    lake.create(STAGE_RUNS)
    assert (tmp_path / "some/lake/stage_runs/_delta_log").is_dir()


def test_arrow_and_spark_agree_on_a_table() -> None:
    assert RECALLED_PAGES.arrow_schema.field("html").type == pa.binary()
    assert RECALLED_PAGES.arrow_schema.field("fetched_at").type == pa.timestamp("us", tz="UTC")
    assert RECALLED_PAGES.arrow_schema.names == RECALLED_PAGES.schema.names
