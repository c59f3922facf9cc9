"""Final answers that a program can check, each with the proof that its check works.

The proof: the answer is the same as itself; what differs from it in a digit, a sign or an option is not; and neither is
junk. What does not prove itself is out, with the reason.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mammoth_spark.text import expressions
from mammoth_spark.text.answers import Number, Several, same, value_of
from mammoth_spark.text.choices import LETTERS

Kind = Literal["number", "choice", "expression", "yes_no", "list"]
# A longer one is a text.
_LONGEST = 120
_JUNK = ("{", "}", "", "\\boxed{}", "$$", "$", "?", "...", "\\", "None", "-", "=", "()", "nan")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_VARIABLE = re.compile(r"(?<![\\A-Za-z])[a-z](?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Checkable:
    """A final answer of a kind that is checked by `text.answers.same`, with the options beside it."""

    kind: Kind
    answer: str


@dataclass(frozen=True, slots=True)
class NotCheckable:
    reason: str
    detail: str = ""


def checked(final_answer: str, choices: Sequence[str] = ()) -> Checkable | NotCheckable:
    """The answer with its kind, if a check of it proves itself."""
    answer = final_answer.strip()
    if len(answer) > _LONGEST:
        return NotCheckable("answer_long", f"{len(answer)} characters")
    kind, answer = _kind(answer, choices)
    if kind is None:
        return NotCheckable("answer_in_words", answer)
    if not same(answer, answer, choices):
        return NotCheckable("not_itself", answer)
    junk = next((one for one in _JUNK if same(one, answer, choices)), None)
    if junk is not None:
        return NotCheckable("junk_passes", junk)
    perturbed = list(_perturbed(kind, answer, choices))
    passes = next((one for one in perturbed if same(one, answer, choices)), None)
    if passes is not None or not perturbed:
        return NotCheckable("other_passes", answer if passes is None else passes)
    return Checkable(kind, answer)


def _kind(answer: str, choices: Sequence[str]) -> tuple[Kind | None, str]:
    """Of an answer that names an option, the letter stands for it."""
    if choices:
        letters = [letter for letter in LETTERS[: len(choices)] if same(answer, letter, choices)]
        return ("choice", letters[0]) if len(letters) == 1 else (None, answer)
    value = value_of(answer)
    if isinstance(value, bool):
        return "yes_no", answer
    if isinstance(value, Number):
        return "number", answer
    if isinstance(value, Several):
        return "list", answer
    return ("expression" if expressions.is_expression(value) else None), answer


def _perturbed(kind: Kind, answer: str, choices: Sequence[str]) -> Iterator[str]:
    """Answers that are wrong, each by little."""
    if kind == "choice":
        yield from (letter for letter in LETTERS[: len(choices)] if letter != answer)
    elif kind == "yes_no":
        yield from (word for word in ("yes", "no") if value_of(word) is not value_of(answer))
    else:
        for found in _NUMBER.finditer(answer):
            for other in _other_numbers(found.group()):
                yield f"{answer[: found.start()]}{other}{answer[found.end() :]}"
        if kind == "expression":
            yield f"{answer} + 1"
            yield f"-({answer})"
            for variable in _VARIABLE.findall(answer)[:1]:
                yield _VARIABLE.sub("q" if variable != "q" else "w", answer, count=1)
        if kind == "number" and any(sign in "123456789" for sign in answer):
            yield answer.replace("-", "", 1) if "-" in answer else f"-{answer.removeprefix('$')}"


def _other_numbers(written: str) -> Iterator[str]:
    """One more in the last place, and a place more."""
    digits = written.replace(".", "")
    more = str(int(digits) + 1).zfill(len(digits))
    after = len(written.partition(".")[2])
    yield f"{more[:-after]}.{more[-after:]}" if after else more
    if int(digits):
        yield f"{digits[:-after]}0.{digits[-after:]}" if after else f"{written}0"
