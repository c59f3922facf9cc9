"""Characters that nobody sees: they hide words from people and show them to models, or turn the text's order around."""

import re
from collections import Counter

_SUSPECT = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_KINDS = (
    ("bidi_characters", re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")),
    ("tag_characters", re.compile("[\U000e0000-\U000e007f]")),
    # The joiner and the non-joiner are letters' business in many scripts, and of pictures of people.
    ("zero_width", re.compile("[\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\u034f]")),
    ("zero_width", re.compile("(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])")),
    ("variation_selectors", re.compile("(?<=[\x00-\x7f])[\ufe00-\ufe0e]|[\ufe00-\ufe0d]{2,}|[\U000e0100-\U000e01ef]+")),
)  # fmt: skip
_SOFT_HYPHEN = "\u00ad"


def without_invisible(text: str, removed: Counter[str]) -> str:
    """The text as it is seen; what goes is counted by kind."""
    if text.isascii() or _SUSPECT.search(text) is None:
        return text
    for kind, characters in _KINDS:
        text, count = characters.subn("", text)
        if count:
            removed[kind] += count
    return text.replace(_SOFT_HYPHEN, "")
