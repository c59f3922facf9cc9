"""recalled_pages -> sites: what was recalled of each site, and of each of its first folders.

Pages are first counted in cells (site, folder, language, bin of the score, lot), of which a site of a million pages has
some thousands, so no task holds the pages of a site. Sums are of whole numbers and samples are drawn by hash: the same
pages give the same rows, however they are spread.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from mammoth_spark.spark.stage import Counts, committed
from mammoth_spark.spark.tables import RECALLED_PAGES, SITES, STAGE_RUNS, Lake
from mammoth_spark.web.sites import WHOLE_SITE

SCORE_BINS = 100
# A cell gives one page to the sample: so many cells share the pages of one bin.
_LOTS = 8
_SAMPLES = 8
_MILLION = 1_000_000
_QUANTILES = (0.25, 0.5, 0.75)
_VERDICT = ("verdict", "reason", "decided_by", "call")


@contextmanager
def grouped(lake: Lake, round_: int, min_pages: int) -> Iterator[tuple[DataFrame, Counts]]:
    """The sites and folders with so many pages at least, as rows of `sites`. What was decided of one stays decided."""
    cells = cells_of(committed(lake, RECALLED_PAGES, "recall_pages", round_)).persist()
    try:
        sizes = cells.groupBy("root_url", "prefix").agg(F.sum("pages").alias("pages"))
        # A person's verdict is not given up for a bound that is tried out.
        ours = lake.read(SITES).where((F.col("round") == round_) & (F.col("decided_by") == "person"))
        by_person = ours.select("root_url", "prefix", F.lit(True).alias("by_person"))
        sizes = sizes.join(by_person, ["root_url", "prefix"], "left").persist()
        has_enough = (F.col("pages") >= min_pages) | F.coalesce("by_person", F.lit(False))
        found = sizes.agg(F.count("*").alias("all"), F.count_if(has_enough).alias("kept")).head()
        assert found is not None, "an aggregate has one row"
        names = sizes.where(has_enough).select("root_url", "prefix")
        rows = described(cells.join(names, ["root_url", "prefix"], "left_semi"))
        before = lake.read(SITES).where(F.col("round") == round_).select("root_url", "prefix", *_VERDICT)
        decided = rows.join(before, ["root_url", "prefix"], "left").fillna("open", ["verdict"])
        dropped = {"under_min_pages": found["all"] - found["kept"]} if found["all"] > found["kept"] else {}
        yield decided, Counts(1, 0, found["all"], found["kept"], dropped)
        sizes.unpersist()
    finally:
        cells.unpersist()


def with_verdicts(lake: Lake, pages: DataFrame, round_: int) -> DataFrame:
    """Pages of a round with the column `verdict`: that of their part of the site where it is decided, else the site's;
    `open` where neither is. `is_aside` says that a page stands in no decided part, although its site has selected
    ones."""
    sites = lake.read(SITES).where(F.col("round") == round_)
    is_whole, verdict = F.col("prefix") == WHOLE_SITE, F.col("verdict")
    parts = sites.where(~is_whole & (verdict != "open"))
    of_part = parts.select("root_url", "prefix", verdict.alias("of_part"))
    of_site = sites.groupBy("root_url").agg(
        F.first(F.when(is_whole, verdict), ignorenulls=True).alias("of_site"),
        F.bool_or(~is_whole & (verdict == "selected")).alias("has_selected_parts"),
    )
    # Of one site half the pages may be: they stay where they are, and the sites come to them.
    joined = pages.join(F.broadcast(of_part), ["root_url", "prefix"], "left")
    joined = joined.join(F.broadcast(of_site), "root_url", "left").withColumns(
        {
            "verdict": F.coalesce("of_part", "of_site", F.lit("open")),
            "is_aside": F.col("of_part").isNull() & F.coalesce("has_selected_parts", F.lit(False)),
        }
    )
    return joined.drop("of_part", "of_site", "has_selected_parts")


def verdicts_digest(lake: Lake, round_: int) -> str:
    """Tells a round's verdicts from others."""
    judged = lake.read(SITES).where((F.col("round") == round_) & (F.col("verdict") != "open"))
    row = judged.agg(F.bit_xor(F.xxhash64("root_url", "prefix", "verdict")).alias("hash")).head()
    assert row is not None, "an aggregate has one row"
    return str(row["hash"])


def recall_digest(lake: Lake, round_: int) -> str:
    """Tells what was recalled in a round from what had been before."""
    runs = lake.read(STAGE_RUNS).where((F.col("stage") == "recall_pages") & (F.col("round") == round_))
    last = runs.agg(F.max("wave").alias("wave"), F.sum("rows_out").alias("pages")).head()
    assert last is not None, "an aggregate has one row"
    return f"{last['wave']} {last['pages']}"


def cells_of(pages: DataFrame) -> DataFrame:
    hash_ = F.xxhash64("url", "warc_offset")
    bin_ = F.least(F.floor(F.col("score") * SCORE_BINS), F.lit(SCORE_BINS - 1)).cast("int")
    of_folder = pages.select(
        "root_url",
        "prefix",
        "language",
        bin_.alias("bin"),
        F.pmod(hash_, F.lit(_LOTS)).alias("lot"),
        F.round(F.col("score") * _MILLION).cast("long").alias("score"),
        F.struct(hash_.alias("hash"), "title", "question").alias("sample"),
    )
    cell = ["root_url", "prefix", "language", "bin", "lot"]
    cells = of_folder.groupBy(cell).agg(
        F.count("*").alias("pages"),
        F.sum("score").alias("score"),
        F.min("score").alias("least"),
        F.max("score").alias("most"),
        F.min("sample").alias("sample"),
    )
    of_site = (
        cells.withColumn("prefix", F.lit(WHOLE_SITE))
        .groupBy(cell)
        .agg(
            F.sum("pages").alias("pages"),
            F.sum("score").alias("score"),
            F.min("least").alias("least"),
            F.max("most").alias("most"),
            F.min("sample").alias("sample"),
        )
    )
    return cells.where("prefix <> ''").unionByName(of_site)


def described(cells: DataFrame) -> DataFrame:
    collected = cells.groupBy("root_url", "prefix").agg(
        F.sum("pages").alias("pages"),
        F.sum("score").alias("score"),
        F.min("least").alias("least"),
        F.max("most").alias("most"),
        F.sort_array(F.collect_list(F.struct("bin", "pages"))).alias("bins"),
        F.collect_list(F.struct("language", "pages")).alias("languages"),
        F.slice(F.sort_array(F.collect_list("sample")), 1, _SAMPLES).alias("samples"),
    )
    return collected.select(
        "root_url",
        "prefix",
        "pages",
        (F.col("score") / F.col("pages") / _MILLION).alias("mean_score"),
        F.array(F.col("least") / _MILLION, *[_quantile(share) for share in _QUANTILES], F.col("most") / _MILLION).alias(
            "score_quantiles"
        ),
        _by_language().alias("languages"),
        F.col("samples.title").alias("sample_titles"),
        F.col("samples.question").alias("sample_questions"),
    )


def _quantile(share: float) -> Column:
    """The middle of the bin in which this share of the pages is reached."""
    start = F.struct(F.lit(0).cast("long").alias("before"), F.lit(0.0).alias("value"))
    wanted = F.col("pages") * share

    def add(state: Column, cell: Column) -> Column:
        middle = (cell["bin"] + 0.5) / SCORE_BINS
        return F.struct(
            (state["before"] + cell["pages"]).alias("before"),
            F.when(state["before"] < wanted, middle).otherwise(state["value"]).alias("value"),
        )

    return F.aggregate("bins", start, add, lambda state: state["value"])


def _by_language() -> Column:
    """Pages by language, in the order of the names: the same map at any parallelism."""
    names = F.array_sort(F.array_distinct(F.col("languages.language")))

    def entry(name: Column) -> Column:
        mine = F.filter("languages", lambda cell: cell["language"] == name)
        count = F.aggregate(mine, F.lit(0).cast("long"), lambda total, cell: total + cell["pages"])
        return F.struct(name.alias("language"), count.alias("pages"))

    return F.map_from_entries(F.transform(names, entry))
