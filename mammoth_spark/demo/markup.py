"""The demo's texts are Markdown of a small kind; this module turns them into HTML and looks into them.

Blocks stand apart by an empty line: paragraphs, `$$..$$` formulas, fenced code, `- ` and `1. ` lists,
`| a | b |` tables. Within a line: `$..$` formulas, backticked code, `**bold**`; two spaces at its end break
it.
"""

import keyword
import re
from html import escape
from typing import Literal

from mammoth_spark.demo.math_forms import TAG, MathForm, occurrence

CodeStyle = Literal["plain", "spans", "numbered", "codebox"]

_INLINE = re.compile(r"(\$[^$\n]+\$|`[^`\n]+`|\*\*[^*\n]+\*\*)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)\n```$", re.S | re.M)
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.S)


def formulas_in(markdown: str) -> list[str]:
    """The TeX of the formulas in order, without equation numbers."""
    outside_code = re.sub(r"`[^`\n]+`", "", _FENCE.sub("", markdown))
    return [TAG.sub("", found.group(1) or found.group(2)) for found in _FORMULA.finditer(outside_code)]


def code_in(markdown: str) -> list[str]:
    """The fenced code blocks in order."""
    return [found.group(2) for found in _FENCE.finditer(markdown)]


def inline_html(text: str, form: MathForm) -> str:
    """One line or paragraph as HTML."""
    out: list[str] = []
    for piece in _INLINE.split(text):
        if len(piece) > 2 and piece[0] == piece[-1] == "$":
            out.append(form.write(occurrence(piece[1:-1], display=False)))
        elif len(piece) > 2 and piece[0] == piece[-1] == "`":
            out.append(f"<code>{escape(piece[1:-1], quote=False)}</code>")
        elif piece.startswith("**") and piece.endswith("**") and len(piece) > 4:
            out.append(f"<strong>{escape(piece[2:-2], quote=False)}</strong>")
        else:
            out.append(escape(piece, quote=False).replace("  \n", "<br>\n"))
    return "".join(out)


def blocks_of(markdown: str) -> list[str]:
    """The blocks of a text; fenced code stays one block, whatever empty lines it holds."""
    blocks: list[str] = []
    end = 0
    for fence in _FENCE.finditer(markdown):
        blocks += re.split(r"\n{2,}", markdown[end : fence.start()])
        blocks.append(fence.group(0))
        end = fence.end()
    blocks += re.split(r"\n{2,}", markdown[end:])
    return [block.strip("\n") for block in blocks if block.strip()]


def _code_html(text: str, language: str, style: CodeStyle) -> str:
    plain = escape(text, quote=False)
    match style:
        case "plain":
            return f'<pre><code class="language-{language}">{plain}\n</code></pre>'
        case "spans":
            lines = re.sub(
                r"[A-Za-z_]+|&\w+;",
                lambda found: (
                    f'<span class="hljs-keyword">{found.group(0)}</span>'
                    if keyword.iskeyword(found.group(0))
                    else found.group(0)
                ),
                plain,
            )
            return f'<pre class="s-code-block lang-{language}"><code class="hljs">{lines}\n</code></pre>'
        case "numbered":
            count = text.count("\n") + 1
            numbers = "\n".join(str(number) for number in range(1, count + 1))
            return (
                '<div class="highlight"><table class="highlighttable"><tr><td class="linenos"><pre>'
                f'{numbers}</pre></td><td class="code"><pre><span></span>{plain}\n</pre></td></tr></table>'
                "</div>"
            )
        case "codebox":
            return (
                '<div class="codebox"><p>Code: <a href="#" onclick="selectCode(this); return false;">Select '
                "all"
                f"</a></p><pre><code>{plain}\n</code></pre></div>"
            )


def _block_html(block: str, form: MathForm, code: CodeStyle) -> str:
    fence = _FENCE.match(block)
    if fence:
        return _code_html(fence.group(2), fence.group(1) or "text", code)
    if block.startswith("$$") and block.endswith("$$"):
        # Not in <p>: a form that writes a table or a div would end the paragraph before it begins.
        return f'<div class="equation">{form.write(occurrence(block[2:-2].strip(), display=True))}</div>'
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        return "<ul>" + "".join(f"<li>{inline_html(line[2:], form)}</li>" for line in lines) + "</ul>"
    if all(re.match(r"\d+\. ", line) for line in lines):
        items = "".join(f"<li>{inline_html(line.split('. ', 1)[1], form)}</li>" for line in lines)
        return f"<ol>{items}</ol>"
    if all(line.startswith("|") for line in lines):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        head = "".join(f"<th>{inline_html(cell, form)}</th>" for cell in rows[0])
        body = "".join(
            "<tr>" + "".join(f"<td>{inline_html(cell, form)}</td>" for cell in row) + "</tr>" for row in rows[2:]
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<p>{inline_html(block, form)}</p>"


def to_html(markdown: str, form: MathForm, code: CodeStyle = "plain") -> str:
    """The text as HTML, its formulas in the given form and its code in the given style."""
    return "\n".join(_block_html(block, form, code) for block in blocks_of(markdown))


def plain_text(markdown: str) -> str:
    """The text on one line, as structured data and titles carry it: formulas stay as `$..$`."""
    unfenced = re.sub(r"^```\w*$", "", markdown, flags=re.M)
    return re.sub(r"\s+", " ", unfenced.replace("**", "").replace("`", "")).strip()
