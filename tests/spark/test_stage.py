"""A stage's run: waves that resume, accounts that add up, failures that keep the good work."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import IntegerType, StringType

from mammoth_spark import config
from mammoth_spark.config import RunFile
from mammoth_spark.spark import stage
from mammoth_spark.spark.lease import Lease
from mammoth_spark.spark.stage import Counts, Stage, StageFailed
from mammoth_spark.spark.tables import STAGE_RUNS, Column, Lake, Table

NUMBERS = list(range(4))
WRITTEN = Table(
    name="numbers",
    comment="What the stages of these tests write",
    written_by="these tests",
    key=("stage", "round", "number"),
    cluster_by=(),
    columns=(
        Column("stage", StringType(), "Stage"),
        Column("round", IntegerType(), "Round"),
        Column("wave", IntegerType(), "Wave"),
        Column("number", IntegerType(), "Number"),
    ),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> config.Lake:
    """For all tests, each with a stage of its own: tables take longer to make than a test."""
    return config.Lake(path=str(tmp_path_factory.mktemp("stages") / "lake"))


class Numbers:
    """A stage that writes a row for each number."""

    def __init__(self, spark: SparkSession, lake: config.Lake, run_file: RunFile, name: str) -> None:
        self.spark, self.name = spark, name
        self.run_file = run_file.model_copy(update={"lake": lake})
        self.lake = Lake(spark, lake)

    @contextmanager
    def opened(self, settings: str = "settings", once: bool = False) -> Iterator[Stage]:
        opened = stage.opened(self.spark, self.lake, self.run_file, self.name, "numbers", (WRITTEN,), settings, once)
        with opened as work:
            yield work

    def rows(self, *numbers: int) -> DataFrame:
        return self.lake.rows(WRITTEN, *((self.name, 1, 0, number) for number in numbers))

    def found(self, table: Table) -> list[Row]:
        return self.lake.read(table).where(f"stage = '{self.name}'").orderBy("wave").collect()

    def found_numbers(self) -> list[tuple[int, int]]:
        return sorted((row["wave"], row["number"]) for row in self.found(WRITTEN))

    def run(self, stop_after: int | None = None) -> None:
        """Two numbers a wave; those that are there are done."""
        with self.opened() as work:
            waves = {row["wave"] for row in self.found(STAGE_RUNS)}
            done = {number for wave, number in self.found_numbers() if wave in waves}
            left = [number for number in NUMBERS if number not in done]
            for count, numbers in enumerate(work.waves(left, 2, done=len(done))):
                if count == stop_after:
                    raise KeyboardInterrupt
                work.commit({WRITTEN: self.rows(*numbers)}, Counts(len(numbers), 0, len(numbers), len(numbers)))
            work.close(len(NUMBERS))

    def run_once(self, settings: str, count: int, failed: int = 0) -> bool:
        """One wave a round; False if it is settled."""
        with self.opened(settings, once=True) as work:
            if work.is_settled:
                return False
            work.commit({WRITTEN: self.rows(*range(count))}, Counts(2, failed, count, count))
            return True


@pytest.fixture
def numbers(spark: SparkSession, shared: config.Lake, run_file: RunFile, request: pytest.FixtureRequest) -> Numbers:
    return Numbers(spark, shared, run_file, request.node.name.removeprefix("test_"))


def test_a_stopped_run_is_resumed_where_it_stopped(numbers: Numbers) -> None:
    with pytest.raises(KeyboardInterrupt):
        numbers.run(stop_after=1)
    numbers.run()
    assert numbers.found_numbers() == [(1, 0), (1, 1), (2, 2), (2, 3)]
    assert [row["rows_in"] for row in numbers.found(STAGE_RUNS)] == [2, 2]


def test_a_wave_that_was_written_but_not_finished_is_replaced(
    numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Lake.append

    def dies_before_the_wave_is_done(self: Lake, rows, table, **options) -> None:
        if table is STAGE_RUNS:
            raise KeyboardInterrupt
        append(self, rows, table, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "append", dies_before_the_wave_is_done)
        with pytest.raises(KeyboardInterrupt):
            numbers.run()
    assert len(numbers.found(WRITTEN)) == 2
    numbers.run()
    assert [number for _, number in numbers.found_numbers()] == NUMBERS


def test_progress_is_shown_and_a_finished_run_repeated_changes_nothing(
    numbers: Numbers, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers.run()
    lines = capsys.readouterr().err.splitlines()
    begin = f"{numbers.name}  round 1  "
    assert lines[0] == f"{begin}4 numbers to do"
    assert lines[1].startswith(f"{begin}2 of 4 numbers, 2 rows in, 2 out, ")
    assert lines[1].endswith(" left")
    assert lines[-1].startswith(f"{begin}done in ")
    version = numbers.lake.version(WRITTEN)
    numbers.run()
    assert numbers.lake.version(WRITTEN) == version


def test_rows_that_are_not_accounted_for_are_our_mistake() -> None:
    with pytest.raises(AssertionError, match="3 rows unaccounted for"):
        Counts(1, 0, rows_in=10, rows_out=5, dropped={"short": 2})


def test_rows_that_were_counted_but_not_written_are_our_mistake(numbers: Numbers) -> None:
    with pytest.raises(AssertionError, match="numbers: 1 rows written, 2 counted"), numbers.opened() as work:
        work.commit({WRITTEN: numbers.rows(1)}, Counts(1, 0, 2, 2))


def test_too_many_failures_fail_the_stage_after_its_good_work(numbers: Numbers) -> None:
    with numbers.opened() as work:
        for _ in work.waves(["good", "bad"], 2):
            work.commit({WRITTEN: numbers.rows(1)}, Counts(2, 1, 1, 1))
        message = f"{numbers.name}: 1 of 2 numbers failed, more than stages.max_failed_share=0.05"
        with pytest.raises(StageFailed, match=message):
            work.close(2)
    assert len(numbers.found(WRITTEN)) == 1
    assert [row["failed_inputs"] for row in numbers.found(STAGE_RUNS)] == [1]


def test_a_stage_that_runs_once_a_round_replaces_its_rows_when_settings_change_or_inputs_failed(
    numbers: Numbers,
) -> None:
    assert numbers.run_once("one", 4, failed=1)
    assert numbers.run_once("one", 5)
    assert not numbers.run_once("one", 5)
    assert numbers.run_once("other", 3)
    assert len(numbers.found(WRITTEN)) == 3
    assert len(numbers.found(STAGE_RUNS)) == 1


@pytest.mark.slow
def test_settings_taken_back_after_a_kill_find_the_rows_of_neither(
    numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert numbers.run_once("one", 5)
    with monkeypatch.context() as patch:

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(Stage, "_stage_run", dies)
        with pytest.raises(KeyboardInterrupt):
            numbers.run_once("other", 2)
    assert numbers.run_once("one", 5)
    assert len(numbers.found(WRITTEN)) == 5
    assert len(numbers.found(STAGE_RUNS)) == 1


def test_a_run_that_was_taken_over_writes_nothing_any_more(numbers: Numbers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process slept between its last look at the lease and its commit. Other stages' rows stand in the table."""
    lease = Lease(numbers.lake, numbers.name, "late", 5)
    with numbers.opened() as work:
        late = Stage(
            numbers.spark, numbers.lake, numbers.run_file, numbers.name, "numbers", "settings", lease, once=False
        )
        work.commit({WRITTEN: numbers.rows(1)}, Counts(1, 0, 1, 1))
        work.commit({WRITTEN: numbers.rows(2)}, Counts(1, 0, 1, 1))
        monkeypatch.setattr(lease, "check", lambda: None)
        with pytest.raises(AssertionError, match="1 rows written, 2 counted"):
            late.commit({WRITTEN: numbers.rows(3, 4)}, Counts(1, 0, 2, 2))
    assert numbers.found_numbers() == [(1, 1), (2, 2)]
