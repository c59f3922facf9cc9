"""Whether a question is a benchmark's in other words: the question to a model, asked in both orders.

A model is swayed by which of two texts comes first; what it says in one order alone does not count.
"""

from mammoth_spark.llm import prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Sampling

_LONGEST = 4_000
ORDERS = 2


class SameQuestion(Form):
    same: bool
    reason: str


def question(judge: str | None) -> Question:
    """Of `decontamination.judge`, without which nobody can be asked."""
    if judge is None:
        raise ValueError("decontamination.judge names no model; give it one of llm.endpoints")
    asked = prompt.load(prompt.PROMPTS / "same_question.md")
    return Question("judge_rewordings", asked, judge, Sampling(max_tokens=120), SameQuestion)


def slots(found: str, item: str) -> tuple[dict[str, str], ...]:
    """What fills the prompt, once in each order. `<` can end neither text."""
    first, second = (text[:_LONGEST].replace("<", "\u2039") for text in (found, item))
    return {"first": first, "second": second}, {"first": second, "second": first}
