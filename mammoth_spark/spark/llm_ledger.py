"""What a stage still has to ask, and what the ledger `llm_calls` holds of what it asked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StringType, StructField, StructType

from mammoth_spark.config import RunFile
from mammoth_spark.llm.budget import UNLIMITED, Room, caps
from mammoth_spark.llm.outcome import Outcome
from mammoth_spark.llm.request import Question
from mammoth_spark.llm.task import CAPPED, STOPPED
from mammoth_spark.spark.stage import Counts, Stage, StageFailed, digest_of
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, Lake

BUCKETS = 4096
OUTCOMES = StructType([StructField(field.name, LLM_CALLS.schema[field.name].dataType) for field in fields(Outcome)])


@dataclass(frozen=True)
class Paid:
    """What a wave's calls came to."""

    counts: Counts
    calls: int
    why_stopped: str | None
    """Why not all were asked, where no cap is the reason."""
    cap: str | None
    """That a task's share of was spent."""


@dataclass(frozen=True)
class Ledger:
    """The requests and calls of one stage in one round."""

    spark: SparkSession
    lake: Lake
    run_file: RunFile
    work: Stage
    question: Question

    def folder(self, kind: str) -> str:
        """Where the stage keeps files of a kind beside the lake."""
        return f"{self.lake.files_folder}/{kind}/{self.work.name}"

    def calls(self) -> DataFrame:
        of_round = (F.col("stage") == self.work.name) & (F.col("round") == self.run_file.round)
        return self.lake.read(LLM_CALLS).where(of_round)

    def answered(self) -> DataFrame:
        """Calls of this very question that need not be asked again."""
        of_question = (F.col("prompt_version") == self.question.prompt.version) & (
            F.col("asked_model") == self.question.model
        )
        return self.calls().where(of_question & (F.col("status") != "open"))

    def reopen_dead(self) -> None:
        """Has this question's dead requests asked once more, but those that have died in this very run. What they cost
        stays in the ledger."""
        of_stage = f"stage = '{self.work.name}' AND round = {self.run_file.round} AND wave < {self.work.first_wave}"
        of_question = (
            f"prompt_version = '{self.question.prompt.version}' AND asked_model = '{_quoted(self.question.model)}'"
        )
        self.lake.update(LLM_CALLS, {"status": "'open'"}, f"{of_stage} AND {of_question} AND status = 'dead'")

    def requests(self) -> DataFrame:
        """As `write_requests` left them."""
        return self.lake.read(LLM_REQUESTS).where(F.col("stage") == self.work.name)

    def write_requests(self, rows: DataFrame) -> int:
        """Writes what the ledger does not hold to `llm_requests`, and counts it."""
        answered = self.lake.read(LLM_CALLS).where("status <> 'open'").select("fingerprint")
        distinct = fingerprinted(rows.select("slots"), self.question).dropDuplicates(["fingerprint"])
        bucket = F.conv(F.substring("fingerprint", 1, 3), 16, 10).cast("int")
        wanted = distinct.join(answered, "fingerprint", "left_anti").withColumns(
            {"stage": F.lit(self.work.name), "bucket": bucket}
        )
        # In the order of the buckets, so that a wave reads the files of its own.
        ordered = wanted.repartitionByRange(self.run_file.llm.tasks, "bucket").sortWithinPartitions("bucket")
        self.lake.put(ordered, LLM_REQUESTS, f"stage = '{self.work.name}'")
        return self.requests().count()

    def room_left(self) -> Room:
        """What the caps leave after what was paid."""
        limits = caps(self.run_file.llm)
        if limits == UNLIMITED:
            return limits
        tokens = F.sum(F.col("prompt_tokens") + F.col("reply_tokens"))
        sums = self.calls().agg(F.sum("attempts"), tokens, F.sum("cost")).head()
        assert sums is not None, "an aggregate has one row"
        return limits.less(*(amount or 0 for amount in sums))

    def unknown(self, found: Sequence[Outcome]) -> list[Outcome]:
        """Those that are not here yet: whose request has no answer, and whose latest call is not here as open."""
        names = self.spark.createDataFrame(
            pa.table({"fingerprint": pa.array([one.fingerprint for one in found], pa.string())})
        )
        known = self.lake.read(LLM_CALLS).join(names, "fingerprint")
        columns = known.select("fingerprint", "status", "asked_at").toArrow().to_pydict()
        rows = list(zip(columns["fingerprint"], columns["status"], columns["asked_at"], strict=True))
        answered = {fingerprint for fingerprint, status, _ in rows if status != "open"}
        open_calls = {(fingerprint, asked_at) for fingerprint, status, asked_at in rows if status == "open"}
        return [
            one
            for one in found
            if one.fingerprint not in answered
            and not (one.status == "open" and (one.fingerprint, one.asked_at) in open_calls)
        ]

    def commit(self, found: DataFrame, wanted: int) -> Paid:
        """Outcomes of so many requests, as a wave."""
        paid = _paid(found, wanted)
        of_stage = {"stage": F.lit(self.work.name), "asked_model": F.lit(self.question.model)}
        calls = found.where(~F.col("status").isin(STOPPED, CAPPED)).withColumns(of_stage)
        self.work.commit({LLM_CALLS: calls}, paid.counts)
        return paid

    def commit_held(self, found: Sequence[Outcome]) -> None:
        """Outcomes that the driver holds, as a wave of their own."""
        if found:
            table = pa.Table.from_pylist([outcome.as_row() for outcome in found], to_arrow_schema(OUTCOMES))
            self.commit(self.spark.createDataFrame(table, OUTCOMES), len(found))

    def stopped(self, why: str) -> StageFailed:
        return StageFailed(
            f"{self.work.name} has stopped: {why}; what was answered is kept, and the same command goes on from there"
        )

    def capped(self, cap: str) -> StageFailed:
        return StageFailed(
            f"{self.work.name} has stopped: {cap} is reached; what was answered is kept, and the same command with a"
            " higher cap goes on from there"
        )


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'")


def answers(lake: Lake, question: Question, rows: DataFrame) -> DataFrame:
    """Those of the rows that have an answer which is not void, with `reply`, `model` and the call's `fingerprint`."""
    calls = lake.read(LLM_CALLS).where("status = 'ok'").select("fingerprint", "reply", "model")
    return fingerprinted(rows, question).join(calls, "fingerprint")


def statuses(lake: Lake, question: Question, rows: DataFrame) -> DataFrame:
    """All of the rows, with the call's `fingerprint`, its `status` (none where it was not asked yet) and `reply`."""
    calls = lake.read(LLM_CALLS).where("status <> 'open'").select("fingerprint", "status", "reply")
    return fingerprinted(rows, question).join(calls, "fingerprint", "left")


def digest(lake: Lake, question: Question) -> str:
    """Tells the answers to a question from those of before."""
    of_question = (F.col("prompt_version") == question.prompt.version) & (F.col("asked_model") == question.model)
    calls = lake.read(LLM_CALLS).where(of_question & (F.col("stage") == question.stage) & (F.col("status") != "open"))
    return digest_of(calls, "fingerprint", "status")


def fingerprinted(rows: DataFrame, question: Question) -> DataFrame:
    """The rows, whose column `slots` fills the prompt, with the fingerprint of each one's request."""

    def with_fingerprints(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            slots = batch.column("slots").to_pylist(maps_as_pydicts="strict")
            names = pa.array([question.about(one).fingerprint for one in slots], pa.string())
            yield batch.append_column("fingerprint", names)

    return rows.mapInArrow(with_fingerprints, StructType([*rows.schema, StructField("fingerprint", StringType())]))


def _paid(found: DataFrame, wanted: int) -> Paid:
    tokens = F.sum(F.col("prompt_tokens") + F.col("reply_tokens")).alias("tokens")
    sums = (F.count("*").alias("rows"), tokens, F.sum("cost").alias("cost"), F.sum("attempts").alias("calls"))
    groups = found.groupBy("status", "reason").agg(*sums).collect()
    why_stopped = next((group["reason"] for group in groups if group["status"] == STOPPED), None)
    cap = next((group["reason"] for group in groups if group["status"] == CAPPED), None)
    paid = [group for group in groups if group["status"] not in (STOPPED, CAPPED)]
    rows = sum(group["rows"] for group in paid)
    left = {"not_asked": wanted - rows} if wanted > rows else {}
    counts = Counts(
        wanted, 0, wanted, rows, left, sum(group["tokens"] for group in paid), sum(group["cost"] for group in paid)
    )
    return Paid(counts, sum(group["calls"] for group in paid), why_stopped, cap)
