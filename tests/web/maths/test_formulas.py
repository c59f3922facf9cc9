"""Every form in which pages write formulas comes out once, in order, as TeX; what repeats it goes."""

import re

import pytest

from mammoth_spark.config import Documents
from mammoth_spark.demo.document_figures import _canonical
from mammoth_spark.demo.math_forms import FORMS, MathForm, form_named, occurrence
from mammoth_spark.web.document import document_of

PLANTED = (
    (r"x^2 + y_1 < \frac{7}{y}", False),
    (r"\sum_{k=1}^{n} \sqrt{k} = \begin{pmatrix} 1 & a_1 \\ 0 & 2 \end{pmatrix} \tag{4}", True),
    (r"\alpha \le \beta", False),
    (r"x^2 + y_1 < \frac{7}{y}", False),
)
WITHOUT_TEX = frozenset(
    {"asciimath_script", "mjx_assistive", "mjx_chtml_3", "mjx_chtml_4", "mjx_svg", "temml", "mathml"}
)
# Their address or attribute says nothing of how the formula stands.
NEVER_DISPLAYED = frozenset({"image_mathtex", "image_tex_cgi"})
NUMBER = re.compile(r" *\\tag\{4\}")
FORMULA = re.compile(r"(\$\$?)(.+?)\1")


def text_of(body: str, head: str = "") -> str:
    page = f"<html><head><title>t</title>{head}</head><body><h1>Powers</h1><p>Some text.</p>{body}</body></html>"
    document = document_of(page.encode(), Documents())
    assert document.reason == ""
    return document.text.removeprefix("# Powers\n\nSome text.\n\n")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_each_form_comes_out_once_and_in_order(form: MathForm) -> None:
    body = "".join(f"<p>before{n} {form.write(occurrence(*one))} after{n}</p>" for n, one in enumerate(PLANTED))
    text = text_of(body, form.head)
    found = FORMULA.findall(text)
    is_display = [display and form.name not in NEVER_DISPLAYED for _, display in PLANTED]
    assert [mark == "$$" for mark, _ in found] == is_display
    planted, read = (
        [NUMBER.sub("", tex) for tex in some] for some in ((one[0] for one in PLANTED), (one[1] for one in found))
    )
    if form.name in WITHOUT_TEX:
        planted, read = ([_canonical(tex) for tex in some] for some in (planted, read))
    assert read == planted
    around = FORMULA.sub("", text).replace("(4)", "").split()
    assert around == [word for n in range(len(PLANTED)) for word in (f"before{n}", f"after{n}")]


@pytest.mark.parametrize("name", ["mathjax2_script", "mathjax2_rendered", "mjx_svg", "latexml", "katex_annotation"])
def test_a_number_that_the_form_carries_is_kept(name: str) -> None:
    form = form_named(name)
    text = text_of(f"<p>{form.write(occurrence(*PLANTED[1]))}</p>", form.head)
    assert text.endswith(r"\tag{4}$$")
    assert text.count("4") == 1


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<span class="math-container">$$x+1$$</span>', "$$x+1$$"),
        (r'<span class="math inline">\(x\)</span> and <span class="math display">\[y\]</span>', "$x$ and\n$$y$$"),
        ('<math alttext="x^2"><msup><mi>y</mi><mn>3</mn></msup></math>', "$x^2$"),
        ("<math>x+1</math>", "x+1"),
        ('<img class="latex" alt="$a^2$" src="/x.png">', "$a^2$"),
        ('<img class="photo" alt="a^2" src="/texas.png"> seen', "seen"),
        ('<script type="math/mml"><math><mi>x</mi></math></script>', "$x$"),
        ('<script type="math/tex"> </script>nothing', "nothing"),
        ("<pre><code>cost = $x$ \\(y\\)</code></pre>", "```\ncost = $x$ \\(y\\)\n```"),
        (r"<p>run <code>echo \(x\)</code></p>", r"run `echo \(x\)`"),
    ],
)
def test_forms_of_single_pages(html: str, text: str) -> None:
    assert text_of(html) == text


def test_a_formula_that_is_not_closed_does_not_take_the_page_with_it() -> None:
    text = text_of('<span class="katex"><math><mi>x</mi></math>' + "<p>The rest of the page, word for word.</p>" * 30)
    assert text.count("The rest of the page") == 30
    assert "$x$" in text


@pytest.mark.parametrize("tag", ["mrow", "msqrt", "mfrac", "msup", "mtable"])
def test_a_formula_nested_without_end_gives_none(tag: str) -> None:
    assert text_of(f"<p>before</p><math>{f'<{tag}>' * 3_000}</math><p>after</p>").startswith("before")


@pytest.mark.parametrize("drawn", ["mjx-math", "svg"])
def test_a_drawing_nested_without_end_gives_none(drawn: str) -> None:
    inside = {"mjx-math": "<mjx-mrow>", "svg": '<g data-mml-node="mrow">'}[drawn] * 3_000
    closed = inside.replace("<", "</").replace(' data-mml-node="mrow"', "")
    assert text_of(f"<p>before <mjx-container><{drawn}>{inside}{closed}</{drawn}></mjx-container></p>") == "before"
