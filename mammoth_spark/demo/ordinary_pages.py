"""Pages that teach nothing: news, shops, blogs, link farms, login walls, spam, and the rest."""

from html import escape
from random import Random

from mammoth_spark.demo import languages, prose
from mammoth_spark.demo.exercises.exercise import NAMES, Exercise
from mammoth_spark.demo.markup import to_html
from mammoth_spark.demo.math_forms import MathForm
from mammoth_spark.demo.page import Page
from mammoth_spark.demo.sites import Site


def _paragraphs(texts: list[str]) -> str:
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)


def _with_insert(rng: Random, texts: list[str], insert: str | None, form: MathForm) -> str:
    """Paragraphs, one of which has a foreign text in its middle."""
    html = [f"<p>{escape(text, quote=False)}</p>" for text in texts]
    if insert:
        before, after = prose.sentences(rng, prose.BLOG, 2), prose.sentences(rng, prose.BLOG, 2)
        html.insert(len(html) // 2, to_html(f"{before} {insert} {after}", form))
    return "\n".join(html)


def news(rng: Random, site: Site, form: MathForm, insert: str | None) -> Page:
    """A newspaper's article."""
    title = prose.headline(rng)
    author = f"{rng.choice(NAMES)} {rng.choice(prose.SURNAMES)}"
    day = f"{rng.choice(prose.DAYS)} {rng.randint(1, 28)} {rng.choice(prose.MONTHS)} {rng.randint(2012, 2025)}"
    body = _with_insert(rng, prose.news(rng, rng.randint(4, 12)), insert, form)
    main = (
        f'<article class="story"><h1>{escape(title)}</h1><div class="byline">By {author}, {day}</div>'
        f'<figure><img src="/media/{rng.randint(1000, 99999)}.jpg" alt="{escape(rng.choice(prose.PLACES))}">'
        f"<figcaption>Photo: {author}</figcaption></figure>{body}</article>"
    )
    return Page("news", title, main)


def blog(rng: Random, site: Site, form: MathForm, insert: str | None) -> Page:
    """A personal post."""
    title = prose.fill(
        rng,
        rng.choice(
            [
                "About {thing}",
                "A {day} in {place}",
                "{n} thoughts on {thing}",
                "What {month} was like",
                "Notes on teaching, no. {n}",
            ]
        ),
    )
    texts = [prose.sentences(rng, prose.BLOG, rng.randint(3, 6)) for _ in range(rng.randint(3, 9))]
    body = _with_insert(rng, texts, insert, form)
    return Page(
        "blog",
        title,
        f'<article class="post hentry"><h1 class="entry-title">{escape(title)}</h1>'
        f'<div class="entry-content">{body}</div></article>',
    )


def shop(rng: Random, site: Site) -> Page:
    """A product."""
    title = prose.fill(rng, rng.choice(prose.PRODUCTS))
    price = f"${rng.randint(3, 190)}.{rng.randint(0, 99):02}"
    lines = [prose.sentences(rng, prose.SHOP, rng.randint(2, 4)) for _ in range(rng.randint(3, 7))]
    rows = "".join(
        f"<tr><th>{name}</th><td>{rng.randint(1, 900)}</td></tr>" for name in ("Item number", "Weight (g)", "Pages")
    )
    main = (
        f'<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">{escape(title)}</h1><span'
        f' class="price">{price}</span><button>Add to basket</button><div itemprop="description">'
        f"{_paragraphs(lines)}</div><table>{rows}</table></div>"
    )
    return Page("shop", title, main)


def link_farm(rng: Random, site: Site) -> Page:
    """Links to nowhere in particular."""
    words = [rng.choice(prose.SPAM_WORDS) for _ in range(rng.randint(40, 120))]
    items = "".join(
        f'<li><a href="http://{word.replace(" ", "-")}{rng.randint(1, 999)}.example/">'
        f"{word} {rng.choice(words)} {rng.randint(1, 99)}</a></li>"
        for word in words
    )
    title = f"{rng.choice(words).title()} and {rng.choice(words)}: page {rng.randint(1, 9000)}"
    return Page("link_farm", title, f"<h1>{escape(title)}</h1><ul>{items}</ul>")


def spam(rng: Random, site: Site) -> Page:
    """Advertising text with the words that people search for."""
    title = prose.fill(rng, "{k} {k2} {n}")
    texts = [prose.sentences(rng, prose.SPAM, rng.randint(4, 9)) for _ in range(rng.randint(3, 8))]
    return Page("spam", title, f"<h1>{escape(title)}</h1>{_paragraphs(texts)}")


def login_wall(rng: Random, site: Site, form: MathForm, exercise: Exercise) -> Page:
    """A question whose answer is for members only."""
    title = f"Solved: {exercise.topic} ({rng.randint(1000, 999999)})"
    main = (
        f'<h1>{escape(title)}</h1><div class="question-text">{to_html(exercise.question, form)}</div>'
        '<div class="answer-locked"><div class="blur">Lorem ipsum answer hidden</div><p>Sign in or start'
        f" your free trial to see the expert's answer. {rng.randint(3, 90)} experts are online.</p>"
        '<form action="/login"><input name="email"><input name="password" type="password">'
        "<button>Unlock answer</button></form></div>"
    )
    return Page("login_wall", title, main)


def foreign(rng: Random, site: Site) -> Page:
    """A newspaper's article in another language."""
    known = languages.language(site.language)
    title = languages.sentence(rng, known).rstrip(known.stop)
    texts = [languages.paragraph(rng, known, rng.randint(3, 6)) for _ in range(rng.randint(4, 10))]
    main = f"<article><h1>{escape(title)}</h1>{_paragraphs(texts)}</article>"
    return Page("other_language", title, main)


def about(rng: Random, site: Site) -> Page:
    """Who runs the site."""
    title = f"About {site.name}"
    person = f"{rng.choice(NAMES)} {rng.choice(prose.SURNAMES)}"
    texts = [
        f"{site.name} was started by {person} in {rng.randint(1998, 2019)} and has {rng.randint(3, 60)} helpers.",
        prose.sentences(rng, prose.BLOG, 4),
        "Write to us if you find an error. Please do not send us your homework.",
    ]
    return Page("about", title, f"<h1>{escape(title)}</h1>{_paragraphs(texts)}")


def tag_index(rng: Random, site: Site, titles: list[str]) -> Page:
    """A list of other pages."""
    title = f"All topics, page {rng.randint(1, 900)}"
    items = "".join(
        f'<li class="topic-row"><a href="/t/{rng.randint(100, 99999)}">{escape(one)}</a> <span class="count">'
        f"{rng.randint(0, 40)} replies</span> <span>{rng.randint(10, 9000)} views</span></li>"
        for one in titles
    )
    return Page("tag_index", title, f"<h1>{escape(title)}</h1><ul>{items}</ul>")


def profile(rng: Random, site: Site) -> Page:
    """A member's page."""
    user = f"{rng.choice(NAMES).lower()}{rng.randint(1, 9999)}"
    facts = "".join(
        f"<dt>{name}</dt><dd>{rng.randint(1, 5000)}</dd>" for name in ("Reputation", "Answers", "Questions", "Badges")
    )
    text = prose.sentences(rng, prose.BLOG, 3)
    return Page("profile", f"User {user}", f"<h1>{user}</h1><dl>{facts}</dl><p>{escape(text, quote=False)}</p>")


def home(rng: Random, site: Site, titles: list[str]) -> Page:
    """The front page."""
    cards = "".join(
        f'<div class="card"><h3><a href="/p/{rng.randint(100, 99999)}">{escape(one)}</a></h3><p>'
        f"{escape(prose.sentences(rng, prose.DETAILS, 1), quote=False)}</p></div>"
        for one in titles
    )
    return Page("home", site.name, f"<h1>{escape(site.name)}</h1>{cards}")
