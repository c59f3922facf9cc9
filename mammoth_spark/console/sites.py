"""mammoth sites: a round's sites as cards, best score first: what was recalled of each, and what was decided."""

import textwrap
from collections.abc import Mapping
from typing import Any

from mammoth_spark import config
from mammoth_spark.console.sql import harmless
from mammoth_spark.lake import rows, table_names
from mammoth_spark.web.sites import site_name

_WIDTH = 110


def run(lake: config.Lake, round_: int, most: int, verdict: str | None) -> None:
    if "sites" not in table_names(lake):
        raise ValueError("no sites have been grouped in this lake yet; run jobs/group_sites.py first")
    chosen = f" AND verdict = '{verdict}'" if verdict is not None else ""
    where = f"round = {round_}{chosen}"
    count = next(rows(lake, f"SELECT count(*) AS sites FROM sites WHERE {where}"))["sites"]  # noqa: S608 (of our own)
    if not count:
        raise ValueError(f"round {round_} has no{'' if verdict is None else f' {verdict}'} sites")
    sql = f"SELECT * FROM sites WHERE {where} ORDER BY mean_score DESC, root_url, prefix LIMIT {most}"  # noqa: S608
    for site in rows(lake, sql):
        print(f"{card(site)}\n")
    if count > most:
        print(f"the first {most:,} of {count:,}; --most shows more")


def card(site: Mapping[str, Any]) -> str:
    name, root = site_name(site["root_url"], site["prefix"]), site["root_url"]
    least, *middle, best = site["score_quantiles"]
    spread = " ".join(f"{value:.2f}" for value in (least, *middle, best))
    languages = ", ".join(
        f"{count:,} {language}" for language, count in sorted(site["languages"], key=lambda one: -one[1])
    )
    lines = [
        harmless(name if name == root else f"{name}  ({root})"),
        f"  {site['verdict']}{_by(site)}",
        f"  {site['pages']:,} pages ({languages}), score {site['mean_score']:.2f} ({spread})",
    ]
    for title, question in zip(site["sample_titles"], site["sample_questions"], strict=True):
        sample = harmless(f"{title or '(no title)'}{f' | {question}' if question else ''}")
        lines.append(textwrap.shorten(sample, _WIDTH, initial_indent="    ", placeholder="..."))
    return "\n".join(lines)


def _by(site: Mapping[str, Any]) -> str:
    if site["decided_by"] is None:
        return ""
    reason = f": {harmless(site['reason'])}" if site["reason"] else ""
    return f" by {site['decided_by']}{reason}"
