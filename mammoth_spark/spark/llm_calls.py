"""Rows -> llm_calls: each distinct request is asked once, whatever is killed in between.

What a stage wants to ask and the ledger does not hold is written to `llm_requests`, cut into buckets by fingerprint. A
wave asks some buckets: a task keeps a journal of its answers beside the lake, from which its next attempt goes on, and
from which the next run of the stage takes over what a killed driver left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import fields

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import MapType, StringType, StructField, StructType

from mammoth_spark.config import Endpoint, Llm, RunFile
from mammoth_spark.llm import journal
from mammoth_spark.llm.batch_api import Batch, BatchApi
from mammoth_spark.llm.budget import UNLIMITED, Room
from mammoth_spark.llm.client import IS_REACHED
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.request import Question, Request
from mammoth_spark.llm.retry import EndpointStopped
from mammoth_spark.llm.task import STOPPED, Servers, outcomes, servers_of
from mammoth_spark.llm.transport import HttpTransport, Waiting
from mammoth_spark.spark import llm_batches
from mammoth_spark.spark.batches import batched
from mammoth_spark.spark.llm_watch import Watch
from mammoth_spark.spark.stage import Counts, Stage, StageFailed
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, Lake
from mammoth_spark.web.storage import folder_names, remove_folder

BUCKETS = 4096
_SLOTS = MapType(StringType(), StringType())
_OUTCOMES = StructType([StructField(field.name, LLM_CALLS.schema[field.name].dataType) for field in fields(Outcome)])


def ask(spark: SparkSession, lake: Lake, run_file: RunFile, work: Stage, question: Question, rows: DataFrame) -> None:
    """Asks a question about each of the rows, whose column `slots` holds what goes into the prompt."""
    servers = servers_of(run_file.llm, question.model)
    if str(spark.conf.get("spark.speculation", "false")).lower() == "true":
        raise ValueError("spark.speculation would pay for calls twice; start the stage with spark.speculation=false")
    # A driver killed within a commit left rows of a wave that is none; its journals hold them as well.
    work.discard_unfinished(LLM_CALLS)
    _take_over_journals(spark, lake, work)
    batching = next((endpoint for endpoint in servers.endpoints if endpoint.batch), None)
    if batching is not None:
        _ask_by_batches(spark, lake, run_file, work, question, servers, batching, rows)
    else:
        llm_batches.tell_of_waiting(_notes(lake, work), work.say)
        # Tasks have equal shares of what a cap leaves, and not all of them need theirs.
        while (cap := _ask_by_calls(lake, run_file, work, question, servers, rows)) is not None:
            if _room_left(lake, run_file, work).spent_of is not None:
                raise StageFailed(_told(work, f"{cap}{IS_REACHED}"))
    _fail_if_too_many_are_dead(lake, run_file, work)


def _ask_by_calls(
    lake: Lake, run_file: RunFile, work: Stage, question: Question, servers: Servers, rows: DataFrame
) -> str | None:
    """Asks what is left, and gives the cap that a task's share of has been paid."""
    count = _write_requests(lake, run_file, work, question, rows)
    work.say(f"{count:,} requests to send")
    room = _room_left(lake, run_file, work)
    has_answered = not _of_round(lake, run_file, work).where("status IN ('ok', 'void')").isEmpty()
    watch = Watch(work, count)
    size = max(1, BUCKETS * run_file.llm.requests_per_wave // max(1, count))
    for buckets in work.waves(range(BUCKETS) if count else [], size):
        if room.spent_of is not None:
            return room.spent_of
        # The turn tells this run's tasks from those that a killed run may still have somewhere.
        folder = f"{_journals(lake, work)}/{run_file.round}-{work.wave}-{work.turn}"
        is_of_wave = F.col("bucket").between(buckets[0], buckets[-1])
        wanted = lake.read(LLM_REQUESTS).where((F.col("stage") == work.name) & is_of_wave)
        asked = _asked(wanted, question, servers, run_file.llm, room, folder, has_answered).persist()
        try:
            with watch.over(folder):
                counts, calls, why_stopped = _counts(asked, wanted.count())
            work.commit({LLM_CALLS: _as_calls(asked, work)}, counts)
        finally:
            asked.unpersist()
        remove_folder(folder)
        room = room.less(calls, counts.tokens, counts.cost)
        if why_stopped is not None:
            cap = why_stopped.removesuffix(IS_REACHED)
            if cap == why_stopped:
                raise StageFailed(_told(work, why_stopped))
            return cap
    return None


def _fail_if_too_many_are_dead(lake: Lake, run_file: RunFile, work: Stage) -> None:
    """Also when there was nothing left to ask: they are as dead as before."""
    answered = _of_round(lake, run_file, work).where("status <> 'open'").groupBy("status", "reason").count().collect()
    dead = Counter({group["reason"]: group["count"] for group in answered if group["status"] == "dead"})
    count = sum(group["count"] for group in answered)
    if sum(dead.values()) > run_file.stages.max_failed_share * count:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in dead.most_common())
        raise StageFailed(
            f"{work.name}: of {count:,} requests are dead: {reasons}; the others are answered and kept. More than"
            f" stages.max_failed_share={run_file.stages.max_failed_share:g} allows: raise it, or delete the dead rows"
            f" of llm_calls to ask for them again"
        )


def _ask_by_batches(
    spark: SparkSession,
    lake: Lake,
    run_file: RunFile,
    work: Stage,
    question: Question,
    servers: Servers,
    endpoint: Endpoint,
    rows: DataFrame,
) -> None:
    """By the Batch API of one server; what a batch leaves unanswered goes into another, some times over."""
    key = servers.keys[endpoint.key_env] if endpoint.key_env is not None else None
    notes, rounds = _notes(lake, work), run_file.llm.attempts
    cut: set[str] = set()
    with closing(Waiting(HttpTransport(2))) as transport:
        api = BatchApi(endpoint, key, run_file.llm, transport)

        def collect(batches: Iterable[Batch], is_last: bool) -> None:
            for batch in batches:
                found = list(llm_batches.outcomes(api, batch, notes, question, cut, is_last, work.say))
                _commit(spark, work, _not_in_ledger(spark, lake, found))
                cut.update(outcome.fingerprint for outcome in found if outcome.reason == "length")
                llm_batches.forget(notes, batch)

        try:
            collect(llm_batches.ordered_before(api, notes, question, work.say), is_last=False)
            for number in range(rounds):
                count = _write_requests(lake, run_file, work, question, rows)
                if not count:
                    return
                work.say(f"{count:,} requests to send by batches")
                wanted = lake.read(LLM_REQUESTS).where(F.col("stage") == work.name).select("slots")
                requests = (question.about(row["slots"]) for row in wanted.toLocalIterator())
                files = llm_batches.files_of(api, requests, cut)
                while True:
                    room = _room_left(lake, run_file, work)
                    if room.spent_of is not None:
                        raise EndpointStopped(f"{room.spent_of}{IS_REACHED}")
                    # What a batch costs is known when it is paid: under a cap there is one at a time.
                    at_once = run_file.llm.tasks if room == UNLIMITED else 1
                    batches = llm_batches.order_some(api, notes, files, at_once, question)
                    if not batches:
                        break
                    collect(batches, is_last=number == rounds - 1)
        except EndpointStopped as stop:
            raise StageFailed(_told(work, str(stop))) from None
    left = _write_requests(lake, run_file, work, question, rows)
    if left:
        raise StageFailed(_told(work, f"{left:,} requests were left unanswered by {rounds} batches"))


def _told(work: Stage, why: str) -> str:
    return f"{work.name} has stopped: {why}; what was answered is kept, and the same command goes on from there"


def _room_left(lake: Lake, run_file: RunFile, work: Stage) -> Room:
    """What the caps leave after what the ledger says was paid."""
    tokens = F.sum(F.col("prompt_tokens") + F.col("reply_tokens"))
    sums = _of_round(lake, run_file, work).agg(F.sum("attempts"), tokens, F.sum("cost")).head()
    assert sums is not None, "an aggregate has one row"
    caps = (run_file.llm.max_calls, run_file.llm.max_tokens, run_file.llm.max_cost)
    return Room(*(cap or None for cap in caps)).less(*(amount or 0 for amount in sums))


def _of_round(lake: Lake, run_file: RunFile, work: Stage) -> DataFrame:
    return lake.read(LLM_CALLS).where((F.col("stage") == work.name) & (F.col("round") == run_file.round))


def _notes(lake: Lake, work: Stage) -> str:
    return f"{lake.files_folder}/batches/{work.name}"


def _journals(lake: Lake, work: Stage) -> str:
    return f"{lake.files_folder}/journals/{work.name}"


def _take_over_journals(spark: SparkSession, lake: Lake, work: Stage) -> None:
    """What a killed driver's tasks had written down, a wave's answers at most, is committed as a wave of its own."""
    journals = _journals(lake, work)
    waves = [f"{journals}/{wave}" for wave in folder_names(journals)]
    folders = [f"{wave}/{part}" for wave in waves for part in folder_names(wave)]
    found: dict[str, Outcome] = {}
    for folder in folders:
        entries = journal.entries(folder)
        lost = {
            name: Outcome(name, status="open", reason="task_died", deaths=deaths)
            for name, deaths in entries.deaths.items()
        }
        found |= entries.outcomes | lost
    if found:
        fresh = _not_in_ledger(spark, lake, list(found.values()))
        in_flight = sum(outcome.reason == "task_died" for outcome in fresh)
        work.say(
            f"{len(fresh) - in_flight:,} answers taken over from a killed run; {in_flight:,} calls that were in flight"
            " are asked again"
        )
        _commit(spark, work, fresh)
    remove_folder(journals)


def _not_in_ledger(spark: SparkSession, lake: Lake, found: Sequence[Outcome]) -> list[Outcome]:
    """Those that have no answer there."""
    answered = lake.read(LLM_CALLS).where("status <> 'open'")
    names = spark.createDataFrame(pa.table({"fingerprint": pa.array([one.fingerprint for one in found], pa.string())}))
    known = set(answered.join(names, "fingerprint").select("fingerprint").toArrow().column(0).to_pylist())
    return [outcome for outcome in found if outcome.fingerprint not in known]


def _commit(spark: SparkSession, work: Stage, found: Sequence[Outcome]) -> None:
    """Outcomes that the driver holds, as a wave of their own."""
    if found:
        table = pa.Table.from_pylist([outcome.as_row() for outcome in found], to_arrow_schema(_OUTCOMES))
        rows = spark.createDataFrame(table, _OUTCOMES)
        counts, _, _ = _counts(rows, len(found))
        work.commit({LLM_CALLS: _as_calls(rows, work)}, counts)


def _write_requests(lake: Lake, run_file: RunFile, work: Stage, question: Question, rows: DataFrame) -> int:
    """Writes what the ledger does not hold to `llm_requests`, and counts it."""
    schema = StructType([StructField("fingerprint", StringType()), StructField("slots", _SLOTS)])
    arrow_schema = to_arrow_schema(schema)

    def fingerprinted(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            slots = batch.column("slots").to_pylist(maps_as_pydicts="strict")
            found = [{"fingerprint": question.about(one).fingerprint, "slots": one} for one in slots]
            yield pa.RecordBatch.from_pylist(found, arrow_schema)

    ledger = lake.read(LLM_CALLS).where("status <> 'open'").select("fingerprint")
    distinct = rows.select("slots").mapInArrow(fingerprinted, schema).dropDuplicates(["fingerprint"])
    bucket = F.conv(F.substring("fingerprint", 1, 3), 16, 10).cast("int")
    wanted = distinct.join(ledger, "fingerprint", "left_anti").withColumns(
        {"stage": F.lit(work.name), "bucket": bucket}
    )
    # In the order of the buckets, so that a wave reads the files of its own.
    ordered = wanted.repartitionByRange(run_file.llm.tasks, "bucket").sortWithinPartitions("bucket")
    mine = f"stage = '{work.name}'"
    lake.put(ordered, LLM_REQUESTS, mine)
    return lake.read(LLM_REQUESTS).where(mine).count()


def _asked(
    wanted: DataFrame,
    question: Question,
    servers: Servers,
    settings: Llm,
    room: Room,
    folder: str,
    has_answered: bool,
) -> DataFrame:
    arrow_schema = to_arrow_schema(_OUTCOMES)
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
    return parts.select("slots").mapInArrow(answered, _OUTCOMES)


def _requests(batches: Iterable[pa.RecordBatch], question: Question) -> Iterator[Request]:
    for batch in batches:
        yield from map(question.about, batch.column("slots").to_pylist(maps_as_pydicts="strict"))


def _as_calls(found: DataFrame, work: Stage) -> DataFrame:
    return found.where(F.col("status") != STOPPED).withColumn("stage", F.lit(work.name))


def _counts(found: DataFrame, wanted: int) -> tuple[Counts, int, str | None]:
    """A wave's counts, how many calls it took, and why it was stopped."""
    tokens = F.sum(F.col("prompt_tokens") + F.col("reply_tokens")).alias("tokens")
    sums = (F.count("*").alias("rows"), tokens, F.sum("cost").alias("cost"), F.sum("attempts").alias("calls"))
    groups = found.groupBy("status", "reason").agg(*sums).collect()
    why_stopped = next((group["reason"] for group in groups if group["status"] == STOPPED), None)
    paid = [group for group in groups if group["status"] != STOPPED]
    rows = sum(group["rows"] for group in paid)
    left = {"not_asked": wanted - rows} if wanted > rows else {}
    counts = Counts(
        wanted, 0, wanted, rows, left, sum(group["tokens"] for group in paid), sum(group["cost"] for group in paid)
    )
    return counts, sum(group["calls"] for group in paid), why_stopped
