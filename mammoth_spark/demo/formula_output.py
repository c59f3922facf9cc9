"""What MathJax (CHTML, SVG) and KaTeX leave in a page once they have run: trees of their own elements.

The element names and their nesting are those of the tools; the drawing (paths, exact lengths) is not.
"""

from html import escape

from mammoth_spark.demo.formulas import EMPTY, Formula, italic


def _leaf_characters(node: Formula) -> str:
    return italic(node.text) if node.kind == "identifier" else node.text


def _chtml_leaf(node: Formula, with_text: bool, size: str) -> str:
    tag, css = {
        "number": ("mjx-mn", "mjx-n"),
        "identifier": ("mjx-mi", "mjx-i"),
        "upright": ("mjx-mi", "mjx-n"),
        "operator": ("mjx-mo", "mjx-n"),
        "big": ("mjx-mo", "mjx-lop"),
        "text": ("mjx-mtext", "mjx-n"),
    }[node.kind]
    font = {"identifier": " TEX-I", "big": " TEX-S2"}.get(node.kind, "")
    characters = "".join(
        f'<mjx-c class="mjx-c{ord(c):X}{font}">{escape(c) if with_text else ""}</mjx-c>'
        for c in _leaf_characters(node).replace(" ", "\u00a0")
    )
    return f'<{tag} class="{css}"{size}>{characters}</{tag}>'


def to_chtml(node: Formula, with_text: bool, size: str = "") -> str:
    """The inside of `<mjx-math>`. MathJax 3 names the characters by class only; 4 writes them too."""

    def inner(index: int, small: bool = False) -> str:
        return to_chtml(node.parts[index], with_text, ' size="s"' if small else "")

    match node.kind:
        case "row":
            body = "".join(to_chtml(part, with_text) for part in node.parts)
            return f"<mjx-mrow{size}>{body}</mjx-mrow>"
        case "space":
            return f'<mjx-mspace style="width: {node.text};"></mjx-mspace>'
        case "fraction":
            return (
                f"<mjx-mfrac{size}><mjx-frac><mjx-num><mjx-nstrut></mjx-nstrut>{inner(0)}</mjx-num>"
                "<mjx-dbox><mjx-dtable><mjx-line></mjx-line><mjx-row><mjx-den><mjx-dstrut></mjx-dstrut>"
                f"{inner(1)}</mjx-den></mjx-row></mjx-dtable></mjx-dbox></mjx-frac></mjx-mfrac>"
            )
        case "power":
            return (
                f'<mjx-msup{size}>{inner(0)}<mjx-script style="vertical-align: 0.363em;">{inner(1, True)}'
                "</mjx-script></mjx-msup>"
            )
        case "subscript":
            return (
                f'<mjx-msub{size}>{inner(0)}<mjx-script style="vertical-align: -0.15em;">{inner(1, True)}'
                "</mjx-script></mjx-msub>"
            )
        case "both":
            return (
                f'<mjx-msubsup{size}>{inner(0)}<mjx-script style="vertical-align: -0.421em;">'
                f'{inner(2, True)}<mjx-spacer style="margin-top: 0.18em;"></mjx-spacer>{inner(1, True)}'
                "</mjx-script></mjx-msubsup>"
            )
        case "limits" if node.parts[2] is EMPTY:
            return (
                f"<mjx-munder{size}><mjx-row><mjx-base>{inner(0)}</mjx-base></mjx-row><mjx-row>"
                f"<mjx-under>{inner(1, True)}</mjx-under></mjx-row></mjx-munder>"
            )
        case "limits":
            return (
                f"<mjx-munderover{size}><mjx-over>{inner(2, True)}</mjx-over><mjx-box><mjx-munder><mjx-row>"
                f"<mjx-base>{inner(0)}</mjx-base></mjx-row><mjx-row><mjx-under>{inner(1, True)}</mjx-under>"
                "</mjx-row></mjx-munder></mjx-box></mjx-munderover>"
            )
        case "root":
            surd = '<mjx-surd><mjx-mo class="mjx-n"><mjx-c class="mjx-c221A"></mjx-c></mjx-mo></mjx-surd>'
            body = f'<mjx-sqrt>{surd}<mjx-box style="padding-top: 0.1em;">{inner(0)}</mjx-box></mjx-sqrt>'
            if len(node.parts) == 2:
                return f"<mjx-mroot{size}><mjx-root>{inner(1, True)}</mjx-root>{body}</mjx-mroot>"
            return f"<mjx-msqrt{size}>{body}</mjx-msqrt>"
        case "matrix":
            rows = "".join(
                "<mjx-mtr>"
                + "".join(
                    f"<mjx-mtd>{to_chtml(cell, with_text)}<mjx-tstrut></mjx-tstrut></mjx-mtd>" for cell in row.parts
                )
                + "</mjx-mtr>"
                for row in node.parts
            )
            left, right = (_chtml_leaf(Formula("operator", c), with_text, "") for c in "()")
            table = f"<mjx-mtable><mjx-table><mjx-itable>{rows}</mjx-itable></mjx-table></mjx-mtable>"
            return f"<mjx-mrow>{left}{table}{right}</mjx-mrow>"
        case _:
            return _chtml_leaf(node, with_text, size)


_SVG_TAGS = {
    "number": "mn", "identifier": "mi", "upright": "mi", "operator": "mo", "big": "mo", "text": "mtext",
    "space": "mspace", "row": "mrow", "fraction": "mfrac", "power": "msup", "subscript": "msub",
    "both": "msubsup", "limits": "munderover",
}  # fmt: skip


def _svg_group(tag: str, inside: str) -> str:
    return f'<g data-mml-node="{tag}" transform="translate(278,0)">{inside}</g>'


def to_svg(node: Formula) -> str:
    """The inside of `<g data-mml-node="math">`; `data-c` is each character's code point."""
    inner = [to_svg(part) for part in node.parts]
    match node.kind:
        case "root":
            surd = '<g data-mml-node="mo"><path data-c="221A" d="M95 178Q89 178 81 186"></path></g>'
            tag = "mroot" if len(inner) == 2 else "msqrt"
            index = inner[1] if len(inner) == 2 else ""
            return _svg_group(tag, f'<g>{inner[0]}</g>{surd}<rect width="572" height="60"></rect>{index}')
        case "fraction":
            return _svg_group("mfrac", f'{inner[0]}{inner[1]}<rect width="700" height="60" y="220"></rect>')
        case "limits" if node.parts[2] is EMPTY:
            return _svg_group("munder", inner[0] + inner[1])
        case "matrix":
            rows = "".join(
                _svg_group("mtr", "".join(_svg_group("mtd", to_svg(cell)) for cell in row.parts)) for row in node.parts
            )
            left, right = (to_svg(Formula("operator", c)) for c in "()")
            return _svg_group("mrow", left + _svg_group("mtable", rows) + right)
        case "row" | "power" | "subscript" | "both" | "limits":
            return _svg_group(_SVG_TAGS[node.kind], "".join(inner))
        case "space":
            return _svg_group("mspace", "")
        case _:
            paths = "".join(
                f'<path data-c="{ord(c):X}" d="M52 289Q59 331 106 386T222 {ord(c) % 900}"></path>'
                for c in _leaf_characters(node)
            )
            return _svg_group(_SVG_TAGS[node.kind], paths)


def _vlist(*rows: str) -> str:
    spans = "".join(
        f'<span style="top:-{2.3 + 0.7 * index:.3f}em;"><span class="pstrut" style="height:3em;"></span>{row}</span>'
        for index, row in enumerate(rows)
    )
    return (
        '<span class="vlist-t vlist-t2"><span class="vlist-r"><span class="vlist" style="height:1.322em;">'
        f'{spans}</span><span class="vlist-s">&#8203;</span></span><span class="vlist-r"><span class="vlist"'
        ' style="height:0.686em;"><span></span></span></span></span>'
    )


def to_katex(node: Formula) -> str:
    """The inside of KaTeX's `.base`: what is seen, with fractions upside down as KaTeX builds them."""
    inner = [to_katex(part) for part in node.parts]
    match node.kind:
        case "number" | "text":
            return f'<span class="mord">{escape(node.text)}</span>'
        case "identifier":
            return f'<span class="mord mathnormal">{node.text}</span>'
        case "upright":
            return f'<span class="mop">{node.text}</span>'
        case "operator" if node.text == "\u2061":
            return ""
        case "operator":
            css = "mrel" if node.text in "=<>≤≥≠≈≡→⇒∈" else "mbin"
            return (
                f'<span class="mspace" style="margin-right:0.2778em;"></span><span class="{css}">'
                f"{escape(node.text)}</span>"
            )
        case "big":
            return f'<span class="mop op-symbol large-op">{node.text}</span>'
        case "space":
            return f'<span class="mspace" style="margin-right:{node.text};"></span>'
        case "row":
            return f'<span class="mord">{"".join(inner)}</span>'
        case "fraction":
            line = '<span class="frac-line" style="border-bottom-width:0.04em;"></span>'
            return (
                '<span class="mord"><span class="mopen nulldelimiter"></span><span class="mfrac">'
                f'{_vlist(inner[1], line, inner[0])}</span><span class="mclose nulldelimiter"></span></span>'
            )
        case "power" | "subscript":
            return f'<span class="mord">{inner[0]}<span class="msupsub">{_vlist(inner[1])}</span></span>'
        case "both":
            scripts = _vlist(inner[1], inner[2])
            return f'<span class="mop">{inner[0]}<span class="msupsub">{scripts}</span></span>'
        case "limits":
            return f'<span class="mop op-limits">{_vlist(inner[1], inner[0], inner[2])}</span>'
        case "root":
            index = f'<span class="root">{_vlist(inner[1])}</span>' if len(inner) == 2 else ""
            return f'<span class="mord sqrt">{index}{_vlist(inner[0], "<span class=hide-tail></span>")}</span>'
        case "matrix":
            cells = "".join(
                f'<span class="col-align-c">{_vlist(*(to_katex(row.parts[column]) for row in node.parts))}</span>'
                for column in range(len(node.parts[0].parts))
            )
            return (
                f'<span class="minner"><span class="mopen">(</span><span class="mord"><span class="mtable">'
                f'{cells}</span></span><span class="mclose">)</span></span>'
            )
