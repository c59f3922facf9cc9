"""recalled_pages -> sites: what a table of pages says of its sites, however it is spread."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from mammoth_spark.spark import sites

SCHEMA = (
    "root_url string, prefix string, url string, warc_offset long, score double, language string, title string,"
    " question string"
)


@dataclass(frozen=True)
class Page:
    root_url: str
    prefix: str
    url: str
    warc_offset: int
    score: float
    language: str
    title: str
    question: str


def some_pages(count: int, seed: int = 1) -> list[Page]:
    lot = random.Random(seed)
    found = []
    for number in range(count):
        root = f"site{int(lot.paretovariate(1)) % 7}.example"
        folder = lot.choice(["", "questions", "users"])
        prefix = f"{root}/{folder}/*" if folder else ""
        language = lot.choice(["en", "en", "de"])
        score = round(lot.uniform(0.5, 1.0), 5)
        found.append(Page(root, prefix, f"https://{root}/{number}", 9, score, language, f"Title {number}", "Why?"))
    return found


def rows_of(pages: DataFrame) -> dict[tuple[str, str], Any]:
    found = sites.described(sites.cells_of(pages)).collect()
    assert len({(row["root_url"], row["prefix"]) for row in found}) == len(found)
    return {(row["root_url"], row["prefix"]): row for row in found}


def frame(spark: SparkSession, pages: Sequence[Page]) -> DataFrame:
    return spark.createDataFrame([tuple(vars(page).values()) for page in pages], SCHEMA)


def test_sites_and_folders_are_counted_as_by_hand(spark: SparkSession) -> None:
    pages = some_pages(3000)
    found = rows_of(frame(spark, pages))
    by_hand: dict[tuple[str, str], list[Page]] = {}
    for page in pages:
        for prefix in {"*", page.prefix} - {""}:
            by_hand.setdefault((page.root_url, prefix), []).append(page)
    assert found.keys() == by_hand.keys()
    for name, mine in by_hand.items():
        row, scores = found[name], sorted(page.score for page in mine)
        assert row["pages"] == len(mine)
        assert row["mean_score"] == pytest.approx(fmean(scores))
        assert row["languages"] == Counter(page.language for page in mine)
        exact = [scores[0], *(scores[int(share * (len(scores) - 1))] for share in (0.25, 0.5, 0.75)), scores[-1]]
        # Of few pages a quarter is one or the other.
        if len(mine) > 100:
            assert row["score_quantiles"] == pytest.approx(exact, abs=0.02)
        assert (row["score_quantiles"][0], row["score_quantiles"][-1]) == pytest.approx((scores[0], scores[-1]))
        assert len(row["sample_titles"]) == min(8, len(mine)) or len(mine) < 200
        assert set(row["sample_titles"]) <= {page.title for page in mine}
        assert len(row["sample_questions"]) == len(row["sample_titles"])


def test_the_rows_do_not_depend_on_how_the_pages_are_spread(spark: SparkSession) -> None:
    pages = some_pages(2000)
    once = rows_of(frame(spark, pages).coalesce(1))
    random.Random(2).shuffle(pages)
    again = rows_of(frame(spark, pages).repartition(7))
    assert again == once


def test_pages_that_score_alike_give_as_many_samples(spark: SparkSession) -> None:
    pages = [replace(page, root_url="a.example", prefix="", score=1.0) for page in some_pages(500)]
    row = rows_of(frame(spark, pages))[("a.example", "*")]
    assert len(set(row["sample_titles"])) == 8
    assert row["score_quantiles"] == pytest.approx([1.0, 0.995, 0.995, 0.995, 1.0])
