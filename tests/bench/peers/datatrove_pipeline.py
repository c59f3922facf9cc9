"""datatrove's own blocks in their own executor, as its examples put them together, with their default settings.

Two small steps of ours stand around them. The first sends one page through all blocks before any file is opened: it
starts the extractor's sandbox and loads the model, and only when the next page is asked for does the clock start.
The last notes the scores that the filter leaves in the documents which it keeps. No page is written to disk.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import FastTextClassifierFilter
from datatrove.pipeline.readers import WarcReader

from tests.bench.peers.race import Lap, Race, ordered, report

_WARM_UP_PAGE = (
    f"<html><body><article>{'<p>A paragraph of some words for every block.</p>' * 20}</article></body></html>"
)


class _Clock:
    """The first and the last step of each task; datatrove takes any callables for steps."""

    def __init__(self, race: Race) -> None:
        self._race = race

    def start(self, data: None, rank: int, world_size: int) -> Iterator[Document]:
        yield Document(text=_WARM_UP_PAGE, id="warm-up")
        # The reader asks again when the page has gone through the filter.
        self._note(rank, "began", time.time())

    def stop(self, data: Iterator[Document], rank: int, world_size: int) -> Iterator[Document]:
        scores = []
        for document in data:
            if document.id != "warm-up":
                scores.append((document.metadata["url"], document.metadata[self._race.label]))
            yield document
        self._note(rank, "ended", time.time())
        self._note(rank, "scores", scores)

    def lap(self, rank: int) -> Lap:
        began, ended, scores = (
            json.loads((self._race.folder / f"{name}-{rank}.json").read_text(encoding="utf-8"))
            for name in ("began", "ended", "scores")
        )
        return Lap(began, ended, scores)

    def _note(self, rank: int, name: str, value: object) -> None:
        (self._race.folder / f"{name}-{rank}.json").write_text(json.dumps(value), encoding="utf-8")


def main() -> None:
    race = ordered()
    # With both installed, one's Python stands on the other's library, and datatrove waits forever for a dead worker.
    if "fasttext" in packages_distributions()["fasttext"]:
        sys.exit("fasttext stands where datatrove wants fasttext-numpy2-wheel alone; uninstall both, install that one")
    # The model is copied into this cache before it is loaded.
    os.environ["HF_ASSETS_CACHE"] = str(race.folder / "assets")
    folder = Path(os.path.commonpath(race.files))
    folder = folder.parent if folder.is_file() else folder
    paths = race.folder / "paths.txt"
    paths.write_text("".join(f"{file.relative_to(folder)}\n" for file in race.files), encoding="utf-8")
    clock = _Clock(race)
    fasttext = FastTextClassifierFilter(
        str(race.model), keep_labels=(race.label.removeprefix("__label__"), race.floor_score)
    )
    executor = LocalPipelineExecutor(
        pipeline=[clock.start, WarcReader(str(folder), str(paths)), Trafilatura(), fasttext, clock.stop],
        tasks=race.processes,
        workers=race.processes,
        logging_dir=str(race.folder / "logs"),
        skip_completed=False,
    )
    stats = executor.run()
    scored = next(step for step in stats.stats if "fastText" in step.name).stats["total"].total
    warm_up_pages = race.processes
    report(race, [clock.lap(rank) for rank in range(race.processes)], scored - warm_up_pages)


if __name__ == "__main__":
    main()
