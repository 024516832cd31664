"""What is inside of a container: a ZIP archive or an OLE file is a workbook, another document, or an archive of files."""

from __future__ import annotations

import re
import struct
import zipfile
from typing import BinaryIO, Final

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.unpacking.kinds import Kind
from pipeline.reading.unpacking.ole import check_ole
from pipeline.reading.unpacking.streams import as_problems

#: What an entry takes in an archive's directory at most, on average: 46 bytes, a name, and a few extra fields.
_ENTRY_BYTES: Final = 1024
#: The end of an archive: its end record (22 bytes) with a comment of up to 65,535 bytes.
_END_BYTES: Final = 22 + 0xFFFF
_MANIFEST_BYTES: Final = 1 << 20

_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_CONTENT_TYPES: Final = "[content_types].xml"  # every Office Open XML package has it (ECMA-376 part 2)
#: What the names in a package say about the program that made it; all in small letters.
_OFFICE: Final = (("xl/workbook.bin", "XLSB"), ("word/", "DOCX"), ("ppt/", "PPTX"), ("visio/", "VSDX"))


def kind_of_container(stream: BinaryIO, kind: Kind, *, file_name: str, max_members: int) -> Kind:
    """Say what the archive (`Kind.ZIP`) or the OLE file (`Kind.XLS`) in ``stream`` is: a workbook, or an archive of files.

    Raises FileProblem for one that holds something else, that is encrypted, damaged, or has too many members.
    """
    if kind is Kind.XLS:
        check_ole(stream, file_name=file_name)
        return kind
    check_directory(stream, file_name=file_name, max_members=max_members)
    with as_problems(file_name), zipfile.ZipFile(stream) as archive:
        if len(archive.infolist()) > max_members:  # the directory may have more entries than it says
            raise FileProblem(FileProblemCode.TOO_MANY_MEMBERS, file=file_name, limit=max_members)
        return _kind_of_archive(archive, file_name)


def check_directory(stream: BinaryIO, *, file_name: str, max_members: int) -> None:
    """Look at the size of an archive's directory before anything takes all of it into memory.

    Raises FileProblem for more than ``max_members`` members and for an archive without an end.
    """
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END_BYTES))
    end = stream.read(_END_BYTES)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) - at < 22:  # noqa: PLR2004 (the size of the record, APPNOTE 4.3.16)
        raise FileProblem(FileProblemCode.FILE_DAMAGED, file=file_name)
    count, directory_bytes = struct.unpack_from("<HL", end, at + 10)
    if count == 0xFFFF or directory_bytes == 0xFFFFFFFF:  # noqa: PLR2004 (the numbers are in the ZIP64 record)
        stream.seek(max(0, size - len(end) + at - 20 - 56))
        count, directory_bytes = _zip64_end(stream.read(56), count, directory_bytes)
    if count > max_members or directory_bytes > max_members * _ENTRY_BYTES:
        raise FileProblem(FileProblemCode.TOO_MANY_MEMBERS, file=file_name, limit=max_members)


def _zip64_end(record: bytes, count: int, directory_bytes: int) -> tuple[int, int]:
    """Take the two numbers from the record that stands before its locator (APPNOTE 4.3.14), if it is there."""
    if record.startswith(b"PK\x06\x06") and len(record) == 56:  # noqa: PLR2004 (the size of the record)
        count, directory_bytes = struct.unpack_from("<QQ", record, 32)
    return count, directory_bytes


def _kind_of_archive(archive: zipfile.ZipFile, file_name: str) -> Kind:
    names = {name.replace("\\", "/").casefold(): name for name in archive.namelist()}
    if _CONTENT_TYPES in names:
        if "xl/workbook.xml" in names or any(re.match(r"xl/worksheets/.+\.xml$", name) for name in names):
            return Kind.XLSX
        refused = next((kind for mark, kind in _OFFICE if any(name.startswith(mark) for name in names)), None)
    elif "index/document.iwa" in names or "index.zip" in names:
        refused = "Numbers"
    else:
        media_type = _start_of(archive, names.get("mimetype"), 200)
        if not media_type.startswith(_OPEN_DOCUMENT):
            return Kind.ZIP
        manifest = _start_of(archive, names.get("meta-inf/manifest.xml"), _MANIFEST_BYTES)
        if "encryption-data" in manifest or "encrypted-package" in names:
            raise FileProblem(FileProblemCode.FILE_ENCRYPTED, file=file_name)
        if media_type.startswith(_OPEN_DOCUMENT + "spreadsheet"):
            return Kind.ODS
        refused = "OpenDocument"
    if refused is None:
        return Kind.ZIP
    raise FileProblem(FileProblemCode.FILE_BINARY, file=file_name, kind=refused)


def _start_of(archive: zipfile.ZipFile, name: str | None, size: int) -> str:
    if name is None:
        return ""
    with archive.open(name) as member:
        return member.read(size).decode("ascii", "replace")
