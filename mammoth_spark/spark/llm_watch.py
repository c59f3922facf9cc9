"""Says how far a stage's calls are while Spark is busy with a wave of them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from mammoth_spark.llm import tally
from mammoth_spark.llm.tally import Tally
from mammoth_spark.spark.stage import Stage, clock


@dataclass
class Watch:
    work: Stage
    wanted: int
    tally: Tally = field(default_factory=Tally)
    """Of the waves that are over."""
    began: float = field(default_factory=time.monotonic)

    @contextmanager
    def over(self, folder: str) -> Iterator[None]:
        """While the tasks of a wave write their tallies into a folder."""
        ended = threading.Event()

        def tell() -> None:
            while not ended.wait(tally.TELL_EVERY_S):
                with suppress(Exception):  # Storage fails at times, and nothing hangs on it.
                    self._say(self.tally + tally.total(folder))

        teller = threading.Thread(target=tell, name="tell", daemon=True)
        teller.start()
        try:
            yield
        finally:
            ended.set()
            teller.join()
        with suppress(Exception):
            self.tally += tally.total(folder)
        self._say(self.tally)

    def _say(self, now: Tally) -> None:
        seconds = time.monotonic() - self.began
        left = f", {clock(seconds / now.requests * (self.wanted - now.requests))} left" if now.requests else ""
        self.work.say(f"{now.requests:,} of {self.wanted:,} requests, {now.told(seconds)}{left}")
