"""How far a stage's calls are, and what they met: told by each task in a small file while it works."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.reply import Usage
from mammoth_spark.progress import again_and_again
from mammoth_spark.web.storage import file_names, put_bytes, read_bytes

_FILE_BYTES = 1 << 20
_SUFFIX = ".tally"


@dataclass
class Tally:
    requests: int = 0
    """That have an outcome."""
    calls: int = 0
    tokens: int = 0
    cost: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    """Calls that gave no reply, by reason."""

    def called(self, usage: Usage, cost: float, fault: str | None) -> None:
        self.calls += 1
        self.tokens += usage.prompt_tokens + usage.reply_tokens
        self.cost += cost
        if fault is not None:
            self.faults[fault] = self.faults.get(fault, 0) + 1

    def __add__(self, other: "Tally") -> "Tally":
        faults = {
            kind: self.faults.get(kind, 0) + other.faults.get(kind, 0)
            for kind in self.faults.keys() | other.faults.keys()
        }
        return Tally(
            self.requests + other.requests,
            self.calls + other.calls,
            self.tokens + other.tokens,
            self.cost + other.cost,
            faults,
        )

    def told(self, seconds: float) -> str:
        """For people who watch, after so many seconds."""
        often = sorted(self.faults.items(), key=lambda item: -item[1])
        met = "".join(f", {count:,} {kind}" for kind, count in often)
        paid = f", {self.cost:,.2f} paid" if self.cost else ""
        return f"{self.calls:,} calls, {self.calls / seconds:,.1f} calls/s, {self.tokens:,} tokens{paid}{met}"


def of(outcomes: Iterable[Outcome]) -> Tally:
    """What outcomes that came before took."""
    found = Tally()
    for outcome in outcomes:
        tokens = outcome.prompt_tokens + outcome.reply_tokens
        found += Tally(1, outcome.attempts, tokens, outcome.cost, outcome.faults)
    return found


@contextmanager
def shown(tally: Tally, journal: str) -> Iterator[None]:
    """Keeps a tally's file, beside a task's journal, up to date."""

    def write() -> None:
        # The sum is a tally of its own, which the calls do not change while it is written.
        put_bytes(json.dumps(asdict(tally + Tally())).encode(), journal + _SUFFIX)

    with again_and_again(write):
        yield


def total(journals: str) -> Tally:
    """Over the tasks that have journals in a folder."""
    names = [name for name in file_names(journals) if name.endswith(_SUFFIX)]
    found = (Tally(**json.loads(read_bytes(f"{journals}/{name}", _FILE_BYTES))) for name in names)
    return sum(found, Tally())
