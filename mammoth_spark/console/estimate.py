"""mammoth estimate: what a stage that asks a model will cost, before it is run."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mammoth_spark import lake
from mammoth_spark.config import RunFile
from mammoth_spark.llm import journal, page_subject, tally
from mammoth_spark.llm.budget import Room, caps
from mammoth_spark.llm.estimate import Amount, estimate
from mammoth_spark.llm.journal import Left
from mammoth_spark.llm.request import Question
from mammoth_spark.llm.tally import Tally
from mammoth_spark.llm.task import CAPPED, STOPPED, hasty, outcomes, servers_of
from mammoth_spark.web.storage import absolute


@dataclass(frozen=True)
class Asking:
    """A stage that asks: what it asks, and the query whose columns fill the prompt's slots."""

    question: Callable[[RunFile], Question]
    rows: str


STAGES = {
    "check_endpoint": Asking(lambda run_file: page_subject.question(run_file.extraction.model), page_subject.ROWS),
}


def run(run_file: RunFile, stage: str, sample: int) -> None:
    """Asks for a sample, whose answers the stage takes over, and prints what all would cost."""
    if sample < 1:
        raise ValueError(f"--sample {sample}: ask one request at least")
    asking = STAGES[stage]
    question = asking.question(run_file)
    servers = servers_of(run_file.llm, question.model)
    rows = asking.rows.format(round=run_file.round, **{name: name for name in lake.table_names(run_file.lake)})
    distinct = f"SELECT DISTINCT * FROM ({rows})"  # noqa: S608 (a query of our own)
    count = int(next(lake.rows(run_file.lake, f"SELECT count(*) AS requests FROM ({distinct})"))["requests"])  # noqa: S608
    if not count:
        raise ValueError(f"{stage} has nothing to ask yet: {' '.join(rows.split())} gives no row")
    chosen = lake.rows(run_file.lake, f"SELECT * FROM ({distinct}) ORDER BY random() LIMIT {sample}")  # noqa: S608
    drawn = [question.about(row) for row in chosen]
    files_folder = absolute(run_file.lake.files_folder)
    asked = Left(files_folder, question.stage).outcomes.values()
    answered = {outcome.fingerprint for outcome in asked if outcome.status != "open"}
    answered |= _answered(run_file, [request.fingerprint for request in drawn])
    requests = [request for request in drawn if request.fingerprint not in answered]
    # As many of all as of the sample have their answer.
    count = round(count * len(requests) / len(drawn))
    if not requests:
        raise ValueError(f"{stage} has little or nothing left to ask: {len(drawn)} requests drawn by lot are answered")
    print(f"asking {len(requests)} of {count:,} requests", file=sys.stderr)
    room = _room_left(run_file, question.stage, tally.of(asked))
    if room.spent_of is not None:
        raise ValueError(f"{room.spent_of} is reached by what {stage} has asked before")
    settings = hasty(run_file.llm).model_copy(update={"tasks": 1})
    folder, began = journal.sample(files_folder, question.stage), time.monotonic()

    def tell() -> None:
        now = tally.total(folder)
        told = now.told(time.monotonic() - began)
        print(f"{now.requests} of {len(requests)} requests, {told}", file=sys.stderr, flush=True)

    with tally.again_and_again(tell):
        found = list(outcomes(iter(requests), servers, settings, room, f"{folder}/0"))
    stopped = next((outcome.reason for outcome in found if outcome.status == STOPPED), None)
    if stopped is not None:
        raise ValueError(f"the sample was not answered: {stopped}")
    cap = next((outcome.reason for outcome in found if outcome.status == CAPPED), None)
    if cap is not None:
        print(f"the sample is smaller, as {cap} is reached", file=sys.stderr)
    found = [outcome for outcome in found if outcome.status not in (CAPPED, "open")]
    if not found:
        raise ValueError("the sample was not answered")
    expected = estimate(found, count, run_file.llm)
    dead = sum(outcome.status == "dead" for outcome in found)
    void = sum(outcome.status == "void" for outcome in found)
    print(f"{stage}: {count:,} requests by a sample of {len(found)}, of which {void} void and {dead} dead\n")
    for name, amount, form in (
        ("calls", expected.calls, ",.0f"),
        ("tokens", expected.tokens, ",.0f"),
        ("money", expected.cost, ",.2f"),
        ("hours", expected.hours, ",.2f"),
    ):
        print(f"  {name:8}{amount.expected:>16{form}}   {_interval(amount, form)}")
    print(f"\nThe hours follow from {expected.held_up_by}. The stage takes the sample's answers over.")


def _answered(run_file: RunFile, fingerprints: Sequence[str]) -> set[str]:
    """Those that the ledger holds."""
    if "llm_calls" not in lake.table_names(run_file.lake):
        return set()
    names = ", ".join(f"'{fingerprint}'" for fingerprint in fingerprints)
    sql = f"SELECT fingerprint FROM llm_calls WHERE status <> 'open' AND fingerprint IN ({names})"  # noqa: S608 (hashes)
    return {row["fingerprint"] for row in lake.rows(run_file.lake, sql)}


def _room_left(run_file: RunFile, stage: str, journals: Tally) -> Room:
    """What the caps leave after what the ledger and the journals say was paid."""
    room = caps(run_file.llm).less(journals.calls, journals.tokens, journals.cost)
    if "llm_calls" not in lake.table_names(run_file.lake):
        return room
    columns = "sum(attempts) AS calls, sum(prompt_tokens + reply_tokens) AS tokens, sum(cost) AS cost"
    sql = f"SELECT {columns} FROM llm_calls WHERE stage = '{stage}' AND round = {run_file.round}"  # noqa: S608 (of our own)
    paid = next(lake.rows(run_file.lake, sql))
    return room.less(paid["calls"] or 0, paid["tokens"] or 0, paid["cost"] or 0.0)


def _interval(amount: Amount, form: str) -> str:
    return f"{amount.low:{form}} to {amount.high:{form}} (95 %)"
