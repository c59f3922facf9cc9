"""A text's words as duplicates and benchmarks are told by: without case, marks, line breaks and spaces of TeX."""

import functools
import hashlib
import re
import unicodedata

import numpy as np

from mammoth_spark.text import word_kernels
from mammoth_spark.text.kernels import Bytes

_NAME_LENGTH = 32
_MOST_MARKS = 30
# `x + 3` and `x - 3` are two exercises.
_EXACT = re.compile(r"[^\W_]+|[-+*/=<>^|!%]")

FORMULA = re.compile(r"(?<!\\)\$\$(.+?)\$\$|(?<!\\)\$([^$\n]+?)(?<!\\)\$", re.DOTALL)
"""A formula of a document, displayed or in its line."""

TEX_LOOK = (
    r"\\(?:left|right|big|bigg|Big|Bigg|displaystyle|textstyle|mathrm|text|textrm|mathbf|quad|qquad|tag)(?![A-Za-z])"
    r"|\\[,;:! ]"
)
"""What makes a formula look different and says nothing."""


def normal_bytes(text: str) -> Bytes:
    """The text in UTF-8 after Unicode's compatibility forms and case are taken away."""
    return np.frombuffer(_folded(text).encode("utf-8", errors="replace"), np.uint8)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # To put a long run of accents in order takes the square of its length.
    text = _piled_marks().sub(r"\1", text)
    return unicodedata.normalize("NFKC", text).casefold()


@functools.cache
def _piled_marks() -> re.Pattern[str]:
    """More accents on one letter than any script has."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}]{{{_MOST_MARKS}}})[{marks}]+")


def normal_words(text: str) -> list[str]:
    content = normal_bytes(text)
    begins, ends, _, _ = word_kernels.walk(content, word_kernels.PASSED_OVER, True)
    raw = content.tobytes()
    return [raw[begin:end].decode("utf-8", errors="replace") for begin, end in zip(begins, ends, strict=True)]


def words_hash(text: str) -> tuple[str, int]:
    """Equal for texts of the same words and signs of calculation, and how many these are."""
    found = _EXACT.findall(_folded(text))
    return name_of(" ".join(found)), len(found)


def name_of(text: str) -> str:
    """A short name that no other text has."""
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:_NAME_LENGTH]
