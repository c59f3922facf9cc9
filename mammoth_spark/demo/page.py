"""The content of one page, before the site's frame is put around it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its answer as a perfect cleaner and reader would state them, in Markdown.

    `answer` is the final answer: for a multiple choice the text of the right choice, not its letter.
    """

    question: str
    answer: str
    solution: str
    accepted: bool
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What stands in the middle of a page, and what is true of it."""

    kind: str
    title: str
    main: str
    subject: str | None = None
    pairs: tuple[Pair, ...] = ()
    head: str = ""
    schema_org: str | None = None
