"""Runs a stage in waves: resumable, accounted for, one run at a time, with progress to look at.

A wave is a few minutes of work. Its rows are written with the wave's number, each table in one commit, and its row in
`stage_runs` comes last. So a wave is done when `stage_runs` says so: a driver killed before that leaves rows under a
number which the next run takes again, and replaces them.
"""

import platform
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TypeVar

from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from mammoth_spark.config import RunFile
from mammoth_spark.spark.interrupt import ending_jobs
from mammoth_spark.spark.lease import Lease, held
from mammoth_spark.spark.tables import DROPPED, LEASES, STAGE_RUNS, Lake, Table

T = TypeVar("T")


class StageFailed(RuntimeError):
    """Too many inputs failed. What could be done is done and committed."""


@dataclass(frozen=True)
class Counts:
    """What became of a wave's rows."""

    inputs: int
    failed_inputs: int
    rows_in: int
    rows_out: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    tokens: int = 0
    cost: float = 0.0

    def __post_init__(self) -> None:
        left = self.rows_in - self.rows_out - sum(self.dropped.values())
        assert left == 0, f"{left} rows unaccounted for: {self}"

    def __add__(self, other: "Counts") -> "Counts":
        reasons = self.dropped.keys() | other.dropped.keys()
        return Counts(
            self.inputs + other.inputs,
            self.failed_inputs + other.failed_inputs,
            self.rows_in + other.rows_in,
            self.rows_out + other.rows_out,
            {reason: self.dropped.get(reason, 0) + other.dropped.get(reason, 0) for reason in sorted(reasons)},
            self.tokens + other.tokens,
            self.cost + other.cost,
        )


class Stage:
    """A stage at work; got from `opened`."""

    def __init__(
        self,
        spark: SparkSession,
        lake: Lake,
        run_file: RunFile,
        name: str,
        unit: str,
        settings: str,
        lease: Lease,
        once: bool,
    ) -> None:
        self._spark, self._lake, self._run_file, self._lease = spark, lake, run_file, lease
        self.name, self.unit, self._settings = name, unit, settings
        last = _last_run(lake, name, run_file.round)
        self.wave = self.first_wave = 1 if once or last is None else last["wave"] + 1
        # Under the number that is taken now an earlier run may have left rows; nobody's first run finds any.
        self._may_find_rows, self._replaces_last_run = lease.turn > 1, once and last is not None
        self.is_settled = last is not None and last["settings_sha256"] == settings and last["failed_inputs"] == 0
        """Whether the round's last wave had these very settings, and no input of it failed."""
        self.total = Counts(0, 0, 0, 0)
        self._began = time.monotonic()
        self._wave_began = datetime.now(UTC)

    def waves(self, inputs: Sequence[T], size: int, done: int = 0) -> Iterator[Sequence[T]]:
        """Cuts the inputs that are left into waves and shows progress after each; `done` were done before."""
        total = done + len(inputs)
        self.say(f"{len(inputs):,} {self.unit} to do" + (f", {done:,} done before" if done else ""))
        for begin in range(0, len(inputs), size):
            self._wave_began = datetime.now(UTC)
            yield inputs[begin : begin + size]
            finished = min(begin + size, len(inputs))
            seconds = time.monotonic() - self._began
            left = seconds / finished * (len(inputs) - finished)
            self.say(
                f"{done + finished:,} of {total:,} {self.unit}, {self.total.rows_in:,} rows in,"
                f" {self.total.rows_out:,} out, {self.total.rows_in / seconds:,.0f} rows/s,"
                f"{self._paid()} {clock(left)} left"
            )

    def _paid(self) -> str:
        return f" {self.total.tokens:,} tokens, {self.total.cost:,.2f} paid," if self.total.tokens else ""

    @property
    def turn(self) -> int:
        """Of the lease: it tells this run from any before."""
        return self._lease.turn

    def discard_unfinished(self, table: Table) -> None:
        """Deletes what a run that was killed within a commit left under the number that is taken again."""
        if self._may_find_rows and not self._lake.read(table).where(self._here(table)).isEmpty():
            self._lake.delete(table, self._here(table))

    def commit(
        self, outputs: Mapping[Table, DataFrame], counts: Counts, figures: Mapping[str, float] | None = None
    ) -> None:
        """Writes a wave: first the rows, the main table first of all, then that the wave is done.

        Of a stage that takes rows out of a table the main output are those, in `dropped`."""
        self._lease.check()
        if self._replaces_last_run:
            # First of all: a run killed between two tables must not leave new rows under an old account.
            self._lake.delete(STAGE_RUNS, self._here(STAGE_RUNS))
            self._replaces_last_run = False
        for position, (table, rows) in enumerate(outputs.items()):
            self._write(rows.withColumns(self._stamp()), table)
            if position == 0:
                written = self._lake.read(table).where(self._here(table)).count()
                expected = sum(counts.dropped.values()) if table is DROPPED else counts.rows_out
                assert written == expected, f"{table.name}: {written} rows written, {expected} counted"
        self._lease.check()
        self._write(self._stage_run(counts, figures or {}), STAGE_RUNS)
        self.total += counts
        self.wave += 1
        self._may_find_rows = False

    def take_out(self, table: Table, key: str | None = None) -> None:
        """Deletes from a table what this stage has dropped of it: rows that it names by the last column of the table's
        key, or by this one. To be done after a commit, and before any work: a run that was killed between the two has
        dropped rows that still stand."""
        key = key or table.key[-1]
        mine = committed(self._lake, DROPPED, self.name, self._run_file.round).where(F.col("stage") == self.name)
        dropped = mine.select("round", F.col("id").alias(key))
        if not self._lake.read(table).join(dropped, ["round", key], "left_semi").isEmpty():
            self._lake.remove(dropped, table, ("round", key))

    def _write(self, rows: DataFrame, table: Table) -> None:
        # Delta passes over a transaction of an earlier number. So once a run that took this one over has written, a
        # commit that was under way here changes nothing.
        once = {"txnAppId": self.name, "txnVersion": str((self._lease.turn << 32) + self.wave)}
        # A killed run's or those of other settings.
        if self._may_find_rows:
            self._lake.put(rows, table, self._here(table), **once)
        else:
            self._lake.append(rows, table, **once)

    def _here(self, table: Table) -> str:
        """The rows of this wave."""
        where = f"round = {self._run_file.round} AND wave = {self.wave}"
        return f"stage = '{self.name}' AND {where}" if "stage" in table.schema.names else where

    def close(self, total_inputs: int) -> None:
        """Ends the stage with its sums; fails it when too many of all its inputs failed."""
        for reason, rows in sorted(self.total.dropped.items(), key=lambda item: -item[1]):
            self.say(f"dropped {rows:,} rows: {reason}")
        seconds = time.monotonic() - self._began
        self.say(f"done in {clock(seconds)}: {self.total.rows_in:,} rows in, {self.total.rows_out:,} out")
        allowed = self._run_file.stages.max_failed_share
        if total_inputs and self.total.failed_inputs / total_inputs > allowed:
            raise StageFailed(
                f"{self.name}: {self.total.failed_inputs:,} of {total_inputs:,} {self.unit} failed, more than"
                f" stages.max_failed_share={allowed:g} allows; the others are done, and the same command tries"
                " the failed ones again"
            )

    def _stamp(self) -> dict[str, Column]:
        return {"round": F.lit(self._run_file.round), "wave": F.lit(self.wave)}

    def _stage_run(self, counts: Counts, figures: Mapping[str, float]) -> DataFrame:
        values = (
            self._run_file.run,
            self.name,
            self._run_file.round,
            self.wave,
            self._wave_began,
            (datetime.now(UTC) - self._wave_began).total_seconds(),
            counts.inputs,
            counts.failed_inputs,
            counts.rows_in,
            counts.rows_out,
            dict(counts.dropped),
            counts.tokens,
            counts.cost,
            dict(figures),
            {
                "mammoth-spark": version("mammoth-spark"),
                "spark": self._spark.version,
                "python": platform.python_version(),
            },
            self._settings,
        )
        return self._lake.rows(STAGE_RUNS, values)

    def say(self, text: str) -> None:
        print(f"{self.name}  round {self._run_file.round}  {text}", file=sys.stderr, flush=True)


@contextmanager
def opened(
    spark: SparkSession,
    lake: Lake,
    run_file: RunFile,
    name: str,
    unit: str,
    writes: Sequence[Table],
    settings: str,
    once: bool = False,
) -> Iterator[Stage]:
    """Creates the tables a stage writes and keeps other runs of it away while it works.

    `settings` is the hash of what decides the rows. A stage that runs `once` a round has one wave, and replaces it
    when that has changed."""
    lake.create(*writes, DROPPED, STAGE_RUNS, LEASES)
    minutes = run_file.stages.lease_minutes
    with held(Lease(lake, name, run_file.run, minutes), minutes) as lease, ending_jobs(spark):
        yield Stage(spark, lake, run_file, name, unit, settings, lease, once)


def committed(lake: Lake, table: Table, stage: str, round_: int) -> DataFrame:
    """A stage's rows of a round, without those that a killed run left and `stage_runs` does not know."""
    waves = lake.read(STAGE_RUNS).where((F.col("stage") == stage) & (F.col("round") == round_)).select("wave")
    return lake.read(table).where(F.col("round") == round_).join(waves, "wave", "left_semi")


def digest_of(rows: DataFrame, *columns: str) -> str:
    """Tells rows from other rows by these columns, in whatever order and files they lie."""
    row = rows.agg(F.count("*").alias("rows"), F.bit_xor(F.xxhash64(*columns)).alias("hash")).head()
    assert row is not None, "an aggregate has one row"
    return f"{row['rows']} {row['hash']}"


def last_settings(lake: Lake, stage: str, round_: int) -> str | None:
    """By which a stage that runs once a round has made its rows: they tell them from others."""
    last = _last_run(lake, stage, round_)
    return None if last is None else str(last["settings_sha256"])


def _last_run(lake: Lake, stage: str, round_: int) -> Row | None:
    runs = lake.read(STAGE_RUNS).where((F.col("stage") == stage) & (F.col("round") == round_))
    return runs.orderBy(F.desc("wave")).head()


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
