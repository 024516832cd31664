"""Files of Microsoft's compound format: workbooks of Excel 97 to 2003, other documents, and whatever Office encrypts.

Source: MS-CFB for the container, MS-XLS 2.4 for the records in the stream of a workbook.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.unpacking.streams import as_problems

#: The streams at the root that are no workbooks, in capitals, and what they say; None: an encrypted package of Office.
_OTHERS: Final = (
    ("ENCRYPTEDPACKAGE", None),
    ("WORDDOCUMENT", "DOC"),
    ("POWERPOINT DOCUMENT", "PPT"),
    ("__PROPERTIES_VERSION1.0", "MSG"),
)
_WORKBOOKS: Final = ("WORKBOOK", "BOOK")

_NO_SECTOR: Final = 0xFFFFFFF0  # this number and those above it are no sectors (MS-CFB 2.1)
_NO_ENTRY: Final = 0xFFFFFFFF
_HEADER_BYTES: Final = 512
_HEADER_SECTORS: Final = 109  # sectors of the allocation table that the header itself names
_MAX_DIRECTORY_SECTORS: Final = 4096
_ENTRY_BYTES: Final = 128
#: Streams below this size lie elsewhere; that of a workbook is hardly ever so small.
_SMALL_STREAM: Final = 4096

_FILEPASS: Final = 0x2F  # everything behind this record is encrypted; it stands near the beginning (MS-XLS 2.4.117)


class _Entry(NamedTuple):
    name: str
    sector: int
    size: int


def check_ole(stream: BinaryIO, *, file_name: str) -> None:
    """Raise FileProblem for an OLE file that is no workbook, or one that is encrypted or damaged."""
    with as_problems(file_name):
        container = _Container(stream)
        streams = {entry.name.upper(): entry for entry in container.root()}
        book = next((streams[name] for name in _WORKBOOKS if name in streams), None)
        records = container.beginning(book) if book else b""
    if book is None:
        kind = next((kind for name, kind in _OTHERS if name in streams), "OLE")
        if kind is None:
            raise FileProblem(FileProblemCode.FILE_ENCRYPTED, file=file_name)
        raise FileProblem(FileProblemCode.FILE_BINARY, file=file_name, kind=kind)
    if _FILEPASS in _record_types(records):
        raise FileProblem(FileProblemCode.FILE_ENCRYPTED, file=file_name)


def _record_types(records: bytes) -> Iterator[int]:
    at = 0
    while at + 4 <= len(records):
        type_, size = struct.unpack_from("<HH", records, at)
        yield type_
        at += 4 + size


class _Container:
    """The directory of an OLE file; reading raises struct.error where it is cut off."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        stream.seek(0)
        header = stream.read(_HEADER_BYTES)
        (shift,) = struct.unpack_from("<H", header, 30)
        (self._first,) = struct.unpack_from("<L", header, 48)
        self._table = struct.unpack_from(f"<{_HEADER_SECTORS}L", header, 76)
        self._sector_bytes = 1 << max(7, min(shift, 12))

    def root(self) -> Iterator[_Entry]:
        """Yield what lies at the root, which is a binary tree of siblings (MS-CFB 2.6.4)."""
        directory = b"".join(self._directory())
        waiting, seen = list(struct.unpack_from("<L", directory, 76)), {_NO_ENTRY}
        while waiting:
            number = waiting.pop()
            if number in seen:
                continue
            seen.add(number)
            at = number * _ENTRY_BYTES
            name, name_bytes = struct.unpack_from("<64sH", directory, at)
            sector, size = struct.unpack_from("<LL", directory, at + 116)
            yield _Entry(name[: max(0, name_bytes - 2)].decode("utf-16-le", "replace"), sector, size)
            waiting += struct.unpack_from("<LL", directory, at + 68)

    def beginning(self, entry: _Entry) -> bytes:
        """Return the first sector of a stream, b"" for a small one."""
        return self._sector(entry.sector) if entry.size >= _SMALL_STREAM and entry.sector < _NO_SECTOR else b""

    def _sector(self, number: int) -> bytes:
        self._stream.seek((number + 1) * self._sector_bytes)
        return self._stream.read(self._sector_bytes)

    def _directory(self) -> Iterator[bytes]:
        number = self._first
        for _ in range(_MAX_DIRECTORY_SECTORS):
            yield self._sector(number)
            block, place = divmod(number, self._sector_bytes // 4)
            if block >= _HEADER_SECTORS or self._table[block] >= _NO_SECTOR:
                return  # the rest is named by a table outside of the header; the root's children come early
            (number,) = struct.unpack_from("<L", self._sector(self._table[block]), place * 4)
            if number >= _NO_SECTOR:
                return
