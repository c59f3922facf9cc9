"""Prompts as files: `prompts/<name>.md`, with a part for each message and `{{name}}` where a value goes.

    ## system
    You read pages.
    ## user
    {{page}}

What does not change comes first, so that a server's prefix cache serves it. A prompt's version is the hash of its file.
"""

import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROMPTS = Path(__file__).with_name("prompts")
_PART = re.compile(r"^## (system|user|assistant)\n", re.MULTILINE)
# Not `$name`: mathematics is full of dollars.
_SLOT = re.compile(r"\{\{([a-z_]+)\}\}")

Messages = tuple[tuple[str, str], ...]
"""Role and content of each message."""


@dataclass(frozen=True)
class Prompt:
    name: str
    version: str
    parts: Messages

    @functools.cached_property
    def slots(self) -> frozenset[str]:
        return frozenset(name for _, text in self.parts for name in _SLOT.findall(text))

    def messages(self, values: Mapping[str, str]) -> Messages:
        """The messages with a value in each slot. A value is never searched for slots: a page may hold some."""
        if values.keys() != self.slots:
            raise ValueError(
                f"prompt {self.name} has the slots {sorted(self.slots)}, and was given {sorted(values)}:"
                " every slot needs a value, every value a slot"
            )
        return tuple((role, _SLOT.sub(lambda match: values[match[1]], text)) for role, text in self.parts)


def load(path: Path) -> Prompt:
    text = path.read_text(encoding="utf-8")
    before, *pieces = _PART.split(text)
    if before.strip() or not pieces:
        raise ValueError(f"{path}: a prompt begins with a line `## system`, `## user` or `## assistant`")
    parts = tuple((role, content.strip()) for role, content in zip(pieces[::2], pieces[1::2], strict=True))
    return Prompt(path.stem, hashlib.sha256(text.encode()).hexdigest(), parts)
