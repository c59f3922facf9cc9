"""MathML as TeX: what each element means, and what broken elements give."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from mammoth_spark.web.maths import tree
from mammoth_spark.web.maths.tex import tex_of


def tex(inside: str) -> str:
    math = LexborHTMLParser(f"<math>{inside}</math>").css_first("math")
    assert math is not None
    return tex_of(tree.of_mathml(math))


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>", r"\frac{a}{b+1}"),
        ('<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>', r"{n \atop k}"),
        ("<msqrt><mi>x</mi><mo>-</mo><mn>1</mn></msqrt>", r"\sqrt{x-1}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>", "x_{1}^{2}"),
        ("<msup><mi>f</mi><mo>&prime;</mo></msup>", "f'"),
        ("<msup><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></msup>", "{x^{2}}^{3}"),
        ("<msup><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mn>2</mn></msup>", "(x)^{2}"),
        # An isotope has its numbers before it.
        (
            "<mmultiscripts><mi>U</mi><mprescripts/><mn>92</mn><mn>238</mn></mmultiscripts>",
            "{}_{92}^{238}U",
        ),
        ("<mmultiscripts><mi>X</mi><mn>1</mn><none/></mmultiscripts>", "X_{1}"),
        ("<mover><mi>x</mi><mo>^</mo></mover><mover><mi>v</mi><mo>&rarr;</mo></mover>", r"\hat{x}\vec{v}"),
        ("<munder><mi>lim</mi><mrow><mi>x</mi><mo>&rarr;</mo><mn>0</mn></mrow></munder>", r"\lim_{x\to0}"),
        ("<munderover><mo>&sum;</mo><mi>i</mi><mi>n</mi></munderover>", r"\sum_{i}^{n}"),
        ("<munder><mi>x</mi><mi>y</mi></munder><mover><mi>x</mi><mi>y</mi></mover>", r"\underset{y}{x}\overset{y}{x}"),
        ("<mtext>50% of $x_1</mtext>", r"\text{50\% of \$x\_1}"),
        ("<mfenced open='[' close=')'><mi>a</mi><mi>b</mi></mfenced>", "[a,b)"),
        ("<mfenced><mi>a</mi></mfenced>", "(a)"),
        ("<mi>sin</mi><mi>x</mi>", r"\sin x"),
        ("<mi>&alpha;</mi><mi>x</mi><mo>&le;</mo><mn>50</mn><mo>%</mo>", r"\alpha x\le50\%"),
        ('<mi mathvariant="bold">v</mi><mi>&#x211D;</mi><mi>&#x1D54F;</mi>', r"\mathbf{v}\mathbb{R}\mathbb{X}"),
        ("<semantics><mi>x</mi><annotation>more</annotation></semantics>", "x"),
    ],
)
def test_elements_mean_what_tex_writes(inside: str, expected: str) -> None:
    assert tex(inside) == expected


TABLE = "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mi>a</mi></mtd></mtr><mtr><mtd><mn>0</mn></mtd></mtr></mtable>"


@pytest.mark.parametrize(
    ("left", "right", "name"),
    [("(", ")", "pmatrix"), ("[", "]", "bmatrix"), ("|", "|", "vmatrix"), ("{", "}", "Bmatrix"), ("{", "", "cases")],
)
def test_a_table_in_brackets_is_a_matrix(left: str, right: str, name: str) -> None:
    expected = rf"\begin{{{name}}} 1 & a \\ 0 \end{{{name}}}"
    assert tex(f"<mrow><mo>{left}</mo>{TABLE}<mo>{right}</mo></mrow>") == expected
    assert tex(f'<mfenced open="{left}" close="{right}">{TABLE}</mfenced>') == expected


def test_a_table_without_brackets_is_a_plain_matrix() -> None:
    assert tex(TABLE) == r"\begin{matrix} 1 & a \\ 0 \end{matrix}"


def test_a_numbered_row_is_tagged() -> None:
    row = "<mtable><mlabeledtr><mtd><mtext>(3)</mtext></mtd><mtd><mi>x</mi></mtd></mlabeledtr></mtable>"
    assert tex(row) == r"x \tag{3}"


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("", ""),
        ("<mfrac><mi>a</mi></mfrac>", "a"),
        ("<msup></msup>", ""),
        ("<mfrac><mi>a</mfrac><msup><mi>b", "ab"),
        ("<mtable><mtd><mi>x</mi></mtable>", r"\begin{matrix} x \end{matrix}"),
        ("<mroot><mi>x</mi></mroot><munder/>", "x"),
        ("<mmultiscripts></mmultiscripts>", ""),
    ],
)
def test_what_is_broken_gives_what_is_there(inside: str, expected: str) -> None:
    assert tex(inside) == expected


@pytest.mark.parametrize("name", ["mover", "munder", "munderover"])
def test_marks_over_marks_cost_what_they_are_long(name: str) -> None:
    """Whether a base takes limits is asked of each, and not of all that it stands on."""
    deep = f"<{name}>" * 40 + "<mi>x</mi>" + f"<mo>^</mo></{name}>" * 40
    assert "x" in tex(deep)


@pytest.mark.parametrize("inside", ["<mrow>" * 3_000, "<mi>x</mi>" * 30_000])
def test_what_nobody_writes_is_no_formula(inside: str) -> None:
    with pytest.raises(tree.Unreadable):
        tex(inside)
