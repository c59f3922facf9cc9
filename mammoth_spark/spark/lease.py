"""Keeps two runs of one stage apart, by a row in the lake.

The row of a stage changes hands by compare and swap: whoever writes it takes the turn after the one that he read,
and Delta lets only one transaction have a turn (`txnAppId`, `txnVersion`). A lease is renewed while its run works.
One whose run is dead is taken over: on the same host as soon as the process is gone, from elsewhere when it expires.
"""

import secrets
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from pyspark.sql import Row

from mammoth_spark.process import Process, this_process
from mammoth_spark.spark.tables import LEASES, Lake


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
        row = self._row()
        if row is not None and _alive(row):
            raise LeaseTaken(
                f"{self._stage} is being worked on by run {row['run']}, process {row['process']} on"
                f" {row['host']}, whose lease ends at {row['until']} UTC if it is not renewed;"
                " wait for it or stop it first"
            )
        try:
            self._write(0 if row is None else row["turn"], self._term)
        except LeaseLost:
            raise LeaseTaken(
                f"{self._stage} was taken by another run at the same moment; wait for it or stop it"
            ) from None

    def renew(self) -> None:
        row = self._row()
        if row is None or row["holder"] != self._holder:
            raise LeaseLost(f"the lease of {self._stage} has passed to another run")
        self._write(row["turn"], self._term)

    def release(self) -> None:
        row = self._row()
        if row is not None and row["holder"] == self._holder:
            with suppress(LeaseLost):
                self._write(row["turn"], timedelta(0))

    def check(self) -> None:
        """To be called before each commit: a run that was suspended must not write beside its successor."""
        if datetime.now(UTC) > self._held_until:
            self.renew()

    def _row(self) -> Row | None:
        # Spark compares the times: its clock is the driver's, as the writer's was, and knows of no time zones.
        until = "date_format(to_utc_timestamp(expires_at, current_timezone()), 'HH:mm:ss') AS until"
        columns = ("*", "expires_at <= now() AS expired", until)
        return self._lake.read(LEASES).where(f"stage = '{self._stage}'").selectExpr(*columns).head()

    def _write(self, turn_read: int, term: timedelta) -> None:
        until, here = datetime.now(UTC) + term, this_process()
        values = (
            self._stage,
            turn_read + 1,
            self._holder,
            self._run,
            here.host,
            here.space,
            here.number,
            here.started,
            until,
        )
        rows = self._lake.rows(LEASES, values)
        where = f"stage = '{self._stage}'"
        turn = str(turn_read + 1)
        try:
            self._lake.replace(rows, LEASES, where, txnAppId=f"lease-{self._stage}", txnVersion=turn)
        except Exception as error:
            # Two took the same turn at once; who has it is read from the table.
            if "Concurrent" not in f"{type(error).__name__} {error}":
                raise
        row = self._row()
        if row is None or row["holder"] != self._holder or row["turn"] != turn_read + 1:
            raise LeaseLost(f"the lease of {self._stage} has passed to another run")
        self.turn = turn_read + 1
        self._held_until = until


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
