"""What the endpoint by rules answers, by the name of the form that is asked for.

It knows its subjects by words, and does what a page orders: a model can be talked round, and a suite that is tried
against one that cannot would learn nothing.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from mammoth_spark.llm import pair_rules
from mammoth_spark.llm.site_verdicts import gives_orders

Rule = Callable[[str], dict[str, Any]]
"""What is answered to the last message."""

_SUBJECTS = {
    "mathematics": {"algebra", "limits", "derivatives", "fractions", "integrals", "equation", "geometry", "math"},
    "physics": {"physics", "braking", "velocity", "force", "energy", "circuit", "pendulum"},
    "chemistry": {"chemistry", "stoichiometry", "chem", "molecule", "acid", "moles"},
    "computing": {"python", "code", "programming", "sql", "algorithm", "javascript"},
}
# Of titles and questions where something is taught or asked.
_TAUGHT = re.compile(
    r"\b(?:exerci[sc]es?|problems?|questions?|quiz|exam|solution|solved|answers?|worksheet|practice|chapter|homework|tutorial"
    r"|how (?:do|many|much|far|long|can|to)|what is|which|find|compute|calculate|determine|aufgabe|frage|corrig\w*)\b",
    re.IGNORECASE,
)
# Titles of pages that only lead to others, whatever stands on them.
_LEADS_ON = re.compile(r"^(?:all topics|tags?|user|members?|about|archive|home)\b", re.IGNORECASE)
# Few sites hold nothing but questions; of a site whose pages the classifier doubts, the samples are chance finds.
_ENOUGH = 1 / 3
_SURE = 0.7
# Of the longer words of two questions that are one.
_SHARED = 0.3


def page_subject(message: str) -> dict[str, Any]:
    words = set(re.findall(r"[a-z]+", message.lower()))
    return {"subject": next((subject for subject, signs in _SUBJECTS.items() if words & signs), "other")}


def site_verdicts(message: str) -> dict[str, Any]:
    cards = [json.loads(line) for line in message.splitlines() if line.startswith("{")]
    if gives_orders(message.replace("<sites>", "").replace("</sites>", "")):
        return {"sites": [_verdict(card, True, "it says so") for card in cards]}
    return {"sites": [_judged(card) for card in cards]}


def _judged(card: Mapping[str, Any]) -> dict[str, str]:
    samples = card["samples"]
    taught = sum(_teaches(sample["title"], sample["question"]) for sample in samples)
    is_good = bool(samples) and taught >= _ENOUGH * len(samples) and card["mean_score"] >= _SURE
    return _verdict(card, is_good, f"{taught} of {len(samples)} samples teach or ask, mean score {card['mean_score']}")


def _teaches(title: str, question: str) -> bool:
    return _LEADS_ON.search(title) is None and _TAUGHT.search(f"{title} {question}") is not None


def _verdict(card: Mapping[str, Any], is_good: bool, reason: str) -> dict[str, str]:
    return {"id": card["id"], "verdict": "select" if is_good else "reject", "reason": reason}


def same_question(message: str) -> dict[str, Any]:
    """The same numbers, and enough of the rarer words."""
    texts = [message.partition(f"<{mark}>\n")[2].partition(f"\n</{mark}>")[0].lower() for mark in ("first", "second")]
    numbers = [sorted(re.findall(r"\d+(?:\.\d+)?", text)) for text in texts]
    words = [set(re.findall(r"[a-z]{4,}", text)) for text in texts]
    shared = len(words[0] & words[1]) / max(1, min(map(len, words)))
    is_same = numbers[0] == numbers[1] and shared >= _SHARED
    return {"same": is_same, "reason": f"{shared:.0%} of the words, {'the same' if is_same else 'other'} numbers"}


RULES: dict[str, Rule] = {
    "PageSubject": page_subject,
    "SiteVerdicts": site_verdicts,
    "SameQuestion": same_question,
    "FoundPairs": pair_rules.found_pairs,
    "RefinedPair": pair_rules.refined_pair,
    "PairFaults": pair_rules.pair_faults,
    "ToldLetter": pair_rules.told_letter,
}
SECOND_MODEL = "rules-2"
"""Asked by this name, it is another model, where it has rules of its own."""
SECOND_RULES: dict[str, Rule] = {"RefinedPair": pair_rules.refined_otherwise}
