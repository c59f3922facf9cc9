"""E-mail addresses and telephone numbers, masked: nobody who asked a question agreed to be called about it."""

import re
from collections import Counter

# Both as people write them to be read by people; the lengths keep each search linear.
_EMAIL = re.compile(
    r"(?<![\w.+-])[a-z0-9][\w.+-]{0,63}(?:@|\s?[\[(]\s?at\s?[\])]\s?)"
    r"(?:[a-z0-9-]{1,63}(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)){1,4}[a-z]{2,24}\b",
    re.IGNORECASE,
)
# Only what has the form of a country's numbers, or the word before it: an exercise is full of numbers.
_PHONE = re.compile(
    r"(?<![\w.+-])(?:"
    r"\+(?:[17]|[2-689]\d{1,2})(?:[ .\u00a0-]\(?\d{2,8}\)?){2,5}|\+\d{11,14}"
    r"|\([2-9]\d\d\) ?[2-9]\d\d[ .-]\d{4}|[2-9]\d\d[.-][2-9]\d\d[.-]\d{4}|\(0\d{2,4}\) ?\d{3,8}(?:[ -]\d{2,4})?"
    r"|(?i:(?<=tel)|(?<=tel\.)|(?<=tel:)|(?<=tel\.:)|(?<=phone)|(?<=phone:)|(?<=fax:))(?P<space> ?)\d[\d /()-]{6,16}\d"
    r")(?![\w-])"
)
_LEAST_DIGITS = 8
_EXAMPLES = re.compile(r"@(?:[\w-]+\.)*(?:example|test|invalid|localhost)(?:\.(?:com|org|net))?$", re.IGNORECASE)
EMAIL, PHONE = "[e-mail]", "[telephone]"


def masked(text: str, removed: Counter[str]) -> str:
    """The text without them; how many there were is counted."""
    if "@" in text or "at" in text:
        text, count = _replaced(text)
        if count:
            removed["emails"] += count
    return _PHONE.sub(lambda found: _masked_phone(found, removed), text)


def _masked_phone(found: re.Match[str], removed: Counter[str]) -> str:
    if sum(character.isdigit() for character in found.group()) < _LEAST_DIGITS:
        return found.group()
    removed["phones"] += 1
    return (found.group("space") or "") + PHONE


def _replaced(text: str) -> tuple[str, int]:
    count = 0

    def mask(found: re.Match[str]) -> str:
        nonlocal count
        if _EXAMPLES.search(found.group()):
            return found.group()  # Of a textbook's own.
        count += 1
        return EMAIL

    return _EMAIL.sub(mask, text), count
