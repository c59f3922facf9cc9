"""What is wrong with a refined pair: the questions to a judge, about the pair and about its options alone."""

from collections.abc import Sequence
from typing import Literal

from mammoth_spark.llm import pair_refinement, prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Sampling
from mammoth_spark.text.choices import listed

STAGE = "judge_pairs"


class PairFault(Form):
    kind: Literal["leans_on_missing", "contradicts_itself", "no_answer", "answer_in_question", "ambiguous"]
    shown_by: str


class PairFaults(Form):
    faults: list[PairFault]


class ToldLetter(Form):
    letter: str
    shown_by: str


def of_pair(judge: str) -> Question:
    return Question(STAGE, prompt.load(prompt.PROMPTS / "pair_faults.md"), judge, Sampling(300), PairFaults)


def of_choices(judge: str) -> Question:
    return Question(STAGE, prompt.load(prompt.PROMPTS / "choices_alone.md"), judge, Sampling(100), ToldLetter)


def slots_of_pair(question: str, choices: Sequence[str], solution: str, final: str) -> dict[str, str]:
    values = {"question": question, "choices": listed(choices), "solution": solution}
    return {name: pair_refinement.quoted(text) for name, text in (values | {"final_answer": final}).items()}


def slots_of_choices(choices: Sequence[str]) -> dict[str, str]:
    return {"choices": pair_refinement.quoted(listed(choices))}
