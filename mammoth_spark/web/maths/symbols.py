"""The characters of formulas and their names in TeX."""

# ruff: noqa: RUF001 (mathematical characters look like Latin ones)

import unicodedata

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
    " omega"
)
_CAPITAL_GREEK = "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"


def _greek() -> dict[str, str]:
    names = {unicodedata.lookup(f"GREEK SMALL LETTER {_unicode(name)}"): name for name in _GREEK.split()}
    names |= {unicodedata.lookup(f"GREEK CAPITAL LETTER {_unicode(name)}"): name for name in _CAPITAL_GREEK.split()}
    # TeX's plain forms of these two are the symbols, and the letters are its variants.
    names |= {"ϵ": "epsilon", "ε": "varepsilon", "ϕ": "phi", "φ": "varphi", "ϑ": "vartheta", "ϖ": "varpi"}
    return names | {"ϱ": "varrho", "ς": "varsigma", "ϰ": "varkappa"}


def _unicode(name: str) -> str:
    return "LAMDA" if name.lower() == "lambda" else name.upper()


_SYMBOLS = {
    "⋅": "cdot", "·": "cdot", "×": "times", "÷": "div", "±": "pm", "∓": "mp", "∗": "*", "∘": "circ", "∙": "bullet",
    "•": "bullet", "⊕": "oplus", "⊗": "otimes", "⊖": "ominus", "⊙": "odot", "≤": "le", "≥": "ge", "⩽": "leqslant",
    "⩾": "geqslant", "≪": "ll", "≫": "gg", "≠": "ne", "≈": "approx", "≡": "equiv", "≅": "cong", "∼": "sim",
    "≃": "simeq", "∝": "propto", "→": "to", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow",
    "⇐": "Leftarrow", "⇔": "Leftrightarrow", "⟶": "longrightarrow", "⟵": "longleftarrow", "⟹": "Longrightarrow",
    "⟺": "iff", "↦": "mapsto", "↑": "uparrow", "↓": "downarrow", "↗": "nearrow", "↘": "searrow",
    "⇌": "rightleftharpoons",
    "…": "ldots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots", "∣": "mid", "∤": "nmid", "∥": "parallel", "⊥": "perp",
    "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊃": "supset", "⊆": "subseteq", "⊇": "supseteq", "∪": "cup",
    "∩": "cap", "∖": "setminus", "∅": "emptyset", "∀": "forall", "∃": "exists", "∄": "nexists", "¬": "neg",
    "∧": "wedge", "∨": "vee", "∴": "therefore", "∵": "because", "∞": "infty", "∂": "partial", "∇": "nabla",
    "∑": "sum", "∏": "prod", "∐": "coprod", "∫": "int", "∬": "iint", "∭": "iiint", "∮": "oint", "⋃": "bigcup",
    "⋂": "bigcap", "⋁": "bigvee", "⋀": "bigwedge", "⨁": "bigoplus", "⨂": "bigotimes", "√": "surd", "∠": "angle",
    "△": "triangle", "□": "square", "⟨": "langle", "⟩": "rangle", "〈": "langle", "〉": "rangle", "⌊": "lfloor",
    "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil", "‖": "|", "ℓ": "ell", "ℏ": "hbar", "ℜ": "Re", "ℑ": "Im", "ℵ": "aleph",
    "†": "dagger", "⊢": "vdash", "⊨": "models", "⊤": "top", "°": "degree", "≺": "prec", "≻": "succ", "∔": "dotplus",
    "{": "{", "}": "}", "%": "%", "#": "#", "&": "&", "$": "$", "_": "_", "\\": "backslash",
}  # fmt: skip

TEX = {character: name if name == "*" else f"\\{name}" for character, name in {**_greek(), **_SYMBOLS}.items()} | {
    "−": "-",
    "‐": "-",
    "–": "-",
    "′": "'",
    "″": "''",
    "‴": "'''",
    "∶": ":",
    "\u00a0": " ",
    # Applied function, invisible times, comma and plus: they are not seen.
    "\u2061": "",
    "\u2062": "",
    "\u2063": "",
    "\u2064": "",
}
"""How TeX writes a character that is not ASCII, or means something to TeX."""

_FUNCTION_NAMES = (
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max min"
    " Pr sec sin sinh sup tan tanh"
)
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
BIG = frozenset("∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂")
"""Whose limits are written as scripts."""
ACCENTS = {
    "^": "hat", "ˆ": "hat", "̂": "hat", "~": "tilde", "˜": "tilde", "̃": "tilde", "¯": "overline", "‾": "overline",
    "―": "overline", "_": "overline", "→": "vec", "⃗": "vec", "˙": "dot", ".": "dot", "¨": "ddot", "ˇ": "check",
    "˘": "breve", "´": "acute", "`": "grave", "⏞": "overbrace", "⏜": "overparen",
}  # fmt: skip
UNDER_ACCENTS = {"_": "underline", "¯": "underline", "‾": "underline", "―": "underline", "⏟": "underbrace"}
_ALPHABETS = (
    ("BOLD SCRIPT", "mathcal"), ("BOLD FRAKTUR", "mathfrak"), ("DOUBLE-STRUCK", "mathbb"), ("SCRIPT", "mathcal"),
    ("FRAKTUR", "mathfrak"), ("BLACK-LETTER", "mathfrak"), ("SANS-SERIF", "mathsf"), ("MONOSPACE", "mathtt"),
    ("BOLD", "mathbf"),
)  # fmt: skip


def plain_letter(character: str) -> tuple[str, str]:
    """A mathematical letter as the letter it is, and the alphabet that TeX calls it by; empty for italic."""
    if character.isascii() or character in TEX:
        return character, ""
    plain = unicodedata.normalize("NFKC", character)
    if plain == character or len(plain) != 1:
        return character, ""
    name = unicodedata.name(character, "")
    return plain, next((alphabet for words, alphabet in _ALPHABETS if words in name), "")
