"""Pages to documents, each within its time and memory: what a task of the cleaning does with a row."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Protocol

from mammoth_spark.config import Documents
from mammoth_spark.web import payload
from mammoth_spark.web.document import Document, document_of
from mammoth_spark.web.guarded import GivenUp, Guarded
from mammoth_spark.web.questions import Answer, MarkedQuestion

_SEPARATOR = b"\n"


class Cleaner(Protocol):
    def __call__(self, html: bytes, charset: str, robots_tag: str) -> Document:
        """The document of a page's bytes. One that cannot be cleaned has a reason, and no text."""


@contextmanager
def cleaner(settings: Documents) -> Iterator[Cleaner]:
    def work(content: bytes) -> bytes:
        head, _, html = content.partition(_SEPARATOR)
        named = json.loads(head)
        utf8, _ = payload.utf8_of(html, f"text/html; charset={named['charset']}")
        return _packed(document_of(utf8, settings, named["robots_tag"]))

    # What is compiled is loaded before the child forks: each would load it anew.
    document_of(b"<p>Ready.</p>", settings)
    with Guarded(work, settings.page_seconds, settings.page_memory_mb) as guarded:

        def clean(html: bytes, charset: str, robots_tag: str) -> Document:
            head = json.dumps({"charset": charset, "robots_tag": robots_tag}).encode()
            try:
                return _unpacked(guarded(head + _SEPARATOR + html))
            except GivenUp as gone:
                return Document(reason=gone.reason)

        yield clean


def _packed(document: Document) -> bytes:
    questions = [asdict(one) for one in document.questions]
    values = (document.title, document.text, questions, dict(document.removed), document.reason)
    # A page can name half of a surrogate pair, which no table takes.
    return json.dumps(values, ensure_ascii=False).encode("utf-8", errors="replace")


def _unpacked(packed: bytes) -> Document:
    title, text, found, removed, reason = json.loads(packed)
    questions = tuple(
        MarkedQuestion(
            one["rule"], one["question"], tuple(Answer(**answer) for answer in one["answers"]), tuple(one["choices"])
        )
        for one in found
    )
    return Document(title, text, questions, Counter(removed), reason)
