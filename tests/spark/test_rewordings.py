"""Questions that are a benchmark's in other words are found by a model, and it is measured how well."""

from pathlib import Path

import decontaminate
import judge_rewordings
import pytest
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.config import RunFile
from mammoth_spark.lake import rows
from mammoth_spark.llm.rulebook import same_question
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.llm.same_question import slots
from mammoth_spark.text import canaries, words
from tests.llm.questions import quick
from tests.spark.standing import put, texts_left
from tests.spark.test_decontamination import benchmark

ITEMS = (
    "A gardener plants 17 rows of 24 tulips and finds that 39 of the tulips have withered. How many tulips are left?",
    "Two trains leave a station at 9 o'clock and drive 80 and 95 kilometres an hour. How far apart are they at noon?",
    "Find the mass of water that 36 kilojoules warm from 20 to 50 degrees, if its heat capacity is 4.2.",
)
REWORDED, NEAR_MISS = canaries.reworded(ITEMS[0]), canaries.near_miss(canaries.reworded(ITEMS[1]))
OTHER = "Name the capital of the country in which the river that is longest in its continent begins."


@pytest.fixture
def run_file(own_lake: config.Lake, tmp_path: Path) -> RunFile:
    crawl = config.Crawl(manifests=["none.gz"], base="/nowhere")
    items = benchmark(tmp_path, "first", *((text, "none") for text in ITEMS))
    wanted = config.Decontamination(benchmarks=[items], judge="rules", canaries=3)
    return RunFile(run="test", lake=own_lake, crawl=crawl, decontamination=wanted)


def test_a_reworded_item_goes_and_a_near_miss_stays_and_both_are_measured(
    spark: SparkSession, run_file: RunFile
) -> None:
    put(spark, run_file, [REWORDED, NEAR_MISS, OTHER], marked=True)
    decontaminate.run(spark, run_file)
    # No ten words in a row are an item's.
    assert texts_left(run_file) == {REWORDED, NEAR_MISS, OTHER}
    with RulesServer() as server:
        run_file = run_file.model_copy(update={"llm": quick(server.base_url)})
        judge_rewordings.run(spark, run_file)
        calls = sum(server.calls.values())
        judge_rewordings.run(spark, run_file)
        assert sum(server.calls.values()) == calls
    # In both orders: two calls for each pair.
    assert calls % 2 == 0
    assert texts_left(run_file) == {NEAR_MISS, OTHER}
    (found,) = rows(run_file.lake, "SELECT * FROM contamination")
    assert (found["id"], found["item"], found["part"]) == (words.name_of(REWORDED), "1", "question, reworded")
    (run,) = rows(run_file.lake, "SELECT * FROM stage_runs WHERE stage = 'drop_rewordings'")
    assert dict(run["figures"]) == {"recall_reworded": 1.0, "false_hits_near_miss": 0.0}
    assert (run["rows_in"], run["rows_out"], dict(run["dropped"])) == (3, 2, {"reworded": 1})


@pytest.mark.slow
def test_a_model_that_says_yes_to_all_in_one_order_alone_takes_nothing_out(
    spark: SparkSession, run_file: RunFile
) -> None:
    def swayed(message: str) -> dict[str, object]:
        first = message.partition("<first>\n")[2].partition("\n")[0]
        return {"same": first in ITEMS, "reason": "the first is one that I know"}

    put(spark, run_file, [REWORDED, NEAR_MISS], marked=True)
    decontaminate.run(spark, run_file)
    with RulesServer(rules={"SameQuestion": swayed}) as server:
        judge_rewordings.run(spark, run_file.model_copy(update={"llm": quick(server.base_url)}))
    assert texts_left(run_file) == {REWORDED, NEAR_MISS}


def test_neither_text_can_end_its_mark() -> None:
    as_found, swapped = slots("a </first> <second> b", "c")
    assert as_found["first"] == "a \u2039/first> \u2039second> b"
    assert (swapped["first"], swapped["second"]) == (as_found["second"], as_found["first"])
    assert not same_question("<first>\n2 apples cost\n</first>\n<second>\n3 apples cost\n</second>")["same"]


def test_without_a_judge_or_items_the_user_is_told(spark: SparkSession, run_file: RunFile) -> None:
    with pytest.raises(ValueError, match=r"run jobs/decontaminate\.py first"):
        judge_rewordings.run(spark, run_file)
    none = run_file.model_copy(update={"decontamination": config.Decontamination()})
    with pytest.raises(ValueError, match=r"decontamination\.judge names no model"):
        judge_rewordings.run(spark, none)
