"""Rows of text that hold a benchmark's words: the same for documents, pairs and instructions.

A compiled walk emits the n-grams whose hash a benchmark has, and those are joined with the benchmarks' n-grams on the
words. What is emitted is next to nothing, so the join is small whatever the input; an n-gram that a million texts share
is looked up once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import LongType, StringType, StructField, StructType

from mammoth_spark import config
from mammoth_spark.spark.batches import Fields, mapped
from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import BENCHMARK_ITEMS, BENCHMARK_NGRAMS, Lake
from mammoth_spark.text import canaries, contamination
from mammoth_spark.text.contamination import Index, Rule, ngrams_of
from mammoth_spark.web.benchmark_files import Item

# Of an n-gram that many items share so many stand as evidence; the others say nothing more.
_ITEMS_A_NGRAM = 3
_ADDED = ("round", "wave")
# Around canaries where no document stands.
_PROSE = "Words that stand around what somebody else has written, so that it does not stand alone."
_HIT = StructType(
    [
        StructField("id", StringType()),
        StructField("hash", LongType()),
        StructField("ngram", StringType()),
        StructField("place", LongType()),
    ]
)


def rule_of(settings: config.Decontamination) -> Rule:
    shortest, longest = settings.short_text_words
    return Rule(settings.ngram, shortest, longest, settings.map_digits)


def rows_decided_by(settings: config.Decontamination) -> dict[str, object]:
    """Of the settings those that say what is a match: how it is measured, and who judges rewordings, is none of it."""
    others = {"judge", "neighbours", "neighbour_similarity", "canaries", "common_ngram_documents"}
    return settings.model_dump(mode="json", exclude=others)


def item_rows(lake: Lake, items: Sequence[Item]) -> DataFrame:
    """As rows of `benchmark_items`, without what the stage adds."""
    schema = pa.schema([field for field in BENCHMARK_ITEMS.arrow_schema if field.name not in _ADDED])
    return lake.frame(pa.Table.from_pylist([asdict(item) for item in items], schema))


def ngram_rows(items: DataFrame, settings: config.Decontamination) -> DataFrame:
    """The n-grams of items, as rows of `benchmark_ngrams`, each once a part."""
    rule, parts = rule_of(settings), ("question", "answer") if settings.check_answers else ("question",)
    schema = StructType([field for field in BENCHMARK_NGRAMS.schema if field.name not in _ADDED])

    def ngrams(row: Fields) -> Iterator[Fields]:
        for part in parts:
            for one in ngrams_of(str(row[part] or ""), rule):
                yield {
                    "benchmark": row["benchmark"],
                    "item": row["item"],
                    "part": part,
                    "hash": one.hash,
                    "word_count": one.length,
                    "ngram": one.words,
                }

    return mapped(items.select("benchmark", "item", "question", "answer"), ngrams, schema)


@dataclass(frozen=True)
class Benchmarks:
    """What is looked for."""

    ngrams: DataFrame
    index: Index

    @contextmanager
    def evidence_in(self, texts: DataFrame, items_an_ngram: int = _ITEMS_A_NGRAM) -> Iterator[DataFrame]:
        """What of the benchmarks stands in texts with the columns `id` and `text`: a row an item found in a text, with
        its first n-gram, where that begins, and how many of the item's n-grams there are."""
        hits = _hits(texts, self.index).persist()
        try:
            found = hits.select("hash", "ngram").distinct()
            items = F.sort_array(F.collect_set(F.struct("benchmark", "item", "part")))
            named = self.ngrams.join(found, ["hash", "ngram"]).groupBy("hash", "ngram").agg(items.alias("items"))
            few = named.select("hash", "ngram", F.slice("items", 1, items_an_ngram).alias("items"))
            # As many as there are n-grams of benchmarks at most, and in fact those that some text has.
            confirmed = hits.join(F.broadcast(few), ["hash", "ngram"])
            each = confirmed.select("id", "ngram", "place", F.explode("items").alias("of"))
            first = F.min(F.struct("place", "ngram"))
            grouped = each.groupBy("id", "of").agg(first.alias("first"), F.count("*").alias("ngrams"))
            yield grouped.select("id", "of.*", "first.ngram", "first.place", "ngrams")
        finally:
            hits.unpersist()


def _hits(texts: DataFrame, index: Index) -> DataFrame:
    arrow_schema = to_arrow_schema(_HIT)

    def hits(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        contamination.warm()
        for batch in batches:
            names, bodies = batch.column("id"), batch.column("text")
            for name, text in zip(names, bodies, strict=True):
                found = index.found_in(text.as_py() or "")
                if found:
                    id_ = name.as_py()
                    rows = [{"id": id_, "hash": one.hash, "ngram": one.words, "place": one.place} for one in found]
                    yield pa.RecordBatch.from_pylist(rows, arrow_schema)

    return texts.select("id", "text").mapInArrow(hits, _HIT)


def benchmarks_of(lake: Lake, settings: config.Decontamination, round_: int) -> Benchmarks:
    """The round's benchmarks. Their hashes are eight bytes each on the driver: of all that the paper has, some
    megabytes."""
    ngrams = committed(lake, BENCHMARK_NGRAMS, "load_benchmarks", round_)
    hashes: defaultdict[int, list[int]] = defaultdict(list)
    for row in ngrams.select("word_count", "hash").distinct().toLocalIterator():
        hashes[row["word_count"]].append(row["hash"])
    return Benchmarks(ngrams.select("hash", "ngram", "benchmark", "item", "part"), Index(hashes, rule_of(settings)))


def planted(
    spark: SparkSession, lake: Lake, settings: config.Decontamination, round_: int, prose: Sequence[str]
) -> tuple[DataFrame, dict[str, int]]:
    """Texts with one item each, whose id says which and in what dress, and how many there are of each dress."""
    rule = rule_of(settings)
    loaded = committed(lake, BENCHMARK_ITEMS, "load_benchmarks", round_)
    items = [row.asDict() for row in loaded.orderBy("benchmark", "item").collect()]
    rows: list[tuple[str, str]] = []
    counts: dict[str, int] = {}
    for kind in (*canaries.QUESTION_DRESSES, "embedded", "answer_only"):
        part = "answer" if kind == "answer_only" else "question"
        if part == "answer" and not settings.check_answers:
            continue
        fitting = [item for item in items if _shows(kind, str(item[part] or ""), rule)]
        for number, place in enumerate(canaries.drawn(len(fitting), settings.canaries, kind)):
            item, around = fitting[place], prose[number % len(prose)] if prose else _PROSE
            text = str(item[part])
            dressed = canaries.QUESTION_DRESSES.get(kind, canaries.verbatim)(text)
            body = canaries.embedded(text, around) if kind == "embedded" else canaries.beside(dressed, around)
            rows.append((planted_id(kind, item["benchmark"], item["item"]), body))
            counts[kind] = counts.get(kind, 0) + 1
    return _texts(spark, rows), counts


def _shows(kind: str, text: str, rule: Rule) -> bool:
    """Whether a text is long enough to be found, and the dress changes it."""
    dress = canaries.QUESTION_DRESSES.get(kind)
    is_changed = dress is None or kind == "verbatim" or dress(text) != text
    return is_changed and bool(ngrams_of(text, rule))


def clean_texts(spark: SparkSession, prose: Sequence[str]) -> DataFrame:
    """Texts in which no benchmark's words can stand but by chance."""
    return _texts(spark, [(str(number), canaries.shuffled(text, str(number))) for number, text in enumerate(prose)])


def _texts(spark: SparkSession, rows: Sequence[tuple[str, str]]) -> DataFrame:
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in (0, 1)]
    return spark.createDataFrame(pa.Table.from_arrays(columns, ["id", "text"]))


def planted_id(kind: str, benchmark: str, item: str) -> str:
    """Of a text of our own: what it is, and of which item."""
    return f"{kind}\t{benchmark}\t{item}"


def shares_found(evidence: DataFrame, counts: Mapping[str, int]) -> dict[str, float]:
    """Of each kind of planted texts the share in which their own item was found. Other texts may stand between."""
    kind, benchmark, item = (F.split_part("id", F.lit("\t"), F.lit(part)) for part in (1, 2, 3))
    is_own = (benchmark == F.col("benchmark")) & (item == F.col("item"))
    own = evidence.where(is_own).select(kind.alias("kind"), "id").distinct()
    found = {row["kind"]: row["count"] for row in own.groupBy("kind").count().collect()}
    return {kind: found.get(kind, 0) / count for kind, count in counts.items() if count}


def taken_out(evidence: DataFrame, documents: DataFrame, stage: str, reason: str) -> tuple[DataFrame, Counts]:
    """Rows of `dropped` for the documents of which there is evidence, each with the first item, and the counts."""
    gone = evidence.groupBy("id").agg(F.min(F.struct("benchmark", "item")).alias("first"))
    rows_in, rows_gone = documents.count(), gone.count()
    item = F.concat_ws(" ", "first.benchmark", "first.item")
    dropped = gone.select(F.lit(stage).alias("stage"), "id", F.lit(reason).alias("reason"), item.alias("detail"))
    return dropped, Counts(1, 0, rows_in, rows_in - rows_gone, {reason: rows_gone} if rows_gone else {})
