"""Which texts are like one that goes before them, by MinHash.

Cost grows with the texts alone: each is compared with the first of each bucket that it falls into, never with all
in it.
"""

from pyspark.ml.feature import HashingTF, MinHashLSH, NGram
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

# Signs of calculation count as words: exercises that differ in one alone are two.
WORDS = r"([\p{L}\p{N}]+|[-+*/=<>^])"
_FEATURES = 1 << 20
# Texts that share all hashes of a band are compared: with 0.8 of their words alike in 99.2 of 100 cases, with 0.4 in 6
# of 100. The share of equal hashes then tells how similar they are, give or take 0.04.
_BANDS, _ROWS = 16, 6
_SEED = 20_240_503


def signed(texts: DataFrame, shingle: int) -> DataFrame:
    """The rows, in place of `text` a MinHash `signature` of its words, so many in a row. Shorter texts have none."""
    words = F.regexp_extract_all(F.lower("text"), F.lit(WORDS), F.lit(1))
    split = texts.withColumn("words", words).drop("text").where(F.size("words") >= shingle)
    shingled = NGram(n=shingle, inputCol="words", outputCol="shingles").transform(split).drop("words")
    hashing = HashingTF(numFeatures=_FEATURES, binary=True, inputCol="shingles", outputCol="features")
    hashed = hashing.transform(shingled).drop("shingles")
    model = MinHashLSH(inputCol="features", outputCol="hashes", numHashTables=_BANDS * _ROWS, seed=_SEED).fit(hashed)
    signature = F.transform("hashes", lambda one: vector_to_array(one)[0].cast("int"))
    return model.transform(hashed).withColumn("signature", signature).drop("features", "hashes")


def like_one_before(signatures: DataFrame, similarity: float) -> DataFrame:
    """Of rows with `rank`, `group` and `signature` the ranks of those that are so similar to one before them in their
    group, and the `first` of these. That one may be like a third."""
    bands = F.transform(
        F.sequence(F.lit(0), F.lit(_BANDS - 1)),
        lambda band: F.struct(
            band.alias("band"), F.xxhash64("group", F.slice("signature", band * _ROWS + 1, _ROWS)).alias("hash")
        ),
    )
    banded = signatures.select("rank", "signature", F.explode(bands).alias("band"))
    of_band = banded.groupBy("band").agg(F.min(F.struct("rank", "signature")).alias("first"))
    pairs = banded.join(of_band, "band").where("rank <> first.rank")
    same = F.aggregate(
        F.zip_with("signature", "first.signature", lambda mine, other: (mine == other).cast("int")),
        F.lit(0),
        lambda total, one: total + one,
    )
    near = pairs.where(same >= similarity * _BANDS * _ROWS)
    return near.groupBy("rank").agg(F.min("first.rank").alias("first"))
