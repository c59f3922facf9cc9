"""Finds a page's formulas, however they are written, and has each stand as a sign for itself in the page's text.

So nothing that is done to the text afterwards can touch them. Each is found once: what repeats it (a preview, a
picture of it, its MathML beside its drawing) goes. Where the page has the author's TeX, it stays as it is.
"""

import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mammoth_spark.web.maths import asciimath, tree
from mammoth_spark.web.maths.delimiters import Scanner, of_page, scanner
from mammoth_spark.web.maths.tex import tex_of
from mammoth_spark.web.signs import Signs

# A selector is tried where one of these words stands in the page.
_IN_TEXT = (b"\\(", b"\\[", b"$$", b"\\begin{", b"inlinemath", b"displaymath", b"mathinelement", b"delimiters")
_IN_ELEMENTS = (b"katex", b"mjx-", b"mwe-", b"math-container")
_IN_ATTRIBUTES = (b"data-expr", b"data-latex", b"data-tex", b"data-math")
_SCRIPTS, _MATHML, _LATEXML, _IMAGE, _ANY = b"math/", b"<math", b"ltx_", b"<img", b"math"
WORDS = (*_IN_TEXT, *_IN_ELEMENTS, *_IN_ATTRIBUTES, _SCRIPTS, _MATHML, _LATEXML, _IMAGE, _ANY)

_TEX_SCRIPT = 'script[type^="math/"]'
_DRAWN_BY_MATHJAX_2 = (
    ".MathJax_Preview, .MathJax_Display, .MathJax, .MathJax_SVG, .MathJax_SVG_Display, .MathJax_CHTML, .MathJax_MathML,"
    " .MathJax_PHTML"
)
_EQUATION_TABLES = "table.ltx_equationgroup, table.ltx_equation, table.ltx_eqn_table"
_WHOLE = ".katex-display, .katex, mjx-container, .mwe-math-element, .math-container, .wp-katex-eq"
_BY_ATTRIBUTE = "[data-expr], [data-latex], [data-tex], [data-math]"
_SOURCES = ("data-latex", "data-expr", "data-tex", "data-math")
_PANDOC = "span.math.inline, span.math.display, div.math.display, div.math.notranslate, span.math.notranslate"
_ANNOTATION = (
    'annotation[encoding="application/x-tex"], annotation[encoding="application/x-latex"],'
    ' annotation[encoding="TeX"], annotation[encoding="LaTeX"], annotation[encoding="latex"]'
)
_IMAGES = (
    'img[src*="tex"], img[src*="codecogs"], img.tex, img.latex, img.mwe-math-fallback-image-inline,'
    " img.mwe-math-fallback-image-display"
)
_IMAGE_SOURCE = re.compile(
    r"codecogs\.com/(?:[a-z]+\.(?:latex|image|download)|[a-z]+)\?(?P<codecogs>.+)|/latex(?:render)?\.php\?(?:.*&)?latex=(?P<php>[^&#]*)"
    r"|(?:mathtex|mimetex|tex)\.cgi\?(?P<cgi>.+)|(?:chart|math)\?.*\bchl=(?P<chart>[^&#]*)",
    re.IGNORECASE,
)
# What only says how a formula is drawn.
_DRAWING = re.compile(
    r"^\s*(?:\\(?:displaystyle|textstyle|inline|large|Large|small|dpi\{\d*\}|fn_[a-z]+|(?:bg|fg)_[a-z]+|(?:bg|fg)\{[^{}]*\}))+(?![A-Za-z])\s*"
)
_IS_DISPLAY = re.compile(r"^\s*(?:\\dpi\{\d*\}\s*|\{\s*)*\\(?:displaystyle|dpi)(?![A-Za-z])")
_IN_BRACES = re.compile(r"^\{\s*\\(?:displaystyle|textstyle)\s+(.*)\}$", re.DOTALL)
_LOOKS_LIKE_TEX = re.compile(r"[\\^_{}=+<>0-9]|^[A-Za-z]$")
_NAMES_A_MODE = re.compile(r"^[A-Za-z_-]{4,}$")
_DOLLARS = re.compile(r"^\s*(\$\$|\$|\\\(|\\\[)(.*?)(\$\$|\$|\\\)|\\\])\s*$", re.DOTALL)
_DISPLAYING = ("$$", r"\[")
_NUMBER = re.compile(r"^\(?\s*([A-Za-z0-9.*'-]{1,12})\s*\)?$")
_LONGEST = 20_000
# A formula's drawing, its MathML and its TeX are some times its length, and the frame of small ones a little more.
_MOST_REPEATED, _LONGEST_FRAME = 20, 400
# Scripts that may name delimiters; a page has some dozens.
_MOST_SCRIPTS = 200


def take_formulas(tree_: LexborHTMLParser, mentioned: Collection[bytes], signs: Signs) -> Scanner | None:
    """Puts signs in the place of formulas that are elements. Gives what finds those in the text, if it may hold any.
    `mentioned` are those of WORDS that stand in the page."""
    _take_elements(tree_, mentioned, signs)
    if not any(word in mentioned for word in _IN_TEXT):
        return None
    scripts = [node for node, _ in zip(tree_.css("script"), range(_MOST_SCRIPTS), strict=False)]
    # KaTeX is often told as it is loaded: <script onload="renderMathInElement(...)">.
    sources = (text for node in scripts for text in (node.text(), node.attributes.get("onload") or ""))
    return scanner(of_page(text for text in sources if "Math" in text or "left" in text))


def _take_elements(tree_: LexborHTMLParser, mentioned: Collection[bytes], signs: Signs) -> None:
    def found(selector: str, *words: bytes) -> list[LexborNode]:
        return tree_.css(selector) if any(word in mentioned for word in words) else []

    by_script = False
    for script in found(_TEX_SCRIPT, _SCRIPTS):
        by_script |= _take_script(script, signs)
    if by_script:
        for drawn in tree_.css(_DRAWN_BY_MATHJAX_2):
            drawn.decompose()
    for table in found(_EQUATION_TABLES, _LATEXML):
        _put(table, _of_equation_table(table), True, signs)
    for node in found(_WHOLE, *_IN_ELEMENTS):
        _take_whole(node, signs)
    for node in found("math", _MATHML):
        is_display = _is_block(node) or _IS_DISPLAY.match(node.attributes.get("alttext") or "") is not None
        _put(node, _of_math(node), is_display, signs)
    for node in found(_PANDOC, _ANY):
        inside = _DOLLARS.match(node.text())
        if inside is not None:
            is_display = inside.group(1) in _DISPLAYING or "display" in (node.attributes.get("class") or "")
            _put(node, inside.group(2), is_display, signs)
    for node in found(_BY_ATTRIBUTE, *_IN_ATTRIBUTES):
        _take_by_attribute(node, signs)
    for image in found(_IMAGES, _IMAGE):
        _take_image(image, signs)


def _gone(node: LexborNode) -> bool:
    """Whether it stood within what was replaced before."""
    return node.parent is None


def _put(node: LexborNode, tex: str | None, is_display: bool, signs: Signs) -> bool:
    if tex is None or not tex.strip() or len(tex) > _LONGEST or _gone(node):
        return False
    node.replace_with(signs.formula(tex.strip(), is_display))
    return True


def _take_script(script: LexborNode, signs: Signs) -> bool:
    type_ = script.attributes.get("type") or ""
    is_display, source = "mode=display" in type_.replace(" ", ""), script.text()
    if type_.startswith("math/tex"):
        return _put(script, source, is_display, signs)
    if type_.startswith("math/asciimath"):
        return _put(script, _of_asciimath(source), is_display, signs)
    if type_.startswith("math/mml"):
        found = LexborHTMLParser(source).css_first("math")
        return found is not None and _put(script, _of_math(found), is_display or _is_block(found), signs)
    return False


def _take_whole(node: LexborNode, signs: Signs) -> None:
    """Of an element that holds a formula more than once."""
    if _gone(node):
        return
    classes = (node.attributes.get("class") or "").split()
    if "math-container" in classes or "wp-katex-eq" in classes:
        found = _DOLLARS.match(node.text())
        tex = found.group(2) if found else node.text()
        is_display = found is not None and found.group(1) in _DISPLAYING
        _put(node, tex, is_display or node.attributes.get("data-display") == "true", signs)
        return
    is_display = node.attributes.get("display") == "true" or "katex-display" in classes
    math = node.css_first("math")
    is_display |= math is not None and _is_block(math)
    tex = _of_attributes(node) or _of_attributes(node.css_first(_BY_ATTRIBUTE))
    if tex is None and math is not None:
        is_display |= (
            _IS_DISPLAY.match(math.attributes.get("alttext") or "") is not None and "mwe-math-element" not in classes
        )
        is_display |= node.css_first(".mwe-math-fallback-image-display, .mwe-math-mathml-display") is not None
        tex = _of_math(math)
    if tex is None and node.tag == "mjx-container":
        tex = _of_mathjax(node)
    if tex is None and (image := node.css_first("img")) is not None:
        tex = _of_image(image)
    # An element that was not closed holds the rest of the page too.
    if tex is not None and len(node.text()) <= _MOST_REPEATED * len(tex) + _LONGEST_FRAME:
        _put(node, tex, is_display, signs)


def _of_attributes(node: LexborNode | None) -> str | None:
    if node is None:
        return None
    found = (node.attributes.get(name) for name in _SOURCES)
    return next((tex for tex in found if tex and not _NAMES_A_MODE.match(tex)), None)


def _take_by_attribute(node: LexborNode, signs: Signs) -> None:
    # The page's text stands elsewhere if an element holds more than the formula's drawing.
    tex = _of_attributes(node)
    if tex is not None and len(node.text()) <= 4 * len(tex) + 40:
        _put(node, tex, "display" in (node.attributes.get("class") or "").split(), signs)


def _is_block(math: LexborNode) -> bool:
    return math.attributes.get("display") == "block" or math.attributes.get("mode") == "display"


def _of_math(math: LexborNode) -> str | None:
    """The author's TeX, if it is there; else what the elements say."""
    annotation = math.css_first(_ANNOTATION)
    if annotation is not None and annotation.text().strip():
        return _undrawn(annotation.text())
    alternative = math.attributes.get("alttext")
    if alternative and _LOOKS_LIKE_TEX.search(alternative):
        return _undrawn(alternative)
    try:
        return tex_of(tree.of_mathml(math))
    except tree.Unreadable:
        return None


def _of_mathjax(container: LexborNode) -> str | None:
    drawn = container.css_first("mjx-math")
    try:
        if drawn is not None:
            return tex_of(tree.of_chtml(drawn))
        picture = container.css_first("svg")
        return tex_of(tree.of_svg(picture)) if picture is not None else None
    except tree.Unreadable:
        return None


def _of_asciimath(source: str) -> str | None:
    try:
        return asciimath.tex_of(source)
    except asciimath.NotAsciiMath:
        return None


def _undrawn(tex: str) -> str:
    braced = _IN_BRACES.match(tex.strip())
    return (braced.group(1) if braced else _DRAWING.sub("", tex)).strip()


def _take_image(image: LexborNode, signs: Signs) -> None:
    if _gone(image):
        return
    classes = image.attributes.get("class") or ""
    source = _source_of_image(image)
    written = f"{source or ''}", image.attributes.get("alt") or ""
    is_display = any(_IS_DISPLAY.match(text) for text in written) or "image-display" in classes
    _put(image, _of_image(image), is_display, signs)


def _source_of_image(image: LexborNode) -> str | None:
    found = _IMAGE_SOURCE.search(image.attributes.get("src") or "")
    if found is None or found.lastgroup is None:
        return None
    query = found.group(found.lastgroup).replace("&space;", " ")
    if found.lastgroup in ("php", "chart"):
        query = query.replace("+", " ")
    return unquote(query)


def _of_image(image: LexborNode) -> str | None:
    """By its address, which a server draws it from; else by its alternative text."""
    source = _source_of_image(image)
    if source is not None:
        return _undrawn(source)
    alternative = image.attributes.get("alt") or ""
    found = _DOLLARS.match(alternative)
    alternative = found.group(2) if found else alternative
    classes = image.attributes.get("class") or ""
    is_formula = "math" in classes or "tex" in classes
    return _undrawn(alternative) if is_formula and _LOOKS_LIKE_TEX.search(alternative) else None


def _of_equation_table(table: LexborNode) -> str | None:
    """Equations laid out as a table, a row each, as LaTeXML does it."""
    rows = [_cells(row) for row in table.css("tr")]
    rows = [cells for cells in rows if cells]
    if not rows:
        return None
    number = table.css_first(".ltx_tag_equation, .ltx_eqn_eqno .ltx_tag")
    named = _NUMBER.match(number.text().strip()) if number is not None else None
    tag = f" \\tag{{{named.group(1)}}}" if named else ""
    if len(rows) == 1:
        return " ".join(rows[0]) + tag
    lines = (f"{first} & {' '.join(rest)}" if rest else f"& {first}" for first, *rest in rows)
    return "\\begin{aligned} " + r" \\ ".join(lines) + f" \\end{{aligned}}{tag}"


def _cells(row: LexborNode) -> list[str]:
    found: Iterator[str | None] = (_of_math(math) for math in row.css("math"))
    return [tex for tex in found if tex]
