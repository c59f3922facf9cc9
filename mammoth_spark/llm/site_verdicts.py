"""Which sites to take: the question to a model about some sites at once, and what its answer says of each.

Ids go in and ids come out, so that an answer about a site that was not asked about counts for nothing. What a site says
of itself is data; one whose words read like orders to a model is asked about alone, and can select nothing but itself.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from mammoth_spark.llm import prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Sampling
from mammoth_spark.web.sites import site_name

SITES_AT_ONCE = 20
ID_LENGTH = 12
# An id, a verdict and a few words for each; a group may be twice as large as most.
_TOKENS_A_SITE = 2 * 60
_LONGEST_SAMPLE = 160
_MOST_LANGUAGES = 3
_ORDERS = re.compile(
    r"ignor\w*\W+(?:\w+\W+){0,3}(?:previous|prior|above|instruction|order|prompt)|previous\W+instruction|system\W+prompt"
    r"|select\W*(?:me|this|us|all)\b|\byou\W+(?:must|are\W+now|will\W+now)|</?sites>|\"?verdict\"?\W+select"
    r"|language\W+model|\bas\W+an\W+ai\b|\bassistant\b\s*:|\bsystem\b\s*:",
    re.IGNORECASE,
)

Verdict = tuple[Literal["selected", "rejected"], str]
"""And the reason."""


class SiteVerdict(Form):
    id: str
    verdict: Literal["select", "reject"]
    reason: str


class SiteVerdicts(Form):
    sites: list[SiteVerdict]


def groups(count: int, at_once: int) -> int:
    """Into how many requests so many sites go; 0 asks about each alone. They fall by hash, not all alike."""
    return -(-count // at_once) if at_once > 1 else 0


def grouped_card(site: Mapping[str, Any], groups: int) -> dict[str, str]:
    """A row of `sites` as a line of the prompt, and in whose company it is asked about."""
    name = site_id(site["root_url"], site["prefix"])
    line = card(
        site["root_url"],
        site["prefix"],
        site["pages"],
        site["mean_score"],
        site["languages"],
        site["sample_titles"],
        site["sample_questions"],
    )
    is_alone = not groups or gives_orders(line)
    group = f"alone {name}" if is_alone else str(int(name, 16) % groups)
    return {"root_url": site["root_url"], "prefix": site["prefix"], "id": name, "card": line, "group": group}


def requests(sites: Sequence[Mapping[str, Any]], count: int) -> list[dict[str, str]]:
    """What fills the prompt for rows of `sites`, a request each: as the stage groups them, in a round of so many."""
    members: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for site in sites:
        grouped = grouped_card(site, groups(count, SITES_AT_ONCE))
        members[grouped["group"]].append((grouped["id"], grouped["card"]))
    return [{"sites": "\n".join(card for _, card in sorted(some))} for some in members.values()]


def question(model: str) -> Question:
    asked = prompt.load(prompt.PROMPTS / "site_verdicts.md")
    return Question("select_sites", asked, model, Sampling(_TOKENS_A_SITE * SITES_AT_ONCE), SiteVerdicts)


def site_id(root_url: str, prefix: str) -> str:
    return hashlib.sha256(f"{root_url} {prefix}".encode()).hexdigest()[:ID_LENGTH]


def card(
    root_url: str,
    prefix: str,
    pages: int,
    mean_score: float,
    languages: Mapping[str, int],
    titles: Sequence[str | None],
    questions: Sequence[str | None],
) -> str:
    """A line of the prompt. Each title has the question of its page beside it. As JSON a site's words cannot end the
    line, and `<` cannot end the list."""
    most = sorted(languages, key=lambda name: (-languages[name], name))[:_MOST_LANGUAGES]
    values = {
        "id": site_id(root_url, prefix),
        "site": site_name(root_url, prefix),
        "pages": pages,
        "mean_score": round(mean_score, 2),
        "languages": most,
        "samples": [
            {"title": _short(title or ""), "question": _short(asked or "")}
            for title, asked in zip(titles, questions, strict=True)
            if title or asked
        ],
    }
    return json.dumps(values, ensure_ascii=False).replace("<", "\\u003c")


def gives_orders(line: str) -> bool:
    """Whether a site's words read like orders to a model. A name writes its words with dots and dashes."""
    return _ORDERS.search(line) is not None


def verdicts_of(reply: str, asked: Collection[str]) -> dict[str, Verdict]:
    """By id. An id that was not asked about is left out, and so is one that is judged both ways."""
    found: dict[str, Verdict] = {}
    torn: set[str] = set()
    for one in SiteVerdicts.model_validate_json(reply).sites:
        if one.id not in asked:
            continue
        verdict: Verdict = ("selected" if one.verdict == "select" else "rejected", _short(one.reason))
        if found.setdefault(one.id, verdict)[0] != verdict[0]:
            torn.add(one.id)
    return {name: verdict for name, verdict in found.items() if name not in torn}


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SAMPLE else f"{text[:_LONGEST_SAMPLE]}\u2026"
