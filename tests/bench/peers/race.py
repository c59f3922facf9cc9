"""How the peers are timed: processes that start together once each is warm, and one JSON line at the end."""

import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

Score = tuple[str, float]
"""URL of a page and the probability of the label."""
Scorer = Callable[[Path], Iterator[Score]]
"""Reads a WARC file and scores its pages."""


@dataclass(frozen=True, slots=True)
class Race:
    """What the command line orders."""

    model: Path
    label: str
    files: tuple[Path, ...]
    warm_up: Path
    """A file to run once before the clock starts, so that lazy imports and the model's memory are paid for."""
    processes: int
    floor_score: float
    scores: Path
    """Where the scores of all pages go, for comparison."""
    folder: Path
    """For a contender's own files."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One process's part."""

    began: float
    ended: float
    scores: list[Score]


def ordered() -> Race:
    """The race of the command line's only argument, a JSON file."""
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return Race(
        model=Path(order["model"]),
        label=order["label"],
        files=tuple(Path(file) for file in order["files"]),
        warm_up=Path(order["warm_up"]),
        processes=order["processes"],
        floor_score=order["floor_score"],
        scores=Path(order["scores"]),
        folder=Path(order["folder"]),
    )


def run(race: Race, load: Callable[[Race], Scorer]) -> None:
    """Runs a loop over the files in so many processes and reports it. `load` is called in each of them."""
    # Forked processes would share what the first has loaded; workers on a cluster cannot.
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(race.processes)
    with ProcessPoolExecutor(race.processes, context, _prepare, (race, load, start)) as processes:
        laps = list(processes.map(_lap, range(race.processes)))
    report(race, laps, sum(len(lap.scores) for lap in laps))


def report(race: Race, laps: Sequence[Lap], pages: int) -> None:
    """Writes the scores, and prints the contender's one line: the seconds are the slowest process's own."""
    with race.scores.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(score) + "\n" for lap in laps for score in lap.scores)
    seconds = max(lap.ended - lap.began for lap in laps)
    print(json.dumps({"pages": pages, "seconds": seconds, "processes": race.processes}))


_race: Race
_scorer: Scorer
_start: Barrier


def _prepare(race: Race, load: Callable[[Race], Scorer], start: Barrier) -> None:
    global _race, _scorer, _start
    _race, _scorer, _start = race, load(race), start
    for _ in _scorer(race.warm_up):
        pass


def _lap(number: int) -> Lap:
    # The barrier also sees to it that each process takes one lap.
    _start.wait()
    began = time.time()
    scores = [score for file in _race.files[number :: _race.processes] for score in _scorer(file)]
    return Lap(began, time.time(), scores)
