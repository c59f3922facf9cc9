"""Formulas in the text: between the usual delimiters, those of the page's own settings, and what is money."""

import pytest

from mammoth_spark.web.maths.delimiters import Delimiter, dollars, of_page, scanner


def mark(tex: str, is_display: bool) -> str:
    return f"<{'D' if is_display else 'I'}:{tex}>"


def replaced(text: str, *scripts: str) -> str:
    return scanner(of_page(scripts)).replaced(text, mark)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"a \(x\) b \[y\] c $$z$$", "a <I:x> b <D:y> c <D:z>"),
        (r"\begin{align} x &= 1 \end{align}", r"<D:\begin{align} x &= 1 \end{align}>"),
        (r"\begin{align*}x\end{align*}", r"<D:\begin{align*}x\end{align*}>"),
        (r"\begin{tabular}x\end{tabular}", r"\begin{tabular}x\end{tabular}"),
        # What is escaped opens nothing, and what is not closed stays.
        (r"\\(a\\) then \(b\)", r"\\(a\\) then <I:b>"),
        (r"\$$5", r"\$$5"),
        (r"\(a and $$b", r"\(a and $$b"),
        (r"$$a\$$b$$", r"<D:a\$$b>"),
        (r"\(\) $$ $$ x", r"\(\) $$ $$ x"),
        ("", ""),
    ],
)
def test_the_usual_delimiters(text: str, expected: str) -> None:
    assert replaced(text) == expected


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (r"""MathJax.Hub.Config({tex2jax: {inlineMath: [["[tex]","[/tex]"], ['$','$']]}});""", "[tex]x[/tex] $x$"),
        (r"MathJax = {tex: {inlineMath: [['@@', '@@'], ['\\(', '\\)']]}}", r"@@x@@ \(x\)"),
        (r"""MathJax = {tex: {inlineMath: {'[+]': [['$', '$']]}}}""", r"$x$ \(x\)"),
        (r"""renderMathInElement(b, {delimiters: [{left: '[[', right: ']]', display: false}]})""", r"[[x]] \(x\)"),
        (r"""{delimiters:[{"left":"\\(","right":"\\)","display":!1},{left:"$",right:"$",display:!1}]}""", r"\(x\) $x$"),
    ],
)
def test_a_pages_settings_name_its_own(script: str, text: str) -> None:
    assert replaced(text, script) == "<I:x> <I:x>"


def test_the_longest_delimiter_comes_first() -> None:
    script = "{left: '[', right: ']', display: false}, {left: '[[', right: ']]', display: true}"
    assert replaced("[[x]] [y]", script) == "<D:x> <I:y>"


@pytest.mark.parametrize(
    "script", ["inlineMath: [['', '']]", "inlineMath: [['$'", "delimiters: [{left: 5", "inlineMath"]
)
def test_settings_that_are_none_change_nothing(script: str) -> None:
    assert Delimiter(r"\(", r"\)", False) in of_page([script])
    assert replaced(r"\(x\)", script) == "<I:x>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it costs $5 and $10", r"it costs \$5 and \$10"),
        ("from $1,000 to $2,000.50.", r"from \$1,000 to \$2,000.50."),
        ("Let $x$ be", "Let <I:x> be"),
        ("$x_1+1$ of $5", r"<I:x_1+1> of \$5"),
        ("pay $5, then $x^2$", r"pay \$5, then <I:x^2>"),
        (r"$\alpha$ and $f(x)$", r"<I:\alpha> and <I:f(x)>"),
        (r"already \$5", r"already \$5"),
        ("one $ alone", r"one \$ alone"),
        ("$$", r"\$\$"),
    ],
)
def test_dollars_that_no_setting_explains_are_judged(text: str, expected: str) -> None:
    assert dollars(text, mark) == expected


@pytest.mark.parametrize("piece", ["$a ", "$5", "$ a ", r"\(", r"\(a $$ \[ ", r"\begin{align}", "$$$", r"\$"])
def test_unbalanced_marks_cost_little(piece: str) -> None:
    text = piece * 100_000
    assert len(dollars(replaced(text), mark)) >= len(text) // 2
