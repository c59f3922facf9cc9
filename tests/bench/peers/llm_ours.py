"""Ours in the benchmark of the LLM layer: what the tasks of a stage do with their requests, each in its own process."""

import json
import multiprocessing
import os
import sys
import uuid
from pathlib import Path

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm.budget import Room
from mammoth_spark.llm.request import Request
from mammoth_spark.llm.task import outcomes, servers_of
from tests.bench.llm import requests
from tests.bench.peers.server_time import timed

_TASKS = 2


def ask(asked: list[Request], window: int, folder: str) -> None:
    endpoint = Endpoint(model="rules", base_url=os.environ["MAMMOTH_ENDPOINT"])
    settings = Llm(endpoints=[endpoint], tasks=_TASKS, window=window)
    found = outcomes(iter(asked), servers_of(settings, "rules"), settings, Room(), f"{folder}/{uuid.uuid4().hex}")
    answered = sum(outcome.status in ("ok", "void") for outcome in found)
    assert answered == len(asked), f"{answered} of {len(asked)} answered"


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asked = requests(order["count"])
    forking = multiprocessing.get_context("fork")
    tasks = [
        forking.Process(target=ask, args=(asked[number::_TASKS], order["window"], order["folder"]))
        for number in range(_TASKS)
    ]
    with timed() as figures:
        for task in tasks:
            task.start()
        for task in tasks:
            task.join()
    assert all(task.exitcode == 0 for task in tasks), "a task failed"
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
