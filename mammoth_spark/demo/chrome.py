"""The frame around a page's content: head, scripts, styles, navigation, adverts, cookie notice, footer.

The frame makes up most of a page's bytes, as on real pages. Its bulky parts come from a pool that is made
once a corpus; each page draws other parts and has link texts of its own.
"""

import json
from dataclasses import dataclass
from html import escape
from random import Random
from typing import Literal

from mammoth_spark.demo import languages, prose
from mammoth_spark.demo.exercises.computing import WORDS
from mammoth_spark.demo.exercises.exercise import NAMES
from mammoth_spark.demo.page import Page
from mammoth_spark.demo.sites import Site, hosts_of

Weight = Literal["demo", "bench"]
MEDIAN_BYTES: dict[Weight, int] = {"demo": 25_000, "bench": 100_000}

# Quantiles of page size over the median, from the smallest to the largest page in steps of a twentieth:
# log-normal in the middle, with a heavy tail on both sides. A table needs no libm, whose last bit varies.
SIZE_QUANTILES = (
    0.05,
    0.17,
    0.27,
    0.36,
    0.44,
    0.52,
    0.6,
    0.69,
    0.78,
    0.89,
    1.0,
    1.12,
    1.26,
    1.42,
    1.62,
    1.86,
    2.15,
    2.5,
    2.95,
    3.6,
    5.0,
)

SYLLABLES = (
    "ba", "co", "di", "fu", "ga", "he", "ki", "lo", "mu", "ne", "po", "ra", "si", "tu", "ve", "wo", "xa",
    "zi",
)  # fmt: skip


def target_bytes(rng: Random, weight: Weight) -> int:
    """How many bytes a page shall have."""
    place = rng.random() * (len(SIZE_QUANTILES) - 1)
    low = int(place)
    factor = SIZE_QUANTILES[low] + (place - low) * (SIZE_QUANTILES[low + 1] - SIZE_QUANTILES[low])
    return int(MEDIAN_BYTES[weight] * factor)


def _token(rng: Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4)))


def _css(rng: Random) -> str:
    rules = [
        f".{_token(rng)}-{_token(rng)}{rng.choice([':hover', '::before', '>li', ''])}"
        f"{{margin:{rng.randint(0, 40)}px {rng.randint(0, 9)}px;color:#{rng.randrange(16**6):06x};"
        f"display:{rng.choice(['flex', 'block', 'none'])}}}"
        for _ in range(rng.randint(15, 60))
    ]
    return f"<style>{''.join(rules)}</style>"


def _script(rng: Random) -> str:
    lines = [
        f'{rng.randint(100, 9999)}:function(e,t,n){{"use strict";'
        f'var r=n({rng.randint(1, 999)}),i="{_token(rng)}";'
        f"t.{_token(rng)}=function(a){{return a.{_token(rng)}?r(a,{rng.randint(0, 99)}):void 0!==i&&e[i]}}}},"
        for _ in range(rng.randint(12, 45))
    ]
    return f"<script>!function(e){{var t={{}};e({{{''.join(lines)}}})}}(self.{_token(rng)});</script>"


def _state(rng: Random) -> str:
    items = [
        {
            "id": rng.randrange(10**9),
            "slug": f"{rng.choice(WORDS)}-{_token(rng)}",
            "type": _token(rng),
            "tracking": {"key": f"{rng.randrange(16**16):016x}", "on": rng.random() < 0.5},
        }
        for _ in range(rng.randint(10, 40))
    ]
    return f'<script id="state-{_token(rng)}" type="application/json">{json.dumps({"items": items})}</script>'


def _icons(rng: Random) -> str:
    symbols = [
        f'<symbol id="i-{_token(rng)}" viewBox="0 0 24 24"><path d="M{rng.randint(1, 23)} '
        f"{rng.randint(1, 23)}"
        + "".join(f"l{rng.randint(-9, 9)}.{rng.randint(0, 99)} {rng.randint(-9, 9)}" for _ in range(18))
        + 'z"/></symbol>'
        for _ in range(rng.randint(6, 18))
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg" style="display:none">{"".join(symbols)}</svg>'


def _menu(rng: Random) -> str:
    columns = [
        '<div class="mega"><div class="mega-inner"><ul>'
        + "".join(
            f'<li><a href="/c/{_token(rng)}"><span>{prose.fill(rng, rng.choice(prose.PRODUCTS))}</span></a></li>'
            for _ in range(rng.randint(4, 9))
        )
        + "</ul></div></div>"
        for _ in range(rng.randint(2, 4))
    ]
    return f'<nav aria-hidden="true" class="m-{_token(rng)}"><div><div>{"".join(columns)}</div></div></nav>'


@dataclass(frozen=True, slots=True)
class Filler:
    """Pools of bulky mark-up to draw from."""

    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    states: tuple[str, ...]
    icons: tuple[str, ...]
    menus: tuple[str, ...]


def make_filler(seed: int) -> Filler:
    """The pools of a corpus."""
    rng = Random(f"filler {seed}")
    return Filler(
        tuple(_css(rng) for _ in range(120)),
        tuple(_script(rng) for _ in range(160)),
        tuple(_state(rng) for _ in range(100)),
        tuple(_icons(rng) for _ in range(40)),
        tuple(_menu(rng) for _ in range(80)),
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages of a site share."""

    navigation: tuple[str, ...]
    cookies: str
    newsletter: str
    advert: str
    footer: str
    prefix: str

    @property
    def markers(self) -> tuple[str, ...]:
        """Sentences that stand on the site's pages and belong to no content."""
        return (self.cookies, self.newsletter, self.advert, self.footer)


@dataclass(frozen=True, slots=True)
class Dressed:
    """A whole page, and what of its text belongs to no content."""

    html: str
    boilerplate: tuple[str, ...]


def frame_of(site: Site) -> Frame:
    """The frame of a site: the same in every corpus."""
    rng = Random(f"frame {site.root}")
    prefix = _token(rng)
    if site.language != "en":
        known = languages.language(site.language)
        return Frame(
            known.navigation,
            f"{known.cookies} ({site.name})",
            f"{site.name}: {languages.sentence(rng, known)}",
            f"{languages.sentence(rng, known)} {site.name}",
            f"© {rng.randint(2015, 2025)} {site.name}. {languages.sentence(rng, known)}",
            prefix,
        )
    names = [
        "Home",
        "Latest",
        "Popular",
        "Categories",
        "Members",
        "Help",
        "Contact",
        "Log in",
        "Sign up",
        "Search",
    ]
    rng.shuffle(names)
    advert = rng.choice(
        [
            f"Advertisement: save {rng.randint(10, 70)} % on {rng.choice(prose.THINGS)} with {site.name} partners.",
            f"Sponsored: readers of {site.name} love {rng.choice(prose.THINGS)}, see why "
            f"{rng.randint(3, 90)}000 people bought it.",
            f"Ad. Get {rng.choice(prose.THINGS)} delivered tomorrow, only for visitors of {site.name}.",
        ]
    )
    return Frame(
        tuple(names),
        f"{site.name} and its {rng.randint(20, 900)} partners store cookies on your device to measure and "
        "to advertise.",
        f"Join {rng.randint(5, 90)}00 readers of {site.name}: our newsletter comes every {rng.choice(prose.DAYS)}.",
        advert,
        f"© {rng.randint(2012, 2025)} {site.name}. All rights reserved. Terms, privacy and imprint.",
        prefix,
    )


def _bulk(rng: Random, filler: Filler, missing: int, english: bool) -> tuple[str, str, str]:
    """Blocks for the head, for the body's begin and for its end, of about so many characters together."""
    # Menus hold English words, which a page in another language would not show.
    menus = filler.menus if english else filler.icons
    pools = [
        (filler.styles, 0),
        (filler.scripts, 0),
        (filler.states, 2),
        (menus, 1),
        (filler.icons, 1),
        (filler.scripts, 2),
        (menus, 2),
    ]
    where: list[list[str]] = [[], [], []]
    turn = rng.randrange(len(pools))
    while missing > 900:
        pool, place = pools[turn % len(pools)]
        turn += 1
        block = pool[rng.randrange(len(pool))]
        if len(block) > missing + 1500:
            missing -= 200
            continue
        where[place].append(block)
        missing -= len(block)
    return "\n".join(where[0]), "\n".join(where[1]), "\n".join(where[2])


def _comments(rng: Random, site: Site) -> list[str]:
    """What readers wrote below an article: never an answer to anything."""
    if site.language != "en" or site.kind not in ("news", "blog", "textbook") or rng.random() < 0.4:
        return []
    pools = [rng.choice((prose.CHATTER, prose.BLOG, prose.OFF_TOPIC)) for _ in range(rng.randint(1, 8))]
    return [prose.sentences(rng, pool, rng.randint(1, 3)) for pool in pools]


def _comments_html(rng: Random, comments: list[str]) -> str:
    if not comments:
        return ""
    items = "".join(
        f'<li class="comment"><cite>{rng.choice(NAMES)} {rng.choice(prose.SURNAMES)}</cite><p>'
        f"{escape(text, quote=False)}</p></li>"
        for text in comments
    )
    return f'<section id="comments"><h3>Comments</h3><ol class="comment-list">{items}</ol></section>\n'


def dress(
    rng: Random,
    site: Site,
    frame: Frame,
    page: Page,
    url: str,
    filler: Filler,
    target: int,
    related: list[str],
    order: str = "",
) -> Dressed:
    """The whole page; `order` is hidden or visible mark-up that gives orders to a language model."""
    comments = _comments(rng, site)
    p = frame.prefix
    title = escape(f"{page.title} - {site.name}")
    meta = (
        '<meta charset="utf-8">'
        if site.charset == "utf-8"
        else f'<meta http-equiv="Content-Type" content="text/html; charset={site.charset}">'
    )
    links = "".join(
        f'<li class="{p}-rel"><a href="/r/{rng.randint(1000, 99999)}">{escape(text)}</a></li>' for text in related
    )
    navigation = "".join(
        f'<li class="{p}-nav__item"><a class="{p}-nav__link" href="/{index}">{escape(name)}</a></li>'
        for index, name in enumerate(frame.navigation)
    )
    depth = rng.randint(3, 14)
    opening = "".join(f'<div class="{p}-l{level}">' for level in range(depth))
    style_sheet = f"/static/{p}.{rng.randrange(16**8):08x}.css"
    head = (
        f'<!DOCTYPE html>\n<html lang="{site.language}">\n<head>\n{meta}\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="description" content="{title}">\n<meta property="og:title" content="{title}">\n'
        f'<meta property="og:site_name" content="{escape(site.name)}">\n'
        f'<meta property="og:url" content="{url}">\n<link rel="canonical" href="{url}">\n'
        f'<link rel="stylesheet" href="{style_sheet}">\n{page.head}\n'
    )
    begin = (
        f'</head>\n<body class="{p} {p}-{site.kind}">\n'
        f'<div id="cookie-{p}" class="cookie-banner" role="dialog"><div><p>{escape(frame.cookies)}</p>'
        f'<button>OK</button></div></div>\n<header><div class="{p}-bar"><a href="/">{escape(site.name)}</a>'
        f'<nav><ul class="{p}-nav">{navigation}</ul></nav></div></header>\n'
    )
    middle = (
        f'<div class="{p}-ad ad-slot" data-slot="{rng.randint(100, 999)}"><p>{escape(frame.advert)}</p>'
        f'</div>\n{opening}\n<main id="content" class="{p}-main">\n{page.main}\n{order}\n</main>\n'
        f'{_comments_html(rng, comments)}<aside class="sidebar"><h4>{escape(frame.navigation[0])}</h4><ul>{links}</ul>'
        f'<div class="newsletter"><p>{escape(frame.newsletter)}</p><input type="email"></div></aside>\n'
        f"{'</div>' * depth}\n"
    )
    end = (
        f'<footer class="{p}-foot"><p>{escape(frame.footer)}</p></footer>\n<script async'
        f' src="https://{hosts_of(site)[0]}/static/{p}.bundle.js"></script>\n</body>\n</html>\n'
    )
    missing = target - len(head) - len(begin) - len(middle) - len(end)
    in_head, before, after = _bulk(rng, filler, missing, site.language == "en")
    html = "".join((head, in_head, begin, before, middle, after, end))
    return Dressed(html, (*frame.markers, *related, *comments))
