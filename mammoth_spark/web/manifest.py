"""The lists of files that a run reads."""

import gzip
import io
import re
import zlib

from mammoth_spark.config import Crawl, Http
from mammoth_spark.web.manners import without_secrets
from mammoth_spark.web.storage import is_local, read_bytes

# One crawl's manifest names 100,000 files in 14 MB; a crawl list of this size is a mistake.
_LIMIT = 512 << 20
_LOCAL = re.compile("/|file:|dbfs:")


def warc_paths(crawl: Crawl, http: Http) -> list[str]:
    """All paths of the manifests in order, each once."""
    paths: dict[str, None] = {}
    for manifest in crawl.manifests:
        paths |= dict.fromkeys(listed_paths(manifest, http))
    return list(paths)[: crawl.limit or None]


def listed_paths(path: str, http: Http) -> list[str]:
    """The paths in a list, gzipped or not."""
    content = read_bytes(path, _LIMIT, http)
    manifest = without_secrets(path)
    if content.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(io.BytesIO(content)) as inflated:
                content = inflated.read(_LIMIT + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{manifest} is damaged ({error}); fetch it again") from None
        if len(content) > _LIMIT:
            raise ValueError(f"{manifest} is no list of paths: it inflates to more than {_LIMIT} bytes")
    if not _is_text(content):
        raise ValueError(f"{manifest} is no list of paths: it holds bytes that are not text in UTF-8")
    lines = [line.strip() for line in content.decode("utf-8-sig").split("\n")]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise ValueError(f"{manifest} names no file; it should hold one path a line")
    signed = next((line for line in found if re.match("https?://[^#]*[?@]", line)), None)
    if signed is not None:
        raise ValueError(
            f"{manifest} names {without_secrets(signed)} with a user or a query, which may be secret and would"
            " stand in every row; give plain URLs"
        )
    of_this_machine = next(filter(_LOCAL.match, found), None)
    if of_this_machine is not None and not is_local(path):
        raise ValueError(f"{manifest} comes from elsewhere and names {of_this_machine}, a path of this machine")
    return found


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content
