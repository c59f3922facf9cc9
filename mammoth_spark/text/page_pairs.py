"""Pairs as they stand on their page: what somebody says to have read there is looked for, and what is kept is the
page's own text at that place.

So neither a model's inventions nor a page's orders to it can put words into a pair that the page does not hold. What
the page does hold is looked at as well: a question and its answer have a place each, no answer answers everything, and
what is addressed to a model is neither.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mammoth_spark.text.choices import LETTERS
from mammoth_spark.text.grounding import Document, Ground, is_too_long
from mammoth_spark.text.orders import gives_orders

_LONGEST_SHOWN = 300
_CELL = 512
# Longer is no question and no answer, and checks of it would take long.
_LONGEST = 40_000
_LABEL = re.compile(r"[^\w\n]*\(?([A-Za-z])[.)]\W*\Z")
# `A membrane` begins with no letter of an option.
_LETTERED = re.compile(r"[A-Z](?:[.):,]|\s*$)")
# What a label before an option takes.
_LABEL_ROOM = 6
_WORD = re.compile(r"\w+")
_FEW_WORDS = 2
# Of the shorter of two texts so much must lie within the other for both to be one, found twice.
_SHARED = 0.8


@dataclass(frozen=True, slots=True)
class Claim:
    """A pair as somebody says to have read it."""

    question: str
    answer: str
    choices: tuple[str, ...] = ()
    question_begins: str = ""
    """Its first words, where they are said."""
    answer_begins: str = ""
    rule: str | None = None
    """By which it was read, without a call."""
    call: str | None = None


@dataclass(frozen=True, slots=True)
class PagePair:
    """A pair in the page's own words. Spans are in characters of the document."""

    claim: Claim
    question: str
    answer: str
    choices: tuple[str, ...]
    question_span: tuple[int, int]
    answer_span: tuple[int, int]
    share: float
    """Of question and answer, the smaller."""


@dataclass(frozen=True, slots=True)
class NoPair:
    """Why a claim is no pair."""

    claim: Claim
    reason: str
    detail: str = ""


def on_page(document: Document, claim: Claim, least: float, after: int = 0) -> PagePair | NoPair:
    """The pair where it stands, if at least so much of each part does. Of equal places those after a character count
    first: where the passage begins that was read."""
    if not claim.question.strip() or not claim.answer.strip():
        return NoPair(claim, "empty", "it has no " + ("question" if not claim.question.strip() else "answer"))
    if len(claim.choices) > len(LETTERS):
        return NoPair(claim, "options_many", f"{len(claim.choices):,} options")
    long = next((text for text in (claim.question, claim.answer, *claim.choices) if is_too_long(text)), None)
    if long is not None:
        return NoPair(claim, "too_long", _shown(long))
    question = document.ground(claim.question, _place(document, claim.question_begins, after))
    if question.share < least:
        return NoPair(claim, "ungrounded", _lacking("question", question))
    options = _options(document, claim, least, question.end)
    if isinstance(options, NoPair):
        return options
    behind = max((ground.end for ground in options), default=question.end)
    answer = _answer(document, claim, options, behind)
    if answer.share < least:
        return NoPair(claim, "ungrounded", _lacking("answer", answer))
    pair = PagePair(
        claim,
        document.text[question.begin : question.end],
        document.text[answer.begin : answer.end],
        tuple(document.text[ground.begin : ground.end] for ground in options),
        (question.begin, question.end),
        (answer.begin, answer.end),
        min(question.share, answer.share),
    )
    if _overlap(pair.question_span, pair.answer_span):
        return NoPair(claim, "same_place", _shown(pair.answer))
    spans = (pair.question_span, pair.answer_span, *((ground.begin, ground.end) for ground in options))
    if max(end - begin for begin, end in spans) > _LONGEST:
        return NoPair(claim, "too_long", _shown(pair.question))
    if any(gives_orders(_lines_of(document.text, span)) for span in spans):
        return NoPair(claim, "addressed_to_a_model", _shown(pair.answer))
    return pair


def _options(document: Document, claim: Claim, least: float, behind: int) -> list[Ground] | NoPair:
    """Where the options stand, in the page's order and, where the page gives them letters, under these: else a letter
    would name another option. A page's own marks may give them in another order than it shows them."""
    grounds: list[Ground] = []
    for choice in claim.choices:
        ground = document.ground(choice, grounds[-1].end if grounds else behind)
        if not choice.strip() or ground.share < least:
            return NoPair(claim, "ungrounded", _lacking("option", ground))
        grounds.append(ground)
    if claim.call is None and _LETTERED.match(claim.answer) is None:
        return grounds
    for number, ground in enumerate(grounds):
        before = grounds[number - 1].end if number else behind
        label = _LABEL.match(document.text, document.text.rfind("\n", 0, ground.begin) + 1, ground.begin)
        is_another = label is not None and label[1].upper() != LETTERS[number : number + 1]
        if ground.begin < before or is_another:
            return NoPair(claim, "other_options", _shown(document.text[ground.begin : ground.end]))
    return grounds


def _answer(document: Document, claim: Claim, options: Sequence[Ground], behind: int) -> Ground:
    """Where the answer stands. A letter or a number stands in many places: of what a model says it counts only behind
    the question, and not as an option, which says nothing of which is right."""
    if claim.call is None:
        # Of one that is an option's text the place is the option's, not wherever else the number stands.
        said = claim.answer.split()
        chosen = [ground for choice, ground in zip(claim.choices, options, strict=True) if choice.split() == said]
        return chosen[0] if chosen else document.ground(claim.answer, behind)
    ground = document.ground(claim.answer, _place(document, claim.answer_begins, behind))
    if len(_WORD.findall(claim.answer)) > _FEW_WORDS:
        return ground
    shown = document.text[ground.begin : ground.end]
    is_option = any(ground.begin < option.end and option.begin - _LABEL_ROOM < ground.end for option in options)
    is_other_case = _WORD.findall(shown) != _WORD.findall(claim.answer)
    if ground.begin < behind or is_option or is_other_case:
        return Ground(0, 0, 0.0, (claim.answer,))
    return ground


def of_page(found: Iterable[PagePair | NoPair]) -> list[PagePair | NoPair]:
    """What a page's claims come to together: of a pair found twice the longer one counts, as where a passage was cut,
    and a text that is said to answer several questions answers none of them."""
    claims = list(found)
    refused: list[NoPair] = [one for one in claims if isinstance(one, NoPair)]
    pairs: list[PagePair] = []
    by_place: defaultdict[int, list[PagePair]] = defaultdict(list)
    for one in sorted((one for one in claims if isinstance(one, PagePair)), key=_length, reverse=True):
        places = _cells(one.answer_span)
        if any(_same(one, other) for place in places for other in by_place[place]):
            refused.append(NoPair(one.claim, "found_twice", _shown(one.question)))
            continue
        pairs.append(one)
        for place in places:
            by_place[place].append(one)
    kept: list[PagePair | NoPair] = []
    for one in pairs:
        beside = (other for place in _cells(one.answer_span) for other in by_place[place] if other is not one)
        others = {other.question_span for other in beside if _is_one(one.answer_span, other.answer_span)}
        if any(not _is_one(one.question_span, question) for question in others):
            refused.append(NoPair(one.claim, "answers_several", _shown(one.answer)))
        else:
            kept.append(one)
    return [*kept, *refused]


def _length(pair: PagePair) -> int:
    return len(pair.question) + len(pair.answer)


def _place(document: Document, begins: str, after: int) -> int:
    """Where a text begins by its first words, if they stand behind a place."""
    if not begins:
        return after
    ground = document.ground(begins, after)
    return ground.begin if ground.share == 1.0 and ground.begin >= after else after


def _lines_of(text: str, span: tuple[int, int]) -> str:
    """The span with the lines in which it begins and ends: a word alone says nothing of who is addressed."""
    begin = text.rfind("\n", 0, span[0]) + 1
    end = text.find("\n", span[1])
    return text[begin : end if end >= 0 else len(text)]


def _lacking(part: str, ground: Ground) -> str:
    return _shown(f"of the {part} {ground.share:.0%} stands on the page, and not {' ... '.join(ground.missing)}")


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}\u2026"


def _cells(span: tuple[int, int]) -> range:
    """The parts of the document in which a span lies: what lies in none of them is not the same."""
    return range(span[0] // _CELL, span[1] // _CELL + 1)


def _same(one: PagePair, other: PagePair) -> bool:
    return _is_one(one.question_span, other.question_span) and _is_one(one.answer_span, other.answer_span)


def _is_one(first: tuple[int, int], second: tuple[int, int]) -> bool:
    return _overlap(first, second) >= _SHARED * min(first[1] - first[0], second[1] - second[0])


def _overlap(first: tuple[int, int], second: tuple[int, int]) -> int:
    return max(0, min(first[1], second[1]) - max(first[0], second[0]))
