"""What a model did to a pair: whether question and answer are still the page's, what it added, and what is wrong with
the result. Each check tells what it has found, so that a reader can judge it."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from mammoth_spark.text.answers import FRACTION, last_boxed, same
from mammoth_spark.text.conclusions import concludes_with, ends_with, stated_answer
from mammoth_spark.text.grounding import Document
from mammoth_spark.text.words import FORMULA, TEX_LOOK, normal_words

Tag = Literal["copied", "reworded", "added"]

_COPIED, _REWORDED = 0.95, 0.5
# Of a sentence of which so much is left the numbers are as well; another one was left out with all that it says.
_KEPT = 0.6
_MOST_TOKENS = 2_000
_NUMBER = r"\d+(?:[.,]\d+)*"
_LOOK = re.compile(TEX_LOOK)
_LIST_MARK = re.compile(r"^[ \t]*(?:[-*+>]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_IN_FORMULA = re.compile(rf"\\[A-Za-z]+|[^\W\d_]|{_NUMBER}|[^\s\w,.;:?!]|_")
# A letter alone is a variable, but for the words that are one letter long.
_IN_PROSE = re.compile(
    rf"{_NUMBER}|(?<![^\W\d_])[-+*/=<>^%](?![^\W\d_])|(?<![\w\\'])[B-HJ-Zb-hj-z](?![\w'])"
    r"|[\u2200-\u22ff\u00b1\u00d7\u00f7]"
)
_THOUSANDS = re.compile(r"(?<=[1-9]),(?=\d{3}(?!\d))|(?<=[1-9]\d),(?=\d{3}(?!\d))|(?<=[1-9]\d\d),(?=\d{3}(?!\d))")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[^\W\d_a-z]|[$\\*\"'(\u201c])|\n+")
_CODE = re.compile(r"^(`{3,8}).*?\n\1[ \t]*$|\$\$.+?\$\$", re.DOTALL | re.MULTILINE)
# Different ways to write one sign.
_SIGNS = (
    (re.compile(r"\\(?:cdot|times|ast)(?![A-Za-z])|[\u00d7\u00b7\u22c5]"), "*"),
    (re.compile(r"\\div(?![A-Za-z])|\u00f7"), "/"),
    (re.compile(r"\\leq?(?![A-Za-z])|\u2264"), "<="),
    (re.compile(r"\\geq?(?![A-Za-z])|\u2265"), ">="),
    (re.compile(r"\\neq?(?![A-Za-z])|\u2260"), "!="),
    (re.compile(r"\u2212|\u2013"), "-"),
    (re.compile(r"[{}]"), ""),
)
_NOT_THERE = re.compile(
    r"\b(?P<figure>(?:figure|fig\.|diagram|graph|sketch|picture|image|photo|map)s?\s+(?:\d|above|below|shown|on\s+the|at\s+the"
    r"|to\s+the)|(?:shown|see|seen|given|drawn)\s+(?:in|on|from)\s+the\s+(?:figure|diagram|graph|sketch|picture|image|map))"
    r"|\b(?P<table>(?:table|chart)s?\s+(?:\d|above|below)|(?:shown|see|given|listed)\s+in\s+the\s+table)"
    r"|\b(?P<equation>(?:equation|eq\.|formula)s?\s*\(?\d+(?:\.\d+)*\)?)"
    r"|\b(?P<earlier>(?:previous|preceding|last)\s+(?:part|exercise|question|problem|example|section|chapter|page)"
    r"|(?:part|exercise|problem|example|theorem|lemma|section|chapter)\s+\(?(?:\d+(?:\.\d+)*|[a-e])\)?(?=[\s,.?;:)])"
    r"|(?:passage|text|paragraph|code|list)\s+(?:above|below))",
    re.IGNORECASE,
)
_TABLE, _PICTURE, _TAG = (
    re.compile(r"^\|.+\|$", re.MULTILINE),
    re.compile(r"!\[|<img"),
    re.compile(r"\\tag\{|\$\s*\(\d+\)"),
)
# `B, since ...`, `**B**`, `2. B`; `A unit costs` begins with no letter.
# And `A, B and D are false` chooses none of them.
_LETTER_FIRST = re.compile(
    r"\W*(?:\d{1,3}\\?[.):]\W*)?([A-Z])(?:[,):*](?!\W*(?:is|are|was|would|can\w*|does|and|or|[A-Z])\b)|\.(?!\s+[a-z])|\s*$|\n)"
)
_PARTS = re.compile(r"(?:^|\s)\(?[a-e1-9][).]\s", re.MULTILINE)
_NO_ANSWER = {"", "n/a", "none", "unknown", "not given", "no answer", "see above", "see below", "?", "-", "todo", "tbd"}
# So many words of a solution in a row, in its own question, are no chance.
_TOLD = 12


def question_changes(extracted: str, refined: str) -> list[str]:
    """Numbers, signs and variables in which a refined question differs from the page's, order and all. What stood in a
    sentence that was left out as a whole may be missing."""
    before, after = _same_signs(extracted), _same_signs(refined)
    new, tokens = Document(after), _exact_tokens(after)
    kept = [token for one in sentences(before) if new.ground(one).share >= _KEPT for token in _exact_tokens(one)]
    added = _differing(_exact_tokens(before), tokens)[1]
    lost = _differing(kept, tokens)[0]
    return [f"added {' '.join(run)}" for run in added] + [f"lost {' '.join(run)}" for run in lost]


def _differing(first: list[str], second: list[str]) -> tuple[list[list[str]], list[list[str]]]:
    """The runs that only one of two texts has."""
    if max(len(first), len(second)) > _MOST_TOKENS:
        return ([["too many signs to compare"]], []) if first != second else ([], [])
    steps = [step for step in SequenceMatcher(None, first, second, autojunk=False).get_opcodes() if step[0] != "equal"]
    gone = [first[begin:end] for _, begin, end, _, _ in steps if end > begin]
    return gone, [second[begin:end] for _, _, _, begin, end in steps if end > begin]


def _exact_tokens(text: str) -> list[str]:
    """Of formulas all but their looks, of prose its numbers, operators and variables."""
    found: list[str] = []
    begin = 0
    text = _LIST_MARK.sub("", _LOOK.sub(" ", text))
    for formula in FORMULA.finditer(text):
        found += _IN_PROSE.findall(text[begin : formula.start()])
        found += _IN_FORMULA.findall(formula.group(1) or formula.group(2))
        begin = formula.end()
    found += _IN_PROSE.findall(text[begin:])
    return [_THOUSANDS.sub("", token) for token in found]


def is_same_answer(extracted: str, final: str, choices: Sequence[str] = ()) -> bool:
    """Whether the page's answer comes to this final one."""
    letter = _LETTER_FIRST.match(extracted) if choices else None
    if letter is not None:
        return same(letter[1], final, choices)
    return same(extracted, final, choices) or concludes_with(extracted, final, choices)


def tagged(text: str, page: Document) -> list[tuple[str, Tag]]:
    """Each sentence: whether it was copied from the page, reworded or added."""
    found: list[tuple[str, Tag]] = []
    for sentence in sentences(text):
        share = page.ground(sentence).share
        found.append((sentence, "copied" if share >= _COPIED else "reworded" if share >= _REWORDED else "added"))
    return found


def sentences(text: str) -> list[str]:
    """Code and displayed formulas are one each."""
    found: list[str] = []
    begin = 0
    for block in _CODE.finditer(text):
        found += _SENTENCE.split(text[begin : block.start()])
        found.append(block.group())
        begin = block.end()
    found += _SENTENCE.split(text[begin:])
    return [one.strip() for one in found if one and any(map(str.isalnum, one))]


def faults(question: str, choices: Sequence[str], solution: str, final: str) -> dict[str, str]:
    """What is wrong with a refined pair, by kind, with what shows it."""
    found = dict(_not_there(question, solution))
    if final.strip().lower().rstrip(".") in _NO_ANSWER or not solution.strip():
        return found | {"no_answer": final.strip() or "it is empty"}
    contradiction = _contradiction(solution, final, choices)
    if contradiction:
        found["contradicts_itself"] = contradiction
    told = _told(question, solution, final)
    if told:
        found["answer_in_question"] = told
    if choices and all(same(choices[0], choice) for choice in choices[1:]):
        found["choices_tell"] = "there is but one"
    return found


def _not_there(question: str, solution: str) -> Iterator[tuple[str, str]]:
    """What the pair leans on although it does not hold it."""
    whole = f"{question}\n{solution}"
    has = {"figure": _PICTURE, "table": _TABLE, "equation": _TAG, "earlier": _PARTS}
    for found in _NOT_THERE.finditer(whole):
        kind = found.lastgroup
        assert kind is not None, "each alternative has a name"
        if not has[kind].search(whole):
            yield f"leans_on_{kind}", " ".join(found.group().split())


def _contradiction(solution: str, final: str, choices: Sequence[str]) -> str | None:
    stated = stated_answer(solution)
    if stated is not None and not same(stated, final, choices) and not ends_with(stated, final, choices):
        return f"it says {stated[:100]}, and at last {final[:100]}"
    if stated is None and not ends_with(solution, final, choices):
        return f"its reasoning does not come to {final[:100]}"
    boxed = last_boxed(solution)
    before = last_boxed(solution[: solution.rfind("\\boxed{")]) if boxed is not None else None
    if before is not None and boxed is not None and not same(before, boxed, choices):
        return f"it says {before[:100]} and {boxed[:100]}"
    return None


def _told(question: str, solution: str, final: str) -> str | None:
    stated = stated_answer(question) if len(question.split()) > _TOLD // 2 else None
    if stated is not None and same(stated, final):
        return f"it says {stated[:100]}"
    asked, told = normal_words(question), normal_words(solution)
    runs = {tuple(asked[place : place + _TOLD]) for place in range(len(asked) - _TOLD + 1)}
    if len(told) >= _TOLD and any(tuple(told[place : place + _TOLD]) in runs for place in range(len(told) - _TOLD + 1)):
        share = Document(question).ground(solution).share
        if share >= _COPIED:
            return "the whole solution stands in it"
    return None


def _same_signs(text: str) -> str:
    text = FRACTION.sub(lambda found: f"{found[1] or found[2]}/{found[3] or found[4]}", text)
    for sign, plain in _SIGNS:
        text = sign.sub(plain, text)
    return text
