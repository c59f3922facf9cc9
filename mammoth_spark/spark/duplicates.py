"""documents without those that repeat another, word for word or almost."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from mammoth_spark.spark.documents import documents_of
from mammoth_spark.spark.similar_texts import like_one_before, signed
from mammoth_spark.spark.stage import Counts
from mammoth_spark.spark.tables import Lake

_STAGE = "drop_duplicates"
# Words in a row by which documents are compared.
_SHINGLE = 5


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
            texts = ranked.join(exact, "document", "left_anti").select("rank", F.lit(0).alias("group"), "text")
            near = like_one_before(kept(signed(texts, _SHINGLE)), similarity)
            found = exact.unionByName(
                near.select(
                    F.col("rank.document").alias("document"),
                    F.col("first.document").alias("repeats"),
                    F.lit("near_duplicate").alias("reason"),
                )
            )
        found = kept(found)
        counts = {row["reason"]: row["count"] for row in found.groupBy("reason").count().collect()}
        rows_in = ranked.count()
        dropped = found.select(
            F.lit(_STAGE).alias("stage"), F.col("document").alias("id"), "reason", F.col("repeats").alias("detail")
        )
        yield dropped, Counts(1, 0, rows_in, rows_in - sum(counts.values()), counts)
