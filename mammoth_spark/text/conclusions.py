"""What a solution comes to: the answer that it calls so, or that its last sentences name."""

import re
from collections.abc import Iterator, Sequence

from mammoth_spark.text.answers import (
    Number,
    Several,
    equal,
    last_boxed,
    letter_of,
    plain,
    same,
    signs_of,
    value_of,
    words_of,
)
from mammoth_spark.text.words import FORMULA, normal_words

_STATED = re.compile(
    r"(?:\b(?:final\s+)?(?:answer|result|solution)\s*(?:is|:|=)|^####)\s*[:=]?\s*(?=\S)", re.IGNORECASE | re.MULTILINE
)
_SENTENCE_END = re.compile(r"(?<=[^\d\s])\.(?:\s|$)|(?<=\d)\.(?:\s|$)|[!?](?:\s|$)")
_CODE = re.compile(r"`([^`\n]+)`")
_NUMBER_IN_PROSE = re.compile(r"((?<![\w.])[-\u2212]?\d[\d.,]*\d|(?<![\w.])[-\u2212]?\d)(?:\s?([^\s.,;\d]{1,12}))?")
_BEFORE = 60
# What stands right before the value of something.
_SAYS = re.compile(
    r"(?:\b(?:is|are|was|equals?|gives?|makes?|leaves?|yields?|remains?|obtains?|gets?|to|about|prints?|returns?|also|ist|sind|ergibt|soit)\b|[:=])\W*\Z",
    re.IGNORECASE,
)
# And what stands right behind it.
_IS_LEFT = re.compile(r"(?:\s+\w+)?\s+(?:remains?|(?:is|are) left)\b")
_OPTION_AT_END = re.compile(
    r"\b(?:option|choice|alternative|letter|answer)s?\s*(?:(?:is|:|must be|=)\s*)?[*($]*([A-Za-z])[*)$]*\W*\Z",
    re.IGNORECASE,
)
_LAST_MARKED = re.compile(r"`([^`\n]+)`|\$+([^$]+)\$+")
_DENIES = re.compile(
    r"\b(?:not|no|never|neither|nor|cannot|can't|isn't|than|wrong|false|unlike|instead|nicht|kein|keine)\b"
)
_JOINED = re.compile(r"\W*(?:and|or|und|oder|et|ou)\W*")
_SENTENCE_BEGIN = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_FEW_WORDS = 4
_EQUALS = re.compile(r"(?:=|\\approx|\\to|\\Rightarrow|\\implies)")


def stated_answer(solution: str) -> str | None:
    """What a solution itself calls its answer: boxed, said to be it, or all that there is. None if it calls none so."""
    called = _called_answer(solution)
    if called is not None:
        return called
    return solution.strip().rstrip(".") or None if len(solution.split()) <= _FEW_WORDS else None


def _called_answer(solution: str) -> str | None:
    boxed = last_boxed(solution)
    if boxed is not None:
        return boxed.strip()
    stated = list(_STATED.finditer(solution))
    return _first_sentence(solution[stated[-1].end() :].partition("\n")[0]) if stated else None


def ends_with(solution: str, answer: str, choices: Sequence[str] = ()) -> bool:
    """Whether a solution comes to this answer: it calls it so, or its last paragraphs name that value."""
    called = _called_answer(solution)
    if called is not None:
        return same(called, answer, choices)
    stated = stated_answer(solution)
    if stated is not None and same(stated, answer, choices):
        return True
    wanted = value_of(answer)
    letter = letter_of(answer, choices) if choices else None
    if letter is not None:
        if _names_at_end(solution, letter):
            return True
        wanted = value_of(choices[ord(letter) - ord("A")])
    *before, last = solution.rstrip().split("\n\n")
    named = [value_of(part) for part in _named_in(last)]
    if not named and before:
        # `crowns go to each child`, below the formula.
        named = [value_of(part) for part in _named_in(before[-1])]
    if isinstance(wanted, Several) and not wanted.brackets:
        return all(any(equal(value, one) for value in named) for one in wanted.values)
    return any(equal(value, wanted) for value in named) or (isinstance(wanted, str) and _has_words(last, wanted))


def _names_at_end(solution: str, letter: str) -> bool:
    """`So the correct option is B.`"""
    found = _OPTION_AT_END.search(solution)
    return found is not None and found.group(1).upper() == letter


def concludes_with(solution: str, answer: str, choices: Sequence[str] = ()) -> bool:
    """As `ends_with`, but what the last paragraph only passes on its way is not its answer. A number is the last one
    which it calls equal to something, or says that something is, and if it says none the last that it names; where it
    says two, both. Words are its last ones, and a sentence that denies or compares says them of something else."""
    if not ends_with(solution, answer, choices):
        return False
    if _called_answer(solution) is not None:
        return True
    stated = stated_answer(solution)
    if stated is not None and same(stated, answer, choices):
        return True
    letter = letter_of(answer, choices) if choices else None
    if letter is not None and _names_at_end(solution, letter):
        return True
    wanted = value_of(choices[ord(letter) - ord("A")] if letter is not None else answer)
    several = wanted.values if isinstance(wanted, Several) else (wanted,)
    paragraphs = solution.rstrip().split("\n\n")
    if not all(isinstance(one, Number) for one in several):
        return _ends_with_words(paragraphs[-1], answer if letter is None else choices[ord(letter) - ord("A")])
    if not _speaks_of_numbers(paragraphs[-1]):
        return False
    said = _said_last(paragraphs)
    if not said:
        *_, named = _named_in_order(paragraphs[-1])
        return any(equal(value_of(part), one) for part in named for one in (wanted, *several))
    if len(said) > 1:
        # Two roots, of which one alone is no answer.
        return isinstance(wanted, Several) and len(wanted.values) >= len(said)
    return any(equal(value_of(part), one) for part in said[0] for one in (wanted, *several))


def _ends_with_words(paragraph: str, answer: str) -> bool:
    """Or with the code or formula that the answer is."""
    sentence = _SENTENCE_BEGIN.split(paragraph)[-1]
    *_, last = ("", *(found.group(1) or found.group(2) for found in _LAST_MARKED.finditer(sentence)))
    if last and equal(value_of(last), value_of(answer)):
        return True
    words, within = words_of(plain(answer)), words_of(plain(sentence))
    denied = [word for word in _DENIES.findall(sentence.lower()) if word not in answer.lower()]
    return bool(words) and not denied and within[-len(words) :] == words


def _named_in_order(paragraph: str) -> list[list[str]]:
    """Formulas and numbers of a paragraph, each in the ways in which it is written."""
    found = [(one.start(), [one.group(1) or one.group(2)]) for one in FORMULA.finditer(paragraph)]
    prose = FORMULA.sub(lambda formula: " " * len(formula.group()), paragraph)
    for one in _NUMBER_IN_PROSE.finditer(prose):
        found.append((one.start(), [one.group(1), f"{one.group(1)} {one.group(2) or ''}"]))
    return [ways for _, ways in sorted(found)] or [[]]


def _speaks_of_numbers(paragraph: str) -> bool:
    """Whether its last sentence does: `The cost is lower in the second.` comes to no number, whatever stands before."""
    sentence = _SENTENCE_BEGIN.split(paragraph)[-1]
    return any(map(str.isdigit, sentence)) or not sentence[:1].isupper()


def _said_last(paragraphs: Sequence[str]) -> list[list[str]]:
    """The value that the last paragraphs say last, in the ways in which they write it: all sides of one equation. Two
    of them where two are said of one thing, as in `x = 1 or x = 2`."""
    for paragraph in paragraphs[:-3:-1]:
        said = sorted(_said_in(paragraph))
        if said:
            (_, last_begin, last), before = said[-1], said[-2:-1]
            beside = [
                ways for end, _, ways in before if ways[1] == last[1] and _JOINED.fullmatch(paragraph[end:last_begin])
            ]
            return [*beside, last]
    return []


def _said_in(paragraph: str) -> Iterator[tuple[int, int, list[str]]]:
    """End and begin of each value that is said to be something, and the ways in which it is written."""
    for found in FORMULA.finditer(paragraph):
        formula = found.group(1) or found.group(2)
        sides = _EQUALS.split(formula)
        if len(sides) > 1 or _is_said(paragraph, found.start()):
            yield found.end(), found.start(), [formula, *sides]
    without = FORMULA.sub(lambda found: " " * len(found.group()), paragraph)
    for found in _CODE.finditer(without):
        if _is_said(without, found.start()):
            yield found.end(), found.start(), [found.group(1)]
    prose = _CODE.sub(lambda found: " " * len(found.group()), without)
    for found in _NUMBER_IN_PROSE.finditer(prose):
        if _is_said(prose, found.start()) or _IS_LEFT.match(prose, found.end(1)):
            yield found.end(1), found.start(), [found.group(1), f"{found.group(1)} {found.group(2) or ''}"]


def _is_said(text: str, place: int) -> bool:
    """Whether what begins here is said to be the value of something."""
    return _SAYS.search(text, max(0, place - _BEFORE), place) is not None


def _named_in(paragraph: str) -> Iterator[str]:
    """Formulas, the sides of their equations, code, and numbers with what follows them."""
    for found in FORMULA.finditer(paragraph):
        formula = found.group(1) or found.group(2)
        yield formula
        yield from _EQUALS.split(formula)
    yield from _CODE.findall(paragraph)
    prose = FORMULA.sub(" ", paragraph)
    for found in _NUMBER_IN_PROSE.finditer(prose):
        yield found.group(1)
        yield f"{found.group(1)} {found.group(2) or ''}"


def _has_words(paragraph: str, wanted: str) -> bool:
    if wanted in paragraph and len(wanted) > 1:
        return True
    words, within = normal_words(wanted), normal_words(paragraph)
    places = range(len(within) - len(words) + 1) if words else ()
    return any(within[place : place + len(words)] == words for place in places) and signs_of(wanted) == []


def _first_sentence(text: str) -> str:
    end = _SENTENCE_END.search(text)
    return (text[: end.start()] if end else text).strip()
