"""Ours in the benchmark of the LLM layer: what a task of a stage does with its requests."""

import json
import os
import sys
import time
import uuid
from pathlib import Path

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm.budget import Room
from mammoth_spark.llm.task import outcomes, servers_of
from tests.bench.llm import requests


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    endpoint = Endpoint(model="rules", base_url=os.environ["MAMMOTH_ENDPOINT"])
    settings = Llm(endpoints=[endpoint], tasks=1, window=order["window"])
    asked = requests(order["count"])
    began = time.perf_counter()
    journal = f"{order['folder']}/{uuid.uuid4().hex}"
    answered = sum(
        outcome.status in ("ok", "void")
        for outcome in outcomes(iter(asked), servers_of(settings, "rules"), settings, Room(), journal)
    )
    assert answered == order["count"], f"{answered} of {order['count']} answered"
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
