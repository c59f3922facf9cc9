"""One gzip member of a file: where it ends, what is wrong with it, and its content as a seekable file.

Whatever its size, it takes little memory: the content is inflated as it is read, and again after going back.
"""

import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"\x1f\x8b\x08"
# Of the content's beginning; longer than any header of a record.
HEAD = 64 << 10
_STORED_BLOCK = 64 << 10
_INFLATED_BLOCK = 1 << 20
# Going back begins at the last of the states that are remembered so often.
_MARK_EVERY = 32 << 20


@dataclass(frozen=True, slots=True)
class _Mark:
    """A state of inflation."""

    place: int
    """In the content."""
    source: int
    """Of the next stored byte."""
    inflate: "zlib._Decompress"


class GzipMember(io.RawIOBase):
    """The member that begins at an offset. Its content ends where it can no longer be inflated."""

    def __init__(self, file: BinaryIO, begin: int) -> None:
        self._file = file
        self._marks = [_Mark(0, begin, zlib.decompressobj(wbits=31))]
        self._rewind_to(0)
        self._position = 0  # Of the reader; inflation follows when bytes are asked for.
        self.end: int | None = None
        """The place behind it; None if it does not inflate to its end, or its checksum is wrong."""
        self.is_cut_off = False
        """Whether the file ends before the member does."""
        head = b""
        while content := self._inflate_some(_INFLATED_BLOCK):
            head += content[: HEAD - len(head)]
        self.head = head
        self.size = self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        # To zlib a limit of 0 is none.
        if self._position >= self.size or not view:
            return 0
        if self._position < self._place:
            self._rewind_to(self._position)
        while self._place < self._position:
            self._inflate_some(min(_INFLATED_BLOCK, self._position - self._place))
        content = self._inflate_some(len(view))
        view[: len(content)] = content
        self._position += len(content)
        return len(content)

    def _rewind_to(self, position: int) -> None:
        mark = next(mark for mark in reversed(self._marks) if mark.place <= position)
        self._place, self._source, self._inflate = mark.place, mark.source, mark.inflate.copy()
        self._rest = memoryview(b"")  # Stored bytes that are read and not yet inflated.
        self._at_once = _STORED_BLOCK

    def _inflate_some(self, most: int) -> bytes:
        """The next bytes of the content; none at its end."""
        while True:
            if not self._rest:
                self._file.seek(self._source)
                self._rest = memoryview(self._file.read(_STORED_BLOCK))
                self._source += len(self._rest)
            before, block = self._inflate.copy(), self._rest[: self._at_once]
            try:
                content = self._inflate.decompress(block, most)
            except zlib.error:
                if self._at_once == 1:
                    return b""
                # zlib gives nothing of a call that fails, so what stands before the damage is fed to it by the byte.
                self._inflate, self._at_once = before, 1
                continue
            self._rest = self._rest[len(block) - len(self._inflate.unconsumed_tail) - len(self._inflate.unused_data) :]
            self._place += len(content)
            if content:
                if self._place >= self._marks[-1].place + _MARK_EVERY:
                    self._marks.append(_Mark(self._place, self._source - len(self._rest), self._inflate.copy()))
                return content
            if self._inflate.eof:
                self.end = self._source - len(self._rest)
                return b""
            if not block:
                self.is_cut_off = True
                return b""
