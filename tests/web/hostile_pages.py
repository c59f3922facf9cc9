"""Pages that cost a parser much, each growing with a number."""

from collections.abc import Callable

PAGES: dict[str, Callable[[int], bytes]] = {
    # Time that grows with the square of the depth.
    "div": lambda n: b"<div>" * n,
    "lists": lambda n: b"<ul><li>" * n,
    "ends of paragraphs": lambda n: b"<div>" * n + b"</p>" * n,
    "ends of nothing": lambda n: b"<span>" * n + b"</div>" * n,
    "ends of paragraphs below a little depth": lambda n: b"<div>" * 500 + b"</p>" * n * 20,
    "misnested formatting": lambda n: b"<b>" * n + b"<div>" * n + b"</b>" * n,
    "misnested links": lambda n: b"<a><div>" * n,
    "definitions": lambda n: b"<dl><dt>x<dd>y" * n,
    "items below a depth": lambda n: b"<ul>" * 2000 + b"<li>x" * n,
    # Time that grows with the square of the attributes.
    "attributes": lambda n: b"<p " + b" ".join(b"%x" % i for i in range(n)) + b">x",
    "attributes by slashes": lambda n: b"<p " + b"/".join(b"%x" % i for i in range(n)) + b">x",
    "quoted attributes": lambda n: b"<p " + b"".join(b'a%x=">"' % i for i in range(n)) + b">x",
    "attributes of the body": lambda n: b"".join(b"<body b%x>" % i for i in range(n)),
    "tags of a thousand attributes": lambda n: (b"<p " + b" ".join(b"%x" % i for i in range(1000)) + b">x") * n,
    # Memory: formatting that is opened again in each block.
    "bold": lambda n: b"<p>" + b"".join(b"<b a%x>" % i for i in range(n)) + b"<p>x" * n,
    "fonts": lambda n: b"".join(b"<p><font size=%d>x" % i for i in range(n)),
    "links and bold": lambda n: b"".join(b"<a><b c=%d><p>" % i for i in range(n)),
    # Memory: many elements.
    "flat": lambda n: b"<p class=a>word" * n,
    "flat with attributes": lambda n: b"<p class=a id=b title=c lang=d style=e>word<br>" * n,
    "one bold after another": lambda n: b"<b>" * n,
    "tables": lambda n: b"<table><tr><td>x" * n,
    "text in tables": lambda n: b"<table>" + b"<b>x" * n,
    "comments": lambda n: b"<!>" * n,
    # Memory: a note of each mistake.
    "signs": lambda n: b"<" * n,
    "quotes in a tag": lambda n: b"<p " + b'"' * n,
    "vectors": lambda n: b"<svg>" + b"<g>" * n,
    # Time, if the end of each were looked for.
    "drawings without an end": lambda n: b"<svg>" * n,
    "notes without an end": lambda n: b"<noscript>x" * n,
    "templates without an end": lambda n: b"<template>" * n,
    "scripts without an end": lambda n: b"<script>" + b"<!--<script></script>" * n,
    "drawings that end at once": lambda n: b"<svg><p>" * n,
    "entities": lambda n: b"&amp&#x26" * n,
}
