"""The page without what has no words, the estimate of what the rest costs a parser, and the limits upon that."""

import time
from collections.abc import Callable
from random import Random

import pytest
from selectolax.lexbor import LexborHTMLParser

from mammoth_spark.web.bare_page import bare_page
from mammoth_spark.web.page_text import TooComplex, page_text
from tests.child import measured
from tests.web.hostile_pages import PAGES


def cost(html: bytes) -> tuple[int, int]:
    page = bare_page(html)
    return page.nodes, page.steps


@pytest.mark.parametrize(
    ("html", "bare"),
    [
        (b"", b""),
        (b"no tags, 1 < 2 <3", b"no tags, 1 < 2 <3"),
        (b"<p>one<P CLASS=x>two", b"<p>one<P>two"),
        (b"<a href=\"x>y\" title='z>' hidden>w</a >", b"<a>w</a>"),
        (b"<a b= \"x>y\"c = 'z>'>w", b"<a>w"),
        # A quote behind no = is a part of a name, and ends with the tag.
        (b'<a "x>y"><a ="x>z', b'<a>y"><a>z'),
        (b"<br/><img src=x/><x-y:z />", b"<br/><img><x-y:z/>"),
        (b"a<!-- b>c -->d<!-->e<!--->f<!--g--!>h<!--!>i-->j", b"a<!>d<!>e<!>f<!>h<!>j"),
        (b"a<?php b ?>c<!b>d</ b>e</>f", b"a<!>c<!>d<!>ef"),
        (b"<!DOCTYPE html><!doctype x>", b"<!DOCTYPE html><!doctype x>"),
        (b"a<script>if (b<c) '</p>'</script >d<STYLE>e</style>f", b"a<!>d<!>f"),
        (b"<script><!-- <script> </script> a --></script>b", b"<!>b"),
        (b"<script><!-- a </script>b<script><!--><script></script>c", b"<!>b<!>c"),
        (b"a<script>b", b"a<!>"),
        (
            b"<title lang=x>a<b c=d></title><textarea><i j></textarea>",
            b"<title>a<b c=d></title><textarea><i j></textarea>",
        ),
        (b"<plaintext><i j></plaintext>", b"<plaintext><i j></plaintext>"),
        (b"<svg><style><a b></style><![CDATA[<c d>]]></svg>", b"<svg><style><a></style><![CDATA[<c>]]></svg>"),
        (b"<![CDATA[a]]>b", b"<!>b"),
        # What the end cuts off: a tag is dropped, a sign is text, a comment ends.
        (b"a<b c='d>", b"a"),
        (b"a<", b"a<"),
        (b"a</", b"a</"),
        (b"a<!", b"a<!>"),
        (b"a<!--b", b"a<!>"),
    ],
)
def test_attributes_comments_scripts_and_styles_are_left_out(html: bytes, bare: bytes) -> None:
    assert bare_page(html).html == bare


TOKENS = (
    *("<", ">", "/", '"', "'", "=", " ", "\n", "word", "&amp;", "&lt", "-", "--", "!", "?", "<!", "</", "<!--", "-->"),
    *("--!>", "<p>", "</p>", "<p a=\"x>y\" b='z' c>", "<b>", "</b>", "<a href=x/>", "</a>", "<br/>", "<div class=q>"),
    *("</div>", "<script>", "</script>", '<script src="a>b">', "<style>", "</style >", "<title>", "</title>"),
    *("<textarea>", "</textarea>", "<noscript>", "</noscript>", "<table>", "<tr>", "<td>", "</table>", "<li>", "<ul>"),
    *("</ul>", "<h1>", "</h1>", "<select>", "<option>", "</select>", "<iframe>", "</iframe>", "<xmp>", "</xmp>"),
    *("<!DOCTYPE html>", "<?php x ?>", '<img alt="a b>c">', "<form>", "<template>", "</template>", "<body>", "</body>"),
    *(
        "<html>",
        "<head>",
        "</head>",
        "<font color=red>",
        "</font>",
        "<x-y z>",
        "<noembed>",
        "</noembed>",
        "<plaintext>",
    ),
)


def random_page(random: Random) -> str:
    return "".join(random.choices((*TOKENS, *map(str, range(20))), k=random.randrange(30)))


def words_of_all(html: bytes) -> list[str]:
    """What a parser finds in the whole page."""
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "noscript", "template", "svg"])
    return tree.root.text(separator=" ").split() if tree.root is not None else []


def test_a_parser_finds_the_same_words_as_in_the_whole_page() -> None:
    random = Random(1)
    for _ in range(5_000):
        html = random_page(random).replace("__label__", "").encode()
        assert page_text(html).words.decode().split() == words_of_all(html), html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (b"", (0, 0)),
        (b"<", (0, 0)),
        (b"no tags, 1 < 2", (0, 0)),
        (b"<p>one<p>two", (2, 0)),
        # The second div stands in the first, and both ends are looked for from their depth.
        (b"<div><div></div></div>", (2, 1 + 2 + 1)),
        (b"<a href=\"x>y\" title='z' hidden>", (1, 0)),
        (b"<br><br/><img src=x><hr>", (4, 0)),
        (b"<!-- <div><div><div> --><!><?x><!DOCTYPE html><p>", (5, 0)),
        (b"<" * 161, (10, 0)),
        (b"<script>if (a<b) { x<i }</script><p>", (2, 0)),
        (b"<style>a<b>c</style><textarea><div></textarea><title><b></title>", (3, 0)),
        # An end of what was never opened closes nothing.
        (b"<div></span></span><div>", (2, 1 + 1 + 1)),
        (b"<svg><path/><path/><path/></svg><div>", (5, 1 + 1 + 1 + 1)),
    ],
)
def test_elements_and_steps_are_counted(html: bytes, expected: tuple[int, int]) -> None:
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


def test_no_page_of_8_kb_is_slow() -> None:
    parsed = measured(slowest_small_page)
    assert parsed.value < 0.5
    assert parsed.grown_mb < 150


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 100_000,
        b"<div><p>" * 100_000,
        b"<b>" * (16 * 1024 * 1024 // 3),
        PAGES["ends of paragraphs"](50_000),
    ],
    ids=["100,000 nested tags", "with paragraphs", "16 MB of <b>", "ends"],
)
def test_pages_made_to_hurt_are_too_complex_at_once(page: bytes) -> None:
    cost(b"<p>")
    refused = measured(refusal, page)
    assert refused.value == "too complex"
    assert refused.seconds < 1
    assert refused.grown_mb < 64


@pytest.mark.parametrize(
    "page",
    [
        b"<p " + b" ".join(b"a%d=1" % number for number in range(1_500_000)) + b">x",
        b"".join(b"<body b%x>" % number for number in range(100_000)) + b"x",
        PAGES["fonts"](5000),
    ],
    ids=["1,500,000 attributes", "attributes of many bodies", "70 KB of fonts"],
)
def test_no_number_of_attributes_hurts(page: bytes) -> None:
    cost(b"<p>")
    read = measured(parse, page)
    assert read.value > 0
    assert read.seconds < 1
    assert read.grown_mb < 64


def refusal(page: bytes) -> str:
    try:
        page_text(page)
    except TooComplex:
        return "too complex"
    return "parsed"
