"""Signs that stand in a text for what must not be touched: formulas and code.

A sign is a number between two characters of private use, which are taken out of every page beforehand.
"""

import re
from dataclasses import dataclass, field

OPEN, CLOSE = "\ue000", "\ue001"
SIGN = re.compile(f"{OPEN}([fdc])([0-9]{{1,9}}){CLOSE}")
_OURS = re.compile(rb"&#(?:[xX]0*[eE]00[01]|0*5734[45]);?")


def without_signs(html: bytes) -> bytes:
    """The page without characters that look like ours. A space takes their place, lest what stood around one should
    become another."""
    if b"\xee" in html:
        html = html.replace(OPEN.encode(), b" ").replace(CLOSE.encode(), b" ")
    return _OURS.sub(b" ", html)


@dataclass
class Signs:
    """What the signs of one page stand for."""

    held: list[str] = field(default_factory=list)

    def formula(self, tex: str, is_display: bool) -> str:
        # An address or a character's number can spell our marks where they were not looked for.
        return self._sign("d" if is_display else "f", tex.replace(OPEN, "").replace(CLOSE, ""))

    def code(self, text: str) -> str:
        return self._sign("c", text)

    def _sign(self, kind: str, text: str) -> str:
        self.held.append(text)
        return f"{OPEN}{kind}{len(self.held) - 1}{CLOSE}"

    def resolved(self, text: str) -> str:
        """The text with what its signs stand for, as Markdown. Code may hold a formula's sign, and nothing deeper."""
        return SIGN.sub(self._shown, SIGN.sub(self._shown, text))

    def _shown(self, found: re.Match[str]) -> str:
        number = int(found.group(2))
        held = self.held[number] if number < len(self.held) else ""
        match found.group(1):
            case "f":
                return f"${held}$"
            case "d":
                return f"$${held}$$"
            case _:
                return held
