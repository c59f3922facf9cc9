"""What calls cost, and the caps at which a stage stops asking."""

from dataclasses import dataclass

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm.reply import Usage


def cost_of(usage: Usage, endpoint: Endpoint) -> float:
    return (usage.prompt_tokens * endpoint.price_in + usage.reply_tokens * endpoint.price_out) / 1e6


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be paid; None is without limit."""

    calls: float | None = None
    tokens: float | None = None
    cost: float | None = None

    def shared_by(self, tasks: int) -> "Room":
        """The part of one of several tasks that pay at the same time."""
        parts = (None if amount is None else amount / tasks for amount in (self.calls, self.tokens, self.cost))
        return Room(*parts)

    def less(self, calls: int, tokens: int, cost: float) -> "Room":
        paid = ((self.calls, calls), (self.tokens, tokens), (self.cost, cost))
        return Room(*(None if amount is None else amount - spent for amount, spent in paid))

    @property
    def spent_of(self) -> str | None:
        """The cap that is reached, by its name in the run file."""
        caps = (("llm.max_calls", self.calls), ("llm.max_tokens", self.tokens), ("llm.max_cost", self.cost))
        return next((name for name, amount in caps if amount is not None and amount <= 0), None)


UNLIMITED = Room()


def caps(settings: Llm) -> Room:
    return Room(settings.max_calls or None, settings.max_tokens or None, settings.max_cost or None)
