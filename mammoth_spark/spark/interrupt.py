"""Ctrl-C while Spark works: the jobs are cancelled, so that no task goes on to read, or to pay.

PySpark's own handler cancels them over the gateway to the JVM while the interrupted thread is in the middle of a call
over it. The gateway allows no second one there, and a call that is broken off leaves its answer for the next to read.
So the jobs are cancelled by another thread, and the call ends by itself, with an error.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from pyspark.sql import SparkSession

_AGAIN_AFTER_S = 1.0


@contextmanager
def ending_jobs(spark: SparkSession) -> Iterator[None]:
    """Makes a KeyboardInterrupt of Ctrl-C, whatever the block is doing, once the session's jobs are cancelled."""
    if threading.current_thread() is not threading.main_thread():
        # Signals come to the main thread alone.
        yield
        return
    is_over = threading.Event()
    canceller = threading.Thread(target=_cancel_until, args=(spark, is_over), name="interrupt", daemon=True)

    def interrupted(_: int, frame: FrameType | None) -> None:
        if is_over.is_set():
            return
        if canceller.ident is None:
            canceller.start()
        if not _is_in_gateway(frame):
            is_over.set()
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    except Exception:
        if canceller.ident is not None:
            raise KeyboardInterrupt from None
        raise
    finally:
        is_over.set()
        if canceller.ident is not None:
            # It may be about to interrupt once more, which nobody but the handler above is to hear.
            canceller.join()
        signal.signal(signal.SIGINT, before)


def _cancel_until(spark: SparkSession, is_over: threading.Event) -> None:
    """What was no job goes on when its call is done, and is interrupted again."""
    while True:
        with suppress(Exception):  # Under spark-submit the JVM may be gone already.
            spark.interruptAll()
        if is_over.wait(_AGAIN_AFTER_S):
            return
        os.kill(os.getpid(), signal.SIGINT)


def _is_in_gateway(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("py4j."):
            return True
        frame = frame.f_back
    return False
