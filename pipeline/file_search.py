"""Whether a stored file names somebody, in whatever part of it: also in columns, sheets and members that were never read.

The search knows no dialect and no header. It unpacks what is packed, reads text in any encoding that has ASCII in it, and
keeps nothing but a window of the file in memory.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from typing import BinaryIO, Final, cast

from pipeline.problems import FileProblem
from pipeline.reading.unpacking.kinds import COMPRESSED, HEAD_BYTES, Kind, kind_of
from pipeline.reading.unpacking.streams import UNPACKING_ERRORS, Source, SourceError, Unpacked
from pipeline.spellings import Spellings

#: Bytes that are looked at at a time, and that two neighbouring looks share: more than an address and what may stand in it.
_WINDOW: Final = 4 << 20
_OVERLAP: Final = 2_048
#: A workbook in an archive in a compressed file; what is packed deeper is not read by an import either.
_DEPTH: Final = 3
#: An archive in a file is unpacked to a place where one can go back and forth: memory up to this size, then a file.
_SPOOL: Final = 16 << 20


class _TooMuchError(Exception):
    """More comes out of the file than may."""


def names(stream: BinaryIO, person: Spellings, *, most: int, alive: Callable[[], None]) -> bool:
    """Say whether the person is named in the file; ``alive`` is called now and then, and may raise.

    A file that cannot be unpacked, or whose content has more than ``most`` bytes, is read as far as can be.
    """
    return _Search(person, most, alive).search(stream, _DEPTH)


class _Search:
    def __init__(self, person: Spellings, most: int, alive: Callable[[], None]) -> None:
        self._person, self._left, self._alive = person, most, alive
        self._is_ascii = person.address.isascii()

    def search(self, stream: BinaryIO, depth: int) -> bool:
        """Search what the stream, which can go back, has in it."""
        stream.seek(0)
        kind = _kind(stream.read(HEAD_BYTES))
        stream.seek(0)
        try:
            if depth and kind in COMPRESSED:
                return self._unpacked(cast("BinaryIO", Unpacked(Source(stream), kind)), depth - 1)
            if depth and kind is Kind.ZIP:
                with zipfile.ZipFile(stream) as archive:
                    return any(self._member(archive, info, depth - 1) for info in archive.infolist())
        except SourceError as error:  # the store's trouble, not the file's
            raise (error.__cause__ or error) from None
        except (*UNPACKING_ERRORS, _TooMuchError):
            return False
        return self._windows(stream)

    def _member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, depth: int) -> bool:
        if self._person.is_in(info.filename):
            return True
        try:
            with archive.open(info) as member:
                return self._unpacked(cast("BinaryIO", member), depth)
        except (*UNPACKING_ERRORS, _TooMuchError):
            return False  # the others are looked at all the same

    def _unpacked(self, stream: BinaryIO, depth: int) -> bool:
        head = stream.read(HEAD_BYTES)
        if _kind(head) is Kind.TEXT or not depth:
            return self._windows(stream, head)
        with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
            while head:
                self._count(head)
                spool.write(head)
                head = stream.read(_WINDOW)
            return self.search(cast("BinaryIO", spool), depth)

    def _windows(self, stream: BinaryIO, before: bytes = b"") -> bool:
        while block := stream.read(_WINDOW):
            self._count(block)
            self._alive()
            window = before + block
            if self._found(window):
                return True
            before = window[-_OVERLAP:]
        return bool(before) and self._found(before)

    def _found(self, window: bytes) -> bool:
        # Of UTF-16 what is left without its zeros is ASCII; bytes that are no UTF-8 become signs that no address has.
        plain = window.replace(b"\0", b"") if b"\0" in window else window
        if self._person.is_in(plain.decode("utf-8", "replace")):
            return True
        if self._is_ascii:
            return False
        others = (
            plain.decode("cp1252", "replace"),
            *(window.decode(f"utf-16-{end}", "ignore") for end in ("le", "be")),
        )
        return any(map(self._person.is_in, others))

    def _count(self, block: bytes) -> None:
        self._left -= len(block)
        if self._left < 0:
            raise _TooMuchError


def _kind(head: bytes) -> Kind:
    try:
        return Kind.ZIP if head.startswith(b"PK") else kind_of(head, file_name="")
    except FileProblem:
        return Kind.TEXT  # of no kind that an import reads: its bytes are looked at as they are
