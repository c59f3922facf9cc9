"""What became of a request."""

import datetime
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What became of a request: a row of `llm_calls`, without what the stage adds."""

    fingerprint: str
    prompt_version: str = ""
    status: str = "dead"
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
