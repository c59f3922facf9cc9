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
from mammoth_spark.llm.budget import Room
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
    _take_over_journals(spark, lake, work)
    batching = next((endpoint for endpoint in servers.endpoints if endpoint.batch), None)
    if batching is not None:
        _ask_by_batches(spark, lake, run_file, work, question, servers, batching, rows)
        return
    count = _write_requests(lake, run_file, work, question, rows)
    work.say(f"{count:,} requests to send")
    room = _room_left(lake, run_file, work)
    dead: Counter[str] = Counter()
    watch = Watch(work, count)
    size = max(1, BUCKETS * run_file.llm.requests_per_wave // max(1, count))
    for buckets in work.waves(range(BUCKETS) if count else [], size):
        if room.spent_of is not None:
            raise StageFailed(_told(work, f"{room.spent_of} is reached"))
        folder = f"{_journals(lake, work)}/{run_file.round}-{work.wave}"
        is_of_wave = F.col("bucket").between(buckets[0], buckets[-1])
        wanted = lake.read(LLM_REQUESTS).where((F.col("stage") == work.name) & is_of_wave)
        asked = _asked(wanted, question, servers, run_file.llm, room, folder).persist()
        try:
            with watch.over(folder):
                counts, calls, dead_of_wave, why_stopped = _counts(asked, wanted.count())
            work.commit({LLM_CALLS: _as_calls(asked, work)}, counts)
        finally:
            asked.unpersist()
        remove_folder(folder)
        room = room.less(calls, counts.tokens, counts.cost)
        if why_stopped is not None:
            raise StageFailed(_told(work, why_stopped))
        dead.update(dead_of_wave)
    _fail_if_too_many(work, run_file, dead, count)


def _fail_if_too_many(work: Stage, run_file: RunFile, dead: Counter[str], count: int) -> None:
    if sum(dead.values()) > run_file.stages.max_failed_share * count:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in dead.most_common())
        raise StageFailed(f"{work.name}: of {count:,} requests are dead: {reasons}; the others are answered and kept")


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
    notes = f"{lake.files_folder}/batches/{work.name}"
    asked, dead = 0, Counter[str]()
    with closing(Waiting(HttpTransport(2))) as transport:
        api = BatchApi(endpoint, key, run_file.llm, transport)

        def collect(batches: Iterable[Batch]) -> None:
            for batch in batches:
                found = list(llm_batches.outcomes(api, batch, question, work.say))
                dead.update(outcome.reason or "" for outcome in found if outcome.status == "dead")
                _commit(spark, work, found)
                llm_batches.forget(notes, batch)

        try:
            collect(llm_batches.ordered_before(api, notes))
            for _ in range(run_file.llm.attempts):
                count = _write_requests(lake, run_file, work, question, rows)
                if not count:
                    _fail_if_too_many(work, run_file, dead, asked)
                    return
                asked = max(asked, count)
                work.say(f"{count:,} requests to send by batches")
                wanted = lake.read(LLM_REQUESTS).where(F.col("stage") == work.name).select("slots")
                files = llm_batches.files_of(api, (question.about(row["slots"]) for row in wanted.toLocalIterator()))
                while batches := llm_batches.order_some(api, notes, files, run_file.llm.tasks):
                    collect(batches)
                    spent_of = _room_left(lake, run_file, work).spent_of
                    if spent_of is not None:
                        raise EndpointStopped(f"{spent_of} is reached")
        except EndpointStopped as stop:
            raise StageFailed(_told(work, str(stop))) from None
    raise StageFailed(_told(work, f"{count:,} requests were left unanswered by {run_file.llm.attempts} batches"))


def _told(work: Stage, why: str) -> str:
    return f"{work.name} has stopped: {why}; what was answered is kept, and the same command goes on from there"


def _room_left(lake: Lake, run_file: RunFile, work: Stage) -> Room:
    """What the caps leave after what the ledger says was paid."""
    paid = lake.read(LLM_CALLS).where((F.col("stage") == work.name) & (F.col("round") == run_file.round))
    sums = paid.agg(F.sum("attempts"), F.sum(F.col("prompt_tokens") + F.col("reply_tokens")), F.sum("cost")).head()
    assert sums is not None, "an aggregate has one row"
    caps = (run_file.llm.max_calls, run_file.llm.max_tokens, run_file.llm.max_cost)
    return Room(*(cap or None for cap in caps)).less(*(amount or 0 for amount in sums))


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
        answered = lake.read(LLM_CALLS).where("status <> 'open'")
        names = spark.createDataFrame(pa.table({"fingerprint": list(found)}))
        known = set(answered.join(names, "fingerprint").select("fingerprint").toArrow().column(0).to_pylist())
        fresh = [outcome for name, outcome in found.items() if name not in known]
        in_flight = sum(outcome.reason == "task_died" for outcome in fresh)
        work.say(
            f"{len(fresh) - in_flight:,} answers taken over from a killed run; {in_flight:,} calls that were in flight"
            " are asked again"
        )
        _commit(spark, work, fresh)
    remove_folder(journals)


def _commit(spark: SparkSession, work: Stage, found: Sequence[Outcome]) -> None:
    """Outcomes that the driver holds, as a wave of their own."""
    if found:
        table = pa.Table.from_pylist([outcome.as_row() for outcome in found], to_arrow_schema(_OUTCOMES))
        rows = spark.createDataFrame(table, _OUTCOMES)
        counts, *_ = _counts(rows, len(found))
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
    wanted: DataFrame, question: Question, servers: Servers, settings: Llm, room: Room, folder: str
) -> DataFrame:
    arrow_schema = to_arrow_schema(_OUTCOMES)
    share = room.shared_by(settings.tasks)

    def answered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        task = TaskContext.get()
        assert task is not None, "Spark runs it"
        part = f"{folder}/{task.partitionId()}"
        for rows in batched(
            map(Outcome.as_row, outcomes(_requests(batches, question), servers, settings, share, part))
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


def _counts(found: DataFrame, wanted: int) -> tuple[Counts, int, Counter[str], str | None]:
    """A wave's counts, how many calls it took, its dead requests by reason, and why it was stopped."""
    tokens = F.sum(F.col("prompt_tokens") + F.col("reply_tokens")).alias("tokens")
    sums = (F.count("*").alias("rows"), tokens, F.sum("cost").alias("cost"), F.sum("attempts").alias("calls"))
    groups = found.groupBy("status", "reason").agg(*sums).collect()
    why_stopped = next((group["reason"] for group in groups if group["status"] == STOPPED), None)
    paid = [group for group in groups if group["status"] != STOPPED]
    rows = sum(group["rows"] for group in paid)
    left = {"not_asked": wanted - rows} if wanted > rows else {}
    dead = Counter({group["reason"]: group["rows"] for group in paid if group["status"] == "dead"})
    counts = Counts(
        wanted, 0, wanted, rows, left, sum(group["tokens"] for group in paid), sum(group["cost"] for group in paid)
    )
    return counts, sum(group["calls"] for group in paid), dead, why_stopped
