"""The HTTP responses of a WARC file, whatever is damaged in it.

fastwarc reads. It stops at the first damaged byte, and a wrong Content-Length makes it read on into the records
behind; so a response is held back until the record after it has been found, and where reading stops, the record is
checked by itself, the damage is noted, and reading goes on at the next place where a record begins. A damaged place
costs the record that it lies in and no other.

A record's `offset` and `length` are those of its gzip member (or of its plain bytes), by which `read_again` finds it.
Records that share one member, as when a whole file was gzipped at once, share its place too.
"""

import io
import re
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import BinaryIO

import warcio
from fastwarc import ArchiveIterator, WarcRecord, WarcRecordType
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException

from mammoth_spark.web.gzip_member import HEAD, MAGIC, GzipMember

_RECORD = re.compile(rb"WARC/[01]\.[0-9]{1,2}\r?\n")
_RECORD_OR_MEMBER = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.[0-9]{1,2}\r?\n")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_ARC_RECORD = re.compile(rb"[a-z]{2,10}:\S* [0-9.]{7,15} [0-9]{14} \S+ (?P<length>[0-9]{1,15})\n")
# What stands between records by the format, and what some writers fill up with.
_LINE_ENDS, _PADDING = b"\r\n", b"\r\n\0 "
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response as the archive holds it; `payload.py` turns its body into a page."""

    offset: int
    length: int
    url: str
    """Empty where the record names none."""
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
    """Sound records of any type."""
    damage: Counter[str] = field(default_factory=Counter)
    """Damaged places by kind. These cost a record: broken_member (does not inflate), cut_off (the file ends within
    it), wrong_length (Content-Length), no_type (WARC-Type), unreadable (sound, but fastwarc refuses it). These cost
    none: not_a_record (a member of something else), empty_member, junk (bytes that are no member at all), padding
    (zeros), uncompressed (a plain record in a gzipped file)."""


def read_responses(file: BinaryIO, body_limit: int, tally: Tally) -> Iterator[Response]:
    """All sound response records of a seekable file, gzipped or plain, in order; the rest is in `tally`."""
    return _Reading(file, body_limit, tally, members=True).all()


def read_again(file: BinaryIO, offset: int, length: int, url: str, body_limit: int) -> Response | None:
    """The response with this URL among the bytes that `read_responses` named; None if it is not there."""
    file.seek(offset)
    part = io.BytesIO(file.read(length))
    for response in read_responses(part, body_limit, Tally()):
        if response.url == url:
            return replace(response, offset=offset, length=length)
    return None


@dataclass(slots=True)
class _Reading:
    """A file on its way through: runs of sound records, and steps over what lies between them."""

    file: BinaryIO
    body_limit: int
    tally: Tally
    members: bool
    """Whether gzip members count as such; inside an inflated member they are bytes of a page."""
    broken: bool = False
    """Whether the file ends where inflation failed: then nothing vouches for the record that it ends with."""

    def all(self) -> Iterator[Response]:
        place: int | None = 0
        while place is not None:
            place = yield from self.sound_records(place)
            place = yield from self._step_over_damage(place)

    def sound_records(self, begin: int) -> Generator[Response, None, int]:
        """The responses from `begin` on for as long as all is in order; returns the place where it no longer is."""
        if self._end_of_record(begin) is None:
            return begin  # Several records in a first member are given wrong places by fastwarc.
        offset, held, was_read, is_plain = begin, None, False, False
        gzipped = self.members and _starts_with(self.file, 0, MAGIC)
        watched = _Watched(self.file, begin, MAGIC if gzipped else b"WARC/")
        try:
            for record in ArchiveIterator(watched, parse_http=False, stream_detect=self.members):
                place = record.stream_pos
                if was_read:
                    if place == offset:
                        break  # Records that share a member have one place; it is then read as a file of its own.
                    # Either by chance, or an empty member lies between, or this record swallows the next.
                    if watched.saw_beginning_within(offset, place) and self._end_of_record(offset) != place:
                        break
                    yield from self._proven(held, place - offset, is_plain)
                elif place != begin:
                    break
                offset, held, was_read = place, None, False
                is_plain = gzipped and not watched.saw_beginning_at(place)
                if record.record_type == WarcRecordType.response:
                    held = _response(record, self.body_limit)
                elif record.record_type in (WarcRecordType.no_type, WarcRecordType.unknown):
                    break
                was_read = True
        except OSError:
            pass  # Damage, if the file below did not fail.
        if watched.error is not None:
            raise watched.error
        # Whether it stopped for damage or for the end, the record read last is yet to be proven.
        end = self._end_of_record(offset)
        if end is None or self.broken:
            return offset
        if not was_read:
            held = self._unusual_record(offset)
        yield from self._proven(held, end - offset, is_plain)
        return end

    def _proven(self, held: Response | None, length: int, is_plain: bool) -> Iterator[Response]:
        self.tally.records += 1
        if is_plain:
            self.tally.damage["uncompressed"] += 1
        if held is not None:
            yield replace(held, length=length)

    def _unusual_record(self, offset: int) -> Response | None:
        """The response, if it is one, of a sound record of which fastwarc by its strict rules makes nothing.

        Mostly its lines end without carriage returns. The lenient rules skip damage in silence, so they read no
        more than this one."""
        watched = _Watched(self.file, offset, b"WARC/")
        kind = "unreadable"
        try:
            for record in ArchiveIterator(watched, parse_http=False, quirks_mode=True, stream_detect=self.members):
                if record.record_type == WarcRecordType.response:
                    return _response(record, self.body_limit)
                if record.record_type != WarcRecordType.no_type:
                    return None
                kind = "no_type"
                break
        except OSError:
            pass  # A header without end, if the file below did not fail.
        if watched.error is not None:
            raise watched.error
        self.tally.damage[kind] += 1
        return None

    def _end_of_record(self, offset: int) -> int | None:
        return _end_of_record(self.file, offset, self.members)

    def _step_over_damage(self, place: int) -> Generator[Response, None, int | None]:
        """From a place where no sound record begins to one where one does; returns None at the file's end.

        Neighbouring damage is noted once, unless it can be told to be several records. What is sound but not seen
        by fastwarc is read on the way: records of ARC, and several records in one member."""
        damage: _Damage | None = None  # Not noted yet, as its kind depends on what follows.
        while True:
            padded, place = _behind_padding(self.file, place)
            is_member = self.members and _starts_with(self.file, place, MAGIC)
            member = GzipMember(self.file, place) if is_member else None
            beginning = member.head if member is not None else _beginning(self.file, place)
            is_end = member is None and not beginning
            is_sound = _end_of_record(self.file, place, self.members, member) is not None
            declared = _declared_size(beginning)
            if damage is not None and (is_end or is_sound or declared is not None):
                self.tally.damage[damage.at_end if is_end else damage.kind] += 1
                damage = None
            elif padded and (is_end or is_sound):
                self.tally.damage["padding"] += 1
            if is_end:
                return None
            if is_sound:
                return place
            arc = _ARC_RECORD.match(beginning)
            arc_end = _end_of_arc_record(self.file, place, arc) if member is None and arc is not None else None
            if arc_end is not None:
                most = self.body_limit + 2 * HEAD
                self.file.seek(place)
                yield from self._arc_records(io.BytesIO(self.file.read(min(arc_end - place, most))), place, arc_end)
                place = arc_end
                continue
            if member is not None and member.end is not None:
                if arc is not None:
                    yield from self._arc_records(io.BufferedReader(member, _BLOCK), place, member.end)
                elif _RECORD.match(member.head):
                    yield from self._records_within(place, member)
                elif damage is None:
                    is_empty = member.size < HEAD and not member.head.strip(_PADDING)
                    self.tally.damage["empty_member" if is_empty else "not_a_record"] += 1
                place = member.end
                continue
            if member is not None and declared is not None:
                yield from self._records_within(place, member)
            if damage is not None:
                pass
            elif member is not None:
                damage = _Damage("broken_member", "cut_off" if member.is_cut_off else "broken_member")
            elif declared is not None:
                is_longer = place + declared > self.file.seek(0, io.SEEK_END)
                damage = _Damage("wrong_length", "cut_off" if is_longer else "wrong_length")
            elif arc is not None:
                damage = _Damage("wrong_length", "cut_off")
            else:
                damage = _Damage("junk", "junk")
            place = _find(self.file, place + 1, self.members)

    def _records_within(self, place: int, member: GzipMember) -> Iterator[Response]:
        """The records of a gzip member that holds more or less than one."""
        sound = member.end is not None
        inner = _Reading(
            io.BufferedReader(member, _BLOCK),
            self.body_limit,
            Tally(),
            members=False,
            broken=not sound and not member.is_cut_off,
        )
        # Behind a broken member's first damage lies what inflation makes of other members' bytes.
        responses = inner.all() if sound else inner.sound_records(0)
        end = member.end if member.end is not None else self.file.seek(0, io.SEEK_END)
        for response in responses:
            # Offsets within the inflated bytes say nothing about the stored ones.
            yield replace(response, offset=place, length=end - place)
        self.tally.records += inner.tally.records
        if sound:
            self.tally.damage += inner.tally.damage if inner.tally.records else Counter({"wrong_length": 1})

    def _arc_records(self, content: BinaryIO, place: int, end: int) -> Iterator[Response]:
        """Records of the older ARC format, which fastwarc does not read and warcio does."""
        try:
            for record in warcio.ArchiveIterator(content, arc2warc=True):
                self.tally.records += 1
                if record.rec_type == "response":
                    yield _arc_response(record, place, end - place, self.body_limit)
        except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError):
            self.tally.damage["unreadable"] += 1


@dataclass(frozen=True, slots=True)
class _Damage:
    kind: str
    at_end: str
    """The kind if no record follows."""


def _end_of_record(file: BinaryIO, offset: int, members: bool, member: GzipMember | None = None) -> int | None:
    """Where the record at `offset` ends, if its own header and what is stored agree; else None."""
    if members and _starts_with(file, offset, MAGIC):
        member = member or GzipMember(file, offset)
        declared = _declared_size(member.head)
        # A record ends with two empty lines, which some writers leave out.
        sound = member.end is not None and declared is not None and 0 <= member.size - declared <= 4
        return member.end if sound else None
    declared = _declared_size(_beginning(file, offset))
    if declared is None or offset + declared > file.seek(0, io.SEEK_END):
        return None
    end = offset + declared
    file.seek(end)
    behind = file.read(16)
    following = behind.lstrip(_LINE_ENDS)
    line_ends = len(behind) - len(following)
    if following.startswith((b"WARC/", MAGIC)) or b"WARC/".startswith(following):
        return end + line_ends
    # If something else follows, the length may still be right, or point by chance into another record.
    is_closed = behind.startswith((b"\r\n\r\n", b"\n\n"))
    return end + line_ends if is_closed and _find(file, offset + 1, members=False) >= end else None


def _end_of_arc_record(file: BinaryIO, place: int, header: re.Match[bytes]) -> int | None:
    """Where a plain ARC record ends, if something that may follow it stands there; else None."""
    end = place + header.end() + int(header["length"])
    if end > file.seek(0, io.SEEK_END):
        return None
    file.seek(end)
    following = file.read(HEAD).lstrip(_LINE_ENDS)
    is_followed = following.startswith((b"WARC/", MAGIC)) or _ARC_RECORD.match(following)
    return end if is_followed or not following else None


def _declared_size(head: bytes) -> int | None:
    """Bytes of a WARC record's header and content, by its header."""
    header_end = _HEADER_END.search(head) if _RECORD.match(head) else None
    if header_end is None or _RECORD.search(head, 1, header_end.end()):
        return None  # A second beginning within a header shows that the first one was cut.
    length = _CONTENT_LENGTH.search(head, 0, header_end.end())
    return header_end.end() + int(length.group(1)) if length else None


class _Watched:
    """What fastwarc reads of a file: notes where records may begin, and an error of the file below, which must not be
    taken for damage of its content."""

    def __init__(self, file: BinaryIO, begin: int, mark: bytes) -> None:
        self._file = file
        self._position = begin
        self._mark = mark  # What a record begins with.
        self._beginnings: deque[int] = deque()
        self._before = b""
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            # Others move the file's own position.
            self._file.seek(self._position)
            block = self._file.read(size)
        except BaseException as error:
            self.error = error
            raise
        searched = self._before + block
        place = searched.find(self._mark)
        while place >= 0:
            self._beginnings.append(self._position - len(self._before) + place)
            place = searched.find(self._mark, place + 1)
        self._before = searched[1 - len(self._mark) :]
        self._position += len(block)
        return block

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        raise io.UnsupportedOperation("an archive is read in one direction")

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        """The file below stays open: it is read on behind the damage."""

    def saw_beginning_at(self, place: int) -> bool:
        self._forget_before(place)
        return bool(self._beginnings) and self._beginnings[0] == place

    def saw_beginning_within(self, begin: int, end: int) -> bool:
        self._forget_before(begin + 1)
        return bool(self._beginnings) and self._beginnings[0] < end

    def _forget_before(self, place: int) -> None:
        """Places are asked for in rising order."""
        while self._beginnings and self._beginnings[0] < place:
            self._beginnings.popleft()


def _response(record: WarcRecord, body_limit: int) -> Response:
    try:
        record.parse_http(quirks_mode=True, max_header_len=HEAD)
        headers = record.http_headers if record.is_http else None
    except OSError:
        headers = None  # No HTTP header, or an endless one. If it is the archive that is damaged, that shows behind.
    body = record.reader.read(body_limit + 1)
    cut = len(body) > body_limit
    return Response(
        offset=record.stream_pos,
        length=0,
        # Wget writes the address in angle brackets.
        url=(record.headers.get("WARC-Target-URI") or "").strip("<> "),
        fetched_at=_moment(record.headers.get("WARC-Date") or ""),
        status=headers.status_code if headers is not None else None,
        headers=_named(headers.to_tuples()) if headers is not None else {},
        body=body[:body_limit] if cut else body,
        cut=cut,
    )


def _arc_response(record: ArcWarcRecord, place: int, length: int, body_limit: int) -> Response:
    body = record.raw_stream.read(body_limit + 1)
    http = record.http_headers
    status = http.get_statuscode() if http is not None else ""
    return Response(
        offset=place,
        length=length,
        url=record.rec_headers.get_header("WARC-Target-URI") or "",
        fetched_at=_moment(record.rec_headers.get_header("WARC-Date") or ""),
        status=int(status) if re.fullmatch("[0-9]{3}", status) else None,
        headers=_named(http.headers) if http is not None else {},
        body=body[:body_limit],
        cut=len(body) > body_limit,
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _starts_with(file: BinaryIO, offset: int, beginning: bytes) -> bool:
    file.seek(offset)
    return file.read(len(beginning)) == beginning


def _beginning(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(HEAD)


def _find(file: BinaryIO, begin: int, members: bool) -> int:
    """The next place, from `begin` on, where a plain record or a gzip member may begin; else the file's end."""
    wanted = _RECORD_OR_MEMBER if members else _RECORD
    file.seek(begin)
    kept = b""
    while block := file.read(_BLOCK):
        searched = kept + block
        match = wanted.search(searched)
        if match:
            return begin + match.start()
        kept = searched[-16:]
        begin += len(searched) - len(kept)
    return begin + len(kept)


def _behind_padding(file: BinaryIO, place: int) -> tuple[bool, int]:
    """The next place that holds something, and whether more than line ends was passed on the way to it."""
    padded = False
    file.seek(place)
    while block := file.read(_BLOCK >> 4):
        held = block.lstrip(_PADDING)
        passed = block[: len(block) - len(held)]
        padded = padded or bool(passed.strip(_LINE_ENDS))
        place += len(passed)
        if held:
            break
    return padded, place


def _named(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By lower-case name. Of a header that comes again the last counts, but all that is said to robots does."""
    named: dict[str, str] = {}
    for written, value in headers:
        name = written.lower()
        named[name] = f"{named[name]}, {value}" if name == "x-robots-tag" and name in named else value
    return named
