"""seed_pages -> a trained classifier and its row in recall_models."""

import math
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.spark.stage import committed, digest_of
from mammoth_spark.spark.tables import RECALL_MODELS, SEED_PAGES, Lake
from mammoth_spark.text import classifier
from mammoth_spark.text.classifier import Classifier
from mammoth_spark.text.held_out import held_out_sites, measure
from mammoth_spark.web.storage import put_file


def seeds_digest(lake: Lake, round_: int) -> str:
    """Tells the round's seeds from others, in whatever order and files they lie."""
    seeds = committed(lake, SEED_PAGES, "collect_seeds", round_)
    return digest_of(seeds, "label", "url", "warc_file", "warc_offset", "text")


def trained(lake: Lake, run_file: config.RunFile) -> DataFrame:
    """Trains on the round's seeds; gives the model's row for recall_models."""
    seeds = committed(lake, SEED_PAGES, "collect_seeds", run_file.round)
    # Parts of a site may have either label. Such a site is held out, if at all, as a positive one.
    sites = seeds.groupBy("root_url").agg(F.max("label").alias("label"))
    labels = {row["root_url"]: row["label"] for row in sites.toLocalIterator()}
    if set(labels.values()) != {"positive", "negative"}:
        raise ValueError(
            f"seed_pages has no {'positive' if 'positive' not in labels.values() else 'negative'} page of round"
            f" {run_file.round}; run jobs/collect_seeds.py first, with sites of both labels in seeds.sites"
        )
    held_out = held_out_sites(labels, run_file.classifier.held_out_share, run_file.classifier.seed)
    is_held_out = F.col("root_url").isin(sorted(held_out))
    with tempfile.TemporaryDirectory() as folder:
        lines, model = Path(folder, "lines.txt"), Path(folder, "model.bin")
        # fastText trains on one machine: the pages stream through the driver to a file, in an order that mixes
        # the labels, since stochastic descent remembers what it saw last.
        pages = _write_lines(seeds.where(~is_held_out).orderBy(F.xxhash64("url", "warc_offset")), lines)
        classifier.train(lines, model, run_file.classifier)
        sha256 = classifier.sha256_of(model)
        collapsed = classifier.load(model, sha256, classifier.POSITIVE)
        loss = _mean_loss(lines, collapsed)
        # A model that has learnt nothing scores 0.5, which costs log 2.
        if not loss < math.log(2):
            raise ValueError(
                f"the classifier's loss is {loss:.3f}, no better than a coin's {math.log(2):.3f}; raise"
                " classifier.epoch or classifier.lr, or look at the labels of the seeds"
            )
        scores: dict[str, list[float]] = {"positive": [], "negative": []}
        for row in _stream(seeds.where(is_held_out)):
            scores[row["label"]].append(collapsed.score(classifier.words_of(row["text"])))
        measures = measure(scores["positive"], scores["negative"])
        path = f"models/recall-round{run_file.round}-{sha256[:16]}.bin"
        put_file(model, f"{lake.files_folder}/{path}")
    values = (
        run_file.round,
        0,
        run_file.run,
        datetime.now(UTC),
        path,
        sha256,
        {name: str(value) for name, value in run_file.classifier.model_dump().items()},
        dict(pages),
        sorted(held_out),
        {label: len(values) for label, values in scores.items()},
        loss,
        measures.precision,
        measures.recall,
        measures.auc,
        measures.positive_histogram,
        measures.negative_histogram,
    )
    read = pages.total() + sum(map(len, scores.values()))
    assert read == seeds.count(), "each seed page is either trained on or measured on"
    return lake.rows(RECALL_MODELS, values)


def _write_lines(pages: DataFrame, lines: Path) -> Counter[str]:
    written: Counter[str] = Counter()
    with lines.open("wb") as file:
        for row in _stream(pages):
            file.write(b"__label__" + row["label"].encode() + b" " + classifier.words_of(row["text"]) + b"\n")
            written[row["label"]] += 1
    return written


def _stream(pages: DataFrame) -> Iterator[Row]:
    return pages.select("label", "text").toLocalIterator(prefetchPartitions=True)


def _mean_loss(lines: Path, model: Classifier) -> float:
    loss, pages = 0.0, 0
    with lines.open("rb") as file:
        for line in file:
            label, _, words = line.partition(b" ")
            score = model.score(words)
            loss -= math.log(max(1e-12, score if label.decode() == model.label else 1.0 - score))
            pages += 1
    return loss / pages
