"""A text's words as duplicates and benchmarks are told by: without case, marks, line breaks and spaces of TeX."""

import hashlib
import unicodedata

import numpy as np

from mammoth_spark.text import word_kernels
from mammoth_spark.text.kernels import Bytes

_NAME_LENGTH = 32


def normal_bytes(text: str) -> Bytes:
    """The text in UTF-8 after Unicode's compatibility forms and case are taken away."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return np.frombuffer(folded.encode("utf-8", errors="replace"), np.uint8)


def normal_words(text: str) -> list[str]:
    content = normal_bytes(text)
    begins, ends, _ = word_kernels.walk(content, word_kernels.PASSED_OVER)
    raw = content.tobytes()
    return [raw[begin:end].decode() for begin, end in zip(begins, ends, strict=True)]


def words_hash(text: str) -> tuple[str, int]:
    """Equal for texts of the same words; and how many there are."""
    content = normal_bytes(text)
    _, _, hashes = word_kernels.walk(content, word_kernels.PASSED_OVER)
    return hashlib.sha256(hashes.tobytes()).hexdigest()[:_NAME_LENGTH], int(hashes.size)


def name_of(text: str) -> str:
    """A short name that no other text has."""
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:_NAME_LENGTH]
