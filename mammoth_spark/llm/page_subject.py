"""The first question to an endpoint: the subject of a page, by its title."""

from typing import Literal

from mammoth_spark.llm import prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Sampling

ROWS = """
SELECT title FROM {recalled_pages} WHERE round = {round} AND title <> '' ORDER BY md5(url), warc_offset LIMIT 20
"""
"""What it is asked about: pages chosen by hash. Spark and the console read it alike."""


class PageSubject(Form):
    subject: Literal["mathematics", "physics", "chemistry", "computing", "other"]

    def is_void(self) -> bool:
        return self.subject == "other"


def question(model: str) -> Question:
    page_subject = prompt.load(prompt.PROMPTS / "page_subject.md")
    return Question("check_endpoint", page_subject, model, Sampling(max_tokens=30), PageSubject)
