# ruff: noqa: RUF001 (mathematical characters are meant)

import pytest

from mammoth_spark.demo.formulas import italic, parse, to_asciimath, to_mathml


@pytest.mark.parametrize(
    ("tex", "mathml"),
    [
        (r"\frac{1}{2} x^2", "<mfrac><mn>1</mn><mn>2</mn></mfrac><msup><mi>x</mi><mn>2</mn></msup>"),
        (r"a_1 < 3.5", "<msub><mi>a</mi><mn>1</mn></msub><mo>&lt;</mo><mn>3.5</mn>"),
        (
            r"\sqrt[3]{x+1}",
            "<mroot><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mrow><mn>3</mn></mrow></mroot>",
        ),
        (r"\sin x", "<mi>sin</mi><mo>\u2061</mo><mi>x</mi>"),
        (
            r"\sum_{k=1}^{n} k",
            "<munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>k</mi>",
        ),
        (
            r"\int_0^1 \mathrm{g}",
            '<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup><mi mathvariant="normal">g</mi>',
        ),
        (r"f'(x)", "<msup><mi>f</mi><mo>′</mo></msup><mo>(</mo><mi>x</mi><mo>)</mo>"),
        (
            r"\begin{pmatrix} 1 & 2 \\ a & 4 \end{pmatrix}",
            "<mrow><mo>(</mo><mtable>"
            "<mtr><mtd><mrow><mn>1</mn></mrow></mtd><mtd><mrow><mn>2</mn></mrow></mtd></mtr>"
            "<mtr><mtd><mrow><mi>a</mi></mrow></mtd><mtd><mrow><mn>4</mn></mrow></mtd></mtr>"
            "</mtable><mo>)</mo></mrow>",
        ),
    ],
)
def test_tex_becomes_mathml(tex: str, mathml: str) -> None:
    assert to_mathml(parse(tex)) == f"<mrow>{mathml}</mrow>"


@pytest.mark.parametrize(
    ("tex", "asciimath"),
    [
        (r"\frac{a}{b+1} \cdot \alpha", "(a)/(b + 1) * alpha"),
        (r"\lim_{x \to 0} \ln x", "lim_(x -> 0) ln x"),
        (r"x \ne \infty", "x != oo"),
        (r"2^{10} \, \mathrm{km}", '2^(10) "km"'),
    ],
)
def test_tex_becomes_asciimath(tex: str, asciimath: str) -> None:
    assert to_asciimath(parse(tex)) == asciimath


def test_spaces_within_tex_change_nothing() -> None:
    spaced = r"\begin { pmatrix } 1 \\ 2 \end { pmatrix } + \frac { 1 } { 2 } x ^ { 2 }"
    assert parse(spaced) == parse(r"\begin{pmatrix}1\\2\end{pmatrix}+\frac{1}{2}x^{2}")


@pytest.mark.parametrize("tex", [r"\unknown x", "a # b", "a } b"])
def test_tex_outside_the_subset_is_a_mistake_of_ours(tex: str) -> None:
    with pytest.raises(AssertionError):
        parse(tex)


def test_variables_are_shown_by_mathematical_italics() -> None:
    assert [f"{ord(italic(letter)):X}" for letter in "xhAα"] == ["1D465", "210E", "1D434", "1D6FC"]
