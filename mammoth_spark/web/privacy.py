"""E-mail addresses and telephone numbers, masked: nobody who asked a question agreed to be called about it."""

import re
from collections import Counter

# Both as people write them to be read by people; the lengths keep each search linear.
_EMAIL = re.compile(
    r"(?<![\w.+-])[a-z0-9][\w.+-]{0,63}(?:@|\s?[\[(]\s?at\s?[\])]\s?)"
    r"(?:[a-z0-9-]{1,63}(?:\.|\s?[\[(]\s?dot\s?[\])]\s?)){1,4}[a-z]{2,24}\b",
    re.IGNORECASE,
)
# Only what has a country's code, an area in brackets, the groups of a national form, or the word before it: an exercise
# is full of numbers.
_PHONE = re.compile(
    r"(?<![\w.+-])(?:"
    r"(?<!\d )(?<!\d)\+[1-9]\d{0,2}[ .\u00a0-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .\u00a0-]?\d{2,4}){2,4}"
    r"|(?<=\d )\+[1-9]\d{1,2}[ .\u00a0-]?\d{1,4}(?:[ .\u00a0-]?\d{2,4}){2,4}"
    r"|\(\d{3,5}\) ?\d{3,4}[ .-]\d{3,4}|\d{3}[.-]\d{3}[.-]\d{4}"
    r"|(?i:(?<=tel)|(?<=tel\.)|(?<=tel:)|(?<=tel\.:)|(?<=phone)|(?<=phone:)|(?<=fax:))(?P<space> ?)\d[\d /()-]{6,16}\d"
    r")(?![\w-])"
)
_EXAMPLES = re.compile(r"@(?:[\w-]+\.)*(?:example|test|invalid|localhost)(?:\.(?:com|org|net))?$", re.IGNORECASE)
EMAIL, PHONE = "[e-mail]", "[telephone]"


def masked(text: str, removed: Counter[str]) -> str:
    """The text without them; how many there were is counted."""
    if "@" in text or "at" in text:
        text, count = _replaced(text)
        if count:
            removed["emails"] += count
    text, count = _PHONE.subn(lambda found: (found.group("space") or "") + PHONE, text)
    if count:
        removed["phones"] += count
    return text


def _replaced(text: str) -> tuple[str, int]:
    count = 0

    def mask(found: re.Match[str]) -> str:
        nonlocal count
        if _EXAMPLES.search(found.group()):
            return found.group()  # Of a textbook's own.
        count += 1
        return EMAIL

    return _EMAIL.sub(mask, text), count
