"""llm_calls -> void_models: which passages hold no pair is learnt from the first answers; those are not asked about.

The classifier is of the recall's own kind. Each passage of the sample is scored by a model that has not seen it, one of
five that learn from the others; the threshold follows from these scores, and the model that is used learns from all.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.llm import pair_extraction
from mammoth_spark.llm.request import Question
from mammoth_spark.spark.batches import Fields, mapped
from mammoth_spark.spark.llm_ledger import statuses
from mammoth_spark.spark.recall import loaded
from mammoth_spark.spark.stage import committed, last_settings
from mammoth_spark.spark.tables import VOID_MODELS, Lake
from mammoth_spark.text import classifier
from mammoth_spark.text.classifier import Classifier
from mammoth_spark.text.held_out import highest_threshold, measure
from mammoth_spark.web.storage import join, put_file

STAGE = "learn_void"
_PARTS = 5
_LEAST = 10
"""Passages of each kind from which something can be learnt."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Of the sample, with what its answer held."""

    words: bytes
    pairs: int
    part: int


def settings_of(run_file: config.RunFile, question: Question) -> str:
    """Hash of what decides what is learnt."""
    wanted = run_file.extraction
    passages = (wanted.void_sample, wanted.max_lost_pairs, wanted.passage_words, wanted.overlap_words)
    return config.settings_sha256(passages, run_file.classifier, question.prompt.version, question.model)


def sample(passages: DataFrame, size: int) -> DataFrame:
    """So many passages, drawn by hash."""
    return passages.orderBy(F.xxhash64("document", "begin")).limit(size)


def learnt(lake: Lake, run_file: config.RunFile, question: Question, sample: DataFrame) -> DataFrame | None:
    """The row of `void_models` from the sample's answers. None where they are nearly all of one kind."""
    passages = _answered(lake, question, sample)
    counts = Counter("positive" if one.pairs else "negative" for one in passages)
    if min(counts["positive"], counts["negative"]) < _LEAST or not all(
        {bool(one.pairs) for one in passages if one.part != part} == {True, False} for part in range(_PARTS)
    ):
        return None
    with tempfile.TemporaryDirectory() as folder:
        scores: dict[int, float] = {}
        for part in range(_PARTS):
            others = [one for one in passages if one.part != part]
            model = _trained(others, Path(folder, f"{part}.bin"), run_file.classifier)
            scores |= {n: model.score(one.words) for n, one in enumerate(passages) if one.part == part}
        path = Path(folder, "model.bin")
        model = _trained(passages, path, run_file.classifier)
        place = f"models/void-round{run_file.round}-{model.sha256[:16]}.bin"
        put_file(path, f"{lake.files_folder}/{place}")
    full = [number for number, one in enumerate(passages) if one.pairs]
    void = [number for number, one in enumerate(passages) if not one.pairs]
    worth = [passages[number].pairs for number in full]
    least = highest_threshold([scores[number] for number in full], worth, run_file.extraction.max_lost_pairs)
    passed_over = [number for number, score in scores.items() if score < least]
    lost = sum(passages[number].pairs for number in passed_over)
    found = sum(not passages[number].pairs for number in passed_over)
    measures = measure([scores[number] for number in full], [scores[number] for number in void])
    values = (
        run_file.round,
        0,
        place,
        model.sha256,
        question.model,
        least,
        dict(counts),
        sum(worth),
        lost / sum(worth),
        len(passed_over) / len(passages),
        found / max(1, len(passed_over)),
        found / len(void),
        measures.auc,
    )
    return lake.rows(VOID_MODELS, values)


def sifted(lake: Lake, run_file: config.RunFile, passages: DataFrame, settings: str) -> DataFrame:
    """The passages, those marked that the round's model passes over, if it was learnt by these settings."""
    if last_settings(lake, STAGE, run_file.round) != settings:
        return passages
    row = committed(lake, VOID_MODELS, STAGE, run_file.round).orderBy(F.desc("wave")).head()
    assert row is not None, "the stage has committed its model"
    model = loaded(join(lake.files_folder, row["path"]), row["sha256"], classifier.POSITIVE, run_file.http)
    threshold = row["threshold"]

    def judge(passage: Mapping[str, Any]) -> Iterator[Fields]:
        slots = passage["slots"]
        is_void = model.score(classifier.words_of(slots["document"])) < threshold
        yield {**passage, "slots": list(slots.items()), "is_passed_over": is_void}

    return mapped(passages, judge, passages.schema)


def _answered(lake: Lake, question: Question, sample: DataFrame) -> list[Passage]:
    """The sample is as large as the run file says: some thousand passages."""
    part = F.pmod(F.xxhash64("document"), F.lit(_PARTS)).alias("part")
    asked = statuses(lake, question, sample).where("status IN ('ok', 'void')").orderBy("document", "begin")
    rows = asked.select(F.col("slots")["document"].alias("text"), "status", "reply", "fingerprint", part).collect()
    return [
        Passage(
            classifier.words_of(row["text"]),
            len(pair_extraction.claims(row["reply"], row["fingerprint"])) if row["status"] == "ok" else 0,
            row["part"],
        )
        for row in rows
    ]


def _trained(passages: Sequence[Passage], model: Path, settings: config.Classifier) -> Classifier:
    lines = model.with_suffix(".txt")
    with lines.open("wb") as file:
        for one in passages:
            label = b"positive" if one.pairs else b"negative"
            file.write(b"__label__" + label + b" " + one.words.replace(b"\n", b" ") + b"\n")
    classifier.train(lines, model, settings)
    return classifier.load(model, classifier.sha256_of(model), classifier.POSITIVE)
