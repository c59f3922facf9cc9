"""Two runs of one stage keep apart, and a dead one's lease is taken over."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.spark.lease import Lease, LeaseLost, LeaseTaken, held
from mammoth_spark.spark.tables import LEASES, Lake


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path) -> Lake:
    lake = Lake(spark, config.Lake(path=str(tmp_path)))
    lake.create(LEASES)
    return lake


def lease(spark: SparkSession, lake: Lake, run: str, minutes: float = 5) -> Lease:
    return Lease(lake, "recall_pages", run, minutes)


def latest(lake: Lake, *columns: str) -> Row:
    row = lake.read(LEASES).selectExpr(*columns or "*").orderBy(F.desc("turn")).head()
    assert row is not None
    return row


def test_the_second_run_is_told_whose_lease_it_met(spark: SparkSession, lake: Lake) -> None:
    lease(spark, lake, "first").take()
    with pytest.raises(LeaseTaken, match=r"recall_pages is being worked on by run first, process \d+ on "):
        lease(spark, lake, "second").take()


def test_a_lease_given_back_is_free_at_once(spark: SparkSession, lake: Lake) -> None:
    first = lease(spark, lake, "first")
    first.take()
    first.release()
    lease(spark, lake, "second").take()


def test_other_stages_have_leases_of_their_own(spark: SparkSession, lake: Lake) -> None:
    lease(spark, lake, "first").take()
    Lease(lake, "train_recall", "second", 5).take()
    assert lake.read(LEASES).count() == 2


def test_a_lease_of_a_dead_process_is_taken_over_at_once(spark: SparkSession, lake: Lake) -> None:
    lease(spark, lake, "first").take()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = lake.read(LEASES).withColumn("process", F.lit(gone.pid).cast("long")).localCheckpoint()
    lake.replace(dead, LEASES, "stage = 'recall_pages'")
    lease(spark, lake, "second").take()
    assert latest(lake)["run"] == "second"


def test_a_lease_from_another_host_holds_until_it_expires(spark: SparkSession, lake: Lake) -> None:
    lease(spark, lake, "first").take()
    elsewhere = lake.read(LEASES).withColumn("host", F.lit("elsewhere")).localCheckpoint()
    lake.replace(elsewhere, LEASES, "stage = 'recall_pages'")
    with pytest.raises(LeaseTaken, match="elsewhere"):
        lease(spark, lake, "second").take()
    expired = elsewhere.withColumn("expires_at", F.expr("now() - INTERVAL 1 SECOND")).localCheckpoint()
    lake.replace(expired, LEASES, "stage = 'recall_pages'")
    lease(spark, lake, "second").take()
    assert latest(lake)["run"] == "second"


def test_of_two_that_take_it_at_the_same_moment_one_has_it(spark: SparkSession, lake: Lake) -> None:
    outcomes: list[str] = []

    def take(run: str) -> None:
        try:
            lease(spark, lake, run).take()
            outcomes.append("taken")
        except LeaseTaken:
            outcomes.append("refused")

    threads = [threading.Thread(target=take, args=(f"run{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "taken"]


def test_a_run_whose_lease_has_passed_on_is_stopped_before_it_commits(spark: SparkSession, lake: Lake) -> None:
    suspended = lease(spark, lake, "first", minutes=0.0001)
    suspended.take()
    lease(spark, lake, "second").take()
    with pytest.raises(LeaseLost, match="the lease of recall_pages has passed to another run"):
        suspended.check()


@pytest.mark.slow
def test_a_renewal_does_not_wait_for_the_last_task_of_a_wave(spark: SparkSession, lake: Lake, tmp_path: Path) -> None:
    begun = tmp_path / "begun"

    def slowly(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        begun.touch()
        time.sleep(0.5)
        yield from batches

    def work() -> None:
        # Two cores have fifteen seconds of work.
        spark.range(0, 60, 1, 60).mapInArrow(slowly, "id long").write.format("noop").mode("overwrite").save()

    working = lease(spark, lake, "first", minutes=0.05)
    with held(working, 0.05):
        wave = threading.Thread(target=work)
        wave.start()
        while not begun.exists():
            assert wave.is_alive()
            time.sleep(0.1)
        before = working.turn
        # One renewal may have been at work already.
        while working.turn < before + 2:
            assert wave.is_alive(), "the renewal waited for the wave"
            time.sleep(0.1)
        wave.join()


def test_a_process_of_the_same_number_elsewhere_on_the_host_is_not_taken_for_ours(
    spark: SparkSession, lake: Lake
) -> None:
    """Another container may have the host's name, and its processes other numbers."""
    lease(spark, lake, "first").take()
    elsewhere = lake.read(LEASES).withColumns({"process": F.lit(2**22).cast("long"), "process_space": F.lit("other")})
    lake.replace(elsewhere.localCheckpoint(), LEASES, "stage = 'recall_pages'")
    with pytest.raises(LeaseTaken, match="run first"):
        lease(spark, lake, "second").take()


def test_a_lease_is_renewed_while_its_run_works(spark: SparkSession, lake: Lake) -> None:
    working = lease(spark, lake, "first", minutes=0.05)
    with held(working, 0.05):
        first_turn = latest(lake)["turn"]
        renewed = threading.Event()
        for _ in range(60):
            if latest(lake)["turn"] > first_turn:
                renewed.set()
                break
        assert renewed.is_set()
        working.check()
    assert not latest(lake, "*", "expires_at > now() AS held")["held"]


def test_rows_of_turns_gone_by_do_not_pile_up(spark: SparkSession, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mammoth_spark.spark.lease._MOST_ROWS", 3)
    working = lease(spark, lake, "first")
    working.take()
    for _ in range(4):
        working.renew()
    assert latest(lake)["turn"] == working.turn == 5
    assert lake.read(LEASES).count() <= 3
