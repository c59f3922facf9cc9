"""mammoth estimate: what a stage that asks a model will cost, before it is run."""

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mammoth_spark import lake
from mammoth_spark.config import RunFile
from mammoth_spark.llm import (
    journal,
    page_subject,
    pair_extraction,
    pair_refinement,
    same_question,
    site_verdicts,
    tally,
)
from mammoth_spark.llm.budget import Room, caps
from mammoth_spark.llm.estimate import Amount, estimate
from mammoth_spark.llm.journal import Left
from mammoth_spark.llm.request import Question
from mammoth_spark.llm.tally import Tally
from mammoth_spark.llm.task import CAPPED, STOPPED, hasty, outcomes, servers_of
from mammoth_spark.progress import again_and_again
from mammoth_spark.text import marked_pairs
from mammoth_spark.text.grounding import Document
from mammoth_spark.text.page_pairs import PagePair, on_page
from mammoth_spark.text.passages import passages
from mammoth_spark.text.similarity import Neighbours
from mammoth_spark.web.site_lists import persons_verdicts
from mammoth_spark.web.sites import site_name
from mammoth_spark.web.storage import absolute

Slots = dict[str, str]
# Of a lake's questions so many tell how many are like a benchmark's item.
_QUESTIONS_LOOKED_AT = 2_000
# Of its documents so many tell how many passages there are to ask about.
_DOCUMENTS_LOOKED_AT = 500


@dataclass(frozen=True)
class Asking:
    """A stage that asks: what it asks, how many requests it has for a round, and some of them by lot."""

    question: Callable[[RunFile], Question]
    requests: Callable[[RunFile, int], tuple[int, Sequence[Slots]]]


def _of_titles(run_file: RunFile, sample: int) -> tuple[int, Sequence[Slots]]:
    rows = page_subject.ROWS.format(round=run_file.round, recalled_pages="recalled_pages")
    distinct = f"SELECT DISTINCT * FROM ({rows})"  # noqa: S608 (a query of our own)
    count = int(next(lake.rows(run_file.lake, f"SELECT count(*) AS requests FROM ({distinct})"))["requests"])  # noqa: S608
    return count, list(lake.rows(run_file.lake, f"SELECT * FROM ({distinct}) ORDER BY random() LIMIT {sample}"))  # noqa: S608


def _of_sites(run_file: RunFile, sample: int) -> tuple[int, Sequence[Slots]]:
    """In which company a site is asked about hangs on all of them: some kilobytes each, of sites over min_pages."""
    path = run_file.sites.verdicts
    by_person = {} if path is None else persons_verdicts(path, run_file.http)
    of_round = f"FROM sites WHERE round = {run_file.round}"
    count = int(next(lake.rows(run_file.lake, f"SELECT count(*) AS sites {of_round}"))["sites"])
    sites = [
        site | {"languages": dict(site["languages"])}
        for site in lake.rows(run_file.lake, f"SELECT * {of_round} AND verdict = 'open'")
        if site_name(site["root_url"], site["prefix"]) not in by_person
    ]
    requests = site_verdicts.requests(sites, count)
    return len(requests), random.sample(requests, min(sample, len(requests)))


def _of_questions(run_file: RunFile, sample: int) -> tuple[int, Sequence[Slots]]:
    """How many items are like a question is told by some of them, drawn at random."""
    where = f"WHERE round = {run_file.round}"
    marked = f"SELECT unnest(questions) AS marked FROM documents {where}"  # noqa: S608 (a query of our own)
    sources = [f"SELECT marked['question'] AS question FROM ({marked})"]  # noqa: S608
    there = lake.table_names(run_file.lake)
    of_pairs = [table for table in ("extracted_pairs", "refined_pairs") if table in there]
    sources += [f"SELECT question FROM {table} {where}" for table in of_pairs]  # noqa: S608
    all_ = f"SELECT DISTINCT question FROM ({' UNION ALL '.join(sources)})"  # noqa: S608
    count = _count(run_file, f"FROM ({all_})")
    some = f"SELECT question FROM ({all_}) ORDER BY random() LIMIT {_QUESTIONS_LOOKED_AT}"  # noqa: S608
    questions = [str(row["question"]) for row in lake.rows(run_file.lake, some)]
    items = [str(row["question"]) for row in lake.rows(run_file.lake, f"SELECT question FROM benchmark_items {where}")]  # noqa: S608
    neighbours, wanted = Neighbours(items), run_file.decontamination
    requests = [
        slots
        for text in questions
        for near in neighbours.of(text, wanted.neighbours, wanted.neighbour_similarity)
        for slots in same_question.slots(text, items[near.place])
    ]
    if not requests:
        return 0, []
    return round(count / len(questions) * len(requests)), random.sample(requests, min(sample, len(requests)))


def _of_passages(run_file: RunFile, sample: int) -> tuple[int, Sequence[Slots]]:
    """How many passages a document has is told by some of them, drawn at random. What is learnt from void answers saves
    some of these calls."""
    where, wanted = f"WHERE round = {run_file.round}", run_file.extraction
    count = _count(run_file, f"FROM documents {where}")
    some = f"SELECT text, questions FROM documents {where} ORDER BY random() LIMIT {_DOCUMENTS_LOOKED_AT}"  # noqa: S608
    looked_at, requests = 0, []
    for row in lake.rows(run_file.lake, some):
        looked_at += 1
        page = Document(row["text"])
        marked = (on_page(page, claim, wanted.least_grounding) for claim in marked_pairs.claims(row["questions"] or ()))
        if any(isinstance(one, PagePair) for one in marked):
            continue
        cut = passages(row["text"], wanted.passage_words, wanted.overlap_words)
        requests += [pair_extraction.slots(row["text"][one.begin : one.end]) for one in cut]
    if not requests:
        return 0, []
    return round(count / looked_at * len(requests)), random.sample(requests, min(sample, len(requests)))


def _of_pairs(run_file: RunFile, sample: int) -> tuple[int, Sequence[Slots]]:
    """For each of the models; one of them is asked, and the others are taken to cost the same."""
    where = f"WHERE round = {run_file.round}"
    count = _count(run_file, f"FROM extracted_pairs {where}")
    columns = "question, choices, answer, question_span, answer_span, text"
    drawn = f"SELECT * FROM extracted_pairs {where} ORDER BY random() LIMIT {sample}"  # noqa: S608 (of our own)
    documents = f"SELECT document, text FROM documents {where}"  # noqa: S608
    joined = f"SELECT {columns} FROM ({drawn}) JOIN ({documents}) USING (document)"  # noqa: S608
    requests = []
    for row in lake.rows(run_file.lake, joined):
        spans = [(row[span]["begin"], row[span]["end"]) for span in ("question_span", "answer_span")]
        requests.append(pair_refinement.slots(row["text"], spans, row["question"], row["choices"] or (), row["answer"]))
    return (count * len(run_file.refinement.models), requests) if requests else (0, [])


def _count(run_file: RunFile, source: str) -> int:
    return int(next(lake.rows(run_file.lake, f"SELECT count(*) AS number {source}"))["number"])


STAGES = {
    "check_endpoint": Asking(lambda run_file: page_subject.question(run_file.extraction.model), _of_titles),
    "select_sites": Asking(lambda run_file: site_verdicts.question(run_file.sites.model), _of_sites),
    "judge_rewordings": Asking(lambda run_file: same_question.question(run_file.decontamination.judge), _of_questions),
    "extract_pairs": Asking(lambda run_file: pair_extraction.question(run_file.extraction.model), _of_passages),
    "refine_pairs": Asking(lambda run_file: pair_refinement.question(run_file.refinement.models[0]), _of_pairs),
}


def run(run_file: RunFile, stage: str, sample: int) -> None:
    """Asks for a sample, whose answers the stage takes over, and prints what all would cost."""
    if sample < 1:
        raise ValueError(f"--sample {sample}: ask one request at least")
    asking = STAGES[stage]
    question = asking.question(run_file)
    servers = servers_of(run_file.llm, question.model)
    count, chosen = asking.requests(run_file, sample)
    if not count:
        raise ValueError(
            f"{stage} has nothing to ask in round {run_file.round}; `mammoth status` says what has been run"
        )
    drawn = [question.about(slots) for slots in chosen]
    files_folder = absolute(run_file.lake.files_folder)
    asked = Left(files_folder, question.place).outcomes.values()
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
    folder, began = journal.sample(files_folder, question.place), time.monotonic()

    def tell() -> None:
        now = tally.total(folder)
        told = now.told(time.monotonic() - began)
        print(f"{now.requests} of {len(requests)} requests, {told}", file=sys.stderr, flush=True)

    with again_and_again(tell):
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
