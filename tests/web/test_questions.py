"""Questions that a page marks as such, each by its rule."""

import json

import pytest

from mammoth_spark.config import Documents
from mammoth_spark.web.document import document_of
from mammoth_spark.web.questions import Answer, MarkedQuestion


def found(body: str, *data: object) -> list[MarkedQuestion]:
    scripts = "".join(
        f'<script type="application/ld+json">{one if isinstance(one, str) else json.dumps(one)}</script>'
        for one in data
    )
    page = f"<html><head>{scripts}</head><body><p>Some text of the page.</p>{body}</body></html>"
    return list(document_of(page.encode(), Documents()).questions)


def question(name: str = "What is 2 + 2?", **more: object) -> dict[str, object]:
    return {"@type": "Question", "name": name, "acceptedAnswer": {"@type": "Answer", "text": "It is 4."}} | more


SCHEMA = {"@context": "https://schema.org"}


# ---------------------------------------------------------------- schema.org in scripts


@pytest.mark.parametrize(
    "data",
    [
        SCHEMA | {"@type": "FAQPage", "mainEntity": [question()]},
        SCHEMA | {"@graph": [{"@type": "WebSite"}, {"@type": "FAQPage", "mainEntity": question()}]},
        [SCHEMA | {"@type": ["FAQPage", "WebPage"], "mainEntity": [question()]}],
        {"@context": "http://schema.org", "@type": "http://schema.org/FAQPage", "mainEntity": [question()]},
    ],
)
def test_structured_data_gives_its_questions(data: object) -> None:
    assert found("", data) == [
        MarkedQuestion("schema.org FAQPage, JSON-LD", "What is 2 + 2?", (Answer("It is 4.", True),))
    ]


def test_answers_have_their_votes_and_the_accepted_comes_first() -> None:
    answers = [{"@type": "Answer", "text": "3?", "upvoteCount": -1}, {"@type": "Answer", "text": "5?"}]
    asked = question(acceptedAnswer={"text": "4", "upvoteCount": "1,204"}, suggestedAnswer=answers)
    (one,) = found("", SCHEMA | {"@type": "QAPage", "mainEntity": asked})
    assert one.rule == "schema.org QAPage, JSON-LD"
    assert one.answers == (Answer("4", True, 1204), Answer("3?", False, -1), Answer("5?", False))


def test_a_quiz_has_choices_in_the_pages_order() -> None:
    options = [{"text": "3", "position": 0}, {"text": "5", "position": 2}]
    asked = question(acceptedAnswer={"text": "4", "position": 1}, suggestedAnswer=options)
    (one,) = found("", SCHEMA | {"@type": "Quiz", "hasPart": [asked]})
    assert one.rule == "schema.org Quiz, JSON-LD"
    assert (one.answers, one.choices) == ((Answer("4", True),), ("3", "4", "5"))


def test_the_text_of_a_question_comes_before_its_name_and_without_tags() -> None:
    asked = question("Sums", text="<p>What is <b>2 &lt; 3</b>?</p><p>Say why.</p>")
    (one,) = found("", SCHEMA | {"@type": "QAPage", "mainEntity": asked})
    assert " ".join(one.question.split()).replace(" ?", "?") == "What is 2 < 3? Say why."


@pytest.mark.parametrize(
    "data",
    [
        '{"@context": "https://schema.org", "@type": "Question", "name": ',
        '{"@context": "https://schema.org", "Question": ' + "[" * 100_000,
        '"Question schema.org"',
        "null // Question schema.org",
        SCHEMA | {"@type": "Question"},
        SCHEMA | question(acceptedAnswer=None),
        SCHEMA | question(acceptedAnswer=[5, None, {"text": 7}]),
        SCHEMA | {"@type": "Question", "name": {"a": 1}, "acceptedAnswer": "x"},
        SCHEMA | {"@type": "FAQPage", "mainEntity": [None, 5, "x", [[]]]},
        SCHEMA | {"@type": [None], "mainEntity": {"@type": {}}, "x": "Question"},
    ],
)
def test_data_that_is_broken_gives_none(data: object) -> None:
    assert found("", data) == []


def test_a_control_character_in_a_string_does_not_break_the_data() -> None:
    data = json.dumps(SCHEMA | {"@type": "FAQPage", "mainEntity": [question("What is\n4?")]}).replace("\\n", "\n")
    assert [one.question for one in found("", data)] == ["What is 4?"]


# ---------------------------------------------------------------- schema.org in elements


MICRODATA = (
    '<div itemscope itemtype="https://schema.org/QAPage"><div itemscope itemtype="https://schema.org/Question">'
    r'<h1 itemprop="name">Sums</h1><div itemprop="text"><p>What is \(2+2\)?</p></div>'
    '<div itemprop="suggestedAnswer" itemscope itemtype="https://schema.org/Answer">'
    '<span itemprop="upvoteCount">3</span><div itemprop="text"><p>Five.</p></div></div>'
    '<div itemprop="acceptedAnswer" itemscope itemtype="https://schema.org/Answer">'
    '<meta itemprop="upvoteCount" content="12"><div itemprop="text"><p>Four:</p><pre>2+2</pre></div></div></div></div>'
)


def test_microdata_gives_its_questions_as_markdown() -> None:
    answers = (Answer("Four:\n\n```\n2+2\n```", True, 12), Answer("Five.", False, 3))
    assert found(MICRODATA) == [MarkedQuestion("schema.org QAPage, microdata", "What is $2+2$?", answers)]


def test_rdfa_gives_its_questions() -> None:
    body = (
        '<div vocab="https://schema.org/" typeof="FAQPage"><div property="mainEntity" typeof="Question">'
        '<h2 property="name">What is a sum?</h2><div property="acceptedAnswer" typeof="Answer">'
        '<p property="text">What adding gives.</p></div></div></div>'
    )
    answers = (Answer("What adding gives.", True),)
    assert found(body) == [MarkedQuestion("schema.org FAQPage, RDFa", "What is a sum?", answers)]


def test_a_question_without_an_answer_is_none() -> None:
    assert found('<div itemscope itemtype="https://schema.org/Question"><p itemprop="name">Why?</p></div>') == []


def test_a_question_that_two_rules_find_is_kept_once() -> None:
    data = SCHEMA | {"@type": "QAPage", "mainEntity": question("Sums", text="What is 2+2?")}
    (one,) = found(MICRODATA.replace(r"\(2+2\)", "2+2"), data)
    assert one.rule == "schema.org QAPage, microdata"


# ---------------------------------------------------------------- plainly marked


def test_q_and_a_are_a_question_and_an_answer() -> None:
    body = "<p><b>Q:</b> What is a sum?</p><p><b>A:</b> What adding gives.</p><p>And more.</p><p>Q2. Why?</p>"
    body += "<p>Answer: Because.</p><h2>Later</h2><p>Not of it.</p><p>Q: Without an answer?</p>"
    assert found(body) == [
        MarkedQuestion("Q: and A:", "What is a sum?", (Answer("What adding gives.\n\nAnd more.", True),)),
        MarkedQuestion("Q: and A:", "Why?", (Answer("Because.", True),)),
    ]


KEYED = "numbered, with options and key"
FIRST = MarkedQuestion(KEYED, "What is 2 + 2?", (Answer("B. 4", True),), ("3", "4"))
SECOND = MarkedQuestion(KEYED, "What is 3 + 3?", (Answer("A. 6", True),), ("6", "7"))


@pytest.mark.parametrize(
    "body",
    [
        "<p>1. What is 2 + 2?</p><p>A. 3</p><p>B. 4</p><p>Answer: B</p>"
        "<p>2. What is 3 + 3?</p><p>A. 6</p><p>B. 7</p><p>Answer: A</p>",
        "<p>1) What is 2 + 2?<br>(a) 3<br>(b) 4<br>Correct answer: (b)</p>"
        "<p>2) What is 3 + 3?<br>(a) 6<br>(b) 7<br>Ans. a</p>",
        "<h3>Question 1</h3><p>What is 2 + 2?</p><ol type=A><li>3<li>4</ol>"
        "<h3>Question 2</h3><p>What is 3 + 3?</p><ol type=A><li>6<li>7</ol><h3>Answer key</h3><p>1. B 2. A</p>",
        "<ol><li>What is 2 + 2?<ol type=a><li>3<li>4</ol><li>What is 3 + 3?<ol type=a><li>6<li>7</ol></ol>"
        "<h2>Answers</h2><ol><li>B<li>A</ol>",
        "<p>1. What is 2 + 2?</p><p>A) 3</p><p>B) 4</p><p>2. What is 3 + 3?</p><p>A) 6</p><p>B) 7</p>"
        "<p>Answers</p><table><tr><td>1-B<td>2-A</table>",
    ],
)
def test_numbered_questions_have_options_and_a_key(body: str) -> None:
    assert found(body) == [FIRST, SECOND]


def test_what_follows_the_key_is_the_reason() -> None:
    body = "<p>1. What is 2 + 2?</p><p>A. 3</p><p>B. 4</p><p>Answer: B</p><p>Two twos are four.</p>"
    (one,) = found(body)
    assert one.answers == (Answer("B. 4\n\nTwo twos are four.", True),)


@pytest.mark.parametrize(
    "body",
    [
        "<p>1. What is 2 + 2?</p><p>A. 3</p><p>B. 4</p>",
        "<p>1. What is 2 + 2?</p><p>A. 3</p><p>B. 4</p><p>Answer: E</p>",
        "<p>1. What is 2 + 2?</p><p>Answer: B</p>",
        "<ol><li>Take two.<li>Add two.</ol><p>Answers</p><p>1. B</p>",
    ],
)
def test_without_options_and_a_key_that_fits_there_is_no_question(body: str) -> None:
    assert found(body) == []


def test_where_the_numbers_begin_anew_no_question_has_anothers_options() -> None:
    body = (
        "<p>1. What is 2 + 2?</p><p>A. 3</p><p>B. 4</p><p>Answer: B</p>"
        "<h2>Part two</h2><p>1. What is 5 + 5?</p><p>A. 10</p><p>B. 11</p><p>Answer: A</p>"
    )
    assert found(body) == [FIRST]


def test_exercises_with_their_solutions_are_read_to_the_next_of_them() -> None:
    body = (
        "<h2>4. Sums</h2><p>An introduction.</p><h3>Exercise 4.1</h3><p>Compute $3 \\cdot 4$.</p>"
        "<p><b>Solution.</b></p><p>It is 12.</p><p>Or so.</p><h3>Exercise 4.2</h3><p>And 5?</p><p>Corrig\u00e9 : 5</p>"
        "<h3>Exercise 4.3</h3><p>Open.</p><h2>Notes</h2><p>End.</p>"
    )
    read = [one for one in found(body) if one.rule == "exercise and solution"]
    assert [(one.question, one.answers[0].text) for one in read] == [
        ("Compute $3 \\cdot 4$.", "It is 12.\n\nOr so."),
        ("And 5?", "5"),
    ]
