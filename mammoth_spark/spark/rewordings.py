"""Questions that are a benchmark's in other words, which no n-gram tells: the nearest items are found by their runs of
characters, and a model judges each pair of texts, in both orders.

Beside the questions go some of our own making: rewordings, of which it must say yes, and exercises with other numbers,
of which it must say no. What it says of those is the measure of what it says of the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, MapType, StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.llm import same_question
from mammoth_spark.llm.request import Question
from mammoth_spark.spark import contamination, extraction, refinement
from mammoth_spark.spark.batches import Fields, mapped
from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.llm_ledger import statuses
from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import BENCHMARK_ITEMS, EXTRACTED_PAIRS, REFINED_PAIRS, Lake
from mammoth_spark.text import canaries
from mammoth_spark.text.contamination import Index
from mammoth_spark.text.similarity import Neighbours

PART = "question, reworded"
FOUND = "found"
REWORDING, NEAR_MISS = "planted rewording", "planted near miss"
# The share of each kind that is called the same is good of one, and bad of the other.
_FIGURES = {REWORDING: "recall_reworded", NEAR_MISS: "false_hits_near_miss"}
_STAGE = "drop_rewordings"
_NOT_JUDGED = "not_judged"
_PAIR = ("kind", "id", "question", "benchmark", "item", "similarity")
_ROW = StructType(
    [StructField(name, DoubleType() if name == "similarity" else StringType()) for name in _PAIR]
    + [StructField("slots", MapType(StringType(), StringType()))]
)
Item = tuple[str, str, str]
"""Benchmark, item, question."""


def items_of(lake: Lake, round_: int) -> list[Item]:
    """On the driver, as the index over them is made there."""
    loaded = committed(lake, BENCHMARK_ITEMS, "load_benchmarks", round_).orderBy("benchmark", "item")
    items = [(row["benchmark"], row["item"], row["question"]) for row in loaded.collect()]
    if not items:
        raise ValueError(f"benchmark_items has no item of round {round_}; run jobs/decontaminate.py first")
    return items


def questions_of(lake: Lake, round_: int) -> DataFrame:
    """Those that the pages mark as such, those of the pairs, and what models made of them; by their document."""
    documents = documents_of(lake, round_)
    marked = documents.select(F.col("document").alias("id"), F.explode("questions").alias("marked"))
    pairs = committed(lake, EXTRACTED_PAIRS, extraction.STAGE, round_).join(documents, "document", "left_semi")
    refined = committed(lake, REFINED_PAIRS, refinement.STAGE, round_).select("pair", "question")
    of_pairs = pairs.select(F.col("document").alias("id"), "question")
    made = pairs.select("pair", F.col("document").alias("id")).join(refined, "pair").select("id", "question")
    questions = marked.select("id", "marked.question").unionByName(of_pairs).unionByName(made)
    return questions.distinct().select(F.lit(FOUND).alias("kind"), "id", "question")


def requests(questions: DataFrame, items: Sequence[Item], settings: config.Decontamination) -> DataFrame:
    """Of questions with the columns `kind`, `id` and `question` a row for each of their nearest items and each order,
    with the `slots` of a request. The items' index goes to each task: of the paper's benchmarks fifty megabytes."""
    neighbours = Neighbours([text for _, _, text in items])
    most, least = settings.neighbours, settings.neighbour_similarity

    def pairs(row: Fields) -> Iterator[Fields]:
        text = str(row["question"])
        for near in neighbours.of(text, most, least):
            benchmark, item, of_item = items[near.place]
            pair = {**row, "benchmark": benchmark, "item": item, "similarity": near.similarity}
            for slots in same_question.slots(text, of_item):
                yield pair | {"slots": list(slots.items())}

    return mapped(questions.select("kind", "id", "question"), pairs, _ROW)


def planted(
    spark: SparkSession, items: Sequence[Item], index: Index, settings: config.Decontamination
) -> tuple[DataFrame, dict[str, int]]:
    """Questions of our own, whose id names their item: rewordings that no n-gram finds, and near misses."""
    rows: list[tuple[str, str, str]] = []
    for kind, change in ((REWORDING, canaries.reworded), (NEAR_MISS, canaries.near_miss)):
        named = [(contamination.planted_id(kind, benchmark, item), text) for benchmark, item, text in items]
        changed = [(id_, text, change(text)) for id_, text in named]
        fitting = [(kind, id_, new) for id_, old, new in changed if new != old]
        if kind == REWORDING:
            fitting = [row for row in fitting if not index.found_in(row[2])]
        chosen = canaries.drawn(len(fitting), settings.canaries, kind)
        rows += [fitting[place] for place in chosen]
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(3)]
    frame = spark.createDataFrame(pa.Table.from_arrays(columns, ["kind", "id", "question"]))
    return frame, {kind: sum(row[0] == kind for row in rows) for kind in (REWORDING, NEAR_MISS)}


@contextmanager
def compared(
    spark: SparkSession, lake: Lake, round_: int, settings: config.Decontamination
) -> Iterator[tuple[DataFrame, dict[str, int]]]:
    """What is to be asked of the pages' questions and of our own, and how many of our own there are of each kind."""
    items = items_of(lake, round_)
    index = contamination.benchmarks_of(lake, settings, round_).index
    ours, counts = planted(spark, items, index, settings)
    pairs = requests(questions_of(lake, round_).unionByName(ours), items, settings).persist()
    try:
        yield pairs, counts
    finally:
        pairs.unpersist()


@contextmanager
def judged(
    lake: Lake, round_: int, question: Question, pairs: DataFrame, planted: Mapping[str, int]
) -> Iterator[tuple[DataFrame, DataFrame, dict[str, float], Counts]]:
    """Rows of `dropped` for documents with a question that the model has called an item's in both orders, or may yet
    call so, as it has not answered; rows of `contamination`, how often it was right about what was planted, and the
    counts."""
    says_same = F.get_json_object("reply", "$.same") == "true"
    asked = statuses(lake, question, pairs)
    is_mute = F.col("status").isNull() | (F.col("status") != "ok")
    answered = asked.groupBy(*_PAIR).agg(F.count_if(says_same).alias("yes"), F.count_if(is_mute).alias("unanswered"))
    with ExitStack() as held:
        answered = answered.where(F.col("yes") + F.col("unanswered") == same_question.ORDERS).persist()
        held.callback(answered.unpersist)
        same = answered.where("unanswered = 0")
        documents = documents_of(lake, round_)
        found = same.where(F.col("kind") == FOUND)
        named = documents.select(F.col("document").alias("id"), "url").join(found, "id")
        evidence = named.groupBy("id", "url", "benchmark", "item").agg(F.min("question").alias("ngram"))
        evidence = evidence.withColumns(
            {
                "stage": F.lit(_STAGE),
                "found_in": F.lit("documents"),
                "part": F.lit(PART),
                "place": F.lit(None).cast("long"),
                "ngrams": F.lit(0).cast("long"),
            }
        ).persist()
        held.callback(evidence.unpersist)
        dropped, counts = contamination.taken_out(evidence, documents, _STAGE, "reworded")
        mute = answered.where((F.col("unanswered") > 0) & (F.col("kind") == FOUND))
        not_judged = (
            documents.select(F.col("document").alias("id"))
            .join(mute.groupBy("id").agg(F.min(F.concat_ws(" ", "benchmark", "item")).alias("detail")), "id")
            .join(dropped, "id", "left_anti")
            .select(F.lit(_STAGE).alias("stage"), "id", F.lit(_NOT_JUDGED).alias("reason"), "detail")
            .persist()
        )
        held.callback(not_judged.unpersist)
        left_open = not_judged.count()
        if left_open:
            reasons = {**counts.dropped, _NOT_JUDGED: left_open}
            counts = Counts(1, 0, counts.rows_in, counts.rows_out - left_open, reasons)
            dropped = dropped.unionByName(not_judged)
        shares = contamination.shares_found(same, planted)
        yield dropped, evidence, {_FIGURES[kind]: share for kind, share in shares.items()}, counts
