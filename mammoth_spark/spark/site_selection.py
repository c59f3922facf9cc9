"""sites -> verdicts: a model judges what is open, some sites to a request; what a person has decided stands."""

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

from mammoth_spark.config import RunFile
from mammoth_spark.llm import site_verdicts
from mammoth_spark.llm.request import Question
from mammoth_spark.spark import llm_calls
from mammoth_spark.spark.llm_ledger import answers
from mammoth_spark.spark.stage import Stage
from mammoth_spark.spark.tables import SITES, Lake
from mammoth_spark.web.sites import WHOLE_SITE

_KEY = ("round", "root_url", "prefix")
_CARD = StructType([StructField(name, StringType()) for name in ("root_url", "prefix", "id", "card", "group")])
_VERDICT = StructType([StructField(name, StringType()) for name in ("id", "verdict", "reason", "decided_by", "call")])


def judge(spark: SparkSession, lake: Lake, run_file: RunFile, work: Stage, question: Question) -> int:
    """Has all open sites judged, and gives how many stay open. Whom an answer leaves out is asked about again, at last
    alone."""
    at_once, before = site_verdicts.SITES_AT_ONCE, -1
    # By all sites of the round, not by the open ones: who is decided meanwhile changes no other group's request.
    sites = lake.read(SITES).where(F.col("round") == run_file.round).count()
    while left := open_sites(lake, run_file.round).count():
        if left == before:
            if at_once == 1:
                break
            at_once = 1
        before = left
        rows = requests(open_sites(lake, run_file.round), sites, at_once).persist()
        try:
            llm_calls.ask(spark, lake, run_file, work, question, rows)
        finally:
            _decide(lake, run_file.round, answers(lake, question, rows))
            rows.unpersist()
    return left


def open_sites(lake: Lake, round_: int) -> DataFrame:
    return lake.read(SITES).where((F.col("round") == round_) & (F.col("verdict") == "open"))


def requests(sites: DataFrame, count: int, at_once: int) -> DataFrame:
    """Sites in groups, by hash, for a round of so many: they are grouped alike at any parallelism. Each row has the
    `slots` of a request and the `ids` that it asks about."""
    arrow_schema = to_arrow_schema(_CARD)
    groups = site_verdicts.groups(count, at_once)

    def cards(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            found = [site_verdicts.grouped_card(site, groups) for site in batch.to_pylist(maps_as_pydicts="strict")]
            yield pa.RecordBatch.from_pylist(found, arrow_schema)

    columns = ("root_url", "prefix", "pages", "mean_score", "languages", "sample_titles", "sample_questions")
    members = F.sort_array(F.collect_list(F.struct("id", "card")))
    grouped = sites.select(*columns).mapInArrow(cards, _CARD).groupBy("group").agg(members.alias("members"))
    lines = F.array_join("members.card", "\n")
    return grouped.select(F.create_map(F.lit("sites"), lines).alias("slots"), F.col("members.id").alias("ids"))


def _decide(lake: Lake, round_: int, answered: DataFrame) -> None:
    """Sets what the answers say of sites that are open still: a person may have been quicker."""
    arrow_schema = to_arrow_schema(_VERDICT)

    def verdicts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            found = []
            for row in batch.to_pylist():
                for name, (verdict, reason) in site_verdicts.verdicts_of(row["reply"], row["ids"]).items():
                    found.append(
                        {
                            "id": name,
                            "verdict": verdict,
                            "reason": reason,
                            "decided_by": row["model"],
                            "call": row["fingerprint"],
                        }
                    )
            yield pa.RecordBatch.from_pylist(found, arrow_schema)

    found = answered.select("ids", "reply", "model", "fingerprint").mapInArrow(verdicts, _VERDICT)
    id_ = F.substring(F.sha2(F.concat_ws(" ", "root_url", "prefix"), 256), 1, site_verdicts.ID_LENGTH)
    named = open_sites(lake, round_).select(*_KEY, id_.alias("id")).join(found, "id").drop("id")
    lake.merge(named, SITES, _KEY, "mine.verdict = 'open'")


def take_persons_verdicts(spark: SparkSession, lake: Lake, round_: int, verdicts: Mapping[str, tuple[str, str]]) -> int:
    """Sets what a person has decided, over whatever stood there; gives how many of the sites the round has."""
    if not verdicts:
        return 0
    rows = [
        (name.partition("/")[0], name if "/" in name else WHOLE_SITE, *verdict) for name, verdict in verdicts.items()
    ]
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    table = pa.Table.from_arrays(columns, ["host", "prefix", "verdict", "reason"])
    said = spark.createDataFrame(table).withColumn("decided_by", F.lit("person"))
    here = lake.read(SITES).where(F.col("round") == round_).select(*_KEY)
    is_whole = F.col("prefix") == WHOLE_SITE
    of_parts = here.join(said.where(~is_whole).drop("host"), "prefix")
    wholly = said.where(is_whole).select(F.col("host").alias("root_url"), "verdict", "reason", "decided_by")
    of_sites = here.where(is_whole).join(wholly, "root_url")
    named = of_parts.unionByName(of_sites).select(*_KEY, "verdict", "reason", "decided_by")
    lake.merge(named, SITES, _KEY)
    return named.count()
