"""AsciiMath as TeX, by its grammar."""

import pytest

from mammoth_spark.web.maths.asciimath import NotAsciiMath, tex_of


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("x^2/3", r"\frac{x^{2}}{3}"),
        ("a_b^c", "a_{b}^{c}"),
        ("sqrt(x+1)", r"\sqrt{x + 1}"),
        ("root(3)(x)", r"\sqrt[3]{x}"),
        ("(x+1)/(x-1)", r"\frac{x + 1}{x - 1}"),
        ("sum_(i=1)^n i^3", r"\sum_{i = 1}^{n} i^{3}"),
        ("int_0^1 f(x)dx", r"\int_{0}^{1} f(x) dx"),
        ("lim_(x->0)", r"\lim_{x \to 0}"),
        # A minus after a mark belongs to what it takes.
        ("2^-1", "2^{-1}"),
        ("1/-x", r"\frac{1}{-x}"),
        ("sin x/cos x", r"\frac{\sin x}{\cos x}"),
        ("sin^2 x", r"\sin^{2} x"),
        ("log_2 8", r"\log_{2} 8"),
        ("f(x)/2", r"\frac{f(x)}{2}"),
        ("abs(x-1)", "|x - 1|"),
        ("|x|", "|x|"),
        ("hat x", r"\hat{x}"),
        ("vec(v)", r"\vec{v}"),
        ('text(if ) "x"', r"\text{if } \text{x}"),
        ("alpha in RR", r"\alpha \in \mathbb{R}"),
        ("a != b", r"a \ne b"),
        ("(a,b]", "(a , b]"),
        ("5%", r"5 \%"),
        ("[[a,b],[c,d]]", r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}"),
        ("((a,b),(c,d))", r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
        ('{(x,if x>0),(-x,"else"):}', r"\begin{cases} x & \text{ if } x > 0 \\ - x & \text{else} \end{cases}"),
        ("stackrel(a)(=)", r"\overset{a}{=}"),
        # What is not finished, or has no beginning.
        ("", ""),
        ("x)", "x )"),
        ("(", "("),
        ("1/", r"\frac{1}{}"),
        ("sin", r"\sin"),
        ("x^", "x^{}"),
    ],
)
def test_each_construct_has_its_tex(source: str, tex: str) -> None:
    assert tex_of(source) == tex


@pytest.mark.parametrize("source", ["(" * 5_000, "sqrt " * 2_000, "sin " * 2_000, "x" * 100_000, "(" * 100_000])
def test_what_nobody_writes_is_no_formula(source: str) -> None:
    with pytest.raises(NotAsciiMath):
        tex_of(source)


@pytest.mark.parametrize(
    "source",
    ["|" * 5_000, ")" * 5_000, "x^" * 2_000, "[[a,b]," * 60, "a/" * 3_000, "|(" * 40, "|x+" * 1_000, "|(x|" * 30],
)
def test_odd_sources_end(source: str) -> None:
    assert isinstance(tex_of(source), str)
