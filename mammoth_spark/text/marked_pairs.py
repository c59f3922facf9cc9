"""Questions that a page marks as such become pairs without a model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mammoth_spark.text.page_pairs import Claim

# `B. 42 m`, below it the reasons: as the option's own letter and the reasons they stand beside each other in a key.
_LETTER_AND_REASONS = re.compile(r"([A-H])\. [^\n]*\n\n(.+)", re.DOTALL)


def claims(questions: Sequence[Mapping[str, Any]]) -> Iterator[Claim]:
    """Of rows of `documents.questions`, with each answer that its page stands by."""
    for one in questions:
        choices = tuple(one["choices"] or ())
        for answer in good_answers(one["answers"]):
            lettered = _LETTER_AND_REASONS.fullmatch(answer) if choices else None
            said = f"{lettered[1]}\n\n{lettered[2]}" if lettered is not None else answer
            yield Claim(one["question"], said, choices, rule=one["rule"])


def good_answers(answers: Sequence[Mapping[str, Any]]) -> list[str]:
    """With one that was accepted those that were voted for as well; without, the one with most votes. Where nobody has
    said anything of any, all of them."""
    if all(one["votes"] is None and not one["is_accepted"] for one in answers):
        return [one["text"] for one in answers]
    good = [one for one in answers if one["is_accepted"] or (one["votes"] or 0) > 0]
    if not any(one["is_accepted"] for one in good):
        good = sorted(good, key=lambda one: -one["votes"])[:1]
    return [one["text"] for one in good]
