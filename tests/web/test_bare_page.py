"""The page without its tags: what a tokenizer takes for text, in linear time whatever the page does."""

from random import Random

import pytest
from selectolax.lexbor import LexborHTMLParser

from mammoth_spark.web.bare_page import bare_page
from mammoth_spark.web.page_text import page_text
from tests.child import measured
from tests.web.hostile_pages import PAGES


@pytest.mark.parametrize(
    ("html", "bare"),
    [
        (b"", b""),
        (b"no tags, 1 < 2 <3", b"no tags, 1 < 2 <3"),
        (b"<p>one<P CLASS=x>two&amp;", b"one two&amp;"),
        (b"<div><ul><li>a</li> <li>b</li></ul></div>", b"a  b "),
        (b"<a href=\"x>y\" title='z>' hidden>w</a >", b"w "),
        (b"<a b= \"x>y\"c = 'z>'>w", b"w"),
        # A quote behind no = is a part of a name, and ends with the tag.
        (b'<a "x>y"><a ="x>z', b'y"> z'),
        (b"a<br/>b<img src=x/>c<x-y:z />d", b"a b c d"),
        (b"a<!-- b>c -->d<!-->e<!--->f<!--g--!>h<!--!>i-->j", b"a d e f h j"),
        (b"a<?php b ?>c<!b>d</ b>e</>f<!DOCTYPE html>g", b"a c d ef g"),
        (b"a<script>if (b<c) '</p>'</script >d<STYLE>e</style>f", b"a d f"),
        (b"<script><!-- <script> </script> a --></script>b", b"b"),
        (b"<script><!-- a </script>b<script><!--><script></script>c", b"b c"),
        (b"a<script>b", b"a "),
        (b"<title lang=x>a<b c=d></title >e", b"<title>a<b c=d></title >e"),
        (b"<textarea><i j></textarea>", b"<textarea><i j></textarea>"),
        (b"<plaintext><i j></plaintext>", b"<plaintext><i j></plaintext>"),
        (b"a<noscript>b<p>c</p></noscript>d", b"a d"),
        (b"a<template>b<template>c</template>d<script></template></script></template>e", b"a e"),
        (b"a<template>b", b"a "),
        (b"a<svg><title>b</title><svg/><g>c</g></svg>d<svg/>e", b"a d e"),
        (b"a<svg><foreignObject><p>b</p></foreignObject></svg>c", b"a c"),
        # A drawing ends where a paragraph begins; one without an end is none.
        (b"a<svg><g>b<p>c</svg>d", b"a c d"),
        (b"a<svg><g>b<svg><g>c", b"a b c"),
        # What the end cuts off: a tag is dropped, a sign is text, a comment ends.
        (b"a<b c='d>", b"a"),
        (b"a<", b"a<"),
        (b"a</", b"a</"),
        (b"a<!", b"a "),
        (b"a<!-", b"a "),
        (b"a<!--b", b"a "),
    ],
)
def test_text_is_left_and_a_space_for_each_tag(html: bytes, bare: bytes) -> None:
    assert bare_page(html) == bare


TOKENS = (
    *("<", ">", "/", '"', "'", "=", " ", "\n", "word", "&amp;", "&lt", "-", "--", "!", "?", "<!", "</", "<!--", "-->"),
    *("--!>", "<p>", "</p>", "<p a=\"x>y\" b='z' c>", "<b>", "</b>", "<a href=x/>", "</a>", "<br/>", "<div class=q>"),
    *("</div>", "<script>", "</script>", '<script src="a>b">', "<style>", "</style >", "<title>", "</title>"),
    *("<textarea>", "</textarea>", "<li>", "<ul>", "</ul>", "<h1>", "</h1>", "<iframe>", "</iframe>", "<xmp>"),
    *("</xmp>", "<!DOCTYPE html>", "<?php x ?>", '<img alt="a b>c">', "<body>", "</body>", "<html>", "<head>"),
    *("</head>", "<font color=red>", "</font>", "<x-y z>", "<noembed>", "</noembed>", "<plaintext>"),
)


def random_page(random: Random) -> bytes:
    return "".join(random.choices((*TOKENS, *map(str, range(20))), k=random.randrange(30))).encode()


def text_of_tree(html: bytes) -> str:
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "noscript", "template", "svg"])
    return tree.root.text(separator=" ") if tree.root is not None else ""


def test_a_tree_of_the_whole_page_has_the_same_text() -> None:
    """But for where words are divided: a tree joins them around a tag that it passes over."""
    random = Random(1)
    for _ in range(5_000):
        html = random_page(random)
        expected = "".join(text_of_tree(html).split())
        assert "".join(page_text(html).words.decode().split()) == expected, html


@pytest.mark.parametrize(
    "html",
    [
        b"<html><head><title>A page</title></head><body><h1>One</h1><p>two <b>three</b>, four</p></body></html>",
        b"<ul><li>one<li>two</ul><table><tr><th>a<th>b<tr><td>1<td>2</table><dl><dt>x<dd>y</dl>",
        b"<p>caf&eacute; &#233; &lt;b&gt; &amp;amp; 1 < 2</p><select><option>a<option selected>b</select>",
        b"<pre>  x\n  y</pre><textarea>a <b></textarea><math><mi>x</mi><mo>=</mo><mn>1</mn></math>",
    ],
)
def test_a_tree_of_a_sound_page_has_the_same_words(html: bytes) -> None:
    assert page_text(html).words.decode().split() == text_of_tree(html).split()


def test_a_bare_page_is_no_longer_than_the_page() -> None:
    """The walk writes into a buffer of the page's size."""
    random = Random(2)
    for _ in range(5_000):
        html = random_page(random)
        assert len(bare_page(html)) <= len(html)


def words_in(html: bytes) -> int:
    return len(page_text(html).words.split())


def of_16_mb(kind: str) -> bytes:
    make = PAGES[kind]
    a_thousand = len(make(1000))
    return make(max(1000, 1000 * (16 << 20) // a_thousand))[: 16 << 20]


@pytest.mark.parametrize("kind", ["div", "attributes", "fonts", "signs", "vectors", "comments"])
def test_no_page_hurts(kind: str) -> None:
    read = measured(words_in, of_16_mb(kind))
    assert read.seconds < 3
    assert read.grown_mb < 256


@pytest.mark.slow
@pytest.mark.parametrize("kind", PAGES)
def test_no_page_of_any_kind_hurts(kind: str) -> None:
    read = measured(words_in, of_16_mb(kind))
    assert read.seconds < 3
    assert read.grown_mb < 256
