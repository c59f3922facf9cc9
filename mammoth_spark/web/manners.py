"""Manners towards a web server: which URLs are asked for, how long to pause, and how many connections to hold."""

import datetime
import email.utils
import ipaddress
import re
import threading
import time
from urllib.parse import urlsplit

from mammoth_spark.config import Http


def without_secrets(url: str) -> str:
    """The URL for messages: without user, password and query, which may hold a signature."""
    address, question_mark, _ = url.partition("?")
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path + ("?..." if question_mark else "")


def asked_pause_s(retry_after: str | None, now: datetime.datetime) -> float:
    """The seconds that a Retry-After header asks for in either of its forms; 0 if there is none to read."""
    if retry_after is None:
        return 0.0
    if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        return float(retry_after)
    try:
        moment = email.utils.parsedate_to_datetime(retry_after)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, OverflowError):
        return 0.0


def own_pause_s(failures: int, first_s: float, cap_s: float, luck: float) -> float:
    """The pause after so many failures in a row, exponential with full jitter; luck is uniform in [0, 1).

    Clients that failed together do not come back together."""
    return luck * min(cap_s, first_s * 2.0 ** min(failures - 1, 30))


def longest_pause_s(manners: Http) -> float:
    """The longest Retry-After that is kept. If a server asks for more, the file is given up: to come back
    earlier than asked is what gets a client blocked."""
    return max(manners.backoff_cap_s, manners.forbidden_pause_s)


def why_redirect_refused(url: str, target: str, plain_http: bool) -> str | None:
    """Why a redirect is not followed; None if it is. Nobody outside sends us to hosts that only we can reach."""
    refusal = why_refused(target, plain_http)
    if refusal is None and is_internal(target) and not is_internal(url):
        return "a host of an internal network is not asked for others."
    return refusal


def is_internal(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def why_refused(url: str, plain_http: bool) -> str | None:
    """Why a URL is not asked for; None if it is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host.encode("idna")
        _ = parts.port
    except ValueError:  # Its words may repeat a password.
        return "this is not a valid URL."
    if not host:
        return "the URL names no host; it begins with https:// or http://."
    if parts.scheme == "https" or (parts.scheme == "http" and (plain_http or is_loopback(host))):
        return None
    return "only https:// is read, because plain http can be changed on the way; use https or set plain_http."


def has_contact(manners: Http) -> bool:
    return re.search(r"[^\s@]@[^\s@]|https?://[^\s/]+\.", manners.user_agent) is not None


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Turns:
    """Which transfers of this process may hold a connection, and when the next restart from byte 0 is due."""

    def __init__(self, connections: int, restarts_per_s: float) -> None:
        self._free = connections
        self._freed = threading.Condition()
        self._restart_interval_s = 1.0 / restarts_per_s
        self._next_restart = 0.0
        self._paused_until = 0.0

    def take(self, stopped: threading.Event) -> bool:
        """Waits for a connection; False if the transfer was stopped before it got one."""
        with self._freed:
            self._freed.wait_for(lambda: self._free > 0 or stopped.is_set())
            if stopped.is_set():
                return False
            self._free -= 1
            return True

    def give_back(self) -> None:
        with self._freed:
            self._free += 1
            self._freed.notify_all()

    def wake(self) -> None:
        """Lets waiting transfers see that they were stopped."""
        with self._freed:
            self._freed.notify_all()

    def pause(self, seconds: float) -> None:
        """A host that blocks us is not asked for another file either."""
        with self._freed:
            self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def seconds_paused(self) -> float:
        with self._freed:
            return max(0.0, self._paused_until - time.monotonic())

    def seconds_to_restart(self) -> float:
        """Books the next whole-file restart and says how long to wait for it."""
        with self._freed:
            now = time.monotonic()
            booked = max(now, self._next_restart)
            self._next_restart = booked + self._restart_interval_s
            return booked - now


_turns_by_manners: dict[Http, Turns] = {}
_turns_lock = threading.Lock()


def turns_of(manners: Http) -> Turns:
    with _turns_lock:
        if manners not in _turns_by_manners:
            _turns_by_manners[manners] = Turns(manners.connections, manners.restarts_per_s)
        return _turns_by_manners[manners]
