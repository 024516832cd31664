"""From bytes to text: what encoding a file is in, and whether it is text at all."""

from __future__ import annotations

import codecs
from typing import Final, NamedTuple

from pipeline.problems import FileProblem, FileProblemCode

#: Bytes at the start of the formats that get uploaded in place of a CSV file, the longer before the shorter.
_MAGIC: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"%PDF-", "PDF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x7fELF", "ELF"),
    (b"{\\rtf", "RTF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"BZh", "bzip2"),
    (b"\x1f\x8b", "gzip"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_ZIP: Final = b"PK\x03\x04"
#: What the beginning of a ZIP archive says about the program that made it.
_ZIPPED: Final = (
    (b"opendocument.spreadsheet", "ODS"),
    (b"xl/", "XLSX"),
    (b"[Content_Types].xml", "XLSX"),
)

#: Control characters that text does not have; NUL is one of them. A stray one costs nothing, one in sixteen is no text.
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {*b"\t\n\v\f\r\x1a\x1b"})
_CONTROLS_SHARE: Final = 1 / 16


class Encoding(NamedTuple):
    """How bytes are text: the name of the encoding, and whether a byte order mark stands before the text."""

    name: str
    has_bom: bool

    @property
    def codec(self) -> str:
        """Python's name for it; a byte order mark is not part of the text."""
        return f"{self.name}-sig" if self.has_bom else self.name


def encoding_of(sample: bytes, *, file_name: str) -> Encoding:
    """Decide on the encoding by the beginning of a file. Raises FileProblem for what is no text."""
    kind = _binary_format(sample)
    if kind is not None:
        raise FileProblem(FileProblemCode.FILE_BINARY, file=file_name, kind=kind)
    if len(sample) - len(sample.translate(None, _CONTROLS)) > _CONTROLS_SHARE * len(sample):
        raise FileProblem(FileProblemCode.NOT_TEXT, file=file_name)
    return Encoding("utf-8", has_bom=sample.startswith(codecs.BOM_UTF8))


def _binary_format(sample: bytes) -> str | None:
    if sample.startswith(_ZIP):
        return next((kind for mark, kind in _ZIPPED if mark in sample), "ZIP")
    return next((kind for magic, kind in _MAGIC if sample.startswith(magic)), None)
