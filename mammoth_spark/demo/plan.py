"""Which pages a corpus has: how many for each site, what each is, and which carry something planted."""

from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from mammoth_spark.demo.benchmarks import Item
from mammoth_spark.demo.planting import SHELVES, Planted, planted_items
from mammoth_spark.demo.sites import SITES, Site

Role = Literal[
    "instructional", "unanswered", "exercises_only", "tag_index", "profile", "off_topic", "about", "home",
    "login_wall", "news", "blog", "shop", "link_farm", "spam", "other_language",
]  # fmt: skip
Transfer = Literal["page", "not_found", "redirect", "pdf", "png", "json"]

FORUM_ROLES: tuple[Role, ...] = (
    "instructional", "tag_index", "unanswered", "instructional", "off_topic", "profile", "instructional",
    "tag_index", "instructional", "about", "instructional", "unanswered", "off_topic",
)  # fmt: skip
STUDY_ROLES: tuple[Role, ...] = (
    "instructional", "tag_index", "exercises_only", "about", "instructional", "home", "instructional",
    "tag_index", "exercises_only", "instructional", "profile", "instructional",
)  # fmt: skip
FOREIGN_FORUM_ROLES: tuple[Role, ...] = (
    "instructional", "other_language", "unanswered", "instructional", "other_language",
)  # fmt: skip
FOREIGN_STUDY_ROLES: tuple[Role, ...] = (
    "instructional", "other_language", "instructional", "exercises_only", "other_language",
)  # fmt: skip
FAQ_ROLES: tuple[Role, ...] = ("instructional", "tag_index", "about", "instructional", "home")


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """A page before it is written. `number` is its place in the plan and makes its URL unique."""

    number: int
    site: Site
    role: Role
    shelf: str = ""
    form: str = "tex_parentheses"
    transfer: Transfer = "page"
    planted: Planted | None = None
    order: int | None = None


def _roles_of(site: Site) -> tuple[Role, ...]:
    if site.instructional and site.language != "en":
        return FOREIGN_FORUM_ROLES if site.kind == "forum" else FOREIGN_STUDY_ROLES
    match site.kind:
        case "forum" | "code_help":
            return FORUM_ROLES
        case "quiz" | "textbook":
            return STUDY_ROLES
        case "faq":
            return FAQ_ROLES
        case "news" | "blog" | "shop" as kind:
            return (kind,) * 6 + ("tag_index", kind, kind, "home", kind, kind, "about")
        case kind:
            return (kind,)


def _shares(pages: int) -> list[int]:
    """Pages a site: alike, up to one."""
    return [pages * (place + 1) // len(SITES) - pages * place // len(SITES) for place in range(len(SITES))]


def _evenly(count: int, places: list[int], rng: Random) -> list[int]:
    """So many of the places, drawn without return."""
    return sorted(rng.sample(places, min(count, len(places))))


def make_plan(pages: int, seed: int, items: list[Item]) -> list[PlannedPage]:
    """All pages of a corpus, site by site."""
    rng = Random(f"plan {seed}")
    plan: list[PlannedPage] = []
    for site, count in zip(SITES, _shares(pages), strict=True):
        roles = _roles_of(site)
        start = 0 if site.instructional else rng.randrange(len(roles))
        taught = 0
        for place in range(count):
            role = roles[(start + place) % len(roles)]
            shelf, form = "mathematics", "tex_parentheses"
            if site.instructional:
                shelf = site.shelves[taught % len(site.shelves)]
                form = site.forms[taught // len(site.shelves) % len(site.forms)]
                taught += role in ("instructional", "unanswered", "exercises_only")
            plan.append(PlannedPage(len(plan), site, role, shelf, form))
    return _with_orders(_with_planted(_with_transfers(plan, rng), rng, items), rng)


def _with_transfers(plan: list[PlannedPage], rng: Random) -> list[PlannedPage]:
    """A few addresses answer with an error, a redirection or something that is not HTML."""
    others = [page.number for page in plan if page.role != "instructional" and page.site.kind != "other_language"]
    wanted: list[Transfer] = []
    for transfer, share in (
        ("not_found", 0.012),
        ("redirect", 0.008),
        ("pdf", 0.008),
        ("png", 0.006),
        ("json", 0.006),
    ):
        wanted += [transfer] * max(1, round(len(plan) * share))  # type: ignore[list-item]
    chosen = rng.sample(others, min(len(wanted), len(others) // 2))
    for number, transfer in zip(chosen, wanted, strict=False):
        plan[number] = replace(plan[number], transfer=transfer)
    return plan


def _with_planted(plan: list[PlannedPage], rng: Random, items: list[Item]) -> list[PlannedPage]:
    """About three pages in a hundred carry a benchmark item."""
    exercises = [page for page in plan if page.role == "instructional" and page.site.language == "en"]
    texts = [
        page
        for page in plan
        if page.role in ("news", "blog", "off_topic") and page.transfer == "page" and page.site.language == "en"
    ]
    rng.shuffle(exercises)
    rng.shuffle(texts)
    for planted in planted_items(items, max(10, round(0.03 * len(plan)))):
        if planted.inserted:
            page = texts.pop() if texts else None
        else:
            shelves = SHELVES[planted.item.benchmark]
            page = next((one for one in exercises if one.shelf in shelves and one.site.kind != "code_help"), None)
            if page:
                exercises.remove(page)
        if page is None:
            continue
        # Spaces within TeX can only be told where the page writes TeX.
        form = "tex_parentheses" if planted.guise == "latex_respaced" else page.form
        plan[page.number] = replace(page, planted=planted, form=form)
    return plan


def _with_orders(plan: list[PlannedPage], rng: Random) -> list[PlannedPage]:
    """One page in forty gives orders to a language model, every second of them an instructional one."""
    count = max(5, round(len(plan) / 40))
    good = [page.number for page in plan if page.role == "instructional" and not page.planted]
    rest = [
        page.number for page in plan if page.role != "instructional" and page.transfer == "page" and not page.planted
    ]
    chosen = _evenly((count + 1) // 2, good, rng) + _evenly(count // 2, rest, rng)
    for order, number in enumerate(chosen):
        plan[number] = replace(plan[number], order=order)
    return plan
