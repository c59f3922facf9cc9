"""What a host's robots.txt allows us (RFC 9309)."""

import re
from dataclasses import dataclass

from protego import Protego

from mammoth_spark.web import payload
from mammoth_spark.web.visit import NoVisit, Visit

# The RFC wants 500 KiB to be read at least; more is not.
MOST_BYTES = 500 << 10
_LONGEST_DELAY_S = 30.0


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one host."""

    rules: Protego | None
    """None allows nothing."""
    agent: str
    """Our name as rules give it, without version and contact."""
    why_unknown: str = ""
    """Why they could not be read, in a word: another time they may be."""

    def allow(self, url: str) -> bool:
        return self.rules is not None and bool(self.rules.can_fetch(url, self.agent))

    @property
    def delay_s(self) -> float:
        """The pause between two requests that the host asks for."""
        delay = self.rules.crawl_delay(self.agent) if self.rules is not None else None
        return min(float(delay), _LONGEST_DELAY_S) if delay is not None and delay > 0 else 0.0

    @property
    def sitemaps(self) -> list[str]:
        return list(self.rules.sitemaps) if self.rules is not None else []


def read(answer: Visit | NoVisit, agent: str) -> Robots:
    """A host without the file allows all. One that cannot be asked for it, or fails over it, allows nothing."""
    name = re.split(r"[\s/(]", agent, maxsplit=1)[0]
    if isinstance(answer, NoVisit):
        return Robots(None, name, answer.reason)
    if 200 <= answer.status < 300:
        try:
            body = payload.page_bytes(answer.body, dict(answer.by_name), MOST_BYTES)
        except payload.TooLarge:
            return Robots(None, name, "too_large")
        return Robots(Protego.parse(body.decode("utf-8", errors="replace")), name)
    if 400 <= answer.status < 500 and answer.status != 429:
        return Robots(Protego.parse(""), name)
    return Robots(None, name, f"status_{answer.status}")


def url_of(page: str) -> str:
    """Where the rules for a page are."""
    scheme, _, rest = page.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0].partition('#')[0]}/robots.txt"
