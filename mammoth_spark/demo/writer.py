"""A planned page becomes an HTTP reply and a line of truth."""

from dataclasses import dataclass, replace
from html import escape
from random import Random

from mammoth_spark.demo import forum_pages, ordinary_pages, study_pages
from mammoth_spark.demo.chrome import Filler, Frame, Weight, dress, frame_of, make_filler, target_bytes
from mammoth_spark.demo.exercises import Exercise, ExerciseSource
from mammoth_spark.demo.languages import language, sentence
from mammoth_spark.demo.markup import code_in, formulas_in
from mammoth_spark.demo.math_forms import MathForm, Occurrence, form_named
from mammoth_spark.demo.orders import canary_of, order_html
from mammoth_spark.demo.page import Page, Pair
from mammoth_spark.demo.plan import PlannedPage
from mammoth_spark.demo.planting import exercise_of, insertion
from mammoth_spark.demo.prose import headline
from mammoth_spark.demo.records import Reply
from mammoth_spark.demo.sites import SITES, Site
from mammoth_spark.demo.transfer import other_reply, plain_reply, reply_of, url_of

Truth = dict[str, object]

SUBJECTS = {"programming": "computing", "german": "mathematics", "french": "mathematics"}
"""The subject of a shelf that is not named after it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A reply and what is true of it; where it stands in a file is added later."""

    reply: Reply
    truth: Truth


@dataclass(frozen=True, slots=True)
class Composed:
    """A page as text, before it is encoded for its way."""

    url: str
    html: str
    truth: Truth


class PageWriter:
    """Writes the pages of one corpus. Pages must come in the order of the plan, as no question may repeat."""

    def __init__(self, seed: int, weight: Weight, reserved: set[str]) -> None:
        self._seed = seed
        self._weight: Weight = weight
        self._source = ExerciseSource(reserved)
        self._filler: Filler = make_filler(seed)
        self._frames: dict[str, Frame] = {site.root: frame_of(site) for site in SITES}

    def write(self, planned: PlannedPage) -> Written:
        """The page as its server sends it."""
        rng = Random(f"page {self._seed} {planned.number}")
        if planned.transfer != "page":
            url = url_of(rng, planned)
            kind = planned.transfer if planned.transfer in ("not_found", "redirect") else "not_html"
            truth = _truth(planned, url, Page(kind, "", ""), [], ())
            return Written(other_reply(rng, planned, url), truth)
        composed = self._compose(rng, planned)
        reply = reply_of(rng, planned.site, composed.url, composed.html)
        return Written(reply, composed.truth)

    def write_plain(self, planned: PlannedPage) -> Written:
        """The page in UTF-8 and without any transfer coding, for damaging."""
        rng = Random(f"page {self._seed} {planned.number}")
        composed = self._compose(rng, replace(planned, site=replace(planned.site, charset="utf-8")))
        return Written(plain_reply(rng, composed.url, composed.html), composed.truth)

    def _compose(self, rng: Random, planned: PlannedPage) -> Composed:
        site, form = planned.site, form_named(planned.form)
        url = url_of(rng, planned)
        formulas: list[str] = []

        def write(formula: Occurrence) -> str:
            formulas.append(formula.tex)
            return form.write(formula)

        page = self._content(rng, planned, replace(form, write=write))
        if formulas:
            page = replace(page, head=page.head + form.head)
        canary = order = None
        if planned.order is not None:
            canary = canary_of(self._seed, planned.order)
            order = order_html(planned.order, canary)
        frame = self._frames[site.root]
        related = [self._link_text(rng, site) for _ in range(rng.randint(5, 30))]
        target = target_bytes(rng, self._weight)
        dressed = dress(rng, site, frame, page, url, self._filler, target, related, order or "")
        truth = _truth(planned, url, page, formulas, dressed.boilerplate) | {"orders": canary}
        return Composed(url, dressed.html, truth)

    def _link_text(self, rng: Random, site: Site) -> str:
        if site.language != "en":
            return sentence(rng, language(site.language))
        if site.shelves and rng.random() < 0.5:
            return forum_pages.title_of(rng, f"{site.shelves[0]} exercises", "en")
        return headline(rng)

    def _content(self, rng: Random, planned: PlannedPage, form: MathForm) -> Page:
        site, shelf = planned.site, planned.shelf
        insert = insertion(planned.planted) if planned.planted and planned.planted.inserted else None
        subject = SUBJECTS.get(shelf, shelf)
        match planned.role:
            case "instructional":
                return self._instructional(rng, planned, form, subject)
            case "unanswered":
                return forum_pages.unanswered(rng, site, form, self._source.draw(rng, shelf), subject)
            case "exercises_only":
                exercises = [self._source.draw(rng, shelf) for _ in range(rng.randint(3, 7))]
                make_page = study_pages.quiz if site.kind == "quiz" else study_pages.textbook
                return make_page(rng, site, form, exercises, subject, solved=False)
            case "off_topic":
                return forum_pages.off_topic(rng, site, form, insert)
            case "login_wall":
                return ordinary_pages.login_wall(rng, site, form, self._source.draw(rng, shelf))
            case "news":
                return ordinary_pages.news(rng, site, form, insert)
            case "blog":
                return ordinary_pages.blog(rng, site, form, insert)
            case "shop":
                return ordinary_pages.shop(rng, site)
            case "link_farm":
                return ordinary_pages.link_farm(rng, site)
            case "spam":
                return ordinary_pages.spam(rng, site)
            case "other_language":
                return ordinary_pages.foreign(rng, site)
            case "about":
                return ordinary_pages.about(rng, site)
            case "profile":
                return ordinary_pages.profile(rng, site)
            case "tag_index" | "home":
                titles = [self._link_text(rng, site) for _ in range(rng.randint(12, 40))]
                make = ordinary_pages.tag_index if planned.role == "tag_index" else ordinary_pages.home
                return make(rng, site, titles)

    def _instructional(self, rng: Random, planned: PlannedPage, form: MathForm, subject: str) -> Page:
        site = planned.site
        counts = {"quiz": rng.randint(4, 9), "textbook": rng.randint(2, 5), "faq": rng.randint(3, 6)}
        count = counts.get(site.kind, 1)
        exercises: list[Exercise] = [self._source.draw(rng, planned.shelf) for _ in range(count)]
        if planned.planted:
            exercises[rng.randrange(count)] = exercise_of(planned.planted)
        match site.kind:
            case "quiz":
                return study_pages.quiz(rng, site, form, exercises, subject)
            case "textbook":
                return study_pages.textbook(rng, site, form, exercises, subject)
            case "faq":
                return study_pages.faq(rng, site, form, exercises, subject)
            case _:
                return forum_pages.thread(rng, site, form, exercises[0], subject)


def _pair(pair: Pair) -> Truth:
    text = "\n\n".join([pair.question, *(pair.choices or ()), pair.solution])
    return {
        "question": pair.question,
        "choices": list(pair.choices) if pair.choices else None,
        "answer": pair.answer,
        "solution": pair.solution,
        "accepted": pair.accepted,
        "formulas": formulas_in(text),
        "code": code_in(text),
    }


def _truth(planned: PlannedPage, url: str, page: Page, formulas: list[str], boilerplate: tuple[str, ...]) -> Truth:
    """One line of truth.jsonl, but for the record's place and what a damage changes.

    `formulas` are all formulas of the page's content in order, also those outside of pairs; `seed` says that
    the site has a label in seed_sites.csv; `boilerplate` are sentences that a cleaner should drop; `orders`
    is the canary of a page that gives orders to a language model; `undamaged` pages must be read by any
    stage, those with a damage that a careful reader gets over included.
    """
    planted: list[Truth] = []
    if planned.planted:
        item = planned.planted.item
        planted = [{"benchmark": item.benchmark, "item": item.item, "kind": planned.planted.guise}]
    return {
        "url": url,
        "site": planned.site.root,
        "kind": page.kind,
        "subject": page.subject,
        "language": planned.site.language,
        "charset": planned.site.charset,
        "instructional": bool(page.pairs),
        "seed": planned.site.label is not None,
        "pairs": [_pair(pair) for pair in page.pairs],
        "formulas": formulas,
        "math_form": planned.form if formulas else None,
        "schema_org": page.schema_org,
        "planted": planted,
        "orders": None,
        "boilerplate": [text for text in boilerplate if escape(text, quote=False) not in page.main],
        "damage": None,
        "undamaged": True,
    }
