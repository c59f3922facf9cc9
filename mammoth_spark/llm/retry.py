"""The one policy on asking again. Nothing else in the suite repeats a call."""

import random
from dataclasses import dataclass

from mammoth_spark.config import Llm
from mammoth_spark.llm.reply import Fault
from mammoth_spark.web.manners import own_pause_s


class EndpointStopped(Exception):
    """Nothing more can be asked: the key is refused, the money is spent, or the server has been away for too long.

    No request is to blame, so none is dead; the same command goes on where this one stopped."""


@dataclass(slots=True)
class Tries:
    """What a request has been through."""

    begun: float
    """When it was first sent, on the clock of `time.monotonic`."""
    counted: int = 0
    """Attempts that count against it."""
    sent: int = 0
    replied: int = 0
    """Attempts that the server did the work of, and whose reply came."""
    room: int = 1
    """Multiple of the room for its reply."""


@dataclass(frozen=True, slots=True)
class Again:
    """Ask again after a pause."""

    pause_s: float
    least_s: float
    """After which the pause ends when the server answers others."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The request is dead."""

    reason: str


def after(
    fault: Fault, tries: Tries, asked_pause_s: float, busy_since: float, now: float, settings: Llm
) -> Again | GiveUp:
    """What to do after a fault; raises EndpointStopped when no request can be served.

    The endpoint has answered no call since `busy_since`."""
    if fault.blames == "account":
        raise EndpointStopped(f"the endpoint refuses every request ({fault.reason}): {fault.detail}")
    if fault.blames == "endpoint":
        if now + asked_pause_s - busy_since > settings.patience_s:
            why = f"{fault.reason}: {fault.detail}" if fault.detail else fault.reason
            asks = f", and asks for a pause of {asked_pause_s:.0f} s" if asked_pause_s else ""
            raise EndpointStopped(
                f"the endpoint has been busy or away for {now - busy_since:.0f} s ({why}){asks}:"
                " start the same command again when it is back"
            )
        if now + asked_pause_s - tries.begun > settings.patience_s:
            # It answers others: perhaps this one alone exceeds a limit a minute.
            return GiveUp(fault.reason)
        # Those who were refused together are asked to come back together, and must not.
        least_s = asked_pause_s * (1 + random.random())
        return Again(least_s + _pause_s(tries.sent, settings), least_s)
    tries.counted += 1
    if fault.reason == "length" and tries.room == 1:
        tries.room = 2
        return Again(0.0, 0.0)
    if fault.blames == "request" or tries.counted >= settings.attempts:
        return GiveUp(fault.reason)
    pause_s = max(min(asked_pause_s, settings.backoff_cap_s), _pause_s(tries.counted, settings))
    return Again(pause_s, pause_s)


def _pause_s(failures: int, settings: Llm) -> float:
    return own_pause_s(failures, settings.backoff_s, settings.backoff_cap_s, random.random())
