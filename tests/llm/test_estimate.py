"""What a stage will cost, from a sample."""

import pytest

from mammoth_spark.config import Llm
from mammoth_spark.llm.estimate import estimate, mean
from mammoth_spark.llm.outcome import Outcome


def outcome(prompt_tokens: int, seconds: float = 2.0, attempts: int = 1) -> Outcome:
    return Outcome(
        "f", prompt_tokens=prompt_tokens, reply_tokens=100, cost=0.01, attempts=attempts, seconds=seconds, status="ok"
    )


def test_a_sample_is_scaled_with_its_interval() -> None:
    found = estimate([outcome(900), outcome(1100)] * 50, 1_000_000, Llm(window=100))
    assert found.tokens.expected == pytest.approx(1.1e9)
    assert found.tokens.low == pytest.approx(1.1e9 - 1.96e6 * 100.5 / 10, rel=1e-3)
    assert found.cost.expected == pytest.approx(10_000)
    assert found.cost.low == pytest.approx(found.cost.high)
    assert found.hours.expected == pytest.approx(1_000_000 * 2 / 100 / 3600)
    assert found.held_up_by == "llm.window"


def test_calls_that_are_repeated_count() -> None:
    found = estimate([outcome(10, attempts=1), outcome(10, attempts=3)], 100, Llm())
    assert found.calls.expected == 200


@pytest.mark.parametrize(
    ("limit", "hours"), [({"requests_per_minute": 10}, 1000 / 10 / 60), ({"tokens_per_minute": 5000}, 1e6 / 5000 / 60)]
)
def test_the_tightest_limit_sets_the_hours(limit: dict[str, int], hours: float) -> None:
    found = estimate([outcome(900)] * 5, 1000, Llm.model_validate(limit))
    assert found.hours.expected == pytest.approx(hours)
    assert found.held_up_by == f"llm.{next(iter(limit))}"


def test_one_value_says_nothing_of_its_spread() -> None:
    assert mean([3.0], 10).low == 0
    assert mean([3.0], 10).high == float("inf")


def test_a_sample_of_all_leaves_no_doubt() -> None:
    found = estimate([outcome(900), outcome(1100)], 2, Llm())
    assert found.tokens.low == found.tokens.expected == found.tokens.high
