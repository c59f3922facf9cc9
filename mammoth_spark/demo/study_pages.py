"""Quiz and exam banks, textbook exercises with worked solutions, and pages of frequent questions."""

import json
from html import escape
from random import Random
from typing import Literal

from mammoth_spark.demo.exercises.exercise import Exercise
from mammoth_spark.demo.markup import inline_html, plain_text, to_html
from mammoth_spark.demo.math_forms import MathForm
from mammoth_spark.demo.page import Page, Pair
from mammoth_spark.demo.prose import TEACHING, on_topic
from mammoth_spark.demo.sites import Site

Asked = tuple[Exercise, tuple[str, ...]]
Key = Literal["explained", "letters", "none"]

LETTERS = "ABCDEF"
WORDS = {
    "en": {"exercise": "Exercise", "solution": "Solution", "answer": "Answer", "show": "Show answer"},
    "fr": {"exercise": "Exercice", "solution": "Corrigé", "answer": "Réponse", "show": "Voir la réponse"},
}
FRENCH_INTRO = (
    "Dans cette fiche on s'entraîne sur le thème : {topic}.",
    "Cherchez chaque exercice avant de lire le corrigé.",
    "Les nombres sont choisis pour éviter la calculatrice.",
)


def _choices(rng: Random, exercise: Exercise) -> tuple[str, ...]:
    choices = [exercise.answer, *exercise.wrong]
    rng.shuffle(choices)
    return tuple(choices)


def _quiz_json(title: str, asked: list[Asked]) -> str:
    parts = [
        {
            "@type": "Question",
            "eduQuestionType": "Multiple choice",
            "text": plain_text(exercise.question),
            "suggestedAnswer": [
                {"@type": "Answer", "position": number, "text": plain_text(choice)}
                for number, choice in enumerate(choices)
                if choice != exercise.answer
            ],
            "acceptedAnswer": {
                "@type": "Answer",
                "position": choices.index(exercise.answer),
                "text": plain_text(exercise.answer),
            },
        }
        for exercise, choices in asked
    ]
    data = {"@context": "https://schema.org", "@type": "Quiz", "name": title, "hasPart": parts}
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def _bank(asked: list[Asked], form: MathForm, key: Key) -> str:
    questions = "".join(
        f'<div class="mcq"><div class="q-number">Question {number}</div>{to_html(exercise.question, form)}'
        '<ol class="options" type="A">'
        + "".join(f"<li>{inline_html(choice, form)}</li>" for choice in choices)
        + "</ol></div>"
        for number, (exercise, choices) in enumerate(asked, 1)
    )
    if key == "none":
        return questions
    if key == "letters":
        cells = "".join(
            f"<td>{number}. {LETTERS[choices.index(exercise.answer)]}</td>"
            for number, (exercise, choices) in enumerate(asked, 1)
        )
        return f'{questions}<h3>Answer key</h3><table class="answer-key"><tr>{cells}</tr></table>'
    answers = "".join(
        f'<div class="explanation"><p><b>{number}. {LETTERS[choices.index(exercise.answer)]}</b></p>'
        f"{to_html(exercise.solution, form)}</div>"
        for number, (exercise, choices) in enumerate(asked, 1)
    )
    return f"{questions}<h3>Answers and explanations</h3>{answers}"


def _cards(asked: list[Asked], form: MathForm, key: Key) -> str:
    def card(number: int, exercise: Exercise, choices: tuple[str, ...]) -> str:
        right = choices.index(exercise.answer)
        stem = to_html(exercise.question, form)
        options = "".join(
            f'<label class="opt"><input type="radio" name="q{number}" value="{LETTERS[index]}">'
            f"<span>{LETTERS[index]}) {inline_html(choice, form)}</span></label><br>"
            for index, choice in enumerate(choices)
        )
        steps = to_html(exercise.solution, form) if key == "explained" else ""
        answer = (
            '<p><a href="/submit">Submit to see your score</a></p>'
            if key == "none"
            else "<details><summary>Show answer</summary><p><strong>Answer: "
            f"{LETTERS[right]}</strong></p>{steps}</details>"
        )
        return (
            f'<section class="quiz-card" data-q="{number}"><header>Q{number}.</header><div class="stem">'
            f"{stem}</div>{options}{answer}</section>"
        )

    return "".join(card(number, *one) for number, one in enumerate(asked, 1))


def quiz(rng: Random, site: Site, form: MathForm, exercises: list[Exercise], subject: str, solved: bool = True) -> Page:
    """Multiple choice with an answer key, explained or not; without `solved` there is no key."""
    title = (
        f"{subject.capitalize()} {rng.choice(['quiz', 'practice test', 'MCQs', 'exam paper'])} "
        f"{rng.randint(1, 900)}: {exercises[0].topic}"
    )
    asked = [(exercise, _choices(rng, exercise)) for exercise in exercises]
    key: Key = "none" if not solved else "explained" if rng.random() < 0.6 else "letters"
    layout = _cards if site.engine == "cards" else _bank
    marked = rng.random() < 0.4
    pairs = tuple(
        Pair(exercise.question, exercise.answer, exercise.solution if key == "explained" else "", True, choices)
        for exercise, choices in asked
    )
    main = f"<h1>{escape(title)}</h1>{layout(asked, form, key)}"
    if not solved:
        return Page("exercises_only", title, main, subject)
    head = _quiz_json(title, asked) if marked else ""
    return Page(site.kind, title, main, subject, pairs, head, "Quiz JSON-LD" if marked else None)


def _with_number(text: str, number: int) -> str:
    """Number the last formula that stands on a line of its own."""
    before, mark, after = text.rpartition("$$")
    return f"{before} \\tag{{{number}}}{mark}{after}" if mark else text


def _exercise(site: Site, label: str, number: int, question: str) -> str:
    if site.engine != "wiki":
        return f'<div class="exercise"><h4>{label}</h4>{question}</div>'
    return (
        f'<h3><span class="mw-headline" id="E{number}">{label}</span><span class="mw-editsection">'
        f'[<a href="/edit?section={number}">edit</a>]</span></h3>{question}'
    )


def _solution(site: Site, word: str, worked: str) -> str:
    if site.engine != "wiki":
        return f'<div class="solution"><p class="label"><em>{word}</em></p>{worked}</div>'
    return f'<div class="mw-collapsible"><div class="mw-collapsible-content"><p><b>{word}.</b></p>{worked}</div></div>'


def textbook(
    rng: Random, site: Site, form: MathForm, exercises: list[Exercise], subject: str, solved: bool = True
) -> Page:
    """A chapter with exercises and their worked solutions; without `solved` only the exercises."""
    words = WORDS.get(site.language, WORDS["en"])
    topic = exercises[0].topic
    chapter = rng.randint(1, 30)
    title = f"{chapter}. {topic.capitalize()}"
    pool = FRENCH_INTRO if site.language == "fr" else TEACHING
    opening = " ".join(escape(on_topic(rng, pool, topic), quote=False) for _ in range(rng.randint(2, 4)))
    parts = [f"<h1>{escape(title)}</h1>", f"<p>{opening}</p>"]
    numbered = rng.random() < 0.4
    pairs: list[Pair] = []
    for number, exercise in enumerate(exercises, 1):
        label = f"{words['exercise']} {chapter}.{number}"
        parts.append(_exercise(site, label, number, to_html(exercise.question, form)))
        solution = exercise.solution
        if exercise.answer not in solution.split("\n\n")[-1]:
            solution += f"\n\n**{words['answer']}:** {exercise.answer}"
        if numbered:
            solution = _with_number(solution, number)
        if solved:
            parts.append(_solution(site, words["solution"], to_html(solution, form)))
        pairs.append(Pair(exercise.question, exercise.answer, solution, True))
    if not solved:
        return Page("exercises_only", title, "\n".join(parts), subject)
    return Page(site.kind, title, "\n".join(parts), subject, tuple(pairs))


def _faq_json(pairs: list[Pair]) -> str:
    questions = [
        {
            "@type": "Question",
            "name": plain_text(pair.question),
            "acceptedAnswer": {"@type": "Answer", "text": plain_text(pair.solution)},
        }
        for pair in pairs
    ]
    data = {"@context": "https://schema.org", "@type": "FAQPage", "mainEntity": questions}
    return f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script>'


def faq(rng: Random, site: Site, form: MathForm, exercises: list[Exercise], subject: str) -> Page:
    """Questions and answers marked by Q: and A:, or as an FAQPage in microdata or JSON-LD."""
    title = f"{subject.capitalize()}: frequent questions, part {rng.randint(1, 400)}"
    marked = rng.choice([None, "FAQPage microdata", "FAQPage JSON-LD"])
    parts = [f"<h1>{escape(title)}</h1>"]
    pairs: list[Pair] = []
    for exercise in exercises:
        answer = exercise.solution
        if exercise.answer not in answer.split("\n\n")[-1]:
            answer = f"{exercise.answer}.\n\n{answer}"
        if marked == "FAQPage microdata":
            parts.append(
                '<div itemprop="mainEntity" itemscope itemtype="https://schema.org/Question">'
                f'<h3 itemprop="name">{inline_html(exercise.question, form)}</h3><div '
                'itemprop="acceptedAnswer"'
                ' itemscope itemtype="https://schema.org/Answer"><div itemprop="text">'
                f"{to_html(answer, form)}</div>"
                "</div></div>"
            )
        else:
            parts.append(to_html(f"**Q:** {exercise.question}", form) + to_html(f"**A:** {answer}", form))
        pairs.append(Pair(exercise.question, exercise.answer, answer, True))
    main = "\n".join(parts)
    if marked == "FAQPage microdata":
        main = f'<div itemscope itemtype="https://schema.org/FAQPage">{main}</div>'
    head = _faq_json(pairs) if marked == "FAQPage JSON-LD" else ""
    return Page(site.kind, title, main, subject, tuple(pairs), head, marked)
