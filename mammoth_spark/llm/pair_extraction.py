"""Which pairs a document holds: the question to a model about a passage, and what its answer claims."""

import re

from mammoth_spark.llm import prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Sampling
from mammoth_spark.text.page_pairs import Claim

STAGE = "extract_pairs"
# Of a passage that is nothing but pairs about all must be copied; a cut reply is asked for again with twice the room.
_ROOM = 3_000
# Only this can end the document; every other `<` may belong to a formula or to code, and is to be copied.
_MARK = re.compile(r"<(?=\s*/?\s*document\s*>)", re.IGNORECASE)


class FoundPair(Form):
    question: str
    choices: list[str]
    answer: str
    question_begins: str
    answer_begins: str


class FoundPairs(Form):
    pairs: list[FoundPair]

    def is_void(self) -> bool:
        return not self.pairs


def question(model: str) -> Question:
    asked = prompt.load(prompt.PROMPTS / "extract_pairs.md")
    return Question(STAGE, asked, model, Sampling(_ROOM), FoundPairs)


def slots(passage: str) -> dict[str, str]:
    return {"document": _MARK.sub("\u2039", passage)}


def claims(reply: str, call: str) -> list[Claim]:
    return [
        Claim(
            one.question,
            one.answer,
            tuple(one.choices),
            one.question_begins,
            one.answer_begins,
            call=call,
        )
        for one in FoundPairs.model_validate_json(reply).pairs
    ]
