"""Pages made to hurt a cleaner: each ends in its time, with its text or a reason, and no child dies."""

import re
import time
from collections.abc import Callable, Iterator
from random import Random

import pytest

from mammoth_spark.config import Documents
from mammoth_spark.demo.corpus import build_corpus
from mammoth_spark.web.bare_page import bare_page
from mammoth_spark.web.cleaning import Cleaner, cleaner
from mammoth_spark.web.document import Document
from tests.demo.conftest import open_web

BEFORE, AFTER = "The marker at the beginning.", "The marker at the end."
PAGES: dict[str, Callable[[], bytes]] = {
    "300 nested": lambda: b"<div>" * 300 + b"x" + b"</div>" * 300,
    "3,000 nested": lambda: b"<div>" * 3_000 + b"x" + b"</div>" * 3_000,
    "100,000 nested": lambda: b"<div>" * 100_000 + b"x" + b"</div>" * 100_000,
    "100,000 nested spans": lambda: b"<span>" * 100_000 + b"x" + b"</span>" * 100_000,
    "nested lists": lambda: b"<ul><li>x" * 3_000 + b"</ul>" * 3_000,
    "nested quotations": lambda: b"<blockquote>x" * 3_000 + b"</blockquote>" * 3_000,
    "nested powers": lambda: b"<sup>x" * 20_000,
    "nested headers": lambda: b"<header>" * 3_000 + b"x" + b"</header>" * 3_000,
    "nested tables": lambda: b"<table><tr><td>x" * 3_000 + b"</table>" * 3_000,
    "20,000 unclosed": lambda: b"<b><i><div>x" * 6_700,
    "50,000 attributes": lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b">x</p>",
    "a wide cell": lambda: b"<table><tr><td colspan=9007199254740991>a<td rowspan=9007199254740991>b<tr><td>c</table>",
    "a million rows": lambda: b"<table>" + b"<tr><td>a<td>b" * 1_000_000 + b"</table>",
    "100 MB": lambda: b"<p>" + b"A word and many more of them. " * 3_500_000 + b"</p>",
    "a large formula": lambda: rb"<p>\[" + b"x+" * 500_000 + rb"\]</p>",
    "a large formula in a script": lambda: b'<script type="math/tex">' + b"x+" * 500_000 + b"</script>",
    "a large formula in AsciiMath": lambda: b'<script type="math/asciimath">' + b"x+" * 500_000 + b"</script>",
    "broken MathML": lambda: b"<p><math><mfrac><mi>a</mfrac><msup><mrow></math></mtable><math></p>" * 1_000,
    "deep MathML": lambda: b"<p><math>" + b"<mrow>" * 20_000 + b"</math></p>",
    "unbalanced dollars": lambda: b"<p>" + b"$a $$ b \\$ \\( c " * 50_000 + b"</p>",
    "mixed encodings": lambda: b"<p>caf\xe9 \xff\xfe \xc3\xa9 \x93q\x94 \x00\xed\xa0\x80 \x1b$B</p>" * 1_000,
    "half a surrogate as data": lambda: (
        rb'<script type="application/ld+json">{"@type": "Question", "text": "\ud800 a",'
        rb' "acceptedAnswer": {"text": "b \udfff"}}</script>'
    ),
    "half a surrogate drawn": lambda: (
        b'<p><mjx-container><mjx-math><mjx-mi><mjx-c class="mjx-cD800"></mjx-c></mjx-mi></mjx-math></mjx-container></p>'
    ),
    "spaces": lambda: b"<p>" + b" \n" * 1_000_000 + b"x</p>",
}
SETTINGS = Documents()
BODY = re.compile("<body[^>]*>")
# The processor is shared: a page that is stopped in time is reported a little later.
PATIENCE_S = 3 * SETTINGS.page_seconds


@pytest.fixture(scope="module")
def clean() -> Iterator[Cleaner]:
    with cleaner(SETTINGS) as one:
        yield one


def marked(inside: bytes) -> bytes:
    head = b"<html><head><title>t</title></head><body><h1>Marks</h1>"
    return head + f"<p>{BEFORE}</p>".encode() + inside + f"<p>{AFTER}</p></body></html>".encode()


def is_kept_or_counted(document: Document) -> bool:
    return bool(document.reason or document.removed.total() or (BEFORE in document.text and AFTER in document.text))


@pytest.mark.parametrize("kind", PAGES)
def test_a_hostile_page_ends_in_time_with_its_text_or_a_reason(kind: str, clean: Cleaner) -> None:
    html = marked(PAGES[kind]())
    began = time.monotonic()
    document = clean(html, "utf-8", "")
    assert time.monotonic() - began < PATIENCE_S
    assert document.reason in ("", "too_slow", "too_much_memory")
    assert document.reason or (BEFORE in document.text and AFTER in document.text)


@pytest.mark.parametrize(
    "kind",
    ["300 nested", "3,000 nested", "nested lists", "nested quotations", "nested powers", "nested tables",
     "a wide cell", "broken MathML", "mixed encodings", "half a surrogate as data", "half a surrogate drawn"],
)  # fmt: skip
def test_what_is_odd_but_small_is_cleaned(kind: str, clean: Cleaner) -> None:
    document = clean(marked(PAGES[kind]()), "utf-8", "")
    assert document.reason == ""
    assert BEFORE in document.text
    assert AFTER in document.text


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Pages of the demo that are not large, with a mark at both ends of their content."""
    web = open_web(build_corpus(tmp_path_factory.mktemp("ordinary"), pages=120, seed=5))
    pages = [web.html(truth) for truth in web.sound_pages()]
    return [
        BODY.sub(rf"\g<0><p>{BEFORE}</p>", page).replace("</body>", f"<p>{AFTER}</p></body>").encode()
        for page in pages
        if len(page) < 40_000 and BODY.search(page)
    ]


PIECES = (
    *(b"<", b">", b'"', b"&", b"$", b"$$", b"\\(", b"\\]", b"\0", b"\xff", b"\xe2\x80", b"</div>", b"<div>", b"<p>"),
    *(b"<table>", b"</table>", b"<td>", b"<pre>", b"</pre>", b"<math>", b"</math>", b"<mrow>", b"<li>", b"<ol>"),
    *(b'<span class="katex">', b"<mjx-container>", b"<!--", b"-->", b"<script>", b"</script>", b"<style>", b"<svg>"),
    *(b"<template>", b"<body>", b"</body>", b"</html>", b"<a href=x>", b"<title>", b'<div class="answer">', b"<b>"),
    *(b'<script type="math/tex">', b"<frameset>", b"<select>", b"<textarea>", b"<plaintext>", b"<noscript>"),
)


def mutated(page: bytes, random: Random) -> bytes:
    """Its parts are cut out, doubled, moved, overwritten, and put between with marks."""
    for _ in range(random.randint(1, 8)):
        begin = random.randrange(len(page) + 1)
        end = min(len(page), begin + int(random.expovariate(1 / 200)))
        part, piece = page[begin:end], random.choice(PIECES)
        other = random.randrange(len(page) + 1)
        match random.randrange(5):
            case 0:
                page = page[:begin] + page[end:]
            case 1:
                page = page[:end] + part * random.randint(1, 5) + page[end:]
            case 2:
                page = page[:other] + part + page[other:]
            case 3:
                page = page[:begin] + piece * random.choice((1, 1, 1, 50)) + page[begin:]
            case _:
                page = page[:begin] + random.randbytes(min(len(part), 20)) + page[end:]
    return page


def test_no_mutation_of_a_page_kills_the_cleaning(ordinary: list[bytes], clean: Cleaner) -> None:
    assert len(ordinary) > 50
    random = Random(11)
    lost: list[bytes] = []
    reasons: set[str] = set()
    for _ in range(1_000):
        page = mutated(random.choice(ordinary), random)
        document = clean(page, "utf-8", "")
        reasons.add(document.reason)
        # A script or a style that was not closed takes the rest from browsers too.
        shown = bare_page(page)
        is_shown = BEFORE.encode() in shown and AFTER.encode() in shown
        if is_shown and not is_kept_or_counted(document):
            lost.append(page)
    # None is an error of the code, and none a child's end.
    assert reasons <= {"", "no_text", "only_links", "text_lost"}
    assert lost == []
