"""A request to a language model, and the fingerprint by which it is paid once."""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mammoth_spark.config import Endpoint
from mammoth_spark.llm.prompt import Messages, Prompt
from mammoth_spark.llm.reply import Form


@dataclass(frozen=True, slots=True)
class Sampling:
    max_tokens: int
    """Room for the reply; a reply that is cut for lack of it is asked for once more with twice as much."""
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None


@dataclass(frozen=True)
class Question:
    """What a stage asks of each row: all of a request but the row's own values."""

    stage: str
    prompt: Prompt
    model: str
    sampling: Sampling
    reply: type[Form]
    """What the model answers with."""

    @property
    def place(self) -> str:
        """Where its journals lie: a stage may ask several models, and each answer is booked on the one that gave it."""
        return f"{self.stage}/{hashlib.sha256(self.model.encode()).hexdigest()[:12]}"

    @functools.cached_property
    def schema(self) -> dict[str, Any]:
        return self.reply.model_json_schema()

    @functools.cached_property
    def identity(self) -> str:
        """What two requests must share, beside their messages, to be the same."""
        sampling = (self.sampling.max_tokens, self.sampling.temperature, self.sampling.top_p, self.sampling.seed)
        parts = (self.stage, self.prompt.version, self.model, sampling, self.schema)
        return json.dumps(parts, sort_keys=True)

    def about(self, values: Mapping[str, str]) -> "Request":
        return Request(self, self.prompt.messages(values))


@dataclass(frozen=True)
class Request:
    question: Question
    messages: Messages

    @functools.cached_property
    def fingerprint(self) -> str:
        """The same for equal requests, on any machine and in any run."""
        return hashlib.sha256(f"{self.question.identity}\n{json.dumps(self.messages)}".encode()).hexdigest()

    def body(self, endpoint: Endpoint, room: int) -> bytes:
        """What is sent to a server, with room for so many tokens."""
        question, sampling = self.question, self.question.sampling
        body: dict[str, Any] = {
            "model": endpoint.served_model or endpoint.model,
            "messages": [{"role": role, "content": content} for role, content in self.messages],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            endpoint.tokens_field: sampling.max_tokens * room,
        }
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if endpoint.structured == "json_schema":
            schema = {"name": question.reply.__name__, "schema": question.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif endpoint.structured == "json_object":
            body["response_format"] = {"type": "json_object"}
        return json.dumps(body).encode()
