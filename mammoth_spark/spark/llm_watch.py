"""Says how far a stage's calls are while Spark is busy with a wave of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mammoth_spark.llm import tally
from mammoth_spark.llm.tally import Tally
from mammoth_spark.progress import again_and_again
from mammoth_spark.spark.stage import Stage, clock


@dataclass
class Watch:
    work: Stage
    wanted: int
    tally: Tally = field(default_factory=Tally)
    """Of all waves so far."""
    began: float = field(default_factory=time.monotonic)

    @contextmanager
    def over(self, folder: str) -> Iterator[None]:
        """While the tasks of a wave write their tallies into a folder."""
        before = self.tally

        def tell() -> None:
            self.tally = before + tally.total(folder)
            self._say(self.tally)

        with again_and_again(tell):
            yield

    def _say(self, now: Tally) -> None:
        seconds = time.monotonic() - self.began
        left = f", {clock(seconds / now.requests * (self.wanted - now.requests))} left" if now.requests else ""
        self.work.say(f"{now.requests:,} of {self.wanted:,} requests, {now.told(seconds)}{left}")
