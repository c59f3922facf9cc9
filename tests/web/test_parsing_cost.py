"""The estimate of what a page costs a parser, and the limits that rest on it."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from mammoth_spark.web.page_text import TooComplex, page_text
from mammoth_spark.web.parsing_cost import parsing_cost
from tests.child import measured
from tests.web.hostile_pages import PAGES


def cost(html: bytes) -> tuple[int, int]:
    return parsing_cost(np.frombuffer(html, np.uint8))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (b"", (0, 0)),
        (b"<", (0, 0)),
        (b"no tags, 1 < 2", (0, 0)),
        (b"<p>one<p>two", (2, 0)),
        # The second div stands in the first, and both ends are looked for from their depth.
        (b"<div><div></div></div>", (2, 1 + 2 + 1)),
        (b"<a href=\"x>y\" title='z' hidden>", (4 + 1, 4)),
        (b"<br><br/><img src=x><hr>", (5, 0)),
        (b"<!-- <div><div><div> --><!><?x><!DOCTYPE html><p>", (5, 0)),
        (b"<" * 161, (10, 0)),
        (b"<script>if (a<b) { x<i }</script><p>", (2, 0)),
        (b"<style>a<b>c</style><textarea><div></textarea><title><b></title>", (3, 0)),
        # An end of what was never opened closes nothing.
        (b"<div></span></span><div>", (2, 1 + 1 + 1)),
        (b"<svg><path/><path/><path/></svg><div>", (5, 1 + 1 + 1 + 1)),
    ],
)
def test_elements_attributes_and_steps_are_counted(html: bytes, expected: tuple[int, int]) -> None:
    assert cost(html) == expected


def test_formatting_that_is_left_open_counts_in_each_block_behind_it() -> None:
    assert cost(b"<p><b><p><p>")[0] == 4 + 2
    assert cost(b"<p><b></b><p><p>")[0] == 4
    # Of equal formatting a parser opens three again, of links one.
    assert cost(b"<p>" + b"<b>" * 9 + b"<p>")[0] == 11 + 3
    assert cost(b"<p>" + b"<a>" * 9 + b"<p>")[0] == 11 + 1
    # A table's cell keeps to itself what is opened in it.
    assert cost(b"<table><tr><td><b><i><td></table><p>")[0] == 7
    assert cost(b"<b><table><tr><td><i><td></table><p>")[0] == 7 + 1 + 1 + 1 + 1 + 1


def test_ordinary_pages_cost_a_small_part_of_what_is_allowed() -> None:
    unclosed_fonts = b"<table>" + b"<tr><td><font size=2>word<td><a name=x>y" * 5000 + b"</table>"
    cells = b"<table>" + b"<tr><td class=a>1</td><td>2</td></tr>" * 10_000 + b"</table>"
    vectors = b"<svg>" + b'<path d="M1 2"/>' * 20_000 + b"</svg>" + b"<p>x</p>" * 20_000
    embedded = b'<img src="data:image/png;base64,' + b"abc/=+def" * 500_000 + b'">' + b"<p>x"
    forgotten_ends = b"<b>Title<b><br>text<br>" * 2000
    script = b"<script>" + b"for(i=0;i<a.length;i++){x<b;n<u}" * 50_000 + b"</script>"
    for page in (unclosed_fonts, cells, vectors, embedded, forgotten_ends, script):
        nodes, steps = cost(page)
        assert nodes < 100_000
        assert steps < 40_000_000


def is_allowed(page: bytes) -> bool:
    nodes, steps = cost(page)
    return len(page) <= 16 << 20 and nodes <= 500_000 and steps <= 150_000_000


def largest_allowed(make: Callable[[int], bytes]) -> bytes:
    """The largest page of its kind that is still parsed, about."""
    low, high = 1, 2
    while is_allowed(make(high)):
        low, high = high, 2 * high
    while high - low > low // 20:
        middle = (low + high) // 2
        low, high = (middle, high) if is_allowed(make(middle)) else (low, middle)
    return make(low)


def parse(page: bytes) -> int:
    return len(page_text(page).words)


@pytest.mark.parametrize("kind", ["div", "misnested formatting", "attributes", "fonts", "flat with attributes"])
def test_the_worst_page_that_is_parsed_takes_seconds_and_not_all_memory(kind: str) -> None:
    parsed = measured(parse, largest_allowed(PAGES[kind]))
    assert parsed.seconds < 3
    assert parsed.grown_mb < 256


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAGES)
def test_the_worst_page_of_any_kind_takes_seconds_and_not_all_memory(kind: str) -> None:
    parsed = measured(parse, largest_allowed(PAGES[kind]))
    assert parsed.seconds < 3
    assert parsed.grown_mb < 256


def slowest_small_page() -> float:
    """Seconds of processor time, over all kinds."""
    slowest = 0.0
    for make in PAGES.values():
        number = next(number for number in range(1, 10_000) if len(make(number + 1)) > 8 << 10)
        began = time.process_time()
        page_text(make(number))
        slowest = max(slowest, time.process_time() - began)
    return slowest


def test_no_page_of_8_kb_needs_the_estimate() -> None:
    parsed = measured(slowest_small_page)
    assert parsed.value < 0.5
    assert parsed.grown_mb < 150


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 100_000,
        b"<div><p>" * 100_000,
        b"<p " + b" ".join(b"a%d=1" % number for number in range(1_500_000)) + b">x",
        b"<b>" * (16 * 1024 * 1024 // 3),
        PAGES["fonts"](5000),
        PAGES["ends of paragraphs"](50_000),
    ],
    ids=["100,000 nested tags", "with paragraphs", "1,500,000 attributes", "16 MB of <b>", "70 KB of fonts", "ends"],
)
def test_pages_made_to_hurt_are_too_complex_at_once(page: bytes) -> None:
    cost(b"<p>")
    refused = measured(refusal, page)
    assert refused.value == "too complex"
    assert refused.seconds < 1
    assert refused.grown_mb < 64


def refusal(page: bytes) -> str:
    try:
        page_text(page)
    except TooComplex:
        return "too complex"
    return "parsed"
