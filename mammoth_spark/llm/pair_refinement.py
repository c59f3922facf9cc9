"""A pair that can be learnt from: the question to a model, which sees the pair and the page around it."""

import re
from collections.abc import Sequence

from mammoth_spark.llm import prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Sampling
from mammoth_spark.text.choices import listed
from mammoth_spark.text.orders import without_orders

STAGE = "refine_pairs"
_ROOM = 1_500
# Of the page so much before the question and behind the answer, and of what stands between them no more than this.
_AROUND, _LONGEST_PAGE = 1_000, 8_000
_LONGEST = 6_000
_MARK = re.compile(r"<(?=\s*/?\s*(?:page|question|choices|answer|solution|final_answer)\s*>)", re.IGNORECASE)


class Change(Form):
    what: str
    why: str


class RefinedPair(Form):
    question: str
    steps: list[str]
    final_answer: str
    changes: list[Change]

    def is_void(self) -> bool:
        return not self.question.strip()

    @property
    def solution(self) -> str:
        return "\n\n".join(step.strip() for step in self.steps if step.strip())


def question(model: str) -> Question:
    asked = prompt.load(prompt.PROMPTS / "refine_pairs.md")
    return Question(STAGE, asked, model, Sampling(_ROOM), RefinedPair)


def slots(
    page: str, spans: Sequence[tuple[int, int]], question: str, choices: Sequence[str], answer: str
) -> dict[str, str]:
    """`spans` are where question and answer stand on the page."""
    return {
        "page": quoted(_around(page, spans)),
        "question": quoted(question[:_LONGEST]),
        "choices": quoted(listed(choices)),
        "answer": quoted(answer[:_LONGEST]),
    }


def quoted(text: str) -> str:
    """Text that can end none of the marks around it."""
    return _MARK.sub("\u2039", text)


def _around(page: str, spans: Sequence[tuple[int, int]]) -> str:
    parts: list[tuple[int, int]] = []
    for span in sorted(spans):
        begin, end = max(0, span[0] - _AROUND), min(len(page), span[1] + _AROUND)
        if parts and begin <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        else:
            parts.append((begin, end))
    most = _LONGEST_PAGE // max(1, len(parts))
    shown = "\n[...]\n".join(page[begin : min(end, begin + most)] for begin, end in parts)
    # Nothing that belongs to the pair is addressed to a model: such lines are only there to be obeyed.
    return without_orders(shown)
