"""The HTTP responses of a WARC file, whatever is damaged in it.

fastwarc reads. It stops at the first damaged byte, and a wrong Content-Length makes it read on into the records
behind; so a response is held back until the record after it has been found, and where reading stops, the record is
checked by itself, the damage is noted, and reading goes on at the next place where a record begins. A damaged place
costs the record that it lies in and no other. warcio reads what fastwarc does not: ARC records left among others.

A record's `offset` and `length` are those of its gzip member (or of its plain bytes), by which `read_again` finds it.
In a file that is one single gzip member they are the whole file's.
"""

import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import BinaryIO

import warcio
from fastwarc import ArchiveIterator, WarcRecord, WarcRecordType
from warcio.exceptions import ArchiveLoadFailed

_GZIP = b"\x1f\x8b\x08"
_RECORD = re.compile(rb"WARC/1\.[0-9]\r?\n")
_RECORD_OR_MEMBER = re.compile(rb"\x1f\x8b\x08|WARC/1\.[0-9]\r?\n")
_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_ARC_RECORD = re.compile(rb"[a-z]{2,10}:\S* [0-9.]{7,15} [0-9]{14} \S+ [0-9]+\n")
_BLOCK = 1 << 20
# Of a record's own header; fastwarc refuses longer ones as well.
_HEADER_LIMIT = 32 << 10


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response as the archive holds it; `payload.py` turns its body into a page."""

    offset: int
    length: int
    url: str
    fetched_at: datetime | None
    status: int | None
    """None where there is no HTTP status line."""
    headers: dict[str, str]
    """HTTP headers by their name in lower case; of several, the last counts."""
    body: bytes
    cut: bool
    """Whether the body goes on behind the limit that was asked for."""


@dataclass(slots=True)
class Tally:
    """What a file held beside its responses."""

    records: int = 0
    damage: Counter[str] = field(default_factory=Counter)
    """Damaged places by kind: broken_member (does not inflate), cut_off (the file ends within it), wrong_length
    (Content-Length), not_a_record, empty_member, junk (no member at all)."""


def read_responses(file: BinaryIO, body_limit: int, tally: Tally) -> Iterator[Response]:
    """All sound response records of a seekable file, gzipped or plain, in order; the rest is in `tally`."""
    if _is_one_member(file):
        inflated = _Inflated(file)
        for response in _read(io.BufferedReader(inflated, _BLOCK), body_limit, tally):
            # Offsets within the inflated file say nothing about the stored one.
            yield replace(response, offset=0, length=file.seek(0, io.SEEK_END))
        if inflated.damage is not None:
            tally.damage[inflated.damage] += 1
    else:
        yield from _read(file, body_limit, tally)


def read_again(file: BinaryIO, offset: int, length: int, url: str, body_limit: int) -> Response | None:
    """The response with this URL among the bytes that `read_responses` named; None if it is not there."""
    file.seek(offset)
    part = io.BytesIO(file.read(length))
    for response in read_responses(part, body_limit, Tally()):
        if response.url == url:
            return replace(response, offset=offset, length=length)
    return None


def _read(file: BinaryIO, body_limit: int, tally: Tally) -> Iterator[Response]:
    begin: int | None = 0
    while begin is not None:
        # One run of fastwarc, from `begin` to the end or to the first damage.
        offset, held = begin, None
        watched = _Watched(file, begin)
        try:
            for record in ArchiveIterator(watched, parse_http=False):
                if offset != record.stream_pos:
                    tally.records += 1
                    if held is not None:
                        yield replace(held, length=record.stream_pos - offset)
                offset, held = record.stream_pos, None
                if record.record_type == WarcRecordType.response:
                    held = _response(record, body_limit)
        except OSError:
            if watched.error is not None:
                raise
        # Whether it stopped for damage or for the end, the record read last is yet to be proven.
        end = _end_of_record(file, offset)
        if end is not None:
            tally.records += 1
            if held is not None:
                yield replace(held, length=end - offset)
        begin, found = _resume(file, offset, end, body_limit, tally)
        yield from found


def _resume(
    file: BinaryIO, offset: int, end: int | None, body_limit: int, tally: Tally
) -> tuple[int | None, list[Response]]:
    """Where the next record begins behind the one at `offset`, which ends at `end` or else is damaged.

    Also the ARC records that lie between. What else lies there is noted, once for each gap."""
    found: list[Response] = []
    if end is None:
        kind, end = _diagnosis(file, offset)
        tally.damage[kind] += 1
        in_gap = True
    else:
        in_gap = False
    while True:
        place = _find(file, end)
        if (place is None or place > end) and not in_gap and not _is_blank(file, end, place):
            tally.damage["junk"] += 1
            in_gap = True
        if place is None:
            return None, found
        member = _Member.read(file, place) if _starts_with(file, place, _GZIP) else None
        if member is None or _RECORD.match(member.head):
            # A record, or something like one; if it turns out damaged, reading resumes behind its first byte.
            if member is not None or _end_of_record(file, place) is not None:
                return place, found
            kind, end = _diagnosis(file, place)
        elif _ARC_RECORD.match(member.head):
            found += _arc_responses(file, place, member, body_limit)
            tally.records += len(found)
            end = member.end if member.end is not None else place + 1
            in_gap = False
            continue
        else:
            kind, end = _diagnosis(file, place)
        if not in_gap:
            tally.damage[kind] += 1
        in_gap = kind != "empty_member"


def _diagnosis(file: BinaryIO, offset: int) -> tuple[str, int]:
    """What is wrong with the record at `offset`, and where to look for the next one."""
    if not _starts_with(file, offset, _GZIP):
        return ("wrong_length" if _starts_with(file, offset, b"WARC/") else "junk"), offset + 1
    member = _Member.read(file, offset)
    if member.end is None:
        return ("cut_off" if member.cut_off else "broken_member"), offset + 1
    if member.size == 0:
        return "empty_member", member.end
    return ("wrong_length" if _RECORD.match(member.head) else "not_a_record"), member.end


def _end_of_record(file: BinaryIO, offset: int) -> int | None:
    """Where the record at `offset` ends, if its own header and what is stored agree; else None."""
    if _starts_with(file, offset, _GZIP):
        member = _Member.read(file, offset)
        declared = _declared_size(member.head)
        # A record ends with two empty lines, which some writers leave out.
        sound = member.end is not None and declared is not None and 0 <= member.size - declared <= 4
        return member.end if sound else None
    file.seek(offset)
    declared = _declared_size(file.read(_HEADER_LIMIT))
    if declared is None:
        return None
    file.seek(offset + declared)
    behind = file.read(16)
    following = behind.lstrip(b"\r\n")
    end = offset + declared + len(behind) - len(following)
    if len(behind) - len(following) <= 4 and (not following or following.startswith((b"WARC/", _GZIP))):
        file.seek(end)
        complete = bool(following) or end == file.seek(0, io.SEEK_END)
        return end if complete else None
    return None


def _declared_size(head: bytes) -> int | None:
    """Bytes of a WARC record's header and content, by its header."""
    if not _RECORD.match(head):
        return None
    header = re.match(rb"(?s).*?\r?\n\r?\n", head)
    length = _CONTENT_LENGTH.search(head, 0, header.end()) if header else None
    return header.end() + int(length.group(1)) if header and length else None


@dataclass(frozen=True, slots=True)
class _Member:
    """A gzip member: where it ends, how much it holds, and how that begins."""

    end: int | None
    """None if it does not inflate to its end, or its checksum is wrong."""
    size: int
    head: bytes
    cut_off: bool

    @classmethod
    def read(cls, file: BinaryIO, offset: int) -> "_Member":
        inflate = zlib.decompressobj(wbits=31)
        head, size, position = b"", 0, offset
        file.seek(offset)
        try:
            while not inflate.eof:
                block = file.read(_BLOCK >> 4)
                if not block:
                    return cls(None, size, head, cut_off=True)
                position += len(block)
                while block and not inflate.eof:
                    content = inflate.decompress(block, _BLOCK)
                    block = inflate.unconsumed_tail
                    size += len(content)
                    head += content[: _HEADER_LIMIT - len(head)]
        except zlib.error:
            return cls(None, size, head, cut_off=False)
        return cls(position - len(inflate.unused_data), size, head, cut_off=False)


def _is_one_member(file: BinaryIO) -> bool:
    """Whether the file's first gzip member holds more than one record, as when a whole file was gzipped."""
    if not _starts_with(file, 0, _GZIP):
        return False
    inflate = _Inflated(file)
    declared = _declared_size(inflate.read(_HEADER_LIMIT))
    if declared is None:
        return False
    inflate.seek(declared)
    return inflate.members == 0 and bool(_RECORD.match(inflate.read(32).lstrip(b"\r\n"))) and inflate.members == 0


class _Inflated(io.RawIOBase):
    """A gzipped file's content as a seekable file, which ends where it can no longer be inflated."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.damage: str | None = None
        self.members = 0
        """Members that have been read to their end."""
        self._rewind()

    def _rewind(self) -> None:
        self._place = 0
        self._source = 0
        self._rest = b""
        self._inflate = zlib.decompressobj(wbits=31)
        self.members = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            while self.read(_BLOCK):
                pass
            return self._place
        target = offset + (self._place if whence == io.SEEK_CUR else 0)
        if target < self._place:
            self._rewind()
        while self._place < target and self.read(min(_BLOCK, target - self._place)):
            pass
        return self._place

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        content = b""
        while not content:
            if self._inflate.eof:
                self.members += 1
                self._rest = self._inflate.unused_data
                self._inflate = zlib.decompressobj(wbits=31)
            if not self._rest:
                self._file.seek(self._source)
                self._rest = self._file.read(_BLOCK >> 4)
                self._source += len(self._rest)
                if not self._rest:
                    break
            before = self._inflate.copy()
            try:
                content = self._inflate.decompress(self._rest, len(buffer))
                self._rest = self._inflate.unconsumed_tail
            except zlib.error:
                self.damage = "broken_member"
                content = _inflated_before_error(before, self._rest, len(buffer))
                self._rest = b""
                self._source = self._file.seek(0, io.SEEK_END)
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)


def _inflated_before_error(inflate: "zlib._Decompress", block: bytes, most: int) -> bytes:
    """What stands before the damage in a block; zlib gives nothing of a call that fails."""
    content = b""
    try:
        for place in range(len(block)):
            content += inflate.decompress(block[place : place + 1], most - len(content))
            if len(content) == most:
                break
    except zlib.error:
        pass
    return content


class _Watched:
    """Remembers an error of the file below, which must not be taken for damage of its content."""

    def __init__(self, file: BinaryIO, begin: int) -> None:
        self._file = file
        self.error: BaseException | None = None
        file.seek(begin)

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except BaseException as error:
            self.error = error
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """The file below stays open: it is read on behind the damage."""


def _response(record: WarcRecord, body_limit: int) -> Response:
    record.parse_http()
    headers = record.http_headers if record.is_http else None
    body = record.reader.read(body_limit + 1)
    return Response(
        offset=record.stream_pos,
        length=0,
        # Wget writes the address in angle brackets.
        url=(record.headers.get("WARC-Target-URI") or "").strip("<> "),
        fetched_at=_moment(record.headers.get("WARC-Date") or ""),
        status=headers.status_code if headers else None,
        headers={name.lower(): value for name, value in headers.to_tuples()} if headers else {},
        body=body[:body_limit],
        cut=len(body) > body_limit,
    )


def _arc_responses(file: BinaryIO, place: int, member: _Member, body_limit: int) -> list[Response]:
    file.seek(place)
    length = (member.end or place) - place
    content = io.BytesIO(zlib.decompressobj(wbits=31).decompress(file.read(length), body_limit + _HEADER_LIMIT))
    responses = []
    try:
        for record in warcio.ArchiveIterator(content, arc2warc=True):
            http = record.http_headers
            status = http.get_statuscode() if http else ""
            response = Response(
                offset=place,
                length=length,
                url=record.rec_headers.get_header("WARC-Target-URI") or "",
                fetched_at=_moment(record.rec_headers.get_header("WARC-Date") or ""),
                status=int(status) if status and status.isdigit() else None,
                headers={name.lower(): value for name, value in http.headers} if http else {},
                body=record.content_stream().read(body_limit),
                cut=False,
            )
            responses.append(response)
    except ArchiveLoadFailed:
        pass  # What it could read is returned; the gap around it is in the tally.
    return responses


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _starts_with(file: BinaryIO, offset: int, beginning: bytes) -> bool:
    file.seek(offset)
    return file.read(len(beginning)) == beginning


def _find(file: BinaryIO, begin: int) -> int | None:
    """The next place, from `begin` on, where a gzip member or a plain record may begin."""
    file.seek(begin)
    kept = b""
    while block := file.read(_BLOCK):
        searched = kept + block
        match = _RECORD_OR_MEMBER.search(searched)
        if match:
            return begin + match.start()
        kept = searched[-16:]
        begin += len(searched) - len(kept)
    return None


def _is_blank(file: BinaryIO, begin: int, end: int | None) -> bool:
    file.seek(begin)
    return not file.read(_BLOCK if end is None else end - begin).strip(b"\r\n\0 ")
