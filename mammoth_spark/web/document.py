"""A page -> a document: its content as Markdown, with its formulas, code, lists and tables. The careful way.

For pages that are kept, where quality comes before speed; `page_text.py` is the fast way to words for a score.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from selectolax.lexbor import LexborHTMLParser, LexborNode

from mammoth_spark.config import Documents
from mammoth_spark.web import permission, questions
from mammoth_spark.web.blocks import Block, Walk, markdown
from mammoth_spark.web.boilerplate import MACHINERY
from mammoth_spark.web.invisible import without_invisible
from mammoth_spark.web.maths import formulas
from mammoth_spark.web.maths.delimiters import Scanner
from mammoth_spark.web.maths.formulas import take_formulas
from mammoth_spark.web.mentions import Mentions
from mammoth_spark.web.permission import refusals
from mammoth_spark.web.privacy import masked
from mammoth_spark.web.questions import MarkedQuestion, marked_questions, structured_data, votes_in
from mammoth_spark.web.signs import Signs, without_signs

_TITLE_LENGTH = 500
_MOSTLY_LINKS = 0.7
# Fewer links in a row may be a part of the text.
_LIST_OF_LINKS = 3
_MOST_ANSWERS = 1_000
_HIGHEST = 8
_ANSWERS = '[itemprop~="acceptedAnswer"], [itemprop~="suggestedAnswer"], .answer, .accepted-answer'
_ACCEPTED = (
    ".accepted-answer, .solution-mark, .cooked-solution, .js-accepted-answer-indicator:not(.d-none), .best-answer,"
    " .accepted, .is-solution, .topic-solved-post, .lia-component-solution-info"
)
_POSTS = re.compile(
    r"(?:^|\s)(?:post|answer|reply|message|comment|onscreen-post|topic-post|lia-message-view)(?=$|\s)|(?:^|\s)accepted-answer(?=$|\s)"
)
# Without any of these a page marks no answer.
_OF_ANSWERS = (b"answer", b"accepted", b"solution", b"topic-solved-post")
_MENTIONS = Mentions((*formulas.WORDS, *permission.WORDS, *questions.WORDS, *_OF_ANSWERS))
_VOTES = '[itemprop~="upvoteCount"], .js-vote-count, .vote-count, .vote-count-post, .score'
_NEEDLESS = re.compile(r"(?<![ \t])[ \t]+(?=\n)|(?<=\n\n)\n+")


@dataclass(frozen=True, slots=True)
class Document:
    """What a page holds, or why it gives none."""

    title: str = ""
    text: str = ""
    questions: tuple[MarkedQuestion, ...] = ()
    removed: Counter[str] = field(default_factory=Counter)
    reason: str = ""
    """Why there is no text: `noai`, `noindex`, `no_text`, `only_links`, `text_lost`."""


def document_of(html: bytes, settings: Documents, robots_tag: str = "") -> Document:
    """Of a page in UTF-8."""
    html = without_signs(html.replace(b"\0", b""))
    tree = LexborHTMLParser(html)
    mentioned = _MENTIONS(html)
    refused = refusals(tree, mentioned, robots_tag) & set(settings.obey)
    if refused:
        return Document(reason=min(refused))
    signs, removed = Signs(), Counter[str]()
    title = _title(tree, settings)
    # Formulas stand in scripts too, and so does structured data: both are read before the scripts go.
    scanner = take_formulas(tree, mentioned, signs)
    body = tree.body
    if body is None:
        return Document(title, reason="no_text")
    structured = structured_data(tree, mentioned)
    tree.strip_tags(list(MACHINERY))
    shown = _length(body)
    marks = _marks(body) if any(word in mentioned for word in _OF_ANSWERS) else {}
    walk = Walk(signs, scanner, marks, whole=max(1, shown), removed=removed)
    blocks = walk.blocks(body)
    kept = _without_lists_of_links(blocks, removed)
    finished = partial(_finished, signs=signs, removed=removed, settings=settings)
    text = finished(markdown(kept))
    if not _has_content(kept):
        reason = "only_links" if removed["lists_of_links"] else "text_lost" if shown else "no_text"
        return Document(title, "", (), removed, reason)
    render = partial(_rendered, signs=signs, scanner=scanner, settings=settings)
    tidy = partial(_finished, signs=Signs(), removed=Counter(), settings=settings)
    questions = marked_questions(tree, mentioned, structured, render, tidy, text)
    return Document(title, text, tuple(questions), removed)


def _title(tree: LexborHTMLParser, settings: Documents) -> str:
    found = tree.css_first("title")
    if found is None:
        return ""
    title = " ".join(without_invisible(found.text(), Counter()).split())[:_TITLE_LENGTH]
    return masked(title, Counter()) if settings.mask_contacts else title


def _length(body: LexborNode) -> int:
    return len(body.text().strip())


def _finished(text: str, signs: Signs, removed: Counter[str], settings: Documents) -> str:
    text = without_invisible(_NEEDLESS.sub("", text), removed)
    if settings.mask_contacts:
        text = masked(text, removed)
    return without_invisible(signs.resolved(text), removed).strip()


def _rendered(node: LexborNode, signs: Signs, scanner: Scanner | None, settings: Documents) -> str:
    """A part of the page alone; what goes is not counted twice."""
    blocks = Walk(signs, scanner, whole=1 << 60).blocks(node)
    return _finished(markdown(blocks), signs, Counter(), settings)


def _has_content(blocks: Sequence[Block]) -> bool:
    return any(block.kind not in ("heading", "mark") for block in blocks)


def _without_lists_of_links(blocks: Sequence[Block], removed: Counter[str]) -> list[Block]:
    """Lists of links lead elsewhere; and with them goes the heading over them."""
    kept: list[Block] = []
    place = 0
    while place < len(blocks):
        end = place
        while end < len(blocks) and _is_link(blocks[end]):
            end += 1
        if end - place >= _LIST_OF_LINKS:
            removed["lists_of_links"] += end - place
            is_over = end == len(blocks) or blocks[end].kind == "heading"
            if is_over and kept and kept[-1].kind == "heading" and kept[-1].level > 1:
                kept.pop()
            place = end
        else:
            kept.append(blocks[place])
            place += 1
    return kept


def _is_link(block: Block) -> bool:
    return block.kind in ("text", "item") and block.linked >= _MOSTLY_LINKS * len(block.text)


def _marks(body: LexborNode) -> dict[int, str]:
    """What is said of answers: which was accepted, and where none was, which has the most votes."""
    answers = [node for node, _ in zip(body.css(_ANSWERS), range(_MOST_ANSWERS), strict=False)]
    accepted = {_post_of(node).mem_id for node, _ in zip(body.css(_ACCEPTED), range(_MOST_ANSWERS), strict=False)}
    named = [node for node in answers if "acceptedAnswer" in (node.attributes.get("itemprop") or "")]
    # On a page of frequent questions each answer is the accepted one of its question.
    if len(named) == 1:
        accepted.add(named[0].mem_id)
    marks = {}
    best: tuple[int, int] | None = None
    for node in answers:
        found = node.css_first(_VOTES)
        votes = votes_in(found.attributes.get("data-value") or found.text()) if found is not None else None
        says = "Accepted answer" if node.mem_id in accepted else "Answer"
        marks[node.mem_id] = f"**{says}**" if votes is None else f"**{says} ({votes} votes)**"
        if votes is not None and (best is None or votes > best[0]):
            best = (votes, node.mem_id)
    if best is not None and not accepted and best[0] > 0:
        marks[best[1]] = f"**Top answer ({best[0]} votes)**"
    return marks | {post: "**Accepted answer**" for post in accepted if post not in marks}


def _post_of(node: LexborNode) -> LexborNode:
    """The answer within which the mark stands that it was accepted."""
    at: LexborNode | None = node
    for _ in range(_HIGHEST):
        if at is None or at.tag in ("body", "html", "main"):
            break
        if at.tag == "article" or _POSTS.search(at.attributes.get("class") or ""):
            return at
        at = at.parent
    return node
