"""A question for tests: which of a few subjects a title is about."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from mammoth_spark.config import Endpoint, Llm
from mammoth_spark.llm import prompt
from mammoth_spark.llm.reply import Form
from mammoth_spark.llm.request import Question, Request, Sampling


class PageSubject(Form):
    subject: str

    def is_void(self) -> bool:
        return self.subject == "other"


TEXT = "## system\nYou name the subject of a page.\n## user\n{{title}}\n"


def question(folder: Path, max_tokens: int = 50) -> Question:
    path = folder / "page_subject.md"
    path.write_text(TEXT)
    return Question("test_stage", prompt.load(path), "rules", Sampling(max_tokens), PageSubject)


def poisoned(asked: Question, title: str, deaths: Path) -> Question:
    """The same question, of which the request about this title kills the worker that writes its body."""

    class Poisonous(Request):
        def body(self, endpoint: Endpoint, room: int) -> bytes:
            if self.messages[-1][1] == title:
                with deaths.open("ab") as file:
                    file.write(b"x")
                os.kill(os.getpid(), signal.SIGKILL)
            return super().body(endpoint, room)

    class Poisoner(Question):
        def about(self, values: Mapping[str, str]) -> Request:
            return Poisonous(self, self.prompt.messages(values))

    return Poisoner(asked.stage, asked.prompt, asked.model, asked.sampling, asked.reply)


def requests(folder: Path, count: int) -> list[Request]:
    asked = question(folder)
    return [asked.about({"title": f"Exercise {number} on fractions"}) for number in range(count)]


def quick(base_url: str, **other: object) -> Llm:
    """Settings that wait no longer than a test needs."""
    endpoint = Endpoint(model="rules", base_url=base_url, price_in=1.0, price_out=2.0)
    waits = {"backoff_s": 0.02, "backoff_cap_s": 0.2, "deadline_s": 5.0, "patience_s": 60.0}
    return Llm.model_validate({"endpoints": [endpoint], "window": 16, **waits, **other})
