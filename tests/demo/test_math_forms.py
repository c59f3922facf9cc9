import re
from html import unescape
from urllib.parse import unquote

import pytest

from mammoth_spark.demo.math_forms import FORMS, MathForm, form_named, occurrence

TEX = r"x^2 < \frac{7}{y}"
DRAWN = (
    "asciimath_script", "mjx_assistive", "mjx_chtml_3", "mjx_chtml_4", "mjx_svg", "temml", "mathml",
    "latexml_align",
)  # fmt: skip
"""Forms without the formula's TeX as one text."""


@pytest.mark.parametrize("form", [form for form in FORMS if form.name not in DRAWN], ids=lambda form: form.name)
@pytest.mark.parametrize("display", [False, True])
def test_forms_with_tex_hold_it_unchanged(form: MathForm, display: bool) -> None:
    html = form.write(occurrence(TEX, display))
    assert TEX in unquote(unescape(html).replace("&space;", " ").replace("+", " "))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_form_is_well_nested(form: MathForm) -> None:
    html = form.write(occurrence(r"\sum_{k=1}^{n} \sqrt{k} = \begin{pmatrix} 1 & a_1 \end{pmatrix} \tag{4}", True))
    open_tags: list[str] = []
    for closing, tag, rest in re.findall(r"<(/?)([a-z][a-z0-9-]*)([^>]*)>", html):
        if closing:
            assert open_tags.pop() == tag
        elif tag != "img" and not rest.endswith("/"):
            open_tags.append(tag)
    assert open_tags == []
    assert "4" in html


def test_chtml_without_text_names_characters_by_class() -> None:
    html = form_named("mjx_chtml_3").write(occurrence(TEX, False))
    assert re.findall(r"mjx-c([0-9A-F]{2,})", html) == ["1D465", "32", "3C", "37", "1D466"]
    assert re.sub(r"<[^>]*>", "", html) == ""


def test_chtml_of_version_4_also_writes_them() -> None:
    html = form_named("mjx_chtml_4").write(occurrence(TEX, False))
    assert re.sub(r"<[^>]*>", "", html) == "\U0001d4652&lt;7\U0001d466"


def test_svg_names_characters_and_parts() -> None:
    html = form_named("mjx_svg").write(occurrence(TEX, False))
    assert re.findall(r'data-c="([0-9A-F]+)"', html) == ["1D465", "32", "3C", "37", "1D466"]
    assert re.findall(r'data-mml-node="(\w+)"', html) == [
        "math", "mrow", "msup", "mi", "mn", "mo", "mfrac", "mn", "mi",
    ]  # fmt: skip


def test_assistive_mathml_stands_beside_the_drawing() -> None:
    html = form_named("mjx_assistive").write(occurrence(TEX, True))
    inside = re.search(r"<mjx-assistive-mml[^>]*><math[^>]*>(.*)</math></mjx-assistive-mml>", html)
    assert inside is not None
    assert inside.group(1) == (
        "<mrow><msup><mi>x</mi><mn>2</mn></msup><mo>&lt;</mo><mfrac><mn>7</mn><mi>y</mi></mfrac></mrow>"
    )


def test_scripts_hold_tex_and_asciimath_unescaped() -> None:
    assert f'<script type="math/tex; mode=display">{TEX}</script>' in form_named("mathjax2_script").write(
        occurrence(TEX, True)
    )
    assert '<script type="math/asciimath">x^(2) < (7)/(y)</script>' in form_named("asciimath_script").write(
        occurrence(TEX, False)
    )


def test_numbers_of_equations_go_where_each_form_has_them() -> None:
    tagged = occurrence(r"a = b \tag{12}", True)
    assert tagged.tex == "a = b"
    assert form_named("tex_parentheses").write(tagged) == r"\[a = b \tag{12}\]"
    assert '<mlabeledtr><mtd id="mjx-eqn:12"><mtext>(12)</mtext>' in form_named("mjx_assistive").write(tagged)
    assert 'ltx_tag_equation ltx_align_right">(12)</span>' in form_named("latexml").write(tagged)
    assert form_named("mathml").write(tagged).endswith('<span class="eqno">(12)</span>')


def test_aligned_equations_have_a_row_for_each_side() -> None:
    html = form_named("latexml_align").write(occurrence(r"s = \sum_{k=1}^{2} k = 3", True))
    assert re.findall(r'alttext="([^"]*)"', html) == [
        r"\displaystyle s", r"\displaystyle = \sum_{k=1}^{2} k", r"\displaystyle = 3",
    ]  # fmt: skip
    assert html.count("<tr") == 2


def test_a_pages_settings_name_its_delimiters() -> None:
    assert '["[tex]","[/tex]"]' in form_named("hub_config").head
    assert "['@@', '@@']" in form_named("mathjax_config").head
    assert "left: '[[', right: ']]', display: false" in form_named("katex_auto_render").head
    assert form_named("katex_auto_render").write(occurrence("x", True)) == "[[[x]]]"
