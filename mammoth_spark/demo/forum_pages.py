"""Threads of question-and-answer forums in three engines, and the other pages that forums have."""

import json
from dataclasses import dataclass
from html import escape
from random import Random

from mammoth_spark.demo.exercises.exercise import NAMES, Exercise
from mammoth_spark.demo.markup import CodeStyle, plain_text, to_html
from mammoth_spark.demo.math_forms import MathForm
from mammoth_spark.demo.page import Page, Pair
from mammoth_spark.demo.prose import (
    CHATTER,
    CONFIRMATIONS,
    GREETINGS,
    OFF_TOPIC,
    THANKS,
    WRONG_REPLIES,
    on_topic,
    sentences,
)
from mammoth_spark.demo.sites import Engine, Site

CODE_STYLES: dict[Engine, CodeStyle] = {"exchange": "spans", "board": "codebox", "discourse": "plain"}

GERMAN = {
    "greeting": (
        "Hallo zusammen, ich komme hier nicht weiter.",
        "Diese Aufgabe ist aus einer alten Klausur.",
        "Ich übe für die Prüfung und brauche Hilfe.",
        "Wer kann mir das erklären?",
    ),
    "thanks": ("Vielen Dank im Voraus!", "Danke für jede Hilfe.", "Viele Grüße", "Wo liegt mein Fehler?"),
    "chatter": (
        "Was hast du schon versucht?",
        "Danke, das hat geholfen!",
        "Bitte wähle einen besseren Titel.",
        "Das hatten wir letzte Woche schon einmal.",
    ),
    "confirmation": ("Ich komme auf dasselbe:", "Kurz gesagt:", "Zur Kontrolle:"),
    "wrong": ("Ich glaube, es ist {answer}.", "Bei mir kommt {answer} heraus."),
    "so": ("Das Ergebnis ist also",),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in a thread."""

    text: str
    votes: int
    accepted: bool
    right: bool
    user: str


def _user(rng: Random) -> str:
    return f"{rng.choice(NAMES).lower()}{rng.choice(['', '_', '.', 'x'])}{rng.randint(1, 999)}"


def _day(rng: Random) -> str:
    return f"{rng.randint(2009, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def title_of(rng: Random, topic: str, language: str) -> str:
    """A title as people write it: about the topic, seldom clear."""
    if language == "de":
        return rng.choice([f"Aufgabe zu {topic}", f"Hilfe bei {topic}", f"Frage: {topic}"])
    return rng.choice(
        [
            f"Help with {topic}",
            f"Stuck on {topic} (exercise {rng.randint(2, 48)})",
            f"{topic.capitalize()}: how?",
            f"Question about {topic}",
            f"{topic.capitalize()} from an old exam",
            f"How do I handle {topic} here?",
            f"[Solved] {topic}",
            f"{topic.capitalize()}, what is the right way?",
        ]
    )


def _post(rng: Random, exercise: Exercise, language: str) -> str:
    if language == "de":
        before, after = rng.choice(GERMAN["greeting"]), rng.choice(GERMAN["thanks"])
    else:
        before = on_topic(rng, GREETINGS, exercise.topic)
        after = on_topic(rng, THANKS, exercise.topic)
    parts = [before] if rng.random() < 0.8 else []
    parts.append(exercise.question)
    if rng.random() < 0.7:
        parts.append(after)
    return "\n\n".join(parts)


def _replies(rng: Random, exercise: Exercise, language: str) -> list[Reply]:
    german = language == "de"
    closing = rng.choice(GERMAN["so"]) if german else rng.choice(["So the answer is", "The result is", "Answer:"])
    best = exercise.solution
    if exercise.answer not in best.split("\n\n")[-1]:
        best += f"\n\n{closing} {exercise.answer}."
    replies = [Reply(best, rng.randint(2, 60), rng.random() < 0.8, True, _user(rng))]
    if rng.random() < 0.35:
        lead = rng.choice(GERMAN["confirmation"] if german else CONFIRMATIONS)
        replies.append(Reply(f"{lead} {closing} {exercise.answer}.", rng.randint(0, 9), False, True, _user(rng)))
    for wrong in exercise.wrong[: rng.choice([0, 0, 1, 1, 2])]:
        text = rng.choice(GERMAN["wrong"] if german else WRONG_REPLIES).replace("{answer}", wrong)
        replies.append(Reply(text, rng.randint(-5, 0), False, False, _user(rng)))
    if not replies[0].accepted:
        rng.shuffle(replies)
    return replies


def _pairs(question: str, exercise: Exercise, replies: list[Reply]) -> tuple[Pair, ...]:
    return tuple(Pair(question, exercise.answer, reply.text, reply.accepted) for reply in replies if reply.right)


def _chatter(rng: Random, site: Site, most: int) -> list[str]:
    pool = GERMAN["chatter"] if site.language == "de" else CHATTER
    return [on_topic(rng, pool, "this") for _ in range(rng.randint(0, most))]


def _comments(rng: Random, site: Site) -> str:
    items = "".join(
        f'<li class="comment"><span class="comment-copy">{escape(text)}</span> &ndash; <a '
        'class="comment-user"'
        f' href="/users/{rng.randint(10, 99999)}">{_user(rng)}</a> <span class="date">{_day(rng)}</span></li>'
        for text in _chatter(rng, site, 3)
    )
    return f'<ul class="comments-list">{items}</ul>' if items else ""


def _exchange(rng: Random, site: Site, form: MathForm, title: str, post: str, replies: list[Reply]) -> str:
    code = CODE_STYLES["exchange"]

    def vote(votes: int) -> str:
        return (
            '<div class="votecell"><button aria-label="Up vote">&#9650;</button><div class="vote-count"'
            f' itemprop="upvoteCount">{votes}</div><button aria-label="Down vote">&#9660;</button></div>'
        )

    def sign(user: str, did: str) -> str:
        return (
            f'<div class="user-info"><span class="date">{did} {_day(rng)}</span> <a href="/users/{user}"'
            f' itemprop="author">{user}</a> <span class="reputation">{rng.randint(1, 90000)}</span></div>'
        )

    # Before the answers, so that formulas are written in the order of the page.
    asked = to_html(post, form, code)
    answers = "".join(
        f'<div class="answer{" accepted-answer" if reply.accepted else ""}" itemscope'
        f' itemtype="https://schema.org/Answer" itemprop='
        f'"{"acceptedAnswer" if reply.accepted else "suggestedAnswer"}">{vote(reply.votes)}'
        '<div class="answercell"><div class="s-prose" itemprop="text">'
        f"{to_html(reply.text, form, code)}</div>"
        f"{sign(reply.user, 'answered')}{_comments(rng, site)}</div></div>"
        for reply in replies
    )
    tags = "".join(f'<a class="post-tag" href="/tags/{tag}">{tag}</a>' for tag in site.shelves)
    return (
        f'<div itemprop="mainEntity" itemscope itemtype="https://schema.org/Question"><h1 itemprop="name">'
        f'{escape(title)}</h1><div class="question">{vote(rng.randint(-1, 40))}<div class="postcell">'
        f'<div class="s-prose" itemprop="text">{asked}</div><div class="tags">{tags}</div>'
        f"{sign(_user(rng), 'asked')}{_comments(rng, site)}</div></div>"
        f'<h2><span itemprop="answerCount">{len(replies)}</span> Answers</h2>{answers}</div>'
    )


def _board(rng: Random, site: Site, form: MathForm, title: str, post: str, replies: list[Reply]) -> str:
    signatures = GERMAN["thanks"] if site.language == "de" else OFF_TOPIC
    posts = [(post, _user(rng), "")]
    for reply in replies:
        posts += [(text, _user(rng), "") for text in _chatter(rng, site, 1)]
        best = "Beste Antwort" if site.language == "de" else "Best answer"
        posts.append((reply.text, reply.user, f'<span class="solution-mark">{best}</span>' if reply.accepted else ""))
    bodies = "".join(
        f'<div id="p{rng.randint(1000, 99999)}" class="post bg{number % 2 + 1}"><div class="inner">'
        f'<dl class="postprofile"><dt><a href="./memberlist.php?u={number}" class="username">{user}</a></dt>'
        f"<dd>Posts: {rng.randint(1, 4000)}</dd><dd>Joined: {_day(rng)}</dd></dl>"
        f'<div class="postbody"><h3><a href="#p">{"Re: " if number else ""}{escape(title)}</a></h3>'
        f'<p class="author">by {user} &raquo; {_day(rng)}</p>{mark}<div class="content">'
        f"{to_html(text, form, CODE_STYLES['board'])}</div>"
        f'<div class="signature">{escape(on_topic(rng, signatures, "")) if number % 3 == 2 else ""}</div>'
        "</div></div></div>"
        for number, (text, user, mark) in enumerate(posts)
    )
    return f'<h2 class="topic-title">{escape(title)}</h2>{bodies}'


def _discourse(rng: Random, site: Site, form: MathForm, title: str, post: str, replies: list[Reply]) -> str:
    def article(number: int, text: str, user: str, solved: bool) -> str:
        likes = rng.randint(0, 30)
        mark = '<div class="cooked-solution">&#10003; Solution</div>' if solved else ""
        return (
            f'<article id="post_{number}" class="boxed onscreen-post"><div class="topic-meta-data"><span'
            f' class="first username"><a href="/u/{user}">{user}</a></span><span class="post-date">'
            f"{_day(rng)}"
            f'</span></div><div class="cooked">{to_html(text, form, CODE_STYLES["discourse"])}</div>{mark}'
            f'<nav class="post-controls"><span>{likes} Likes</span><a href="#">Reply</a></nav></article>'
        )

    posts = [article(1, post, _user(rng), False)]
    for reply in replies:
        posts.append(article(len(posts) + 1, reply.text, reply.user, reply.accepted))
        posts += [article(len(posts) + 1, text, _user(rng), False) for text in _chatter(rng, site, 1)]
    return f'<div id="topic-title"><h1>{escape(title)}</h1></div><div class="post-stream">{"".join(posts)}</div>'


ENGINES = {"exchange": _exchange, "board": _board, "discourse": _discourse}


def _json_ld(title: str, post: str, replies: list[Reply]) -> str:
    def answer(reply: Reply) -> dict[str, object]:
        return {
            "@type": "Answer",
            "text": plain_text(reply.text),
            "upvoteCount": reply.votes,
            "author": {"@type": "Person", "name": reply.user},
        }

    entity: dict[str, object] = {
        "@type": "Question",
        "name": title,
        "text": plain_text(post),
        "answerCount": len(replies),
        "suggestedAnswer": [answer(reply) for reply in replies if not reply.accepted],
    }
    for reply in replies:
        if reply.accepted:
            entity["acceptedAnswer"] = answer(reply)
    data = {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": entity}
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def thread(rng: Random, site: Site, form: MathForm, exercise: Exercise, subject: str) -> Page:
    """A question with answers: right ones, often one accepted, sometimes wrong ones, and chatter."""
    replies = _replies(rng, exercise, site.language)
    title, post = title_of(rng, exercise.topic, site.language), _post(rng, exercise, site.language)
    main = ENGINES[site.engine](rng, site, form, title, post, replies)
    head, marked = "", None
    if site.engine == "discourse":
        head, marked = _json_ld(title, post, replies), "QAPage JSON-LD"
    elif site.engine == "exchange":
        main, marked = f'<div itemscope itemtype="https://schema.org/QAPage">{main}</div>', "QAPage microdata"
    pairs = _pairs(exercise.question, exercise, replies)
    return Page(site.kind, title, main, subject, pairs, head, marked)


def unanswered(rng: Random, site: Site, form: MathForm, exercise: Exercise, subject: str) -> Page:
    """A question to which nobody has given an answer."""
    title, post = title_of(rng, exercise.topic, site.language), _post(rng, exercise, site.language)
    replies = [Reply(text, 0, False, False, _user(rng)) for text in _chatter(rng, site, 2)]
    main = ENGINES[site.engine](rng, site, form, title, post, replies)
    return Page("unanswered", title, main, subject)


def off_topic(rng: Random, site: Site, form: MathForm, insert: str | None) -> Page:
    """A thread about anything else; `insert` is a text that somebody quotes in it."""
    title = rng.choice(["Introductions", "The lounge", "Site feedback", "What are you reading?", "Small talk"])
    title = f"{title} {rng.randint(2, 400)}"
    post = sentences(rng, OFF_TOPIC, rng.randint(2, 5))
    if insert:
        post += f" {insert} " + sentences(rng, OFF_TOPIC, 2)
    replies = [
        Reply(sentences(rng, OFF_TOPIC, rng.randint(1, 3)), rng.randint(0, 9), False, False, _user(rng))
        for _ in range(rng.randint(2, 7))
    ]
    return Page("off_topic", title, ENGINES[site.engine](rng, site, form, title, post, replies))
