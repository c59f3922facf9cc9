"""rows -> llm_calls: a stage for tests, which asks about as many titles as ROWS says, DISTINCT of them different."""

import os
import signal
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark.config import Endpoint, RunFile
from mammoth_spark.llm.request import Question, Request
from mammoth_spark.spark import llm_calls, stage
from mammoth_spark.spark.job import main
from mammoth_spark.spark.tables import LLM_CALLS, LLM_REQUESTS, Lake
from tests.llm.questions import question


def run(spark: SparkSession, run_file: RunFile) -> None:
    lake = Lake(spark, run_file.lake)
    folder = Path(os.environ["QUESTION"])
    asked = question(folder)
    if "POISON" in os.environ:
        asked = poisoned(asked, folder / "deaths")
    number = F.col("id") % int(os.environ["DISTINCT"])
    titles = F.concat(F.lit("Exercise "), number.cast("string"), F.lit(" on fractions"))
    rows = spark.range(int(os.environ["ROWS"])).select(F.create_map(F.lit("title"), titles).alias("slots"))
    with stage.opened(spark, lake, run_file, asked.stage, "buckets", (LLM_REQUESTS, LLM_CALLS), "settings") as work:
        llm_calls.ask(spark, lake, run_file, work, asked, rows)


def poisoned(asked: Question, deaths: Path) -> Question:
    """The same question, of which one request kills the worker that writes its body."""

    class Poisonous(Request):
        def body(self, endpoint: Endpoint, room: int) -> bytes:
            if "Exercise 7 " in self.messages[-1][1]:
                with deaths.open("ab") as file:
                    file.write(b"x")
                os.kill(os.getpid(), signal.SIGKILL)
            return super().body(endpoint, room)

    class Poisoner(Question):
        def about(self, values: Any) -> Request:
            return Poisonous(self, self.prompt.messages(values))

    return Poisoner(asked.stage, asked.prompt, asked.model, asked.sampling, asked.reply)


if __name__ == "__main__":
    main("ask_titles", __doc__, run, uses=("llm",))
