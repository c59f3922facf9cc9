"""What a stage will cost, from a sample of its requests that was asked."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from mammoth_spark.config import Llm
from mammoth_spark.llm.outcome import Outcome

# Of a normal distribution: nineteen of twenty such intervals hold the true mean.
_SPREAD = 1.96


@dataclass(frozen=True, slots=True)
class Amount:
    """An expected value with its 95 % interval."""

    expected: float
    low: float
    high: float

    def times(self, factor: float) -> "Amount":
        return Amount(self.expected * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Estimate:
    requests: int
    calls: Amount
    tokens: Amount
    cost: Amount
    hours: Amount
    held_up_by: str
    """What sets the hours: the window, or a limit a minute."""


def estimate(sample: Sequence[Outcome], requests: int, settings: Llm) -> Estimate:
    """For so many requests, of which the sample was chosen by chance."""

    def total(values: Sequence[float]) -> Amount:
        return mean(values, requests).times(requests)

    calls = total([outcome.attempts for outcome in sample])
    tokens = total([outcome.prompt_tokens + outcome.reply_tokens for outcome in sample])
    seconds = total([outcome.seconds * outcome.attempts for outcome in sample])
    hours = {"llm.window": seconds.times(1 / settings.window / 3600)}
    if settings.requests_per_minute:
        hours["llm.requests_per_minute"] = calls.times(1 / settings.requests_per_minute / 60)
    if settings.tokens_per_minute:
        hours["llm.tokens_per_minute"] = tokens.times(1 / settings.tokens_per_minute / 60)
    held_up_by = max(hours, key=lambda name: hours[name].expected)
    cost = total([outcome.cost for outcome in sample])
    return Estimate(requests, calls, tokens, cost, hours[held_up_by], held_up_by)


def mean(values: Sequence[float], of: int) -> Amount:
    """The mean of so many, from a sample of them: the whole leaves no doubt, and a single one every doubt."""
    middle = statistics.fmean(values)
    if len(values) >= of:
        error = 0.0
    elif len(values) == 1:
        error = math.inf
    else:
        error = _SPREAD * statistics.stdev(values) * math.sqrt((1 - len(values) / of) / len(values))
    return Amount(middle, max(0.0, middle - error), middle + error)
