"""Runs a contender's script of tests/bench/peers, in a Python of its own, and reads the line that it ends with."""

import json
import subprocess
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
# A peer takes a minute or two, and its model some seconds to load.
_PATIENCE_S = 1_200


def told_by(python: Path, script: str, order: Path) -> Any:
    """What it tells of one round; `order` is the file that says what to do."""
    command = [str(python), "-m", f"tests.bench.peers.{script}", str(order)]
    try:
        ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        message = f"{' '.join(command)} did not end within {_PATIENCE_S} s; what it left is in {order.parent}"
        raise ValueError(message) from None
    if ended.returncode != 0:
        raise ValueError(f"{' '.join(command)} failed:\n{ended.stderr[-3000:]}")
    return json.loads(ended.stdout.strip().rpartition("\n")[2])
