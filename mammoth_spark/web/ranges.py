"""Parts of a WARC file by offset and length, one request each: for a few records of many files.

A store asked for ranges by many clients blocks them: requests to it take turns and pauses by `http`, as whole files do.
On AWS read from S3.
"""

import datetime
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3

from mammoth_spark.config import Http
from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.manners import (
    asked_pause_s,
    has_contact,
    is_internal,
    longest_pause_s,
    own_pause_s,
    turns_of,
    why_refused,
    without_secrets,
)
from mammoth_spark.web.storage import ReadRange, is_remote_url, open_parts


@contextmanager
def ranges_of(path: str, manners: Http) -> Iterator[ReadRange]:
    """Reads parts of a local file, an s3:// object or an https:// URL. Errors are FetchErrors."""
    if is_remote_url(path):
        with _Remote(path, manners) as remote:
            yield remote.read
        return
    with open_parts(path) as read:
        yield read


class _Remote:
    def __init__(self, url: str, manners: Http) -> None:
        refusal = why_refused(url, manners.plain_http)
        if refusal is None and not has_contact(manners) and not is_internal(url):
            refusal = "http.user_agent needs a contact, an e-mail or web address, before another's server is asked."
        self._shown = without_secrets(url)
        if refusal:
            raise FetchError("scheme", self._shown, f"{self._shown}: {refusal}")
        self._url, self._manners, self._turns = url, manners, turns_of(manners)
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": manners.user_agent, "Accept-Encoding": "identity"})
        self._never = threading.Event()

    def __enter__(self) -> "_Remote":
        self._turns.take(self._never)
        return self

    def __exit__(self, *_: object) -> None:
        self._turns.give_back()
        self._session.close()

    def read(self, offset: int, length: int) -> bytes:
        manners = self._manners
        refusals = 0
        for attempt in range(1, manners.attempts + 1):
            self._never.wait(self._turns.seconds_paused())
            kind, reason, asked_s, body = self._ask(offset, length)
            if body is not None:
                return body
            if kind == "forbidden":
                refusals += 1
                self._turns.pause(manners.forbidden_pause_s)
            if attempt == manners.attempts or refusals > 1 or asked_s > longest_pause_s(manners):
                break
            own_s = own_pause_s(attempt, manners.backoff_s, manners.backoff_cap_s, random.random())
            self._never.wait(max(own_s, asked_s))
        message = f"{self._shown}: given up after {attempt} requests: {reason}; run the stage again later"
        raise FetchError(kind, self._shown, message)

    def _ask(self, offset: int, length: int) -> tuple[str, str, float, bytes | None]:
        """The bytes, or the kind of failure, its words and the pause that is asked for."""
        manners = self._manners
        headers = {"Range": f"bytes={offset}-{offset + length - 1}"}
        timeouts = (manners.connect_timeout_s, manners.read_timeout_s)
        try:
            with self._session.get(
                self._url, headers=headers, stream=True, allow_redirects=False, timeout=timeouts
            ) as response:
                if response.status_code in (404, 410):
                    raise FetchError("not_found", self._shown, f"{self._shown}: the server has no such file")
                if response.status_code == 416:
                    return "", "", 0.0, b""
                if response.status_code != 206:
                    asked_s = asked_pause_s(response.headers.get("Retry-After"), datetime.datetime.now(datetime.UTC))
                    kind = "forbidden" if response.status_code == 403 else f"http_{response.status_code}"
                    return kind, f"the server answered {response.status_code}", asked_s, None
                found = re.fullmatch(r"bytes ([0-9]+)-([0-9]+)/.*", response.headers.get("Content-Range", ""))
                if found is None or int(found[1]) != offset:
                    return "connection", "the server sent another range than it was asked for", 0.0, None
                body = response.raw.read(length + 1, decode_content=False)
                if len(body) != int(found[2]) - offset + 1:
                    return "short", "the body ended early", 0.0, None
                return "", "", 0.0, body
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
            if isinstance(problem, FetchError):
                raise
            return "connection", f"the connection failed ({type(problem).__name__})", 0.0, None
