"""The recall stage against the ways in which others do the same: pages a second and core on the same WARC files.

docs/figures.md explains each figure. Ours is the whole stage, from WARC files to committed rows; the peers read, parse
and score, and write nothing. All have as many processes as the machine has cores, and the session's start, model
loading and compilation are nobody's time. They run by turns, several rounds of each, since a machine's speed changes
from one minute to the next, by half where others share it.
"""

import json
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mammoth_spark import config
from tests.bench import memory, stage
from tests.bench.contender import told_by
from tests.bench.inputs import LABEL, PAPER_SIZE, SMALL, Inputs, prepared, repeated

_ROOT = Path(__file__).parents[2]
_PEERS_PYTHON = _ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. Passes are how often a contender reads the corpus in a round."""

    folder: Path
    pages: int
    files: int
    classifier: config.Classifier
    warm_up_waves: int
    """Waves of the small corpus, until the JVM has compiled what a wave runs."""
    rounds: int
    passes: int
    longest: int
    """The largest input, in rounds of ours."""
    datatrove_passes: int
    beautifulsoup_passes: int
    native_passes: int


# Every contender has at least a minute of work over its rounds.
_FULL = Size(_ROOT / "build/bench", 4_000, 2, PAPER_SIZE, 20, 4, 12, 8, 1, 1, 6)
_QUICK = Size(_ROOT / "build/bench/quick", 200, 2, SMALL, 2, 1, 2, 2, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Peer:
    """A script of tests/bench/peers."""

    name: str
    python: Path
    passes: int


@dataclass(frozen=True, slots=True)
class Lap:
    """What a peer told of one round."""

    pages: int
    """HTML pages in the files that it read, by our own count: the same measure for all."""
    scored: int
    seconds: float
    scores: tuple[tuple[str, float], ...]


def measure(quick: bool) -> None:
    """Runs all contenders, prints a table, and writes the figures to recall.json."""
    if not _PEERS_PYTHON.is_file():
        raise ValueError(f"{_PEERS_PYTHON} is not there; run `make bench`, which installs the peers")
    size = _QUICK if quick else _FULL
    cores = len(os.sched_getaffinity(0))
    peers = (
        Peer("datatrove_pipeline", _PEERS_PYTHON, size.datatrove_passes),
        Peer("beautifulsoup_loop", _PEERS_PYTHON, size.beautifulsoup_passes),
        Peer("native_loop", Path(sys.executable), size.native_passes),
    )
    _say("corpus and model")
    inputs = prepared(size.folder, size.pages, size.files, size.classifier)
    small = prepared(_QUICK.folder, _QUICK.pages, _QUICK.files, _QUICK.classifier)
    files_per_wave = size.passes * len(inputs.warc_files)
    runs: list[stage.Measured] = []
    laps: dict[Peer, list[Lap]] = {peer: [] for peer in peers}
    spark = stage.session(cores)

    def run_ours(multiple: int) -> stage.Measured:
        # Workers end when they idle for a minute; a small wave starts them again before the clock does.
        stage.run(spark, small, 1, len(small.warc_files), cores)
        return stage.run(spark, inputs, multiple * size.passes, files_per_wave, cores)

    try:
        _say("our stage, warm-up")
        stage.run(spark, small, size.warm_up_waves, len(small.warc_files), cores)
        with memory.watched() as workers:
            run_ours(2)
            for number in range(1, size.rounds + 1):
                _say(f"round {number} of {size.rounds}: our stage")
                runs.append(run_ours(1))
                for peer in peers:
                    _say(f"round {number} of {size.rounds}: {peer.name}")
                    laps[peer].append(_run(peer, inputs, cores))
            kept = stage.kept_scores(spark, inputs)
            _say(f"our stage, {size.longest}x")
            longest = run_ours(size.longest)
            runs.append(run_ours(1))
    finally:
        spark.stop()
    figures = _our_figures(inputs, size, cores, runs, longest)
    figures |= {"worker_mb": round(workers.own_mb, 1), "worker_resident_mb": round(workers.resident_mb, 1)}
    rows = [("mammoth-spark, whole stage", sum(run.seconds for run in runs), figures["pages_per_s_core"], 1.0)]
    for peer in peers:
        short = peer.name.partition("_")[0]
        seconds, pages = sum(lap.seconds for lap in laps[peer]), sum(lap.pages for lap in laps[peer])
        rate = pages / seconds / cores
        ratio = round(figures["pages_per_s_core"] / rate, 2)
        figures |= {
            f"vs_{short}": ratio,
            f"{short}_pages_per_s_core": round(rate, 1),
            f"{short}_seconds": round(seconds, 1),
            f"{short}_scored_share": round(sum(lap.scored for lap in laps[peer]) / pages, 3),
        }
        if short != "datatrove":
            figures[f"{short}_same_verdict"] = round(_same_verdict(laps[peer][0].scores, kept, inputs.floor_score), 3)
        rows.append((peer.name.replace("_", " "), seconds, rate, ratio))
    machine = {"cores": cores, "cpu": _cpu(), "python": platform.python_version()}
    out = size.folder / "recall.json"
    out.write_text(json.dumps(figures | machine, indent=1) + "\n", encoding="utf-8")
    print(_table(rows, figures, size))
    print(f"{inputs.pages:,} pages in {len(inputs.warc_files)} files; all figures in {out.relative_to(_ROOT)}")
    if quick:
        print("--quick shows that all runs; its figures mean nothing")


def _our_figures(
    inputs: Inputs, size: Size, cores: int, runs: Sequence[stage.Measured], longest: stage.Measured
) -> dict[str, float]:
    if longest.scored != longest.pages:
        raise ValueError(f"the stage scored {longest.scored:,} pages of {longest.pages:,}")
    costs = [run.seconds * cores / run.pages for run in runs]
    cost, longest_cost = sum(costs) / len(costs), longest.seconds * cores / longest.pages
    core_seconds = longest.seconds * cores
    shares = {
        "read_share": longest.read_seconds / core_seconds,
        "parse_share": longest.text_seconds / core_seconds,
        "score_share": longest.score_seconds / core_seconds,
    }
    return {
        "pages_per_s_core": round(1 / cost, 1),
        "pages": sum(run.pages for run in runs),
        "seconds": round(sum(run.seconds for run in runs), 1),
        "kept_share": round(longest.kept / longest.scored, 4),
        "flatness": round(longest_cost / cost, 3),
        "ms_a_page_1x": round(1000 * cost, 3),
        "ms_a_page_1x_least": round(1000 * min(costs), 3),
        "ms_a_page_1x_most": round(1000 * max(costs), 3),
        f"ms_a_page_{size.longest}x": round(1000 * longest_cost, 3),
        **{name: round(share, 3) for name, share in shares.items()},
        "write_share": round(1 - sum(shares.values()), 3),
        "page_bytes_median": inputs.page_bytes_median,
        "words_median": inputs.words_median,
    }


def _run(peer: Peer, inputs: Inputs, cores: int) -> Lap:
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
    line = told_by(peer.python, peer.name, order_file)
    told = Lap(inputs.pages * peer.passes, line["pages"], line["seconds"], _scores(folder))
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


def _table(rows: Sequence[tuple[str, float, float, float]], figures: dict[str, float], size: Size) -> str:
    lines = [f"{'contender':28}{'seconds':>9}{'pages/s/core':>14}{'ours is':>10}"]
    lines += [f"{name:28}{seconds:9.1f}{rate:14.1f}{ratio:9.1f}x" for name, seconds, rate, ratio in rows]
    parts = ("read", "parse", "score", "write")
    lines.append("our time: " + ", ".join(f"{part} {figures[f'{part}_share']:.0%}" for part in parts))
    costs = [f"{figures[f'ms_a_page_{name}']:.2f}" for name in ("1x", "1x_least", "1x_most", f"{size.longest}x")]
    lines.append(
        f"a page, ms: {costs[0]} ({costs[1]} to {costs[2]}) at 1x, {costs[3]} at {size.longest}x;"
        f" flatness {figures['flatness']:.2f}"
    )
    lines.append(f"a worker's memory: {figures['worker_mb']:.0f} MB")
    return "\n".join(lines)


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _say(text: str) -> None:
    print(f"bench  {text}", file=sys.stderr, flush=True)
