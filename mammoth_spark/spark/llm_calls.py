"""Rows -> llm_calls: each distinct request is asked once, whatever is killed in between.

What a stage wants to ask and the ledger does not hold is written to `llm_requests`, cut into buckets by fingerprint. A
wave asks some buckets: a task keeps a journal of its answers beside the lake, from which its next attempt goes on, and
from which the next run of the stage takes over what a killed driver left.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields
from itertools import islice

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import MapType, StringType, StructField, StructType

from mammoth_spark.config import Endpoint, Llm, RunFile
from mammoth_spark.llm import journal
from mammoth_spark.llm.budget import Purse, Room
from mammoth_spark.llm.client import Client, Outcome
from mammoth_spark.llm.pace import Pace
from mammoth_spark.llm.request import Question, Request
from mammoth_spark.llm.transport import HttpTransport
from mammoth_spark.spark.stage import Counts, Stage, StageFailed
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, Lake
from mammoth_spark.spark.warc_tasks import batched
from mammoth_spark.web.manners import why_refused, without_secrets
from mammoth_spark.web.storage import folder_names, remove_folder

BUCKETS = 4096
_SLOTS = MapType(StringType(), StringType())
_OUTCOMES = StructType([StructField(field.name, LLM_CALLS.schema[field.name].dataType) for field in fields(Outcome)])
# A request that was in flight beside others when its worker died is next handled among so few, and then alone.
_SUSPECTS_AT_ONCE = 16
_STOPPED = "stopped"


def ask(spark: SparkSession, lake: Lake, run_file: RunFile, work: Stage, question: Question, rows: DataFrame) -> None:
    """Asks a question about each of the rows, whose column `slots` holds what goes into the prompt."""
    servers = servers_of(run_file.llm, question.model)
    if str(spark.conf.get("spark.speculation", "false")).lower() == "true":
        raise ValueError("spark.speculation would pay for calls twice; start the stage with spark.speculation=false")
    _take_over_journals(spark, lake, work)
    count = _write_requests(lake, run_file, work, question, rows)
    work.say(f"{count:,} requests to send")
    room = _room_left(lake, run_file, work)
    dead: Counter[str] = Counter()
    size = max(1, BUCKETS * run_file.llm.requests_per_wave // max(1, count))
    for buckets in work.waves(range(BUCKETS) if count else [], size):
        if room.spent_of is not None:
            raise StageFailed(_told(work, f"{room.spent_of} is reached"))
        folder = f"{_journals(lake, work)}/{run_file.round}-{work.wave}"
        is_of_wave = F.col("bucket").between(buckets[0], buckets[-1])
        wanted = lake.read(LLM_REQUESTS).where((F.col("stage") == work.name) & is_of_wave)
        asked = _asked(wanted, question, servers, run_file.llm, room, folder).persist()
        try:
            counts, calls, dead_of_wave, why_stopped = _counts(asked, wanted.count())
            work.commit({LLM_CALLS: _as_calls(asked, work)}, counts)
        finally:
            asked.unpersist()
        remove_folder(folder)
        room = room.less(calls, counts.tokens, counts.cost)
        if why_stopped is not None:
            raise StageFailed(_told(work, why_stopped))
        dead.update(dead_of_wave)
    if sum(dead.values()) > run_file.stages.max_failed_share * count:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in dead.most_common())
        raise StageFailed(f"{work.name}: of {count:,} requests are dead: {reasons}; the others are answered and kept")


def _told(work: Stage, why: str) -> str:
    return f"{work.name} has stopped: {why}; what was answered is kept, and the same command goes on from there"


@dataclass(frozen=True)
class Servers:
    endpoints: Sequence[Endpoint]
    keys: Mapping[str, str] = field(repr=False)
    """By the name of their environment variable."""


def servers_of(settings: Llm, model: str) -> Servers:
    """The endpoints that serve a model, with their keys."""
    endpoints = [endpoint for endpoint in settings.endpoints if endpoint.model == model]
    if not endpoints:
        known = ", ".join(sorted({endpoint.model for endpoint in settings.endpoints})) or "none"
        raise ValueError(f"llm.endpoints has no server of the model {model}; it has {known}")
    for endpoint in endpoints:
        refusal = why_refused(endpoint.base_url, settings.plain_http)
        if refusal is not None:
            raise ValueError(f"llm.endpoints: {without_secrets(endpoint.base_url)}: {refusal}")
    names = {endpoint.key_env for endpoint in endpoints if endpoint.key_env is not None}
    missing = sorted(names - os.environ.keys())
    if missing:
        raise ValueError(f"llm.endpoints: the environment variable {missing[0]} is not set")
    return Servers(endpoints, {name: os.environ[name] for name in names})


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
    outcomes = {found.fingerprint: found for folder in folders for found in journal.entries(folder).outcomes.values()}
    if outcomes:
        rows = pa.Table.from_pylist([asdict(outcome) for outcome in outcomes.values()], to_arrow_schema(_OUTCOMES))
        ledger = lake.read(LLM_CALLS).where("status <> 'open'").select("fingerprint")
        fresh = spark.createDataFrame(rows, _OUTCOMES).join(ledger, "fingerprint", "left_anti").persist()
        counts, *_ = _counts(fresh, fresh.count())
        if counts.rows_out:
            work.say(f"{counts.rows_out:,} answers taken over from a killed run")
            work.commit({LLM_CALLS: _as_calls(fresh, work)}, counts)
        fresh.unpersist()
    remove_folder(journals)


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
    lake.replace(ordered, LLM_REQUESTS, mine)
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
        for rows in batched(map(asdict, _outcomes(_requests(batches, question), servers, settings, share, part))):
            yield pa.RecordBatch.from_pylist(rows, arrow_schema)

    # By the fingerprint's hash: the same rows come to a task whenever it is tried again.
    parts = wanted.repartition(settings.tasks, "fingerprint")
    return parts.select("slots").mapInArrow(answered, _OUTCOMES)


def _requests(batches: Iterable[pa.RecordBatch], question: Question) -> Iterator[Request]:
    for batch in batches:
        yield from map(question.about, batch.column("slots").to_pylist(maps_as_pydicts="strict"))


def _outcomes(
    requests: Iterator[Request], servers: Servers, settings: Llm, room: Room, folder: str
) -> Iterator[Outcome]:
    """What a task does: its journal's answers, then those of the requests that are left."""
    before = journal.entries(folder)
    yield from before.outcomes.values()
    left = (request for request in requests if request.fingerprint not in before.outcomes)
    window = max(1, settings.window // settings.tasks)
    pace = Pace(window, settings.requests_per_minute / settings.tasks, settings.tokens_per_minute / settings.tasks)
    suspects: list[Request] = []

    def unsuspected() -> Iterator[Request]:
        for request in left:
            if request.fingerprint in before.deaths:
                suspects.append(request)
            else:
                yield request

    with (
        closing(HttpTransport(window)) as transport,
        journal.opened(folder, settings.flush_calls, settings.flush_s) as writer,
    ):
        client = Client(servers.endpoints, servers.keys, settings, transport, window, pace, Purse(room))

        def asked(some: Iterable[Request]) -> Iterator[Outcome]:
            for outcome in client.ask(some):
                writer.add(outcome)
                yield outcome

        yield from asked(_marked(unsuspected(), window, writer))
        # Workers died with these in flight: among few, then alone, the one that kills them is found.
        few = [request for request in suspects if before.deaths[request.fingerprint] == 1]
        for chunk in _chunks(few, _SUSPECTS_AT_ONCE):
            yield from asked(_marked(iter(chunk), len(chunk), writer))
            writer.flush()
        for request in suspects:
            if before.fewest_beside[request.fingerprint] == 0:
                outcome = Outcome(request.fingerprint, request.question.prompt.version, reason="kills_worker")
                writer.add(outcome)
                yield outcome
            elif before.deaths[request.fingerprint] > 1:
                yield from asked(_marked(iter([request]), 1, writer))
                writer.flush()
        if client.why_stopped is not None:
            yield Outcome("", status=_STOPPED, reason=client.why_stopped)


def _marked(requests: Iterator[Request], count: int, writer: journal.Journal) -> Iterator[Request]:
    """The requests, each written into the journal before it is handled."""
    while some := list(islice(requests, count)):
        writer.mark([request.fingerprint for request in some])
        yield from some


def _chunks(requests: Sequence[Request], size: int) -> Iterator[Sequence[Request]]:
    for begin in range(0, len(requests), size):
        yield requests[begin : begin + size]


def _as_calls(outcomes: DataFrame, work: Stage) -> DataFrame:
    return outcomes.where(F.col("status") != _STOPPED).withColumn("stage", F.lit(work.name))


def _counts(outcomes: DataFrame, wanted: int) -> tuple[Counts, int, Counter[str], str | None]:
    """A wave's counts, how many calls it took, its dead requests by reason, and why it was stopped."""
    tokens = F.sum(F.col("prompt_tokens") + F.col("reply_tokens")).alias("tokens")
    sums = (F.count("*").alias("rows"), tokens, F.sum("cost").alias("cost"), F.sum("attempts").alias("calls"))
    groups = outcomes.groupBy("status", "reason").agg(*sums).collect()
    why_stopped = next((group["reason"] for group in groups if group["status"] == _STOPPED), None)
    paid = [group for group in groups if group["status"] != _STOPPED]
    rows = sum(group["rows"] for group in paid)
    left = {"not_asked": wanted - rows} if wanted > rows else {}
    dead = Counter({group["reason"]: group["rows"] for group in paid if group["status"] == "dead"})
    counts = Counts(
        wanted, 0, wanted, rows, left, sum(group["tokens"] for group in paid), sum(group["cost"] for group in paid)
    )
    return counts, sum(group["calls"] for group in paid), dead, why_stopped
