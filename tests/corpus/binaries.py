"""Writers of binary files for the corpus: workbooks as XLSX, ODS and XLS, byte for byte the same at each run."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

import xlsxwriter

CellValue = str | float | bool | dt.date | None
Sheet = Sequence[Sequence[CellValue]]

_CREATED: Final = dt.datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 (the file format knows no zone)


def xlsx(sheets: Mapping[str, Sheet], *, hidden: Sequence[str] = (), left: int = 0, top: int = 0) -> bytes:
    """Write an XLSX; ``left`` and ``top`` are so many columns and rows left blank before the content."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": _CREATED})
        formats: dict[type, Any] = {
            dt.date: workbook.add_format({"num_format": "dd/mm/yyyy"}),
            dt.datetime: workbook.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
        }
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            elif hidden:
                sheet.activate()  # the one that is open cannot be hidden
            for y, row in enumerate(rows, top):
                for x, cell in enumerate(row, left):
                    if isinstance(cell, str):
                        sheet.write_string(y, x, cell)
                    elif cell is not None:
                        sheet.write(y, x, cell, formats.get(type(cell)))
    return target.getvalue()


def zipped(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write a ZIP with a fixed time stamp."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            info.compress_type = method
            archive.writestr(info, data)
    return target.getvalue()


def ods(sheets: Mapping[str, Sheet]) -> bytes:
    """Write an ODS as LibreOffice does, with the attributes that readers look at."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, rows))}</table:table>'
        for name, rows in sheets.items()
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content office:version="1.3"'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest manifest:version="1.3"'
        ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mimetype}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    members = {
        "mimetype": mimetype.encode(),
        "content.xml": content.encode(),
        "META-INF/manifest.xml": manifest.encode(),
    }
    return zipped(members, method=zipfile.ZIP_STORED)


def _ods_row(row: Sequence[CellValue]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(cell: CellValue) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell.isoformat()}"><text:p>{cell:%d/%m/%Y}</text:p></table:table-cell>'
    if isinstance(cell, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'


_SECTOR: Final = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(name: str, rows: Sequence[Sequence[str | float | None]]) -> bytes:
    """Write an XLS of one sheet: BIFF8 records ([MS-XLS]) as the stream "Workbook" of a compound file ([MS-CFB])."""
    title = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    globals_ = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6)) + _record(
        0x0042, struct.pack("<H", 1200)
    )
    length = len(globals_) + 4 + 6 + len(title) + 4
    stream = globals_ + _record(0x0085, struct.pack("<IBB", length, 0, 0) + title) + _record(0x000A, b"")
    width = max(map(len, rows))
    stream += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6))
    stream += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            place = struct.pack("<HHH", y, x, 0)
            if isinstance(cell, str):
                stream += _record(0x0204, place + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
            elif cell is not None:
                stream += _record(0x0203, place + struct.pack("<d", cell))
    return _compound("Workbook", stream + _record(0x000A, b""))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(name: str, stream: bytes) -> bytes:
    """Wrap one stream in a compound file: sector 0 is the FAT, sector 1 the directory, then the stream."""
    stream = stream.ljust(
        max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0"
    )  # shorter ones would be in a mini stream
    sectors = len(stream) // _SECTOR
    fat = [_FAT, _END, *range(3, sectors + 2), _END]
    fat += [_FREE] * (_SECTOR // 4 - len(fat))
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0) + _entry(
        name, 2, child=_FREE, start=2, size=len(stream)
    )
    directory += 2 * (bytes(68) + struct.pack("<III", _FREE, _FREE, _FREE) + bytes(48))
    return header + struct.pack(f"<{len(fat)}I", *fat) + directory + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def encrypted_office() -> bytes:
    """Return what a workbook under a password looks like from outside: a compound file with the stream "EncryptedPackage"."""
    return _compound("EncryptedPackage", b"\x10\x20\x30\x40" * 2000)
