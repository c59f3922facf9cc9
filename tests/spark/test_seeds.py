"""The numbers of seeds: known negatives first, and general pages for what they leave."""

from collections import Counter

import pytest
from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, Seeds
from mammoth_spark.spark.seeds import _with_caps_of_groups

COLUMNS = "url string, warc_offset bigint, label string, source string, reason string"


@pytest.mark.parametrize(
    ("round_", "known", "there", "taken"),
    [
        (1, "site_list", (9, 70, 30), (8, 50, 0)),
        (1, "site_list", (5, 30, 90), (5, 30, 20)),
        (1, "site_list", (5, 0, 90), (5, 0, 50)),
        (2, "rejected_site", (9, 60, 90), (8, 20, 30)),
        (2, "rejected_site", (9, 5, 90), (8, 5, 45)),
        (2, "rejected_site", (3, 60, 4), (3, 20, 4)),
    ],
)
def test_general_pages_fill_what_known_negatives_leave(
    spark: SparkSession,
    run_file: RunFile,
    round_: int,
    known: str,
    there: tuple[int, int, int],
    taken: tuple[int, int, int],
) -> None:
    """Numbers of positives, known negatives and general pages."""
    sources = (("positive", "crawl"), ("negative", known), ("negative", "random"))
    rows = [
        (f"http://{source}.example/{number}", 0, label, source, None)
        for (label, source), count in zip(sources, there, strict=True)
        for number in range(count)
    ]
    wanted = run_file.model_copy(
        update={"round": round_, "seeds": Seeds(positives=8, negatives=50, rejected_share=0.4)}
    )
    capped = _with_caps_of_groups(spark.createDataFrame(rows, COLUMNS), wanted)
    found = Counter(row["source"] for row in capped.where("reason IS NULL").collect())
    assert tuple(found[source] for _, source in sources) == taken
    assert capped.count() == len(rows)
