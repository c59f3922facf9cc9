"""documents without those that repeat another, word for word or almost.

Cost grows with the documents alone: each is compared with the first of each bucket that it falls into, never with all
in it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pyspark.ml.feature import HashingTF, MinHashLSH, NGram
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.stage import Counts
from mammoth_spark.spark.tables import Lake

_STAGE = "drop_duplicates"
# Words in a row by which documents are compared.
_SHINGLE = 5
_FEATURES = 1 << 20
# Documents that share all hashes of a band are compared: with 0.8 of their words alike in 99.2 of 100 cases, with 0.4
# in 6 of 100. The share of equal hashes then tells how similar they are, give or take 0.04.
_BANDS, _ROWS = 16, 6
_SEED = 20_240_503


@contextmanager
def duplicates(lake: Lake, round_: int, similarity: float | None) -> Iterator[tuple[DataFrame, Counts]]:
    """Rows of `dropped` for documents that repeat another, and the counts. Of the same words the first by this rule
    stays, whatever the parallelism: more words, then the higher score, then the name."""
    documents = documents_of(lake, round_)
    rank = F.struct((-F.col("words")).alias("words"), (-F.col("score")).alias("score"), "document")
    with ExitStack() as held:

        def kept(rows: DataFrame) -> DataFrame:
            held.callback(rows.persist().unpersist)
            return rows

        ranked = kept(documents.select("document", "words_hash", rank.alias("rank"), "text"))
        first = ranked.groupBy("words_hash").agg(F.min("rank").alias("first"))
        exact = (
            ranked.join(first, "words_hash")
            .where("rank.document <> first.document")
            .select("document", F.col("first.document").alias("repeats"), F.lit("exact_duplicate").alias("reason"))
        )
        found = exact
        if similarity is not None:
            signed = kept(_signed(ranked.join(exact, "document", "left_anti")))
            found = exact.unionByName(_near(signed, similarity))
        found = kept(found)
        counts = {row["reason"]: row["count"] for row in found.groupBy("reason").count().collect()}
        rows_in = ranked.count()
        dropped = found.select(
            F.lit(_STAGE).alias("stage"), F.col("document").alias("id"), "reason", F.col("repeats").alias("detail")
        )
        yield dropped, Counts(1, 0, rows_in, rows_in - sum(counts.values()), counts)


def _near(signed: DataFrame, similarity: float) -> DataFrame:
    """Documents that are so similar to one before them in the ranking, and to which. That one may repeat a third."""
    bands = F.transform(
        F.sequence(F.lit(0), F.lit(_BANDS - 1)),
        lambda band: F.struct(
            band.alias("band"), F.xxhash64(F.slice("signature", band * _ROWS + 1, _ROWS)).alias("hash")
        ),
    )
    banded = signed.select("rank", "signature", F.explode(bands).alias("band"))
    of_band = banded.groupBy("band").agg(F.min(F.struct("rank", "signature")).alias("first"))
    pairs = banded.join(of_band, "band").where("rank.document <> first.rank.document")
    same = F.aggregate(
        F.zip_with("signature", "first.signature", lambda mine, other: (mine == other).cast("int")),
        F.lit(0),
        lambda total, one: total + one,
    )
    near = pairs.where(same >= similarity * _BANDS * _ROWS)
    best = near.groupBy("rank").agg(F.min("first.rank").alias("first"))
    return best.select(
        F.col("rank.document").alias("document"),
        F.col("first.document").alias("repeats"),
        F.lit("near_duplicate").alias("reason"),
    )


def _signed(ranked: DataFrame) -> DataFrame:
    """With MinHash signatures of the words' five-grams. Shorter texts have none, and only exact duplicates."""
    # Signs of calculation count as words: exercises that differ in one alone are two.
    words = F.regexp_extract_all(F.lower("text"), F.lit(r"([\p{L}\p{N}]+|[-+*/=<>^])"), F.lit(1))
    split = ranked.select("rank", words.alias("words")).where(F.size("words") >= _SHINGLE)
    shingled = NGram(n=_SHINGLE, inputCol="words", outputCol="shingles").transform(split)
    hashed = HashingTF(numFeatures=_FEATURES, binary=True, inputCol="shingles", outputCol="features").transform(
        shingled
    )
    model = MinHashLSH(inputCol="features", outputCol="hashes", numHashTables=_BANDS * _ROWS, seed=_SEED).fit(hashed)
    signed = model.transform(hashed)
    return signed.select(
        "rank", F.transform("hashes", lambda one: vector_to_array(one)[0].cast("int")).alias("signature")
    )
