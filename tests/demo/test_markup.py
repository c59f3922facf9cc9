from mammoth_spark.demo.markup import blocks_of, code_in, formulas_in, plain_text, to_html
from mammoth_spark.demo.math_forms import form_named

DOLLARS = form_named("tex_dollars")
TEXT = """Let $a < b$ be numbers.

$$a + b = 3 \\tag{2}$$

```python
x = "$5"

print(x)
```

- one `$x$`
- **two**

| n | $n^2$ |
| --- | --- |
| 2 | 4 |"""


def test_formulas_are_listed_in_order_without_numbers_and_code() -> None:
    assert formulas_in(TEXT) == ["a < b", "a + b = 3", "n^2"]


def test_code_keeps_its_empty_lines() -> None:
    assert code_in(TEXT) == ['x = "$5"\n\nprint(x)']
    assert len(blocks_of(TEXT)) == 5


def test_html_has_an_element_for_each_block() -> None:
    assert to_html(TEXT, DOLLARS) == (
        "<p>Let $a &lt; b$ be numbers.</p>\n"
        '<div class="equation">$$a + b = 3 \\tag{2}$$</div>\n'
        '<pre><code class="language-python">x = "$5"\n\nprint(x)\n</code></pre>\n'
        "<ul><li>one "
        "<code>$x$</code></li><li><strong>two</strong></li></ul>\n<table><thead><tr><th>n</th><th>$n^2$</th></tr></thead><tbody><tr><td>2</td><td>4</td></tr></tbody></table>"
    )


def test_two_spaces_at_a_lines_end_break_it() -> None:
    assert to_html("one  \ntwo\nthree", DOLLARS) == "<p>one<br>\ntwo\nthree</p>"


def test_keywords_of_code_are_marked_where_a_site_does_so() -> None:
    html = to_html("```python\nfor form in x:\n```", DOLLARS, "spans")
    assert html.count('<span class="hljs-keyword">') == 2
    assert '<span class="hljs-keyword">for</span> form <span class="hljs-keyword">in</span> x:' in html


def test_plain_text_is_one_line_without_marks() -> None:
    assert plain_text("**Q:** use `x`\n\n```python\ny = 1\n```") == "Q: use x y = 1"
