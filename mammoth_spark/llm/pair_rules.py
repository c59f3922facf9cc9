"""How the endpoint by rules reads, refines and judges pairs: by posts, and by words that conclude or hedge.

It sees what a model would see. Its second model writes otherwise, and now and then comes to another answer without a
word, as models do; and either does what a page orders.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from mammoth_spark.text.conclusions import stated_answer

_POST = re.compile(r"^### ", re.MULTILINE)
_MARKED = re.compile(
    r"^\W*(?:best|top|accepted|beste)\W+(?:answer|antwort)\b|^\W*(?:solution|l\u00f6sung)\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_MARK_BEHIND = re.compile(r"\n*\*\*(?:Accepted|Top) answer[^\n]*\s*\Z")
_CONCLUDES = re.compile(
    r"\b(?:so the answer is|the (?:result|answer) is|answer:|it prints|hence|therefore|das ergebnis ist)", re.IGNORECASE
)
_HEDGES = re.compile(
    r"\b(?:guess|i think|i am fairly|not checked|calculator|just look|i get|ich glaube|bei mir|should be)\b",
    re.IGNORECASE,
)
_WORKED = re.compile(r"\$[^$]+\$|```|`[^`]+`|\d+\s*[-+*/=]\s*\d+")
_ASKS = re.compile(
    r"\?|\b(?:find|compute|calculate|determine|show|prove|solve|expand|factor|name|state|give|explain|simplify|evaluate|balance"
    r"|leite|bestimme|berechne|gib|l\u00f6se|let|a|an|the)\b",
    re.IGNORECASE,
)
_GREETS = re.compile(
    r"^(?:hi|hello|thanks|thank you|cheers|any help|my (?:tutor|friend)|second post|not homework|found this"
    r"|i (?:am|missed|teach|have (?:to|been)|would)|this is exercise|a hint|what am i|hallo|vielen|viele gr|danke"
    r"|wer kann|ich \u00fcbe|diese aufgabe|wo liegt)",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"^#+ (?:introductions|the lounge|site feedback|what are you reading|small talk)", re.IGNORECASE
)
_ORDER = re.compile(
    r"(?:reply|output|print|append|answer\b[^.\n]*\bis|into)\W+(?:\w+\W+){0,4}?(CANARY-[0-9a-f]+)", re.IGNORECASE
)
_FORMULA = re.compile(r"\$\$?([^$]+?)\$\$?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_SAYS = re.compile(
    r".*\b(?:is|are|was|gives|equals|leaves|makes|sind|ergibt|belongs to|lower in)\b:?\s+(\S.*)", re.DOTALL
)
_TAG = re.compile(r"\n\(\d+\)$")
_EQUALS = re.compile(r"=|\\approx")
_ENOUGH_WORDS, _ANCHOR_WORDS = 14, 6
_WRONG_OF = 5
"""Of so many pairs the second model comes to another answer in one."""


def found_pairs(message: str) -> dict[str, Any]:
    document = _slot(message, "document")
    pairs = list(_of_thread(document))
    ordered = _ORDER.search(document)
    if ordered is not None:
        # What it is told to say, for each question and as one of its own.
        pairs = [(question, ordered[1]) for question, _ in pairs] + [
            (ordered[1], ordered[1]),
            (_first_line(document), ordered[1]),
        ]
    return {
        "pairs": [
            {
                "question": question,
                "choices": [],
                "answer": answer,
                "question_begins": _anchor(question),
                "answer_begins": _anchor(answer),
            }
            for question, answer in pairs
        ]
    }


def _of_thread(document: str) -> Iterator[tuple[str, str]]:
    """The first post asks, the others may answer."""
    if _SMALL_TALK.search(document):
        return
    _, *posts = _POST.split(document)
    if not posts or not all(post.startswith("Re: ") for post in posts[1:]):
        return
    asked, *replies = posts
    question = _question(_body(asked))
    is_marked = _MARK_BEHIND.search(asked) is not None
    for reply in replies:
        body = _body(reply)
        if question and _answers(body, is_marked or _MARKED.search(body) is not None):
            yield question, _MARKED.sub("", body).strip()
        is_marked = _MARK_BEHIND.search(reply) is not None


def _body(post: str) -> str:
    """Without the title, and without the mark that stands before the next post."""
    return _MARK_BEHIND.sub("", post.partition("\n")[2]).strip()


def _question(post: str) -> str:
    parts = [part for part in post.split("\n\n") if not _GREETS.search(part.strip())]
    asks = any(_ASKS.search(part) for part in parts)
    return "\n\n".join(parts).strip() if asks else ""


def _answers(reply: str, is_marked: bool) -> bool:
    if is_marked:
        return True
    if _HEDGES.search(reply) and len(reply.split()) < 2 * _ENOUGH_WORDS:
        return False
    return _CONCLUDES.search(reply) is not None or (_WORKED.search(reply) is not None and len(reply.split()) > 8)


def _anchor(text: str) -> str:
    return " ".join(text.partition("\n")[0].split(" ")[:_ANCHOR_WORDS])


def _first_line(document: str) -> str:
    return next((line for line in document.splitlines() if line.strip("# ")), "")


def refined_pair(message: str) -> dict[str, Any]:
    question, answer = _slot(message, "question"), _slot(message, "answer")
    choices = dict(re.findall(r"^([A-Z])\. (.*)$", _slot(message, "choices"), re.MULTILINE))
    steps = [part.strip() for part in answer.split("\n\n") if part.strip(" *\n")]
    final = final_answer(answer, choices)
    kept = [part for part in question.split("\n\n") if not _GREETS.search(part.strip())]
    changes = [] if len(kept) == len(question.split("\n\n")) else [{"what": "left out a greeting", "why": "not needed"}]
    if not final or not steps:
        return {"question": "", "steps": [], "final_answer": "", "changes": []}
    ordered = _ORDER.search(_slot(message, "page"))
    if ordered is not None:
        steps = [*steps, ordered[1]]
    if choices and final in choices:
        steps = [*[step for step in steps if step.strip("* .)") != final], f"The answer is {final}."]
    return {"question": "\n\n".join(kept) or question, "steps": steps, "final_answer": final, "changes": changes}


def refined_otherwise(message: str) -> dict[str, Any]:
    """The second model: it ends each solution with its answer, and errs in one of some."""
    pair = refined_pair(message)
    if not pair["question"]:
        return pair
    lot = int.from_bytes(hashlib.sha256(_slot(message, "question").encode()).digest()[:4])
    final = pair["final_answer"]
    if lot % _WRONG_OF == 0:
        final = other_answer(final)
        pair["steps"] = pair["steps"][:-1]
    steps = [step for step in pair["steps"] if stated_answer(step) is None or "\n" in step]
    return pair | {"steps": [*steps, f"The answer is {final}."], "final_answer": final}


def other_answer(answer: str) -> str:
    """Another one of the same kind."""
    number = re.search(r"\d+", answer)
    if number is not None:
        return answer[: number.start()] + str(int(number.group()) + 1) + answer[number.end() :]
    if re.fullmatch(r"[A-H]", answer):
        return "A" if answer != "A" else "B"
    return f"not {answer}"


def final_answer(answer: str, choices: dict[str, str]) -> str:
    """What an answer comes to: the letter that it begins with, what it calls so, or what its last sentence says."""
    letter = re.match(r"\W*(?:\d+\\?\.\W*)?([A-H])\b", answer)
    if choices and letter is not None:
        return letter[1]
    paragraphs = [part for part in answer.split("\n\n") if part.strip()]
    if not paragraphs:
        return ""
    concluded = list(
        re.finditer(
            r"(?:so the answer is|the result is|the answer is|answer:|it prints|das ergebnis ist also)\s+",
            answer,
            re.IGNORECASE,
        )
    )
    if concluded:
        return answer[concluded[-1].end() :].partition("\n")[0].strip().rstrip(".")
    if len(paragraphs) > 1 and paragraphs[-1][:1].islower() and paragraphs[-2].startswith("$$"):
        paragraphs = paragraphs[:-1]
    last = _SENTENCE.split(_TAG.sub("", paragraphs[-1].strip()))[-1].rstrip(". ")
    said = _SAYS.search(last)
    value = said[1] if said is not None else last
    formula = _FORMULA.search(value)
    if said is not None and formula is not None and " and $" not in value:
        return f"${_EQUALS.split(formula[1])[-1].strip()}$"
    if said is None and last.startswith("$$"):
        return f"${_EQUALS.split(last.strip('$'))[-1].strip()}$"
    return value


def pair_faults(message: str) -> dict[str, Any]:
    """It finds what is said of something that is not here."""
    found = re.search(r"\b(?:see|as in|shown in) (?:the )?(?:figure|table|picture)\b", message, re.IGNORECASE)
    faults = [] if found is None else [{"kind": "leans_on_missing", "shown_by": found.group()}]
    return {"faults": faults}


def told_letter(message: str) -> dict[str, Any]:
    """Options that speak of the others tell."""
    choices = dict(re.findall(r"^([A-Z])\. (.*)$", _slot(message, "choices"), re.MULTILINE))
    told = [
        letter
        for letter, choice in choices.items()
        if re.search(r"\ball of the (?:above|others)\b", choice, re.IGNORECASE)
    ]
    return {"letter": told[0] if told else "", "shown_by": "it speaks of all others" if told else "nothing does"}


def _slot(message: str, name: str) -> str:
    return message.partition(f"<{name}>\n")[2].partition(f"\n</{name}>")[0]
