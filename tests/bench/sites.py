"""Sites: how fast pages are grouped, also where half of them are of one site, and what an index saves.

docs/figures.md explains each figure. The pages to group are made up, as rows without content, which grouping does not
read. The records to read lie behind an HTTP server on loopback: once all files whole, once the records of a few sites.
"""

import json
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.demo.url_index import PLACE, write_index
from mammoth_spark.spark import sites
from mammoth_spark.spark.session import spark_session
from mammoth_spark.text import classifier
from mammoth_spark.web.loopback import HOST, serving
from mammoth_spark.web.recall import RecalledPage, WarcReport, recall_file, recall_places
from mammoth_spark.web.sites import root_url
from mammoth_spark.web.url_index import ChosenSites, places
from mammoth_spark.web.warc import Tally, read_responses
from tests.bench import inputs

_ROOT = Path(__file__).parents[2]
_ROWS = 10_000_000
_SITES = 20_000
_PARTITIONS = 16
_ROUNDS = 3
# As many of the corpus's sites as a selection leaves of a crawl's would be too few to time.
_CHOSEN_SHARE = 0.1


def measure(quick: bool) -> None:
    figures = _grouping(200_000 if quick else _ROWS, 1 if quick else _ROUNDS) | _reading(200 if quick else 2_000)
    out = _ROOT / "build/bench" / ("quick" if quick else "") / "sites.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:28}{value:>12g}")


def _grouping(rows: int, rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder, "events")
        events.mkdir()
        settings = config.Spark(shuffle_partitions=_PARTITIONS, driver_memory="3g", event_log=str(events))
        spark = spark_session("bench sites", settings)
        try:
            sizes = {"1x": rows // 8, "8x": rows}
            for name, size in sizes.items():
                _pages(spark, size).write.parquet(f"{folder}/{name}")
            # As many tasks as a cluster would have, or none could be the slow one.
            spark.conf.set("spark.sql.adaptive.coalescePartitions.enabled", "false")
            spark.conf.set("spark.sql.files.maxPartitionNum", str(_PARTITIONS))
            spark.conf.set("spark.sql.files.openCostInBytes", "0")
            spark.conf.set("spark.sql.files.maxPartitionBytes", str(1 << 20 if rows < _ROWS else 8 << 20))
            _timed(spark, f"{folder}/1x")  # The JVM compiles what a run needs.
            began = time.time()
            laps: dict[str, list[float]] = {name: [] for name in sizes}
            for number in range(rounds):
                for name in sizes:
                    print(f"bench  round {number + 1} of {rounds}: {name}", file=sys.stderr)
                    laps[name].append(_timed(spark, f"{folder}/{name}"))
        finally:
            spark.stop()
        a_row = {name: statistics.median(laps[name]) / size for name, size in sizes.items()}
        return {
            "rows_per_s": round(1 / a_row["8x"]),
            "flatness": round(a_row["8x"] / a_row["1x"], 3),
            "skew": round(_skew(events, began), 2),
        }


def _pages(spark: SparkSession, count: int) -> DataFrame:
    """Half of them of one site, in a hundred folders; the others of sites of all sizes."""
    lot = F.xxhash64("id")
    of_others = F.floor(F.pow(F.pmod(lot, F.lit(1 << 20)) / float(1 << 20), 3) * _SITES)
    number = F.when(F.col("id") % 2 == 0, F.lit(0)).otherwise(of_others + 1)
    root = F.concat(F.lit("site"), number.cast("string"), F.lit(".example"))
    folder = F.concat(root, F.lit("/f"), F.pmod(lot, F.lit(100)).cast("string"), F.lit("/*"))
    return spark.range(0, count, 1, _PARTITIONS).select(
        root.alias("root_url"),
        folder.alias("prefix"),
        F.concat(F.lit("https://"), root, F.lit("/"), F.col("id").cast("string")).alias("url"),
        F.col("id").alias("warc_offset"),
        (0.5 + F.pmod(lot, F.lit(1000)) / 2000.0).alias("score"),
        F.when(F.col("id") % 10 == 0, "de").otherwise("en").alias("language"),
        F.concat(F.lit("Exercise "), F.col("id").cast("string")).alias("title"),
        F.lit("How many are there?").alias("question"),
    )


def _timed(spark: SparkSession, folder: str) -> float:
    began = time.perf_counter()
    sites.described(sites.cells_of(spark.read.parquet(folder))).write.format("noop").mode("overwrite").save()
    return time.perf_counter() - began


def _skew(events: Path, began: float) -> float:
    """The slowest task over the median of its Spark stage, at its most, where a stage has tasks of some length."""
    seconds: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    for log in events.rglob("*"):
        if not log.is_file():
            continue
        for line in log.read_text(encoding="utf-8").splitlines():
            if '"SparkListenerTaskEnd"' in line:
                event = json.loads(line)
                info = event["Task Info"]
                if info["Launch Time"] < began * 1000:
                    continue
                seconds[log.name, event["Stage ID"]].append((info["Finish Time"] - info["Launch Time"]) / 1000)
    ratios = [
        max(tasks) / statistics.median(tasks)
        for tasks in seconds.values()
        if len(tasks) >= _PARTITIONS / 2 and statistics.median(tasks) > 0.02
    ]
    assert ratios, "a run of this size has stages with tasks of some length"
    return max(ratios)


@dataclass
class _Read:
    bytes: int
    seconds: float
    pages: int


def _reading(pages: int) -> dict[str, float]:
    folder = _ROOT / "build/bench/sites"
    made = inputs.prepared(folder, pages, 2, inputs.SMALL)
    names = [f"warc/{path.name}" for path in made.warc_files]
    index = write_index(folder, names)
    chosen = _chosen(folder, names)
    model = classifier.load(made.model, made.model_sha256, inputs.LABEL)
    classifier.warm()
    recall, some, http = config.Recall(floor_score=0.0), config.Pages(), config.Http()

    with _served(folder) as (base, sent):

        def whole() -> int:
            rows = [row for name in names for row in recall_file(name, base, model, recall, some, http)]
            return sum(isinstance(row, RecalledPage) and row.root_url in chosen.sites for row in rows)

        def by_index() -> int:
            found = sorted(places(f"{base}/{PLACE}", chosen, (), http), key=lambda place: place.warc_file)
            kept = 0
            for name in names:
                mine = [place for place in found if place.warc_file == name]
                for row in recall_places(name, mine, base, model, recall, some, http):
                    assert not isinstance(row, WarcReport) or row.status == "done", row.reason
                    kept += isinstance(row, RecalledPage)
            return kept

        def read(way: Callable[[], int]) -> _Read:
            before, began = sent[0], time.perf_counter()
            kept = way()
            return _Read(sent[0] - before, time.perf_counter() - began, kept)

        read(by_index)
        all_files, records = read(whole), read(by_index)
    assert all_files.pages == records.pages > 0, f"{all_files.pages} pages by whole files, {records.pages} by the index"
    return {
        "chosen_page_share": round(records.pages / made.pages, 3),
        "range_bytes_share": round(records.bytes / all_files.bytes, 3),
        "range_seconds_share": round(records.seconds / all_files.seconds, 3),
        "index_bytes_share": round(index.stat().st_size / all_files.bytes, 3),
    }


def _chosen(folder: Path, names: list[str]) -> ChosenSites:
    roots = set()
    for name in names:
        with (folder / name).open("rb") as file:
            roots |= {root_url(response.url) for response in read_responses(file, 1 << 24, Tally())}
    some = frozenset(sorted(roots - {""})[:: round(1 / _CHOSEN_SHARE)])
    return ChosenSites(some, {}, some)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """The files of a folder with ranges, and how many bytes of them were sent."""
    sent = [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            with (folder / self.path.lstrip("/")).open("rb") as file:
                size = file.seek(0, 2)
                asked = re.fullmatch(r"bytes=([0-9]+)-([0-9]*)", self.headers.get("Range", ""))
                begin = int(asked[1]) if asked else 0
                end = min(size, int(asked[2]) + 1) if asked and asked[2] else size
                file.seek(begin)
                self.send_response(206 if asked else 200)
                if asked:
                    self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{size}")
                self.send_header("Content-Length", str(end - begin))
                self.end_headers()
                sent[0] += end - begin
                self.wfile.write(file.read(end - begin))

    with serving(Handler) as port:
        yield f"http://{HOST}:{port}", sent
