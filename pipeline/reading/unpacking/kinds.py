"""What kind of file some bytes are, told by the bytes themselves: the name of a file proves nothing."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum, unique
from typing import Final

from pipeline.problems import FileProblem, FileProblemCode


@unique
class Kind(StrEnum):
    """The kinds of files that can be read, or unpacked to some that can."""

    TEXT = "text"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    ZIP = "zip"


#: Kinds that hold one compressed stream.
COMPRESSED: Final = frozenset({Kind.GZIP, Kind.BZIP2, Kind.XZ, Kind.ZSTD})
#: Kinds that hold other files.
PACKED: Final = COMPRESSED | {Kind.ZIP}
WORKBOOKS: Final = frozenset({Kind.XLSX, Kind.XLS, Kind.ODS})

#: How many bytes from the start are enough to tell; an HTML page may begin with that much white space or comments.
HEAD_BYTES: Final = 1 << 16

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_UNPACKED: Final = (
    (re.compile(rb"\x1f\x8b\x08"), Kind.GZIP),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), Kind.BZIP2),
    (re.compile(rb"\xfd7zXZ\x00"), Kind.XZ),
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), Kind.ZSTD),  # a frame, or a skippable one (RFC 8878)
)
#: Bytes at the start of the formats that get uploaded in place of a contact file, with the names people know them by.
_REFUSED: Final = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"%PDF-", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"\x00\x01\x00\x00Standard ", "Access"),
    (b"!BDN", "PST"),
    (b"PAR1", "Parquet"),
    (b"\x7fELF", "ELF"),
    (b"bplist00", "plist"),
    (b"\x1f\x9d", "compress"),
    (b"LZIP\x01", "lzip"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"MSCF\x00", "CAB"),
    (b"\x09\x08", "XLS (Excel 5)"),  # a workbook stream without its container
    (b"\x09\x04\x06\x00", "XLS (Excel 4)"),
    (b"\x09\x02\x06\x00", "XLS (Excel 3)"),
    (b"\x09\x00\x04\x00", "XLS (Excel 2)"),
)
_HTML: Final = re.compile(
    rb"(?:\s|<!--.*?-->|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body|table|meta|style|title|script|div|tr)\b",
    re.IGNORECASE | re.DOTALL,
)
_MHTML: Final = re.compile(rb"(?:[!-9;-~]+:[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*\r?\n)*?MIME-Version:", re.IGNORECASE)
_WEB_ARCHIVE: Final = re.compile(rb"Content-Type:\s*(?:multipart/related|text/html)", re.IGNORECASE)
_XML: Final = re.compile(rb"\s*<\?xml\s", re.IGNORECASE)
_SPREADSHEET_ML: Final = b"urn:schemas-microsoft-com:office:spreadsheet"
_BOMS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def kind_of(head: bytes, *, file_name: str) -> Kind:
    """Say what the bytes are that begin with ``head``, the first `HEAD_BYTES` of them or all that there are.

    What begins like an archive is `Kind.ZIP`, and what begins like an OLE container is `Kind.XLS`, until
    `containers.kind_of_container` has looked inside. Raises FileProblem for a format that cannot be read, naming it, and for a
    page of HTML.
    """
    if head.startswith(_ZIP):
        return Kind.ZIP
    if head.startswith(_OLE):
        return Kind.XLS
    for magic, kind in _UNPACKED:
        if magic.match(head):
            return kind
    refused = next((name for magic, name in _REFUSED if head.startswith(magic)), None)
    if refused is None and head[257:262] == b"ustar":
        refused = "TAR"
    if refused is not None:
        raise FileProblem(FileProblemCode.FILE_BINARY, file=file_name, kind=refused)
    _refuse_markup(head, file_name)
    return Kind.TEXT


def _refuse_markup(head: bytes, file_name: str) -> None:
    """Raise FileProblem for HTML, which many web systems export under the name .xls, and for XML."""
    text = head
    for bom in _BOMS:
        text = text.removeprefix(bom)
    if b"\x00" in text[:4]:  # UTF-16 or UTF-32: markup is ASCII without its zeros
        text = text.replace(b"\x00", b"")
    if _HTML.match(text) or (_MHTML.match(text[:4096]) and _WEB_ARCHIVE.search(text)):
        raise FileProblem(FileProblemCode.FILE_HTML, file=file_name)
    if _XML.match(text):
        kind = "XML Spreadsheet 2003" if _SPREADSHEET_ML in text else "XML"
        raise FileProblem(FileProblemCode.FILE_BINARY, file=file_name, kind=kind)
