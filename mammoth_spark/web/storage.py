"""Where files lie: one way to open, read and write a path, be it local, s3:// or https://.

S3 takes its keys, region and endpoint from the environment (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL and so on).
"""

import errno
import functools
import io
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

import pyarrow
from pyarrow.fs import (  # type: ignore[attr-defined, unused-ignore]  # pyarrow's type stubs lack its S3 part.
    AwsStandardS3RetryStrategy,
    FileSelector,
    FileType,
    S3FileSystem,
    resolve_s3_region,
)

from mammoth_spark.config import Http
from mammoth_spark.web.fetch import FetchError, download
from mammoth_spark.web.manners import without_secrets

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COPY_BLOCK = 8 << 20
# An S3 block after a jump is small, because a jump mostly wants one record. While the reading goes on,
# blocks double up to the size at which a request's latency no longer matters.
FIRST_S3_BLOCK = 256 << 10
LAST_S3_BLOCK = 8 << 20
S3_ATTEMPTS = 5

ReadRange = Callable[[int, int], bytes]
"""The bytes from an offset on, so many of them; fewer where the file ends."""

_USUAL = Http()
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")


def open_path(path: str, manners: Http) -> BinaryIO:
    """A seekable binary file for a local path, an s3:// or an https:// URL.

    Errors are FetchErrors. A local path or an S3 key that is missing is told here, one behind HTTP at the
    first read.
    """
    scheme = _scheme(path)
    if scheme in ("https", "http"):
        return download(path, manners)
    if scheme == "s3":
        with _clear_s3_errors(path):
            bucket, name = _s3_name(path)
            return io.BufferedReader(_S3Reader(path, _s3(bucket).open_input_file(name)), FIRST_S3_BLOCK)
    local = _local(path)
    with _clear_local_errors(path):
        return local.open("rb")


@contextmanager
def open_parts(path: str) -> Iterator[ReadRange]:
    """Reads parts of a local or s3:// file, each as one request and no byte more; `ranges` reads them over HTTP."""
    if _scheme(path) == "s3":
        bucket, name = _s3_name(path)
        with _clear_s3_errors(path), _s3(bucket).open_input_file(name) as remote:
            size = remote.size()

            def read_part(offset: int, length: int) -> bytes:
                with _clear_s3_errors(path):
                    return remote.read_at(max(0, min(length, size - offset)), offset) if offset < size else b""

            yield read_part
        return
    with _clear_local_errors(path), _local(path).open("rb") as file:

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        yield read


def read_bytes(path: str, limit: int, manners: Http = _USUAL) -> bytes:
    """The whole of a small file; one of more than limit bytes is refused."""
    with open_path(path, manners) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        message = (
            f"{without_secrets(path)}: holds more than {limit} bytes, so it is not the expected file; check the path."
        )
        raise FetchError("too_large", path, message)
    return content


def put_file(local: Path, path: str) -> None:
    """Copies a local file to a local or s3:// path, where it appears whole or not at all."""
    with _clear_local_errors(str(local)):
        source = local.open("rb")
    with source:
        if _scheme(path) == "s3":
            with _clear_s3_errors(path):
                _put_to_s3(source, path)
        else:
            with _clear_local_errors(path), _replacing(_local(path)) as target:
                shutil.copyfileobj(source, target, COPY_BLOCK)


def get_file(path: str, local: Path, manners: Http) -> None:
    """Copies a file from any path to a local one, where it appears whole or not at all."""
    with open_path(path, manners) as source, _clear_local_errors(str(local)), _replacing(local) as target:
        shutil.copyfileobj(source, target, COPY_BLOCK)


def absolute(path: str) -> str:
    """A path that means the same to a process that stands in another folder, such as a worker or a JVM."""
    return path if _scheme(path) is not None else str(Path(path).absolute())


def local_file(path: str) -> Path | None:
    """Where a path lies on this machine; None if it lies elsewhere."""
    return _local(path) if is_local(path) else None


def is_remote_url(path: str) -> bool:
    return _scheme(path) in ("https", "http")


def is_local(path: str) -> bool:
    return _scheme(path) not in ("s3", "https", "http")


def folder_names(path: str) -> list[str]:
    """Names of the folders within a folder, in order; none where the folder is not there."""
    return _names_within(path, FileType.Directory)


def file_names(path: str) -> list[str]:
    """Names of the files within a folder, in order; none where the folder is not there."""
    return _names_within(path, FileType.File)


def files_below(path: str) -> list[str]:
    """Paths of the files in a folder and in those within it, in order."""
    within = [found for name in folder_names(path) for found in files_below(f"{path.rstrip('/')}/{name}")]
    return sorted([*(f"{path.rstrip('/')}/{name}" for name in file_names(path)), *within])


def _names_within(path: str, kind: FileType) -> list[str]:
    if _scheme(path) == "s3":
        bucket, name = _s3_name(path)
        selector = FileSelector(name.rstrip("/"), allow_not_found=True)
        with _clear_s3_errors(path):
            return sorted(entry.base_name for entry in _s3(bucket).get_file_info(selector) if entry.type == kind)
    folder = _local(path)
    is_wanted = Path.is_dir if kind == FileType.Directory else Path.is_file
    with _clear_local_errors(path):
        entries = folder.iterdir() if folder.is_dir() else ()
        # A leading dot: a file that is not whole yet, or what is none of ours.
        return sorted(entry.name for entry in entries if is_wanted(entry) and not entry.name.startswith("."))


def put_bytes(content: bytes, path: str) -> None:
    """Writes a small file to a local or s3:// path, where it appears whole or not at all."""
    if _scheme(path) == "s3":
        with _clear_s3_errors(path):
            _put_to_s3(io.BytesIO(content), path)
    else:
        with _clear_local_errors(path), _replacing(_local(path)) as target:
            target.write(content)


def remove_file(path: str) -> None:
    """Removes a file; nothing where it is not there."""
    if _scheme(path) == "s3":
        bucket, name = _s3_name(path)
        with _clear_s3_errors(path), suppress(FileNotFoundError):
            _s3(bucket).delete_file(name)
    else:
        with _clear_local_errors(path):
            _local(path).unlink(missing_ok=True)


def remove_folder(path: str) -> None:
    """Removes a folder with all that is in it; nothing where it is not there."""
    if _scheme(path) == "s3":
        bucket, name = _s3_name(path)
        with _clear_s3_errors(path):
            _s3(bucket).delete_dir_contents(name.rstrip("/"), missing_dir_ok=True)
    else:
        with _clear_local_errors(path), suppress(FileNotFoundError):
            shutil.rmtree(_local(path))


def join(base: str, relative: str) -> str:
    """The path of a file below a base folder or URL; one that is absolute or has a scheme stays as it is."""
    if relative.startswith("/") or _SCHEME.match(relative):
        return relative
    # HTTP clients read %2e as a dot, so the encoded spelling climbs as well.
    if ".." in unquote(relative).split("/"):
        raise ValueError(f"The path {relative!r} leaves its base {without_secrets(base)!r} by '..'; write it without.")
    return base + relative if base.endswith("/") else f"{base}/{relative}"


def _scheme(path: str) -> str | None:
    found = _SCHEME.match(path)
    if found is None:
        return None
    scheme = found[1].lower()
    return "s3" if scheme in ("s3a", "s3n") else scheme  # Hadoop's names for the same place.


def _local(path: str) -> Path:
    scheme = _scheme(path)
    if scheme is None:
        return Path(path)
    if scheme == "file":
        return Path(unquote(urlsplit(path).path))
    if scheme == "dbfs" and path.startswith("dbfs:/Volumes/"):
        return Path(path.removeprefix("dbfs:"))
    remedy = "give a local path, file:/, dbfs:/Volumes/ or s3://, or https:// where it is only read"
    shown = without_secrets(path)
    raise FetchError("scheme", shown, f"{shown}: files of this kind cannot be used here; {remedy}.")


@contextmanager
def _clear_local_errors(path: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as problem:
        raise FetchError("not_found", path, f"{path}: there is no such file; check the path.") from problem
    except IsADirectoryError as problem:
        raise FetchError("is_a_directory", path, f"{path}: is a folder; name a file.") from problem
    except PermissionError as problem:
        raise FetchError("permission", path, f"{path}: you may not use it; change its mode.") from problem
    except OSError as problem:
        remedy = "make room there" if problem.errno in (errno.ENOSPC, errno.EDQUOT) else "check the disk"
        raise FetchError("disk", path, f"{path}: {problem.strerror}; {remedy}.") from problem


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes this path's place once it is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Spark passes over names with a leading dot, so it never reads half a file.
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _s3_name(path: str) -> tuple[str, str]:
    """The bucket, and bucket/key as pyarrow wants it. Keys are taken as they are, never percent-decoded."""
    name = path.partition("://")[2]
    return name.partition("/")[0], name


def _s3(bucket: str) -> S3FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return _s3_file_system(bucket, endpoint, region)


@functools.cache
def _s3_file_system(bucket: str, endpoint: str | None, region: str | None) -> S3FileSystem:
    """The file system of a bucket. pyarrow itself reads no endpoint from the environment."""
    retries = AwsStandardS3RetryStrategy(max_attempts=S3_ATTEMPTS)
    if endpoint is None:
        # The environment's region is that of the lake, and Common Crawl's bucket lies in another one.
        region = resolve_s3_region(bucket)
        return S3FileSystem(region=region, retry_strategy=retries)
    scheme, _, host = endpoint.rstrip("/").rpartition("://")
    return S3FileSystem(
        region=region or "us-east-1", endpoint_override=host, scheme=scheme or "https", retry_strategy=retries
    )


def _put_to_s3(source: BinaryIO, path: str) -> None:
    bucket, name = _s3_name(path)
    file_system = _s3(bucket)
    target = file_system.open_output_stream(name)
    try:
        shutil.copyfileobj(source, target, COPY_BLOCK)
    except BaseException:
        # pyarrow cannot abandon an upload: even a forgotten stream closes, and so publishes what it has. A
        # missing object is told at the next read, a truncated one is not.
        target.close()
        file_system.delete_file(name)
        raise
    target.close()


@contextmanager
def _clear_s3_errors(path: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pyarrow.ArrowInvalid) as problem:
        text = str(problem)
        if isinstance(problem, FileNotFoundError) or "NO_SUCH_" in text:
            kind, remedy = "not_found", "there is no such object or bucket; check the path"
        elif "Not a regular file" in text:
            kind, remedy = "is_a_directory", "is a folder; name an object"
        elif re.search("ACCESS_DENIED|INVALID_ACCESS_KEY|SIGNATURE|TOKEN|CLIENT_ID|EXPIRED", text):
            kind, remedy = "permission", "S3 refuses; check the keys in the environment and their rights"
        elif isinstance(problem, pyarrow.ArrowInvalid):
            kind, remedy = "scheme", f"this is not a valid S3 path ({text})"
        else:
            kind, remedy = "connection", f"S3 failed ({' '.join(text.split())}); run the stage again later"
        raise FetchError(kind, path, f"{path}: {remedy}.") from problem


class _S3Reader(io.RawIOBase):
    """An S3 object read in blocks; while one is parsed, the next is on its way."""

    def __init__(self, path: str, file: pyarrow.NativeFile) -> None:
        self._path = path
        self._file = file
        self._size: int = file.size()
        self._position = 0
        self._block = b""
        self._block_start = 0
        self._block_size = FIRST_S3_BLOCK
        self._next: Future[bytes] | None = None  # The block behind the present one.
        self._pool = ThreadPoolExecutor(1, "s3-read-ahead")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if position < 0:
            raise ValueError(f"Cannot seek to the negative position {position}.")
        self._position = position
        return position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self._position >= self._size:
            return 0
        if not self._block_start <= self._position < self._block_start + len(self._block):
            with _clear_s3_errors(self._path):
                self._load()
        view = memoryview(buffer).cast("B")
        start = self._position - self._block_start
        piece = self._block[start : start + len(view)]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _load(self) -> None:
        """Makes the block at the position the present one."""
        block_end = self._block_start + len(self._block)
        if self._block and self._position == block_end:
            block = self._next.result() if self._next is not None else self._read_at(self._position)
            self._block_size = min(2 * self._block_size, LAST_S3_BLOCK)
            following = self._position + len(block)
            if following < self._size:
                self._next = self._pool.submit(self._read_at, following)
            else:
                self._next = None
        else:
            self._block_size = FIRST_S3_BLOCK
            self._next = None
            block = self._read_at(self._position)
        if not block:
            message = f"{self._path}: the object has become shorter while it was read; read it again."
            raise FetchError("changed", self._path, message)
        self._block, self._block_start = block, self._position

    def _read_at(self, offset: int) -> bytes:
        block: bytes = self._file.read_at(self._block_size, offset)
        return block

    def close(self) -> None:
        if not self.closed:
            super().close()
            # Before the file: a read that has begun must end on an open one.
            self._pool.shutdown(cancel_futures=True)
            self._file.close()
