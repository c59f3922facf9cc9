"""Keeps two runs of one stage apart, by rows in the lake: the one of the latest turn counts.

A lease changes hands by compare and swap: whoever writes takes the turn after the one that he read, and Delta lets only
one transaction have a turn (`txnAppId`, `txnVersion`). A lease is renewed while its run works. One whose run is dead is
taken over: on the same host as soon as the process is gone, from elsewhere when it expires.
"""

import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from mammoth_spark.process import Process, this_process
from mammoth_spark.spark.tables import LEASES, Lake

# Rows are appended, which is quicker (`Lake.put`), and only replaced when there are so many.
_MOST_ROWS = 100


class LeaseTaken(ValueError):
    """Another run is at work on the stage."""


class LeaseLost(RuntimeError):
    """Another run has taken the stage over, after this one failed to renew its lease in time."""


class Lease:
    def __init__(self, lake: Lake, stage: str, run: str, minutes: float) -> None:
        self._lake, self._stage, self._run = lake, stage, run
        self._term = timedelta(minutes=minutes)
        self._holder = secrets.token_hex(8)
        self.turn = 0
        """The turn it had last: it rises from holder to holder."""
        self._held_until = datetime.min.replace(tzinfo=UTC)

    def take(self) -> None:
        row, is_full = self._latest()
        if row is not None and _alive(row):
            raise LeaseTaken(
                f"{self._stage} is being worked on by run {row['run']}, process {row['process']} on"
                f" {row['host']}, whose lease ends at {row['until']} UTC if it is not renewed;"
                " wait for it or stop it first"
            )
        try:
            self._write(0 if row is None else row["turn"], self._term, is_full)
        except LeaseLost:
            raise LeaseTaken(
                f"{self._stage} was taken by another run at the same moment; wait for it or stop it"
            ) from None

    def renew(self) -> None:
        row, is_full = self._latest()
        if row is None or row["holder"] != self._holder:
            raise LeaseLost(f"the lease of {self._stage} has passed to another run")
        self._write(row["turn"], self._term, is_full)

    def release(self) -> None:
        """Takes the last turn, one that is over at once. If another has it already, Delta passes this one over."""
        with _another_may_be_first():
            self._lake.append(self._row(timedelta(0)), LEASES, **self._once)

    def check(self) -> None:
        """To be called before each commit: a run that was suspended must not write beside its successor."""
        if datetime.now(UTC) > self._held_until:
            self.renew()

    def _latest(self) -> tuple[Row | None, bool]:
        """The row that counts, and whether there are many."""
        # Spark compares the times: its clock is the driver's, as the writer's was, and knows of no time zones.
        until = "date_format(to_utc_timestamp(expires_at, current_timezone()), 'HH:mm:ss') AS until"
        columns = ("*", "expires_at <= now() AS expired", until)
        mine = self._lake.read(LEASES).where(f"stage = '{self._stage}'").selectExpr(*columns)
        rows = mine.orderBy(F.desc("turn")).take(_MOST_ROWS)
        return (rows[0] if rows else None), len(rows) == _MOST_ROWS

    def _write(self, turn_read: int, term: timedelta, is_full: bool) -> None:
        until = datetime.now(UTC) + term
        self.turn = turn_read
        with _another_may_be_first():
            if is_full:
                self._lake.replace(self._row(term), LEASES, f"stage = '{self._stage}'", **self._once)
            else:
                self._lake.append(self._row(term), LEASES, **self._once)
        row, _ = self._latest()
        if row is None or row["holder"] != self._holder or row["turn"] != turn_read + 1:
            raise LeaseLost(f"the lease of {self._stage} has passed to another run")
        self.turn = turn_read + 1
        self._held_until = until

    def _row(self, term: timedelta) -> DataFrame:
        """That of the next turn."""
        here = this_process()
        process = (here.host, here.space, here.number, here.started)
        values = (self._stage, self.turn + 1, self._holder, self._run, *process, datetime.now(UTC) + term)
        return self._lake.rows(LEASES, values)

    @property
    def _once(self) -> dict[str, str]:
        return {"txnAppId": f"lease-{self._stage}", "txnVersion": str(self.turn + 1)}


@contextmanager
def _another_may_be_first() -> Iterator[None]:
    """Two took the same turn at once; who has it is read from the table."""
    try:
        yield
    except Exception as error:
        if "Concurrent" not in f"{type(error).__name__} {error}":
            raise


@contextmanager
def held(lease: Lease, minutes: float) -> Iterator[Lease]:
    """Takes the lease, renews it in the background at a third of its term, and gives it back."""
    lease.take()
    done = threading.Event()

    def renew() -> None:
        while not done.wait(minutes * 60 / 3):
            try:
                lease.renew()
            except LeaseLost:
                return  # `check` says so before the next commit.
            except Exception as error:  # Storage fails at times; the lease holds for two more attempts.
                print(f"the lease could not be renewed: {error}", file=sys.stderr, flush=True)

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        done.set()
        thread.join()
        # After an interrupt Spark may be gone already. The lease of a process that ends is taken over all the same.
        with suppress(Exception):
            lease.release()


def _alive(row: Row) -> bool:
    if row["expired"]:
        return False
    return Process(row["host"], row["process_space"], row["process"], row["process_started"]).may_live()
