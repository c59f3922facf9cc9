"""A refined pair as a training sample: chat messages, with a name that no others have."""

import json
import re
from collections.abc import Mapping, Sequence

from mammoth_spark.text.choices import LETTERS, listed
from mammoth_spark.text.words import name_of

Message = Mapping[str, str]


def messages(question: str, choices: Sequence[str], solution: str) -> list[Message]:
    """Options stand below the question, where it does not list them itself under their letters."""
    is_complete = all(
        re.search(rf"(?<!\w)\(?{letter}[.):]\W*{re.escape(choice)}(?!\w)", question)
        for letter, choice in zip(LETTERS, choices, strict=False)
    )
    asked = question.strip() if is_complete else f"{question.strip()}\n\n{listed(choices)}"
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": solution.strip()}]


def sample_id(chat: Sequence[Message]) -> str:
    return name_of(json.dumps([[one["role"], one["content"]] for one in chat], ensure_ascii=False))
