"""What the models' refinements of a pair come to: how each stands to the page, to its own reasoning and to the others.

A refinement that fails a check is kept with what failed, and may not be published. A model's own word that it changed
nothing counts for nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mammoth_spark.llm.pair_faults import PairFaults, ToldLetter
from mammoth_spark.llm.pair_refinement import RefinedPair
from mammoth_spark.text import pair_checks
from mammoth_spark.text.answers import same
from mammoth_spark.text.choices import LETTERS
from mammoth_spark.text.grounding import Document
from mammoth_spark.text.orders import gives_orders

Agreement = Literal["gold", "alone", "upheld", "overruled", "disagree"]
"""gold: all models come to the same answer. alone: there is but one. Where they differ: upheld or overruled by the
arbiter's answer, or disagree if there is none, or one of its own."""

_SAME = "same"
# Of what the checks say this is an account and no verdict.
_TOLD = "sentences"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Extracted:
    question: str
    choices: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Refined:
    model: str
    """As the run file names it."""
    call: str
    question: str
    solution: str
    final_answer: str
    changes: tuple[str, ...]
    """What the model says that it changed."""
    checks: Mapping[str, str]
    sentences: tuple[tuple[str, str], ...]
    agreement: Agreement = "alone"

    @property
    def passed(self) -> bool:
        fails = any(found != _SAME for check, found in self.checks.items() if check != _TOLD)
        return not fails and self.agreement in ("gold", "alone", "upheld")

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with it, whatever its answer."""
        return all(found == _SAME for check, found in self.checks.items() if check not in (_TOLD, "answer"))

    @property
    def is_the_pages(self) -> bool:
        """Whether it comes to the page's answer."""
        return self.checks["answer"] == _SAME


@dataclass(frozen=True, slots=True)
class Preference:
    question: str
    chosen: str
    rejected: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    refined: tuple[Refined, ...] = ()
    preference: Preference | None = None
    disagrees: bool = False
    """Whether models differ, and none has decided between them."""


def read(model: str, call: str, reply: str, pair: Extracted, page: Document) -> Refined:
    """A reply with what the checks by rule find."""
    said = RefinedPair.model_validate_json(reply)
    changed = pair_checks.question_changes(pair.question, said.question)
    checks = {"question": f"changed: {_short('; '.join(changed))}" if changed else _SAME}
    if pair_checks.is_same_answer(pair.answer, said.final_answer, pair.choices):
        checks["answer"] = _SAME
    else:
        why = _short("; ".join(change.why for change in said.changes)) or "without a word why"
        checks["answer"] = f"answer_changed: {_short(said.final_answer)}, {why}"
    tagged = pair_checks.tagged(f"{said.question}\n\n{said.solution}", page)
    counts = Counter(tag for _, tag in tagged)
    checks[_TOLD] = ", ".join(f"{counts[tag]} {tag}" for tag in ("copied", "reworded", "added"))
    checks |= pair_checks.faults(said.question, pair.choices, said.solution, said.final_answer)
    if gives_orders(f"{said.question}\n{said.solution}\n{said.final_answer}"):
        checks["addressed_to_a_model"] = "it holds words that are addressed to a model"
    changes = tuple(f"{change.what}: {change.why}" for change in said.changes)
    return Refined(model, call, said.question, said.solution, said.final_answer.strip(), changes, checks, tuple(tagged))


def together(refined: Sequence[Refined], choices: Sequence[str], arbiter: str | None) -> Outcome:
    """With the agreement of each, and the preference that follows where they differ."""
    if len(refined) < 2:
        return Outcome(tuple(refined))
    first, *others = refined
    if all(same(first.final_answer, one.final_answer, choices) for one in others):
        return Outcome(tuple(replace(one, agreement="gold") for one in refined))
    decides = next((one for one in refined if one.model == arbiter), None)
    asked = [one for one in refined if one is not decides]
    agreements: dict[int, Agreement] = {}
    if decides is not None:
        upheld = [same(one.final_answer, decides.final_answer, choices) for one in asked]
        if any(upheld):
            agreements = {
                id(one): "upheld" if is_upheld else "overruled" for one, is_upheld in zip(asked, upheld, strict=True)
            }
            agreements[id(decides)] = "upheld"
    judged = tuple(replace(one, agreement=agreements.get(id(one), "disagree")) for one in refined)
    of_asked = [one for one in judged if decides is None or one.model != decides.model]
    return Outcome(judged, _preference(of_asked), decides is None)


def _preference(refined: Sequence[Refined]) -> Preference | None:
    """The arbiter's word goes before the page's."""
    by_arbiter = any(one.agreement == "upheld" for one in refined)
    good = [one for one in refined if one.is_sound and (one.agreement == "upheld" if by_arbiter else one.is_the_pages)]
    bad = [one for one in refined if one not in good]
    if not good or not bad:
        return None
    reason = "another model comes to the same answer" if by_arbiter else "the page has the same answer"
    return Preference(good[0].question, good[0].solution, bad[0].solution, reason)


def judged(refined: Refined, choices: Sequence[str], faults: str | None, told: str | None) -> Refined:
    """With what a judge says of the pair, and of its options alone. What he has not answered has not passed him."""
    if faults is None or (told is None and choices):
        return replace(refined, checks={**refined.checks, "judge": "not judged"})
    found = {one.kind: one.shown_by for one in PairFaults.model_validate_json(faults).faults}
    checks = {f"judge_{kind}": _short(shown_by) or "it says so" for kind, shown_by in found.items()}
    if told is not None:
        guess = ToldLetter.model_validate_json(told)
        letter = guess.letter.strip(" .()*").upper()
        if letter and letter in LETTERS[: len(choices)] and same(letter, refined.final_answer, choices):
            checks["judge_choices_tell"] = _short(guess.shown_by) or "it says so"
    return replace(refined, checks={**refined.checks, **checks})


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\u2026"
