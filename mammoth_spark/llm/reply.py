"""What a server's answer means: a reply that can be used, or a fault and what it says about asking again.

Reply       the model answered in the form that was asked for
Fault       it did not; `blames` says whom:
  request     the request itself (too long, refused, filtered): asking again gives the same
  attempt     this attempt (broken JSON, a 500, a reset): another may succeed, and counts
  endpoint    the server (busy, down): waiting helps, and no request is to blame
  account     the key or the money: nothing can be asked until a person has acted
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

Blame = Literal["request", "attempt", "endpoint", "account"]
# Some models fence their JSON though asked not to.
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)
# As a server's error names them in `code` or `type`; its message may repeat words of the page.
_OF_ACCOUNT = {"insufficient_quota", "billing_hard_limit_reached", "invalid_api_key", "account_deactivated"}
_TOO_LONG = ("context_length_exceeded", "maximum context length", "too many tokens", "prompt is too long")
_MOST_TOKENS = 1 << 31


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


# Once for all: to make them takes as long as to use them.
_as_json = json.JSONEncoder(ensure_ascii=False).encode
_of_json = json.JSONDecoder(parse_constant=_refused).decode


class Form(BaseModel):
    """What a model answers with: each question has a form of its own, and says when it holds nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def is_void(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Usage:
    prompt_tokens: int = 0
    reply_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    """JSON in the form that was asked for."""
    is_void: bool
    model: str
    """As the server names it."""
    usage: Usage


@dataclass(frozen=True, slots=True)
class Fault:
    blames: Blame
    reason: str
    """In a word that counts group by."""
    detail: str = ""
    usage: Usage = Usage()
    """A reply that cannot be used is paid all the same."""


def read(status: int, body: bytes, form: type[Form]) -> Reply | Fault:
    """Reads the answer of a server that was reached."""
    if status != 200:
        return _refusal(status, body)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return Fault("attempt", "broken_answer", "the server's answer is no JSON")
    if not isinstance(answer, dict):
        return Fault("attempt", "broken_answer", "the server's answer is no JSON object")
    usage = _usage(answer)
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return Fault("attempt", "no_choices", usage=usage)
    message = choices[0].get("message")
    message = message if isinstance(message, dict) else {}
    ended = choices[0].get("finish_reason")
    if ended == "length":
        return Fault("request", "length", "the reply was cut for lack of room", usage)
    if ended == "content_filter":
        return Fault("request", "content_filter", usage=usage)
    if message.get("refusal"):
        return Fault("request", "refusal", clean(str(message["refusal"]))[:500], usage)
    content = message.get("content")
    if not isinstance(content, str) or not content.strip():
        return Fault("attempt", "no_content", usage=usage)
    fenced = _FENCED.fullmatch(content)
    text = clean(fenced[1] if fenced else content)
    try:
        # Escaped surrogates and NULs become characters here; they are taken out once more.
        value = _clean_values(_of_json(text))
        said = form.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        return Fault("attempt", "other_form", f"{place}: {first['msg']}", usage)
    except (ValueError, RecursionError):
        return Fault("attempt", "broken_json", "the reply is no JSON", usage)
    return Reply(_as_json(value), said.is_void(), clean(str(answer.get("model") or "")), usage)


def clean(text: str) -> str:
    """Without what UTF-8 cannot hold (lone surrogates) and what databases stumble over (NUL)."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _clean_values(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean_values(inner) for inner in value]
    if isinstance(value, dict):
        return {clean(key): _clean_values(inner) for key, inner in value.items()}
    return value


def _usage(answer: Mapping[str, Any]) -> Usage:
    usage = answer.get("usage")
    if not isinstance(usage, dict):
        return Usage()
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    return Usage(*(count if isinstance(count, int) and 0 <= count < _MOST_TOKENS else 0 for count in counts))


def _refusal(status: int, body: bytes) -> Fault:
    words = body[:4000].decode("utf-8", "replace")
    detail = clean(" ".join(words.split())[:300])
    reason = f"http_{status}"
    # 404, 405 and 410 speak of the address or the model, never of a request.
    if status in (401, 402, 404, 405, 410) or not _OF_ACCOUNT.isdisjoint(_codes(body)):
        return Fault("account", reason, detail)
    if status in (429, 502, 503, 504):
        return Fault("endpoint", reason, detail)
    if status >= 500 or status in (408, 409, 425):
        return Fault("attempt", reason, detail)
    if status == 400 and any(phrase in words for phrase in _TOO_LONG):
        return Fault("request", "too_long", detail)
    return Fault("request", reason, detail)


def _codes(body: bytes) -> set[str]:
    """What a server's error calls itself."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return set()
    error = answer.get("error", answer) if isinstance(answer, dict) else None
    return {str(error.get(name)) for name in ("code", "type")} if isinstance(error, dict) else set()
