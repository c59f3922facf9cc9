"""A stage's run: waves that resume, accounts that add up, failures that keep the good work."""

import pytest
from pyspark.sql import DataFrame, SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.spark import stage
from mammoth_spark.spark.lease import Lease
from mammoth_spark.spark.stage import Counts, Stage, StageFailed
from mammoth_spark.spark.tables import DROPPED, STAGE_RUNS, Lake

NUMBERS = list(range(6))


@pytest.fixture
def lake(spark: SparkSession, run_file: RunFile) -> Lake:
    return Lake(spark, run_file.lake)


def run_numbers(spark: SparkSession, lake: Lake, run_file: RunFile, stop_after: int | None = None) -> None:
    """A stage that writes a row for each number, two numbers a wave; those that are there are done."""
    with stage.opened(spark, lake, run_file, "numbers", "numbers", (DROPPED,), "settings") as work:
        committed = lake.read(STAGE_RUNS).where("stage = 'numbers'").select("wave")
        done = {int(row["id"]) for row in lake.read(DROPPED).join(committed, "wave", "left_semi").collect()}
        left = [number for number in NUMBERS if number not in done]
        for count, numbers in enumerate(work.waves(left, 2, done=len(done))):
            if count == stop_after:
                raise KeyboardInterrupt
            rows = spark.createDataFrame([("numbers", 1, 0, str(n), "", "") for n in numbers], DROPPED.schema)
            work.commit({DROPPED: rows}, Counts(len(numbers), 0, len(numbers), len(numbers)))
        work.close(len(NUMBERS))


def test_a_stopped_run_is_resumed_where_it_stopped(spark: SparkSession, lake: Lake, run_file: RunFile) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_numbers(spark, lake, run_file, stop_after=2)
    run_numbers(spark, lake, run_file)
    rows = sorted((row["wave"], row["id"]) for row in lake.read(DROPPED).collect())
    assert rows == [(1, "0"), (1, "1"), (2, "2"), (2, "3"), (3, "4"), (3, "5")]
    assert [row["rows_in"] for row in lake.read(STAGE_RUNS).orderBy("wave").collect()] == [2, 2, 2]


def test_a_wave_that_was_written_but_not_finished_is_replaced(
    spark: SparkSession, lake: Lake, run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Lake.append

    def dies_before_the_wave_is_done(self: Lake, rows, table, **options) -> None:
        if table is STAGE_RUNS:
            raise KeyboardInterrupt
        append(self, rows, table, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "append", dies_before_the_wave_is_done)
        with pytest.raises(KeyboardInterrupt):
            run_numbers(spark, lake, run_file)
    assert lake.read(DROPPED).count() == 2
    run_numbers(spark, lake, run_file)
    assert sorted(row["id"] for row in lake.read(DROPPED).collect()) == ["0", "1", "2", "3", "4", "5"]


def test_a_finished_run_repeated_changes_nothing(spark: SparkSession, lake: Lake, run_file: RunFile) -> None:
    run_numbers(spark, lake, run_file)
    version = lake.version(DROPPED)
    run_numbers(spark, lake, run_file)
    assert lake.version(DROPPED) == version


def test_rows_that_are_not_accounted_for_are_our_mistake() -> None:
    with pytest.raises(AssertionError, match="3 rows unaccounted for"):
        Counts(1, 0, rows_in=10, rows_out=5, dropped={"short": 2})


def test_rows_that_were_counted_but_not_written_are_our_mistake(
    spark: SparkSession, lake: Lake, run_file: RunFile
) -> None:
    rows = spark.createDataFrame([("numbers", 1, 0, "1", "", "")], DROPPED.schema)
    with (
        pytest.raises(AssertionError, match="dropped: 1 rows written, 2 counted"),
        stage.opened(spark, lake, run_file, "numbers", "numbers", (DROPPED,), "settings") as work,
    ):
        work.commit({DROPPED: rows}, Counts(1, 0, 2, 2))


def test_too_many_failures_fail_the_stage_after_its_good_work(
    spark: SparkSession, lake: Lake, run_file: RunFile
) -> None:
    rows = spark.createDataFrame([("numbers", 1, 0, "1", "", "")], DROPPED.schema)
    with stage.opened(spark, lake, run_file, "numbers", "files", (DROPPED,), "settings") as work:
        for _ in work.waves(["good", "bad"], 2):
            work.commit({DROPPED: rows}, Counts(2, 1, 1, 1))
        with pytest.raises(StageFailed, match=r"numbers: 1 of 2 files failed, more than stages.max_failed_share=0.05"):
            work.close(2)
    assert lake.read(DROPPED).count() == 1
    assert lake.read(STAGE_RUNS).head()["failed_inputs"] == 1


def test_progress_is_shown_while_it_works(
    spark: SparkSession, lake: Lake, run_file: RunFile, capsys: pytest.CaptureFixture[str]
) -> None:
    run_numbers(spark, lake, run_file)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "numbers  round 1  6 numbers to do"
    assert lines[1].startswith("numbers  round 1  2 of 6 numbers, 2 rows in, 2 out, ")
    assert lines[1].endswith(" left")
    assert lines[-1].startswith("numbers  round 1  done in ")


def test_a_stage_that_runs_once_a_round_replaces_its_rows_when_settings_change(
    spark: SparkSession, lake: Lake, run_file: RunFile
) -> None:
    for settings, done_before in (("one", False), ("one", True), ("other", False)):
        with stage.opened(spark, lake, run_file, "numbers", "numbers", (DROPPED,), settings, once=True) as work:
            assert work.is_settled is done_before
            if not work.is_settled:
                rows = spark.createDataFrame([("numbers", 1, 0, str(n), "", "") for n in NUMBERS], DROPPED.schema)
                work.commit({DROPPED: rows}, Counts(1, 0, 6, 6))
    assert lake.read(DROPPED).count() == 6
    assert lake.read(STAGE_RUNS).count() == 1


def test_settings_taken_back_after_a_kill_find_the_rows_of_neither(
    spark: SparkSession, lake: Lake, run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(settings: str, count: int) -> bool:
        with stage.opened(spark, lake, run_file, "numbers", "numbers", (DROPPED,), settings, once=True) as work:
            if work.is_settled:
                return False
            rows = spark.createDataFrame([("numbers", 1, 0, str(n), "", "") for n in range(count)], DROPPED.schema)
            work.commit({DROPPED: rows}, Counts(1, 0, count, count))
            return True

    assert write("one", 5)
    with monkeypatch.context() as patch:

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(Stage, "_stage_run", dies)
        with pytest.raises(KeyboardInterrupt):
            write("other", 2)
    assert write("one", 5)
    assert lake.read(DROPPED).count() == 5
    assert lake.read(STAGE_RUNS).count() == 1


def test_a_stage_that_runs_once_runs_again_when_inputs_of_it_failed(
    spark: SparkSession, lake: Lake, run_file: RunFile
) -> None:
    for failed, done_before in ((1, False), (0, False), (0, True)):
        with stage.opened(spark, lake, run_file, "numbers", "numbers", (DROPPED,), "settings", once=True) as work:
            assert work.is_settled is done_before
            if not work.is_settled:
                row = spark.createDataFrame([("numbers", 1, 0, "1", "", "")], DROPPED.schema)
                work.commit({DROPPED: row}, Counts(2, failed, 1, 1))


def test_stages_that_write_one_table_leave_each_others_rows(spark: SparkSession, lake: Lake, run_file: RunFile) -> None:
    for name in ("numbers", "letters"):
        with stage.opened(spark, lake, run_file, name, "rows", (DROPPED,), "settings", once=True) as work:
            row = spark.createDataFrame([(name, 1, 0, "1", "", "")], DROPPED.schema)
            work.commit({DROPPED: row}, Counts(1, 0, 1, 1))
    assert sorted(row["stage"] for row in lake.read(DROPPED).collect()) == ["letters", "numbers"]


def test_a_run_that_was_taken_over_writes_nothing_any_more(
    spark: SparkSession, lake: Lake, run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process slept between its last look at the lease and its commit."""

    def rows(*numbers: str) -> DataFrame:
        return spark.createDataFrame([("numbers", 1, 0, number, "", "") for number in numbers], DROPPED.schema)

    with stage.opened(spark, lake, run_file, "numbers", "numbers", (DROPPED,), "settings") as work:
        late = Stage(
            spark, lake, run_file, "numbers", "numbers", "settings", Lease(lake, "numbers", "late", 5), once=False
        )
        work.commit({DROPPED: rows("1")}, Counts(1, 0, 1, 1))
        work.commit({DROPPED: rows("2")}, Counts(1, 0, 1, 1))
        monkeypatch.setattr(late._lease, "check", lambda: None)
        with pytest.raises(AssertionError, match="1 rows written, 2 counted"):
            late.commit({DROPPED: rows("3", "4")}, Counts(1, 0, 2, 2))
    assert sorted(row["id"] for row in lake.read(DROPPED).collect()) == ["1", "2"]
