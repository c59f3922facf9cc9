"""What became of a request."""

import datetime
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass
class Outcome:
    """What became of a request: a row of `llm_calls`, without what the stage adds."""

    fingerprint: str
    prompt_version: str = ""
    status: str = "open"
    reason: str | None = None
    reply: str | None = None
    model: str = ""
    prompt_tokens: int = 0
    reply_tokens: int = 0
    cost: float = 0.0
    attempts: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    """What attempts met, by reason."""
    deaths: int = 0
    """Of tasks, while it was in flight or its reply not yet written down."""
    seconds: float = 0.0
    asked_at: datetime.datetime | None = None

    def as_row(self) -> dict[str, Any]:
        return {**vars(self), "faults": list(self.faults.items())}


def merged(one: Outcome, other: Outcome) -> Outcome:
    """Of what became of a request twice, the answer, and what both have cost."""
    answer, lesser = (one, other) if other.status == "open" else (other, one)
    faults = Counter(one.faults)
    faults.update(other.faults)
    return replace(
        answer,
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        reply_tokens=one.reply_tokens + other.reply_tokens,
        cost=one.cost + other.cost,
        attempts=one.attempts + other.attempts,
        faults=dict(faults),
        deaths=one.deaths + other.deaths,
        asked_at=answer.asked_at or lesser.asked_at,
    )
