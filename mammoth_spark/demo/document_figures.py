"""How much of the corpus's pages came through the cleaning, against the truth: formulas, code, choices, pairs."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from mammoth_spark.demo.formulas import parse, to_mathml
from mammoth_spark.demo.markup import code_in
from mammoth_spark.demo.math_forms import TAG
from mammoth_spark.demo.planting import GUISES
from mammoth_spark.text.words import FORMULA, name_of

FOUND = set(GUISES) - {"paraphrased", "near_miss"}
"""The disguises in which an item's words still stand in a row."""
# Shorter strings of a page's frame occur in its content as well.
_LEAST_BOILERPLATE = 20
_FENCED = re.compile(r"^(`{3,})\w*\n.*?\n\1$", re.DOTALL | re.MULTILINE)
_ALIGNED = re.compile(r"\\(?:begin|end)\{aligned\}|&|\\\\")
_SAME_SIGN = {r"\leq": r"\le", r"\geq": r"\ge", r"\neq": r"\ne", r"\gt": ">", r"\lt": "<", r"\rightarrow": r"\to"}
_FENCE = re.compile(r"^```\w+$", re.MULTILINE)
# Forms that cannot carry an equation's number show it beside the formula, where the truth has none.
_NUMBER_ALONE = re.compile(r"^\(\d+\)$", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+")
# AsciiMath has one word for both.
_IN_TEXT = re.compile(r"\\text\{([^{} ]+)\}")
_SYNONYM = re.compile(r"\\(?:leq|geq|neq|gt|lt|rightarrow)(?![A-Za-z])")


def document_figures(truth: Sequence[Mapping[str, Any]], documents: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of documents whose page's truth is known. Shares are over all formulas, blocks of code, choices and pairs."""
    by_url = {page["url"]: page for page in truth if page["undamaged"]}
    sums: Counter[str] = Counter()
    for document in documents:
        page = by_url.get(document["url"])
        if page is not None:
            sums.update(counted(page, document["text"]))
    kept = {
        name: sums[f"{name}_kept"] / max(1, sums[f"{name}_planted"])
        for name in ("formulas", "code", "choices", "pairs")
    }
    return {
        "formulas_kept": kept["formulas"],
        "formulas_twice": sums["formulas_twice"],
        "code_kept": kept["code"],
        "choices_kept": kept["choices"],
        "pairs_present": kept["pairs"],
        "boilerplate_left": sums["boilerplate"] / max(1, sums["characters"]),
    }


def decontamination_figures(
    truth: Sequence[Mapping[str, Any]],
    standing: Collection[str],
    found: Collection[str],
    reworded: Collection[str] = (),
) -> dict[str, float]:
    """Of the pages with a planted item that became documents the share that was found, by the item's disguise; and how
    many documents were found in which none is planted. All are names of documents, `found` those with an n-gram of an
    item, `reworded` those with a question that a model called an item's."""
    checked: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    false_hits = 0
    for page in truth:
        name = name_of(f"{page['warc_file']} {page['offset']} {page['url']}")
        if name not in standing and name not in found and name not in reworded:
            continue
        kinds = [planted["kind"] for planted in page["planted"]]
        # A paraphrased question stands with its answer, word for word.
        false_hits += name in found and not any(kind in FOUND or kind == "paraphrased" for kind in kinds)
        for kind in kinds:
            checked[kind] += 1
            hit[kind] += name in found or (kind not in FOUND and name in reworded)
    told = (FOUND | {"paraphrased"}) & checked.keys()
    shares = {f"decontamination_recall_{kind}": hit[kind] / checked[kind] for kind in sorted(told)}
    return shares | {"decontamination_false_hits": false_hits, "near_misses_taken": hit["near_miss"]}


def counted(page: Mapping[str, Any], text: str) -> Counter[str]:
    """What of a page's truth stands in its document."""
    counts = Counter({"characters": len(text)})
    counts["boilerplate"] = sum(
        len(one) for one in page["boilerplate"] if len(one) >= _LEAST_BOILERPLATE and one in text
    )
    planted, found = [_canonical(tex) for tex in page["formulas"]], [_canonical(tex) for tex in _formulas(text)]
    matched = SequenceMatcher(None, planted, found, autojunk=False).get_matching_blocks()
    counts["formulas_planted"], counts["formulas_kept"] = len(planted), sum(block.size for block in matched)
    counts["formulas_twice"] = sum((Counter(found) - Counter(planted)).values())
    code, words = set(code_in(text)), words_between_formulas(text)
    for pair in page["pairs"]:
        counts["code_planted"] += len(pair["code"])
        counts["code_kept"] += sum(block in code for block in pair["code"])
        choices = [words_between_formulas(choice) for choice in pair["choices"] or ()]
        counts["choices_planted"] += len(choices)
        counts["choices_kept"] += sum(choice in words for choice in choices)
        counts["pairs_planted"] += 1
        counts["pairs_kept"] += all(words_between_formulas(pair[part]) in words for part in ("question", "solution"))
    return counts


def _formulas(text: str) -> Iterator[str]:
    # A dollar in a program is none of a formula.
    for found in FORMULA.finditer(_FENCED.sub("", text)):
        yield found.group(1) or found.group(2)


def _canonical(tex: str) -> str:
    """What the formula is, whatever its spaces and braces: forms without TeX can only be read back up to those."""
    tex = _IN_TEXT.sub(r"\\mathrm{\1}", tex)
    tex = _SYNONYM.sub(lambda found: _SAME_SIGN[found.group()], TAG.sub("", tex))
    if "aligned" in tex:
        tex = _ALIGNED.sub(" ", tex)
    try:
        drawn = to_mathml(parse(tex.strip()))
    except AssertionError:
        return tex
    return re.sub(r"</?mrow>|<mspace[^>]*>|</mspace>|\s|\u2061", "", drawn)


def words_between_formulas(text: str) -> str:
    """Between spaces, so that words are found whole."""
    text = _NUMBER_ALONE.sub(" ", FORMULA.sub(" ", _FENCE.sub("```", text)))
    words = _WORD.findall(text)
    return f" {' '.join(words)} " if words else " "
