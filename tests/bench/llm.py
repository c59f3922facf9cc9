"""The LLM layer against a bare aiohttp loop: calls a second on one server that takes 50 ms, with 256 in flight.

docs/figures.md explains each figure. Each contender has a server of its own, `mammoth endpoint` in another process, and
asks the same requests. Ours is the whole work of a stage's two tasks: journals, fingerprints, checked replies; the loop
reads and forgets.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from mammoth_spark.llm.page_subject import question
from mammoth_spark.llm.prompt import Messages
from mammoth_spark.llm.request import Request

_ROOT = Path(__file__).parents[2]
_PEERS_PYTHON = _ROOT / ".venv-bench" / "bin" / "python"
_SECONDS = 0.05
_WINDOW = 256
_ROUNDS = 3


def measure(quick: bool) -> None:
    """Runs both by turns, prints a table, and writes the figures to llm.json."""
    if not _PEERS_PYTHON.is_file():
        raise ValueError(f"{_PEERS_PYTHON} is not there; run `make bench`, which installs the peers")
    count, rounds = (500, 1) if quick else (10_000, _ROUNDS)
    contenders = {"ours": Path(sys.executable), "aiohttp_loop": _PEERS_PYTHON}
    laps: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as folder:
        order = Path(folder, "order.json")
        order.write_text(json.dumps({"count": count, "window": _WINDOW, "folder": folder}), encoding="utf-8")
        for number in range(rounds):
            for name, python in contenders.items():
                print(f"bench  round {number + 1} of {rounds}: {name}", file=sys.stderr)
                laps[name].append(_lap(python, f"tests.bench.peers.llm_{name}", order))
    seconds = {name: sum(lap["seconds"] for lap in done) for name, done in laps.items()}
    busy = {name: sum(lap["server_seconds"] for lap in done) / seconds[name] for name, done in laps.items()}
    rates = {name: rounds * count / total for name, total in seconds.items()}
    ideal = _WINDOW / _SECONDS
    figures = {
        "calls_per_s": round(rates["ours"], 1),
        "aiohttp_calls_per_s": round(rates["aiohttp_loop"], 1),
        "vs_aiohttp": round(rates["ours"] / rates["aiohttp_loop"], 3),
        "ideal_share": round(rates["ours"] / ideal, 3),
        "aiohttp_ideal_share": round(rates["aiohttp_loop"] / ideal, 3),
        "server_busy": round(busy["ours"], 2),
        "aiohttp_server_busy": round(busy["aiohttp_loop"], 2),
        "identical_leading_share": round(_identical_leading_share(), 3),
    }
    out = _ROOT / "build/bench" / ("quick" if quick else "") / "llm.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:28}{value:>10g}")


def _lap(python: Path, module: str, order: Path) -> dict[str, float]:
    """How long a contender took, against a server of its own."""
    endpoint = [sys.executable, "-m", "mammoth_spark.console.main", "endpoint", "--seconds", str(_SECONDS), "--"]
    command = [*endpoint, str(python), "-m", module, str(order)]
    ended = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise ValueError(f"{' '.join(command)} failed:\n{ended.stderr[-3000:]}")
    found: dict[str, float] = json.loads(ended.stdout.strip().rpartition("\n")[2])
    return found


def _identical_leading_share() -> float:
    """Share of a prompt's bytes that stand before the first that differs from request to request."""
    one, other = (_text(request.messages) for request in requests(2))
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return same / len(one)


def _text(messages: Messages) -> str:
    return "\n".join(f"{role}\n{content}" for role, content in messages)


def requests(count: int) -> list[Request]:
    asked = question("rules")
    return [asked.about({"title": f"{number} exercises on fractions and their solutions"}) for number in range(count)]
