"""Rows -> llm_calls: each distinct request is asked once, whatever is killed in between.

What a stage wants to ask and the ledger does not hold is written to `llm_requests`, cut into buckets by fingerprint. A
wave asks some buckets: a task keeps a journal of its answers beside the lake, from which its next attempt goes on, and
from which the next run of the stage takes over what a killed driver left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema

from mammoth_spark.config import Llm, RunFile, settings_sha256
from mammoth_spark.llm import journal
from mammoth_spark.llm.budget import Room
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.request import Question, Request
from mammoth_spark.llm.task import Servers, outcomes, servers_of
from mammoth_spark.spark import llm_batches
from mammoth_spark.spark.batches import batched
from mammoth_spark.spark.llm_ledger import BUCKETS, OUTCOMES, Ledger
from mammoth_spark.spark.llm_watch import Watch
from mammoth_spark.spark.session import refuse_speculation
from mammoth_spark.spark.stage import Stage, StageFailed, opened
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, Lake
from mammoth_spark.web.storage import remove_folder

Asked = tuple[Question, DataFrame]
"""A question and the rows about which it is asked."""


def ask_all(spark: SparkSession, lake: Lake, run_file: RunFile, *asked: Asked) -> None:
    """Asks questions of one stage, each about its rows, as a run of that stage."""
    questions = [question for question, _ in asked]
    settings = settings_sha256([(question.prompt.version, question.model) for question in questions])
    (name,) = {question.stage for question in questions}
    writes = (LLM_REQUESTS, LLM_CALLS)
    with opened(spark, lake, run_file, name, "buckets of requests", writes, settings) as work:
        for question, rows in asked:
            ask(spark, lake, run_file, work, question, rows)
        work.close(work.total.inputs)


def without_reopening(run_file: RunFile) -> RunFile:
    """For what a stage asks after it has asked once: who has died again in this run stays dead."""
    return run_file.model_copy(update={"llm": run_file.llm.model_copy(update={"ask_dead_again": False})})


def ask(spark: SparkSession, lake: Lake, run_file: RunFile, work: Stage, question: Question, rows: DataFrame) -> None:
    """Asks a question about each of the rows, whose column `slots` holds what goes into the prompt."""
    servers = servers_of(run_file.llm, question.model)
    refuse_speculation(spark, "pay for calls twice")
    ledger = Ledger(spark, lake, run_file, work, question)
    # A driver killed within a commit left rows of a wave that is none; its journals hold them as well.
    work.discard_unfinished(LLM_CALLS)
    _take_over_journals(ledger)
    if run_file.llm.ask_dead_again:
        ledger.reopen_dead()
    batching = next((endpoint for endpoint in servers.endpoints if endpoint.batch), None)
    if batching is not None:
        llm_batches.ask(ledger, rows, servers, batching)
        _fail_if_too_many_are_dead(ledger)
    else:
        llm_batches.tell_of_waiting(ledger)
        # Tasks have equal shares of what a cap leaves, and not all of them need theirs.
        while not _all_asked(ledger, rows, servers):
            pass


def _all_asked(ledger: Ledger, rows: DataFrame, servers: Servers) -> bool:
    """Asks what is left. False if a task has spent its share of a cap before it had asked all of its part."""
    work, settings = ledger.work, ledger.run_file.llm
    count = ledger.write_requests(rows)
    work.say(f"{count:,} requests to send" if count else "nothing to send: llm_calls holds all answers")
    if not count:
        _fail_if_too_many_are_dead(ledger)
    room = ledger.room_left()
    if count and room.spent_of is not None:
        raise ledger.capped(room.spent_of)
    has_answered = not ledger.calls().where("status IN ('ok', 'void')").isEmpty()
    watch = Watch(work, count)
    size = max(1, BUCKETS * settings.requests_per_wave // max(1, count))
    for buckets in work.waves(range(BUCKETS) if count else [], size):
        if room.spent_of is not None:
            return False
        # The turn tells this run's tasks from those that a killed run may still have somewhere.
        name = f"{ledger.run_file.round}-{work.wave}-{work.turn}"
        folder = journal.wave(ledger.lake.files_folder, ledger.question.place, name)
        wanted = ledger.requests().where(F.col("bucket").between(buckets[0], buckets[-1]))
        asked = _asked(wanted, ledger.question, servers, settings, room, folder, has_answered).persist()
        try:
            with watch.over(folder):
                paid = ledger.commit(asked, wanted.count())
        finally:
            asked.unpersist()
        remove_folder(folder)
        _fail_if_too_many_are_dead(ledger)
        room = room.less(paid.calls, paid.counts.tokens, paid.counts.cost)
        if paid.why_stopped is not None:
            raise ledger.stopped(paid.why_stopped)
        if paid.cap is not None:
            return False
    return True


def _asked(
    wanted: DataFrame,
    question: Question,
    servers: Servers,
    settings: Llm,
    room: Room,
    folder: str,
    has_answered: bool,
) -> DataFrame:
    arrow_schema = to_arrow_schema(OUTCOMES)
    share = room.shared_by(settings.tasks)

    def answered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        task = TaskContext.get()
        assert task is not None, "Spark runs it"
        part = f"{folder}/{task.partitionId()}"
        for rows in batched(
            map(Outcome.as_row, outcomes(_requests(batches, question), servers, settings, share, part, has_answered))
        ):
            yield pa.RecordBatch.from_pylist(rows, arrow_schema)

    # By the fingerprint's hash: the same rows come to a task whenever it is tried again.
    parts = wanted.repartition(settings.tasks, "fingerprint")
    return parts.select("slots").mapInArrow(answered, OUTCOMES)


def _requests(batches: Iterable[pa.RecordBatch], question: Question) -> Iterator[Request]:
    for batch in batches:
        yield from map(question.about, batch.column("slots").to_pylist(maps_as_pydicts="strict"))


def _take_over_journals(ledger: Ledger) -> None:
    """What a killed driver's tasks had written down, a wave's answers at most, is committed as a wave of its own, and
    with it what was asked for an estimate."""
    left = journal.Left(ledger.lake.files_folder, ledger.question.place)
    if left.outcomes:
        fresh = ledger.unknown(list(left.outcomes.values()))
        in_flight = sum(outcome.reason == "task_died" for outcome in fresh)
        ledger.work.say(
            f"{len(fresh) - in_flight:,} answers taken over from a killed run or an estimate; {in_flight:,} calls that"
            " were in flight are asked again"
        )
        ledger.commit_held(fresh)
    left.remove()


def _fail_if_too_many_are_dead(ledger: Ledger) -> None:
    """After each wave, and when there was nothing left to ask: they are as dead as before."""
    answered = ledger.answered().groupBy("status", "reason").count().collect()
    dead = Counter({group["reason"]: group["count"] for group in answered if group["status"] == "dead"})
    count = sum(group["count"] for group in answered)
    allowed = ledger.run_file.stages.max_failed_share
    if sum(dead.values()) > allowed * count:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in dead.most_common())
        raise StageFailed(
            f"{ledger.work.name}: of {count:,} requests {sum(dead.values()):,} are dead ({reasons}), more than"
            f" stages.max_failed_share={allowed:g} allows; the others are answered and kept. Raise it, or start once"
            f" with llm.ask_dead_again=true"
        )
