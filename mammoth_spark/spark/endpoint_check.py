"""A first question to an endpoint: the subject of some recalled pages, by their titles."""

from typing import Literal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from mammoth_spark.llm import prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Sampling
from mammoth_spark.spark.tables import RECALLED_PAGES, Lake

PAGES = 20


class PageSubject(Form):
    subject: Literal["mathematics", "physics", "chemistry", "computing", "other"]

    def is_void(self) -> bool:
        return self.subject == "other"


def question(model: str) -> Question:
    page_subject = prompt.load(prompt.PROMPTS / "page_subject.md")
    return Question("check_endpoint", page_subject, model, Sampling(max_tokens=30), PageSubject)


def some_titles(lake: Lake, round_: int) -> DataFrame:
    """Titles of some pages, chosen by hash."""
    pages = lake.read(RECALLED_PAGES).where((F.col("round") == round_) & (F.col("title") != ""))
    chosen = pages.orderBy(F.xxhash64("url", "warc_offset")).limit(PAGES)
    return chosen.select(F.create_map(F.lit("title"), F.col("title")).alias("slots"))
