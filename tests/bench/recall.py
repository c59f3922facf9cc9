"""The recall stage against the ways in which others do the same: pages a second and core on the same WARC files.

docs/figures.md explains each figure. Ours is the whole stage, from WARC files to committed rows; the peers read, parse
and score, and write nothing. All have as many processes as the machine has cores, and the session's start, model
loading and compilation are nobody's time.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mammoth_spark import config
from tests.bench import memory, stage
from tests.bench.inputs import LABEL, PAPER_SIZE, SMALL, Inputs, prepared, repeated

_ROOT = Path(__file__).parents[2]
# A peer takes a minute or two, and its model some seconds to load.
_PATIENCE_S = 1_200
_PEERS_PYTHON = _ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. Passes are how often the corpus is read: at least a minute of work for each contender."""

    folder: Path
    pages: int
    files: int
    classifier: config.Classifier
    warm_up_waves: int
    multiples: tuple[int, ...]
    passes_1x: int
    datatrove_passes: int
    beautifulsoup_passes: int
    native_passes: int


_FULL = Size(_ROOT / "build/bench", 4_000, 8, PAPER_SIZE, 5, (1, 2, 4, 8), 6, 2, 2, 18)
_QUICK = Size(_ROOT / "build/bench/quick", 200, 4, SMALL, 1, (1, 2), 1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Peer:
    """A script of tests/bench/peers, and what it told."""

    name: str
    python: Path
    passes: int
    pages: int = 0
    """HTML pages in the files that it read, by our own count: the same measure for all."""
    scored: int = 0
    seconds: float = 0.0
    scores: tuple[tuple[str, float], ...] = ()

    def rate(self, cores: int) -> float:
        return self.pages / self.seconds / cores


def measure(quick: bool) -> None:
    """Runs all contenders, prints a table, and writes the figures to recall.json."""
    if not _PEERS_PYTHON.is_file():
        raise ValueError(f"{_PEERS_PYTHON} is not there; run `make bench`, which installs the peers")
    size = _QUICK if quick else _FULL
    cores = len(os.sched_getaffinity(0))
    _say("corpus and model")
    inputs = prepared(size.folder, size.pages, size.files, size.classifier)
    figures, kept = _our_figures(inputs, size, cores)
    peers = [
        Peer("datatrove_pipeline", _PEERS_PYTHON, size.datatrove_passes),
        Peer("beautifulsoup_loop", _PEERS_PYTHON, size.beautifulsoup_passes),
        Peer("native_loop", Path(sys.executable), size.native_passes),
    ]
    rows = [("mammoth-spark, whole stage", figures["seconds"], figures["pages_per_s_core"], 1.0)]
    for peer in peers:
        _say(peer.name)
        told = _run(peer, inputs, cores)
        short = peer.name.partition("_")[0]
        rate = told.rate(cores)
        ratio = round(figures["pages_per_s_core"] / rate, 2)
        figures |= {
            f"vs_{short}": ratio,
            f"{short}_pages_per_s_core": round(rate, 1),
            f"{short}_seconds": round(told.seconds, 1),
            f"{short}_scored_share": round(told.scored / told.pages, 3),
        }
        if short != "datatrove":
            figures[f"{short}_same_verdict"] = round(_same_verdict(told.scores, kept, inputs.floor_score), 3)
        rows.append((peer.name.replace("_", " "), told.seconds, rate, ratio))
    machine = {"cores": cores, "cpu": _cpu(), "python": platform.python_version()}
    out = size.folder / "recall.json"
    out.write_text(json.dumps(figures | machine, indent=1) + "\n", encoding="utf-8")
    print(_table(rows, figures))
    print(f"{inputs.pages:,} pages in {len(inputs.warc_files)} files; all figures in {out.relative_to(_ROOT)}")
    if quick:
        print("--quick shows that all runs; its figures mean nothing")


def _our_figures(inputs: Inputs, size: Size, cores: int) -> tuple[dict[str, float], dict[str, float]]:
    spark = stage.session(cores)
    try:
        files_per_wave = size.passes_1x * len(inputs.warc_files)
        _say("our stage, warm-up")
        # Several waves of the corpus once: until the JVM has compiled what a wave runs, that costs more than the pages.
        stage.run(spark, inputs, size.warm_up_waves, len(inputs.warc_files), cores)
        runs: list[stage.Measured] = []
        with memory.watched() as workers:
            for multiple in size.multiples:
                _say(f"our stage, {multiple}x")
                runs.append(stage.run(spark, inputs, multiple * size.passes_1x, files_per_wave, cores))
        kept = stage.kept_scores(spark, inputs)
    finally:
        spark.stop()
    cost = [run.seconds * cores / run.pages for run in runs]
    longest = runs[-1]
    if longest.scored != longest.pages:
        raise ValueError(f"the stage scored {longest.scored:,} pages of {longest.pages:,}")
    core_seconds = longest.seconds * cores
    shares = {
        "read_share": longest.read_seconds / core_seconds,
        "parse_share": longest.text_seconds / core_seconds,
        "score_share": longest.score_seconds / core_seconds,
    }
    figures = {
        "pages_per_s_core": round(1 / cost[-1], 1),
        "pages": longest.pages,
        "seconds": round(longest.seconds, 1),
        "kept_share": round(longest.kept / longest.scored, 4),
        "worker_mb": round(workers.own_mb, 1),
        "worker_resident_mb": round(workers.resident_mb, 1),
        "flatness": round(cost[-1] / cost[0], 3),
        **{f"ms_a_page_{multiple}x": round(1000 * one, 3) for multiple, one in zip(size.multiples, cost, strict=True)},
        **{name: round(share, 3) for name, share in shares.items()},
        "write_share": round(1 - sum(shares.values()), 3),
        "page_bytes_median": inputs.page_bytes_median,
        "words_median": inputs.words_median,
    }
    return figures, kept


def _run(peer: Peer, inputs: Inputs, cores: int) -> Peer:
    folder = inputs.folder / "peers" / peer.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    order = {
        "model": str(inputs.model),
        "label": LABEL,
        "files": [str(inputs.folder / name) for name in repeated(inputs, peer.passes)],
        "warm_up": str(inputs.warc_files[0]),
        "processes": cores,
        "floor_score": inputs.floor_score,
        "scores": str(folder / "scores.jsonl"),
        "folder": str(folder),
    }
    order_file = folder / "order.json"
    order_file.write_text(json.dumps(order), encoding="utf-8")
    command = [str(peer.python), "-m", f"tests.bench.peers.{peer.name}", str(order_file)]
    try:
        ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise ValueError(f"{' '.join(command)} did not end within {_PATIENCE_S} s; its logs are in {folder}") from None
    if ended.returncode != 0:
        raise ValueError(f"{' '.join(command)} failed:\n{ended.stderr[-3000:]}")
    line = json.loads(ended.stdout.strip().rpartition("\n")[2])
    told = replace(
        peer, pages=inputs.pages * peer.passes, scored=line["pages"], seconds=line["seconds"], scores=_scores(folder)
    )
    # A peer that loses pages would be faster by it. (It may count error pages, which ours leaves out.)
    if not 0.9 < told.scored / told.pages < 1.1:
        raise ValueError(f"{peer.name} scored {told.scored:,} pages of {told.pages:,}; it does not do its whole work")
    shutil.rmtree(folder)
    return told


def _scores(folder: Path) -> tuple[tuple[str, float], ...]:
    with (folder / "scores.jsonl").open(encoding="utf-8") as lines:
        return tuple((url, score) for url, score in map(json.loads, lines))


def _same_verdict(scores: Sequence[tuple[str, float]], kept: dict[str, float], floor: float) -> float:
    """Share of a peer's pages that both keep or both refuse."""
    by_url = dict(scores)
    return sum((score >= floor) == (url in kept) for url, score in by_url.items()) / len(by_url)


def _table(rows: Sequence[tuple[str, float, float, float]], figures: dict[str, float]) -> str:
    lines = [f"{'contender':28}{'seconds':>9}{'pages/s/core':>14}{'ours is':>10}"]
    lines += [f"{name:28}{seconds:9.1f}{rate:14.1f}{ratio:9.1f}x" for name, seconds, rate, ratio in rows]
    parts = ("read", "parse", "score", "write")
    lines.append("our time: " + ", ".join(f"{part} {figures[f'{part}_share']:.0%}" for part in parts))
    sizes = [name for name in figures if name.startswith("ms_a_page_")]
    costs = ", ".join(f"{name.rpartition('_')[2]} {figures[name]:.2f} ms" for name in sizes)
    lines.append(f"a page by size of the input: {costs}; flatness {figures['flatness']:.2f}")
    lines.append(f"a worker's memory: {figures['worker_mb']:.0f} MB")
    return "\n".join(lines)


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _say(text: str) -> None:
    print(f"bench  {text}", file=sys.stderr, flush=True)
