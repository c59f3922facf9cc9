"""The benchmark runs from end to end; its figures are not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_quick_benchmark_runs_and_writes_every_figure_that_has_a_bound() -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "recall"]
    ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    figures = json.loads((_ROOT / "build/bench/quick/recall.json").read_text(encoding="utf-8"))
    bounded = {"vs_datatrove", "vs_beautifulsoup", "vs_native", "worker_mb", "flatness", "write_share"}
    assert bounded <= figures.keys()
    assert figures["worker_mb"] > 0
    assert figures["native_same_verdict"] > 0.9
