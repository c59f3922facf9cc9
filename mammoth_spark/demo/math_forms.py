"""Every way in which the demo's pages write a formula into HTML.

A form turns a formula's TeX into mark-up, and says what the page's head must hold for it (the page's own
MathJax or KaTeX settings). The TeX that truth.jsonl states is the TeX given here, without `\\tag`; forms
without TeX in them (MathML, CHTML, SVG, AsciiMath) can only be read back up to spacing and braces.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from mammoth_spark.demo.formula_output import to_chtml, to_katex, to_svg
from mammoth_spark.demo.formulas import Formula, parse, to_asciimath, to_mathml

TAG = re.compile(r"\s*\\tag\{(\d+)\}")
MATHML = 'xmlns="http://www.w3.org/1998/Math/MathML"'


class Occurrence(NamedTuple):
    """A formula on its way into a page: the TeX without its tag, how it stands, and its number if any."""

    tex: str
    tree: Formula
    display: bool
    tag: str


@dataclass(frozen=True, slots=True)
class MathForm:
    """A way of writing formulas: `write` gives the HTML of one, `head` what the page's head holds."""

    name: str
    write: Callable[[Occurrence], str]
    head: str = ""


def occurrence(tex: str, display: bool) -> Occurrence:
    """Take `\\tag{n}` off the TeX and parse the rest."""
    found = TAG.search(tex)
    plain = TAG.sub("", tex)
    return Occurrence(plain, parse(plain), display, found.group(1) if found else "")


def _tagged(formula: Occurrence) -> str:
    return formula.tex + (rf" \tag{{{formula.tag}}}" if formula.tag else "")


def _delimited(inline: tuple[str, str], display: tuple[str, str]) -> Callable[[Occurrence], str]:
    def write(formula: Occurrence) -> str:
        left, right = display if formula.display else inline
        return left + escape(_tagged(formula), quote=False) + right

    return write


def _numbered(write: Callable[[Occurrence], str]) -> Callable[[Occurrence], str]:
    """For forms that cannot carry an equation's number: the number stands beside it."""

    def with_number(formula: Occurrence) -> str:
        number = f' <span class="eqno">({formula.tag})</span>' if formula.tag else ""
        return write(formula) + number

    return with_number


def _mathml(formula: Occurrence) -> str:
    body = to_mathml(formula.tree)
    if not formula.tag:
        return body
    number = f'<mtd id="mjx-eqn:{formula.tag}"><mtext>({formula.tag})</mtext></mtd>'
    return f'<mtable displaystyle="true"><mlabeledtr>{number}<mtd>{body}</mtd></mlabeledtr></mtable>'


def _math_element(formula: Occurrence, attributes: str = "", inside: str = "") -> str:
    display = ' display="block"' if formula.display else ""
    return f"<math {MATHML}{attributes}{display}>{inside or to_mathml(formula.tree)}</math>"


def _semantics(formula: Occurrence, numbered: bool = False) -> str:
    tex = escape(_tagged(formula) if numbered else formula.tex, quote=False)
    annotation = f'<annotation encoding="application/x-tex">{tex}</annotation>'
    return f"<semantics>{to_mathml(formula.tree)}{annotation}</semantics>"


def _mathjax2_script(formula: Occurrence) -> str:
    mode = "; mode=display" if formula.display else ""
    css = "MathJax_Preview"
    return f'<span class="{css}">{escape(formula.tex)}</span><script type="math/tex{mode}">{_tagged(formula)}</script>'


def _mathjax2_rendered(formula: Occurrence) -> str:
    frame = (
        f'<span class="MathJax" role="textbox" aria-readonly="true"><nobr><span class="math">'
        f"{to_katex(formula.tree)}</span></nobr></span>"
    )
    mode = "; mode=display" if formula.display else ""
    outer = f'<div class="MathJax_Display">{frame}</div>' if formula.display else frame
    return (
        f'<span class="MathJax_Preview" style="color: inherit;"></span>{outer}'
        f'<script type="math/tex{mode}" id="MathJax-Element-{len(formula.tex)}">{_tagged(formula)}</script>'
    )


def _asciimath_script(formula: Occurrence) -> str:
    mode = "; mode=display" if formula.display else ""
    return (
        f'<span class="MathJax_Preview"></span><script type="math/asciimath{mode}">'
        f"{to_asciimath(formula.tree)}</script>"
    )


def _mjx(formula: Occurrence, jax: str, inside: str) -> str:
    display = ' display="true"' if formula.display else ""
    return f'<mjx-container class="MathJax" jax="{jax}"{display} tabindex="0">{inside}</mjx-container>'


def _chtml(formula: Occurrence, with_text: bool) -> str:
    body = to_chtml(formula.tree, with_text)
    if formula.tag:
        number = to_chtml(Formula("text", f"({formula.tag})"), with_text)
        body = (
            '<mjx-mtable side="right"><mjx-table><mjx-itable><mjx-mlabeledtr><mjx-mtd>'
            f"{body}<mjx-tstrut></mjx-tstrut></mjx-mtd></mjx-mlabeledtr></mjx-itable></mjx-table><mjx-labels>"
            f'<mjx-itable><mjx-mtr><mjx-mtd id="mjx-eqn:{formula.tag}">{number}<mjx-tstrut></mjx-tstrut>'
            "</mjx-mtd></mjx-mtr></mjx-itable></mjx-labels></mjx-mtable>"
        )
    return f'<mjx-math class="MJX-TEX" aria-hidden="true">{body}</mjx-math>'


def _mjx_assistive(formula: Occurrence) -> str:
    inner = f"<math {MATHML}>{_mathml(formula)}</math>"
    mode = "block" if formula.display else "inline"
    assistive = f'<mjx-assistive-mml unselectable="on" display="{mode}">{inner}</mjx-assistive-mml>'
    return _mjx(formula, "CHTML", _chtml(formula, False) + assistive)


def _mjx_svg(formula: Occurrence) -> str:
    body = to_svg(formula.tree)
    if formula.tag:
        number = to_svg(Formula("text", f"({formula.tag})"))
        body = (
            f'<g data-mml-node="mtable"><g data-mml-node="mlabeledtr"><g data-mml-node="mtd" id="mjx-eqn:'
            f'{formula.tag}">{number}</g><g data-mml-node="mtd">{body}</g></g></g>'
        )
    svg = (
        '<svg style="vertical-align: -0.186ex;" xmlns="http://www.w3.org/2000/svg" width="9.5ex"'
        ' height="2.4ex" role="img" focusable="false" viewBox="0 -833.9 4197.1 915.9" aria-hidden="true">'
        '<g stroke="currentColor" fill="currentColor" stroke-width="0" transform="scale(1,-1)">'
        f'<g data-mml-node="math">{body}</g></g></svg>'
    )
    return _mjx(formula, "SVG", svg)


def _katex_html(formula: Occurrence) -> str:
    tag = f'<span class="tag"><span class="mord">({formula.tag})</span></span>' if formula.tag else ""
    return (
        f'<span class="katex-html" aria-hidden="true"><span class="base"><span class="strut"></span>'
        f"{to_katex(formula.tree)}</span>{tag}</span>"
    )


def _katex(formula: Occurrence) -> str:
    mathml = f'<span class="katex-mathml"><math {MATHML}>{_semantics(formula, True)}</math></span>'
    inner = f'<span class="katex">{mathml}{_katex_html(formula)}</span>'
    return f'<span class="katex-display">{inner}</span>' if formula.display else inner


def _katex_data(attribute: str) -> Callable[[Occurrence], str]:
    def write(formula: Occurrence) -> str:
        tex = escape(_tagged(formula))
        inner = f'<span class="katex" {attribute}="{tex}">{_katex_html(formula)}</span>'
        return f'<span class="katex-display">{inner}</span>' if formula.display else inner

    return write


def _temml(formula: Occurrence) -> str:
    if not formula.display:
        return f"<math>{to_mathml(formula.tree)}</math>"
    return f'<math display="block" class="tml-display" style="display:block math;">{to_mathml(formula.tree)}</math>'


def _codecogs(formula: Occurrence) -> str:
    if formula.display:
        source = quote(r"\dpi{120} " + formula.tex, safe="").replace("%20", "&space;")
        return f'<img src="https://latex.codecogs.com/gif.latex?{source}" title="{escape(formula.tex)}" border="0" />'
    source = quote(formula.tex, safe="")
    return f'<img src="https://latex.codecogs.com/svg.image?{source}" alt="{escape(formula.tex)}">'


def _latex_php(formula: Occurrence) -> str:
    tex = escape((r"\displaystyle " if formula.display else "") + formula.tex)
    source = quote(formula.tex, safe="").replace("%20", "+")
    return (
        f'<img src="https://s0.wp.com/latex.php?latex={source}&#038;bg=ffffff&#038;fg=333333&#038;s=0&#038;'
        f'c=20201002" alt="{tex}" class="latex" />'
    )


def _cgi_image(program: str) -> Callable[[Occurrence], str]:
    def write(formula: Occurrence) -> str:
        tex = escape(formula.tex)
        return f'<img src="/cgi-bin/{program}?{quote(formula.tex, safe="")}" alt="{tex}" align="middle">'

    return write


def _math_container(formula: Occurrence) -> str:
    dollars = "$$" if formula.display else "$"
    return f'<span class="math-container">{dollars}{escape(_tagged(formula), quote=False)}{dollars}</span>'


def _data_expr(formula: Occurrence) -> str:
    css = "mathquill-rendered display" if formula.display else "mathquill-rendered"
    return f'<span class="{css}" data-expr="{escape(formula.tex)}"></span>'


def _wp_katex(formula: Occurrence) -> str:
    display = "true" if formula.display else "false"
    css = "wp-katex-eq katex-display" if formula.display else "wp-katex-eq"
    return f'<span class="{css}" data-display="{display}">{escape(_tagged(formula), quote=False)}</span>'


def _mediawiki(formula: Occurrence) -> str:
    tex = escape(rf"{{\displaystyle {formula.tex}}}")
    mode = "display" if formula.display else "inline"
    return (
        f'<span class="mwe-math-element"><span class="mwe-math-mathml-{mode} mwe-math-mathml-a11y"'
        f' style="display: none;"><math {MATHML} alttext="{tex}">{_semantics(formula)}</math></span>'
        f'<img src="/media/math/render/svg/{len(tex):040x}" class="mwe-math-fallback-image-{mode}"'
        f' aria-hidden="true" alt="{tex}"></span>'
    )


def _latexml_number(tag: str) -> str:
    return f'<span class="ltx_tag ltx_tag_equation ltx_align_right">({tag})</span>' if tag else ""


def _latexml(formula: Occurrence) -> str:
    tex = escape(formula.tex)
    if not formula.display:
        return f'<math alttext="{tex}" class="ltx_Math" display="inline">{_semantics(formula)}</math>'
    number = _latexml_number(formula.tag)
    return (
        '<table class="ltx_equation ltx_eqn_table"><tbody>'
        '<tr class="ltx_equation ltx_eqn_row ltx_align_baseline">'
        '<td class="ltx_eqn_cell ltx_eqn_center_padleft"></td><td class="ltx_eqn_cell ltx_align_center">'
        f'<math alttext="\\displaystyle {tex}" class="ltx_Math" display="block">{_semantics(formula)}</math>'
        '</td><td class="ltx_eqn_cell ltx_eqn_center_padright"></td><td rowspan="1" class="ltx_eqn_cell'
        f' ltx_eqn_eqno ltx_align_middle ltx_align_right">{number}</td></tr></tbody></table>'
    )


def _mathml_alttext(formula: Occurrence) -> str:
    return _math_element(formula, f' alttext="{escape(formula.tex)}"')


def _mathml_annotation(formula: Occurrence) -> str:
    return _math_element(formula, "", _semantics(formula, True))


def _latexml_align(formula: Occurrence) -> str:
    """Aligned equations: the left side in one cell, each `= ...` in a row of its own, as arXiv shows them."""
    sides = _sides(formula.tex)
    if not formula.display or len(sides) < 2:
        return _latexml(formula)

    def cell(tex: str, align: str) -> str:
        whole = escape(rf"\displaystyle {tex}")
        body = _semantics(Occurrence(tex, parse(tex), True, ""))
        inside = f'<math alttext="{whole}" class="ltx_Math" display="inline">{body}</math>' if tex else ""
        return f'<td class="ltx_td ltx_align_{align} ltx_eqn_cell">{inside}</td>'

    rows = "".join(
        '<tr class="ltx_equation ltx_eqn_row ltx_align_baseline">'
        f"{cell(left, 'right')}{cell('= ' + right, 'left')}"
        f'<td class="ltx_eqn_cell ltx_eqn_eqno">{_latexml_number(formula.tag if last else "")}</td></tr>'
        for left, right, last in (
            (sides[0] if number == 1 else "", sides[number], number == len(sides) - 1)
            for number in range(1, len(sides))
        )
    )
    return f'<table class="ltx_equationgroup ltx_eqn_align ltx_eqn_table"><tbody>{rows}</tbody></table>'


def _sides(tex: str) -> list[str]:
    """The sides of an equation, split at each `=` that stands in no braces."""
    sides, depth = [""], 0
    for character in tex:
        depth += (character == "{") - (character == "}")
        if character == "=" and depth == 0:
            sides.append("")
        else:
            sides[-1] += character
    return [side.strip() for side in sides]


_MATHJAX3 = '<script id="MathJax-script" async src="https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-chtml.js"></script>'
_KATEX_CSS = '<link rel="stylesheet" href="https://cdn.jsdelivr.net/npm/katex@0.16.9/dist/katex.min.css">'
_HUB = (
    '<script type="text/x-mathjax-config">MathJax.Hub.Config({tex2jax: {inlineMath: [["[tex]","[/tex]"]],'
    ' displayMath: [["[eqn]","[/eqn]"]], processEscapes: true}, TeX: {equationNumbers: {autoNumber: '
    '"AMS"}}});'
    "</script><script "
    'src="https://cdnjs.cloudflare.com/ajax/libs/mathjax/2.7.7/MathJax.js?config=TeX-AMS_HTML">'
    "</script>"
)
_MATHJAX3_DOLLARS = (
    "<script>MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']], displayMath: [['$$', '$$']],"
    " processEscapes: true}};</script>" + _MATHJAX3
)
_MATHJAX3_OWN = (
    "<script>window.MathJax = {tex: {inlineMath: [['@@', '@@']], displayMath: [['@@@', '@@@']]}};</script>" + _MATHJAX3
)
_AUTO_RENDER = (
    _KATEX_CSS + '<script defer src="https://cdn.jsdelivr.net/npm/katex@0.16.9/dist/contrib/auto-render.min.js"'
    " onload=\"renderMathInElement(document.body, {delimiters: [{left: '[[[', right: ']]]', display: true},"
    " {left: '[[', right: ']]', display: false}]});\"></script>"
)

FORMS: tuple[MathForm, ...] = (
    MathForm("tex_dollars", _delimited(("$", "$"), ("$$", "$$")), _MATHJAX3_DOLLARS),
    MathForm("tex_parentheses", _delimited((r"\(", r"\)"), (r"\[", r"\]")), _MATHJAX3),
    MathForm("hub_config", _delimited(("[tex]", "[/tex]"), ("[eqn]", "[/eqn]")), _HUB),
    MathForm("mathjax_config", _delimited(("@@", "@@"), ("@@@", "@@@")), _MATHJAX3_OWN),
    MathForm("katex_auto_render", _delimited(("[[", "]]"), ("[[[", "]]]")), _AUTO_RENDER),
    MathForm("mathjax2_script", _mathjax2_script),
    MathForm("mathjax2_rendered", _mathjax2_rendered),
    MathForm("asciimath_script", _numbered(_asciimath_script)),
    MathForm("mjx_assistive", _mjx_assistive, _MATHJAX3),
    MathForm("mjx_chtml_3", lambda f: _mjx(f, "CHTML", _chtml(f, False)), _MATHJAX3),
    MathForm("mjx_chtml_4", lambda f: _mjx(f, "CHTML", _chtml(f, True)), _MATHJAX3.replace("@3/es5", "@4")),
    MathForm("mjx_svg", _mjx_svg, _MATHJAX3.replace("chtml", "svg")),
    MathForm("katex_annotation", _katex, _KATEX_CSS),
    MathForm("katex_data_latex", _katex_data("data-latex"), _KATEX_CSS),
    MathForm("katex_data_math", _katex_data("data-math"), _KATEX_CSS),
    MathForm("temml", _numbered(_temml), '<link rel="stylesheet" href="/assets/Temml-Latin-Modern.css">'),
    MathForm("mathml", _numbered(_math_element)),
    MathForm("mathml_alttext", _numbered(_mathml_alttext)),
    MathForm("mathml_annotation", _mathml_annotation),
    MathForm("image_codecogs", _numbered(_codecogs)),
    MathForm("image_latex_php", _numbered(_latex_php)),
    MathForm("image_mathtex", _numbered(_cgi_image("mathtex.cgi"))),
    MathForm("image_tex_cgi", _numbered(_cgi_image("tex.cgi"))),
    MathForm("math_container", _math_container, _HUB.replace("[tex]", "$").replace("[/tex]", "$")
             .replace("[eqn]", "$$").replace("[/eqn]", "$$")),
    MathForm("data_expr", _numbered(_data_expr)),
    MathForm("wp_katex", _wp_katex, _KATEX_CSS),
    MathForm("mediawiki", _numbered(_mediawiki)),
    MathForm("latexml", _latexml),
    MathForm("latexml_align", _latexml_align),
)  # fmt: skip


def form_named(name: str) -> MathForm:
    """The form of that name."""
    return next(form for form in FORMS if form.name == name)
