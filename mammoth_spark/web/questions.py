"""Questions that a page marks as such, with their answers: schema.org's types, `Q:` and `A:`, options with a key.

They need no model to be found. Each says by which rule it was.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

_MOST_BYTES = 1 << 20
_MOST_QUESTIONS = 500
_MOST_NODES = 20_000
_VOTES = re.compile(r"[+-]?[0-9]{1,9}")

# A rule is tried where its words stand in the page.
_SCHEMA_ORG, _JSON_LD, _ITEM_TYPE, _TYPE_OF = b"schema.org", b"ld+json", b"itemtype", b"typeof"
WORDS = (_SCHEMA_ORG, _JSON_LD, _ITEM_TYPE, _TYPE_OF)

Render = Callable[[LexborNode], str]
"""A part of the page as Markdown."""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    is_accepted: bool = False
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedQuestion:
    rule: str
    question: str
    answers: tuple[Answer, ...]
    choices: tuple[str, ...] = ()


def structured_data(tree: LexborHTMLParser, mentioned: Collection[bytes]) -> list[str]:
    """The page's JSON-LD that speaks of questions. It stands in scripts, which the cleaning takes out."""
    if _JSON_LD not in mentioned:
        return []
    sources = (script.text() for script in tree.css('script[type="application/ld+json"]'))
    return [source for source in sources if "Question" in source and len(source) <= _MOST_BYTES]


def marked_questions(
    tree: LexborHTMLParser,
    mentioned: Collection[bytes],
    structured: Iterable[str],
    render: Render,
    tidy: Callable[[str], str],
    text: str,
) -> list[MarkedQuestion]:
    """What each rule finds. Of a question that several find the first rule's is kept: in the page's own elements
    formulas and code have their form, and in a script they seldom do."""
    found: dict[str, MarkedQuestion] = {}
    sources: list[Iterator[MarkedQuestion]] = []
    if _SCHEMA_ORG in mentioned:
        if _ITEM_TYPE in mentioned:
            sources.append(_in_elements(tree, _MICRODATA, render))
        if _TYPE_OF in mentioned:
            sources.append(_in_elements(tree, _RDFA, render))
        sources.append(map(partial(_tidied, tidy), _in_scripts(structured)))
    sources += [_asked_and_answered(text), _with_key(text), _with_solution(text)]
    for source in sources:
        for one in source:
            found.setdefault(" ".join(one.question.lower().split()), one)
            if len(found) >= _MOST_QUESTIONS:
                return list(found.values())
    return list(found.values())


# schema.org in scripts --------------------------------------------------------------------------------------------


def _tidied(tidy: Callable[[str], str], one: MarkedQuestion) -> MarkedQuestion:
    """What stands in scripts has not been through the cleaning."""
    answers = tuple(replace(answer, text=tidy(answer.text)) for answer in one.answers)
    return replace(one, question=tidy(one.question), answers=answers, choices=tuple(map(tidy, one.choices)))


def _in_scripts(structured: Iterable[str]) -> Iterator[MarkedQuestion]:
    for source in structured:
        try:
            data = json.loads(source, strict=False)
        except (ValueError, RecursionError):
            continue
        for page, entity in _entities(data):
            question = _of_entity(page, entity)
            if question is not None:
                yield question


def _entities(data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The questions, and the type of what holds them. Without recursion: a page nests as it likes."""
    stack: list[tuple[str, Any]] = [("", data)]
    left = _MOST_NODES
    while stack and left:
        left -= 1
        holder, value = stack.pop()
        if isinstance(value, list):
            stack += [(holder, one) for one in reversed(value)]
        elif isinstance(value, dict):
            type_ = _type_of(value)
            if type_ == "Question":
                yield holder, value
                continue
            inside = [
                value[name] for name in ("hasPart", "mainEntity", "@graph", "itemListElement", "item") if name in value
            ]
            stack += [(type_ or holder, one) for one in inside]


def _type_of(entity: Mapping[str, Any]) -> str:
    named = entity.get("@type")
    first = named[0] if isinstance(named, list) and named else named
    return first.rpartition("/")[2] if isinstance(first, str) else ""


def _of_entity(page: str, entity: Mapping[str, Any]) -> MarkedQuestion | None:
    question = _text(entity.get("text")) or _text(entity.get("name"))
    accepted, suggested = (_several(entity.get(name)) for name in ("acceptedAnswer", "suggestedAnswer"))
    is_choice = page == "Quiz" or "choice" in str(entity.get("eduQuestionType", "")).lower()
    answers = [Answer(_text(one), True, _votes(one)) for one in accepted]
    others = [Answer(_text(one), False, _votes(one)) for one in suggested]
    answers, others = ([one for one in some if one.text] for some in (answers, others))
    rule = f"schema.org {page or 'Question'}, JSON-LD"
    if not question or not (answers or others):
        return None
    if is_choice:
        return MarkedQuestion(rule, question, tuple(answers), _in_place([*accepted, *suggested]))
    return MarkedQuestion(rule, question, (*answers, *others))


def _in_place(options: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """The options in the order that the page gives them."""
    numbered = [(one.get("position"), _text(one)) for one in options]
    if all(isinstance(place, int) for place, _ in numbered):
        numbered.sort(key=lambda one: int(one[0] or 0))
    return tuple(text for _, text in numbered if text)


def _several(value: Any) -> list[Mapping[str, Any]]:
    some = value if isinstance(value, list) else [value]
    return [{"text": one} if isinstance(one, str) else one for one in some if isinstance(one, dict | str)]


def _text(value: Any) -> str:
    """Of a string, which may hold HTML, or of a thing with a text."""
    if isinstance(value, dict):
        value = value.get("text") or value.get("name")
    if not isinstance(value, str):
        return ""
    if "<" in value and ">" in value:
        body = LexborHTMLParser(value).body
        value = body.text(separator=" ") if body is not None else ""
    return " ".join(value.split())


def _votes(answer: Mapping[str, Any]) -> int | None:
    value = answer.get("upvoteCount")
    return votes_in(str(value)) if isinstance(value, int | str) else None


def votes_in(text: str) -> int | None:
    text = text.strip().replace("\u2212", "-").replace(",", "")
    return int(text) if _VOTES.fullmatch(text) else None


# schema.org in elements -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """How one of the two ways names a thing's type and its properties."""

    rule: str
    type_: str
    holders: str
    property_: str


_MICRODATA = _Vocabulary("microdata", '[itemtype$="/Question"]', "[itemtype]", '[itemprop~="{}"]')
_RDFA = _Vocabulary(
    "RDFa",
    '[typeof~="Question"], [typeof~="schema:Question"]',
    "[typeof]",
    '[property~="{0}"], [property~="schema:{0}"]',
)


def _in_elements(tree: LexborHTMLParser, words: _Vocabulary, render: Render) -> Iterator[MarkedQuestion]:
    holder = tree.css_first('[itemtype*="schema.org"], [typeof]')
    first = (holder.attributes.get("itemtype") or holder.attributes.get("typeof") or "") if holder is not None else ""
    page = first.rpartition("/")[2].rpartition(":")[2] or "Question"
    for node, _ in zip(tree.css(words.type_), range(_MOST_QUESTIONS), strict=False):
        answers = [
            Answer(render(_property(one, words, "text") or one), name == "acceptedAnswer", _shown_votes(one, words))
            for name in ("acceptedAnswer", "suggestedAnswer")
            for one in node.css(words.property_.format(name))
        ]
        own = _own_property(node, words, "text") or _own_property(node, words, "name")
        question = render(own) if own is not None else ""
        answers = [answer for answer in answers if answer.text]
        if question and answers:
            yield MarkedQuestion(f"schema.org {page}, {words.rule}", question, tuple(answers))


def _property(node: LexborNode, words: _Vocabulary, name: str) -> LexborNode | None:
    return node.css_first(words.property_.format(name))


def _own_property(node: LexborNode, words: _Vocabulary, name: str) -> LexborNode | None:
    """A property of the question itself, not of one of its answers."""
    answers = {
        inner.mem_id
        for kind in ("acceptedAnswer", "suggestedAnswer")
        for answer in node.css(words.property_.format(kind))
        for inner in answer.css(words.property_.format(name))
    }
    return next((one for one in node.css(words.property_.format(name)) if one.mem_id not in answers), None)


def _shown_votes(node: LexborNode, words: _Vocabulary) -> int | None:
    found = _property(node, words, "upvoteCount")
    return votes_in(found.attributes.get("content") or found.text()) if found is not None else None


# Plainly marked ---------------------------------------------------------------------------------------------------

_Q = re.compile(r"^(?:Q|Question|Problem)[ \t]{0,8}(?:\d{1,3})?[ \t]{0,8}[:.]\s{1,8}(?=\S)", re.MULTILINE)
_A = re.compile(r"^(?:A|Ans|Answer|Solution)[ \t]{0,8}(?:\d{1,3})?[ \t]{0,8}[:.]\s{1,8}(?=\S)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)


def _asked_and_answered(text: str) -> Iterator[MarkedQuestion]:
    """`Q: ...` and `A: ...`, each from its mark to the next."""
    begins = [found.span() for found in _Q.finditer(text)]
    for number, (_, begin) in enumerate(begins):
        end = begins[number + 1][0] if number + 1 < len(begins) else len(text)
        answer = _A.search(text, begin, end)
        if answer is None:
            continue
        heading = _HEADING.search(text, answer.end(), end)
        question, reply = (
            text[begin : answer.start()].strip(),
            text[answer.end() : heading.start() if heading else end].strip(),
        )
        if question and reply and not _OPTION.search(question):
            yield MarkedQuestion("Q: and A:", question, (Answer(reply, True),))


_START = re.compile(
    r"^(?:#{1,6} )?(?:(?:Question|Problem|Q|MCQ)\s*\.?\s*(\d{1,3})\s*[.:)]?|(\d{1,3})[.)])(?:\s+(\S.*))?$",
    re.IGNORECASE,
)
_OPTION = re.compile(r"^[ \t]{0,16}(?:- )?\(?([A-Ha-h])[.)][ \t]{1,8}(\S.*)$", re.MULTILINE)
_RIGHT = re.compile(
    r"^(?:The )?(?:correct )?(?:answer|ans|key)(?: is)?\s*[:.]?\s*\(?([A-Ha-h])\)?(?:[.):]|\s*$)\s*(.*)$", re.IGNORECASE
)
_KEY_TITLE = re.compile(
    r"^(?:#{1,6} )?(?:answer key|answers?(?: and explanations?)?|key|solutions?)\s*:?$", re.IGNORECASE
)
_KEY = re.compile(r"(?<![\w.])(\d{1,3})\s*[.):-]\s*\(?([A-Ha-h])\)?(?![\w'])")


@dataclass
class _Asked:
    number: str
    lines: list[str]
    choices: dict[str, str]
    right: str = ""
    reasons: list[str] | None = None


def _with_key(text: str) -> Iterator[MarkedQuestion]:
    """Numbered questions with options, whose answers stand beside them or in a key at the end."""
    asked: dict[str, _Asked] = {}
    current: _Asked | None = None
    in_key = False
    for line in text.split("\n"):
        if _KEY_TITLE.match(line.strip()) and len(asked) > 0 and any(one.choices for one in asked.values()):
            in_key, current = True, None
        elif in_key:
            current = _read_key(line, asked, current)
        else:
            current = _read_question(line.strip(), asked, current)
    for one in asked.values():
        question = "\n".join(one.lines).strip()
        if question and len(one.choices) > 1 and one.right in one.choices:
            reasons = "\n".join(one.reasons or ()).strip()
            answer = f"{one.right}. {one.choices[one.right]}" + (f"\n\n{reasons}" if reasons else "")
            yield MarkedQuestion(
                "numbered, with options and key", question, (Answer(answer, True),), tuple(one.choices.values())
            )


def _read_question(line: str, asked: dict[str, _Asked], current: _Asked | None) -> _Asked | None:
    option = _OPTION.match(line)
    if option is not None and current is not None and current.reasons is None:
        current.choices.setdefault(option.group(1).upper(), option.group(2))
        return current
    begin = _START.match(line)
    if begin is not None and (current is None or current.choices or begin.group(1)):
        number = begin.group(1) or begin.group(2)
        if number in asked:
            return None  # Another section counts anew: what it says is not said of this one's questions.
        asked[number] = _Asked(number, [begin.group(3) or ""], {})
        return asked[number]
    if current is None or line.startswith("#"):
        return None
    right = _RIGHT.match(line)
    if right is not None and current.choices:
        current.right, current.reasons = right.group(1).upper(), [right.group(2)]
    elif current.reasons is not None:
        current.reasons.append(line)
    elif not current.choices:
        current.lines.append(line)
    return current


def _read_key(line: str, asked: dict[str, _Asked], current: _Asked | None) -> _Asked | None:
    found = _KEY.findall(line)
    for number, letter in found:
        one = asked.get(number)
        if one is not None and not one.right and letter.upper() in one.choices:
            one.right, one.reasons = letter.upper(), []
            current = one
    if not found and current is not None and not line.startswith("#") and current.reasons is not None:
        current.reasons.append(line)
    return current if len(found) <= 1 else None


_EXERCISE = re.compile(
    r"^(?:#{1,6} )?(?:Exercise|Problem|Question|Aufgabe|\u00dcbung|Exercice|Ejercicio)\s+[\w.-]{1,12}\s*[.:)]?"
    r"(?:\s+(\S.*))?$",
    re.IGNORECASE,
)
_SOLUTION = re.compile(
    r"^(?:#{1,6} )?(?:(?:Worked )?Solution|Answer|L\u00f6sung|Corrig\u00e9|Soluci\u00f3n)(?:\s+[\d.]{1,8})?"
    r"\s*(?:[.:]\s*(\S.*)?)?$",
    re.IGNORECASE,
)


def _with_solution(text: str) -> Iterator[MarkedQuestion]:
    """`Exercise 4.2`, and below it `Solution`, as textbooks have them, each to the next exercise or heading."""
    asked: list[str] | None = None
    solved: list[str] | None = None
    for line in [*text.split("\n"), "# "]:
        begin, solution = _EXERCISE.match(line), _SOLUTION.match(line)
        if begin is not None or (line.startswith("#") and solution is None):
            question, answer = "\n".join(asked or ()).strip(), "\n".join(solved or ()).strip()
            if question and answer and not _OPTION.search(question):
                yield MarkedQuestion("exercise and solution", question, (Answer(answer, True),))
            asked, solved = ([begin.group(1) or ""] if begin is not None else None), None
        elif solution is not None and asked is not None and solved is None:
            solved = [solution.group(1) or ""]
        elif solved is not None:
            solved.append(line)
        elif asked is not None:
            asked.append(line)
