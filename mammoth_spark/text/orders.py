"""Words of a page that are addressed to a model.

No list of words is a wall: what keeps a model that such words move from doing harm is that each pair must stand on its
page, each at a place of its own. This list keeps an order itself from being taken for a question or an answer. It is
narrower than the one by which sites are judged alone: to ignore terms of higher order is no order.
"""

import re

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget)\W+(?:\w+\W+){0,2}(?:previous|prior|above|your|all)\W+(?:\w+\W+)?"
    r"(?:instructions?|orders?|prompts?|rules?|tasks?)\b|\bforget\W+your\b|\bsystem\W+prompt\b|\bnew\W+task\b"
    r"|\byou\W+are\W+now\W+(?:in|an?)\b|</?document>|\blanguage\W+models?\b|\b(?:ai|llm|gpt)\W+assistants?\b"
    r"|\bas\W+an\W+ai\b|^[^\w\n]{0,20}(?:system|assistant)\s*[:,]",
    re.IGNORECASE | re.MULTILINE,
)


def without_orders(text: str) -> str:
    """Without the lines that such words touch."""
    lines, begin = [], 0
    found = [one.span() for one in _ORDERS.finditer(text)]
    for line in text.split("\n"):
        end = begin + len(line)
        if not any(first <= end and last > begin for first, last in found):
            lines.append(line)
        begin = end + 1
    return "\n".join(lines)


def gives_orders(text: str) -> bool:
    return _ORDERS.search(text) is not None
