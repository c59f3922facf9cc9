"""What a task has been answered, written beside the lake before the wave is committed.

A journal is a folder of segments, each a file of JSON lines that appears whole and is never changed. It holds outcomes,
and before them marks: the fingerprints that a task begins with. A mark without an outcome was in flight when its task
died. Those are then guarded: the journal says before each step which of them this process handles, and when it is done,
so that the one which kills the next task is known.
"""

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from mammoth_spark.llm.outcome import Outcome, merged
from mammoth_spark.web.storage import file_names, folder_names, put_bytes, read_bytes, remove_file, remove_folder

_SEGMENT_BYTES = 1 << 30


@dataclass(slots=True)
class Entries:
    """What a journal holds."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)
    """How often a task died while a request was in flight, where it is not answered."""
    killers: set[str] = field(default_factory=set)
    """What a task was handling when it died."""


def wave(files_folder: str, place: str, name: str) -> str:
    """The folder of a wave's journals, one for each of its tasks."""
    return f"{files_folder}/journals/{place}/{name}"


def sample(files_folder: str, place: str) -> str:
    """A folder for the journal of a sample that is asked before the stage runs."""
    return f"{files_folder}/samples/{place}/{uuid.uuid4().hex}"


class Left:
    """The journals that nobody has taken over: those of a killed run's tasks, and of samples."""

    def __init__(self, files_folder: str, place: str) -> None:
        self._waves = f"{files_folder}/journals/{place}"
        samples = _folders_in(f"{files_folder}/samples/{place}")
        # A sample may be under way: of it, what is read here is removed, and nothing else.
        self._read = [f"{folder}/{name}" for folder in samples for name in file_names(folder)]
        self.outcomes: dict[str, Outcome] = {}
        """What became of each request, with all that it has cost."""
        deaths: Counter[str] = Counter()
        for found in map(entries, _folders_in(self._waves) + samples):
            for name, outcome in found.outcomes.items():
                before = self.outcomes.get(name)
                self.outcomes[name] = outcome if before is None else merged(before, outcome)
            deaths.update(found.deaths)
        for name, count in deaths.items():
            lost = Outcome(name, reason="task_died", deaths=count)
            self.outcomes[name] = merged(self.outcomes[name], lost) if name in self.outcomes else lost

    def remove(self) -> None:
        """Once the ledger holds the outcomes."""
        remove_folder(self._waves)
        for file in self._read:
            remove_file(file)


def _folders_in(folder: str) -> list[str]:
    """Of the second level."""
    return [f"{folder}/{name}/{part}" for name in folder_names(folder) for part in folder_names(f"{folder}/{name}")]


def entries(folder: str) -> Entries:
    """All that a folder's segments say."""
    found = Entries()
    marks: Counter[str] = Counter()
    for name in file_names(folder):
        for line in read_bytes(f"{folder}/{name}", _SEGMENT_BYTES).splitlines():
            values = json.loads(line)
            if "mark" in values:
                marks.update(values["mark"])
            elif "handling" in values:
                found.killers.add(values["handling"])
            elif "handled" in values:
                found.killers.discard(values["handled"])
            else:
                asked_at = values.pop("asked_at")
                outcome = Outcome(**values, asked_at=datetime.fromisoformat(asked_at) if asked_at else None)
                outcome.faults = dict(outcome.faults)
                found.outcomes[outcome.fingerprint] = outcome
    found.deaths = Counter({name: count for name, count in marks.items() if name not in found.outcomes})
    found.killers -= found.outcomes.keys()
    return found


class Journal:
    """Writes a journal: outcomes when there are enough of them, or when the oldest has waited long enough."""

    def __init__(self, folder: str, flush_calls: int, flush_s: float) -> None:
        self._folder, self._flush_calls, self._flush_s = folder, flush_calls, flush_s
        self._waiting: list[str] = []
        self._changed = threading.Condition()
        self._closed = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._flush_in_time, name="journal", daemon=True)
        self._thread.start()

    def mark(self, fingerprints: Sequence[str]) -> None:
        """Before they are handled."""
        self._write([json.dumps({"mark": list(fingerprints)})])

    @contextmanager
    def guarding(self, fingerprint: str) -> Iterator[None]:
        """While this process handles it."""
        self._write([json.dumps({"handling": fingerprint})])
        try:
            yield
        finally:
            # Also when the task is cancelled: what kills a worker leaves nothing behind.
            self._write([json.dumps({"handled": fingerprint})])

    def add(self, outcome: Outcome) -> None:
        values = outcome.as_row()
        values["asked_at"] = outcome.asked_at.isoformat() if outcome.asked_at is not None else None
        with self._changed:
            if self._error is not None:
                raise self._error
            self._waiting.append(json.dumps(values))
            full = len(self._waiting) >= self._flush_calls
            if len(self._waiting) == 1:
                self._changed.notify()
        if full:
            self.flush()

    def flush(self) -> None:
        with self._changed:
            lines, self._waiting = self._waiting, []
        if lines:
            try:
                self._write(lines)
            except BaseException:
                # They are paid for: whoever flushes next writes them.
                with self._changed:
                    self._waiting = lines + self._waiting
                raise

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        self.flush()

    def _write(self, lines: Iterable[str]) -> None:
        # Sorted by their names, segments stand in the order of their writing.
        name = f"{time.time_ns():020}-{uuid.uuid4().hex[:8]}.jsonl"
        put_bytes("".join(f"{line}\n" for line in lines).encode(), f"{self._folder}/{name}")

    def _flush_in_time(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
                if self._closed:
                    return
                self._changed.wait_for(lambda: self._closed, timeout=self._flush_s)
            try:
                self.flush()
            except BaseException as error:  # The next `add` tells it.
                self._error = error
                return


@contextmanager
def opened(folder: str, flush_calls: int, flush_s: float) -> Iterator[Journal]:
    journal = Journal(folder, flush_calls, flush_s)
    try:
        yield journal
    finally:
        journal.close()
