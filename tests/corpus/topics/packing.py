"""Compressed files and archives: one member or several, what lies beside the lists, truncation."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Iterator

from backports import zstd

from pipeline.reading.reading import ReadingOptions
from tests.corpus.binaries import xlsx, zipped
from tests.corpus.case import Case, Row, codes, ok, utf8

ONE = utf8("nome;email", "João d'Ávila;joao@example.com", "Ana Souza;ana@example.com")
TWO = "email,nome\nzoe@example.com,Zoé Conceição\n".encode("cp1252")
ROWS = [ok(2, "joao@example.com", "João d'Ávila"), ok(3, "ana@example.com", "Ana Souza")]
SECOND = [ok(2, "zoe@example.com", "Zoé Conceição", part=1)]


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _compressed()
    yield from _archives()
    yield from _damaged()


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _compressed() -> Iterator[Case]:
    for name, packed, file_name in (
        ("gzip", _gzip(ONE), "lista.csv.gz"),
        ("bz2", bz2.compress(ONE), "lista.csv.bz2"),
        ("xz", lzma.compress(ONE), "lista.csv.xz"),
        ("zstd", zstd.compress(ONE), "lista.csv.zst"),
    ):
        yield Case(name, file_name, packed, ROWS)
    yield Case("gzip-named-csv", "lista.csv", _gzip(ONE), ROWS)
    head, tail = ONE[:20], ONE[20:]
    yield Case("gzip-of-two-members", "lista.csv.gz", _gzip(head) + _gzip(tail), ROWS)
    yield Case("bz2-of-two-streams", "lista.csv.bz2", bz2.compress(head) + bz2.compress(tail), ROWS)
    yield Case("zstd-of-two-frames", "lista.csv.zst", zstd.compress(head) + zstd.compress(tail), ROWS)
    yield Case("gzip-of-cp1252", "lista.csv.gz", _gzip(TWO), [_alone(row) for row in SECOND])
    workbook = xlsx(
        {"Plan1": (("nome", "email"), ("João d'Ávila", "joao@example.com"), ("Ana Souza", "ana@example.com"))}
    )
    yield Case("gzip-of-a-workbook", "lista.xlsx.gz", _gzip(workbook), ROWS)


def _alone(row: Row) -> Row:
    return ok(row.number, row.email or "", row.name, row.attributes)


def _archives() -> Iterator[Case]:
    yield Case("zip", "lista.zip", zipped({"lista.csv": ONE}), ROWS)
    for name, method in (("stored", zipfile.ZIP_STORED), ("bz2", zipfile.ZIP_BZIP2), ("lzma", zipfile.ZIP_LZMA)):
        yield Case(f"zip-{name}", "lista.zip", zipped({"lista.csv": ONE}, method=method), ROWS)
    both = {"a/lista.csv": ONE, "b/outra.csv": TWO}
    yield Case("zip-of-two", "listas.zip", zipped(both), [*ROWS, *SECOND], parts=2)
    yield Case(
        "zip-one-on-request",
        "listas.zip",
        zipped(both),
        [_alone(row) for row in SECOND],
        options=ReadingOptions(sheets=("outra.csv",)),
        parts=1,
    )
    rubbish = {
        "listas/": b"", "listas/.DS_Store": b"\0\0\0\1Bud1", "__MACOSX/listas/._lista.csv": b"\0\5\26\7", "Thumbs.db": b"\xd0\xcf\x11\xe0", "listas/São João.csv": ONE,
    }  # fmt: skip
    yield Case("zip-of-a-mac", "listas.zip", zipped(rubbish), ROWS, parts=1)
    beside = {
        "leia-me.txt": b"Oi, segue a lista.\r\nAbs\r\n",
        "lista.csv": ONE,
        "foto.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "contrato.pdf": b"%PDF-1.7\n" + bytes(40),
    }
    yield Case("zip-with-other-things", "pacote.zip", zipped(beside), ROWS, notices=codes("members_not_read"), parts=1)
    workbook = xlsx({"Plan1": (("nome", "email"), ("Zoé Conceição", "zoe@example.com"))})
    yield Case(
        "zip-of-csv-and-workbook",
        "pacote.zip",
        zipped({"lista.csv": ONE, "outra.xlsx": workbook}),
        [*ROWS, *SECOND],
        parts=2,
    )
    nested = zipped({"dentro.zip": zipped({"lista.csv": ONE})})
    yield Case("zip-in-zip", "pacote.zip", nested, fails=codes("archive_nested"))
    yield Case("gzip-in-gzip", "lista.csv.gz.gz", _gzip(_gzip(ONE)), fails=codes("archive_nested"))
    yield Case("zip-in-gzip", "lista.zip.gz", _gzip(zipped({"lista.csv": ONE})), fails=codes("archive_nested"))
    yield Case(
        "zip-empty",
        "vazio.zip",
        zipped({}),
        fails=codes("file_empty", "archive_empty", "file_damaged", "file_binary", "no_members"),
    )


def _damaged() -> Iterator[Case]:
    big = utf8("nome;email", *(f"Pessoa {number};pessoa{number}@example.com" for number in range(3_000)))
    damaged = codes("file_damaged")
    for name, packed in (
        ("gzip", _gzip(big)),
        ("bz2", bz2.compress(big)),
        ("xz", lzma.compress(big)),
        ("zstd", zstd.compress(big)),
    ):
        yield Case(f"{name}-truncated", f"lista.csv.{name}", packed[: len(packed) // 2], fails=damaged)
    yield Case("zip-truncated", "lista.zip", zipped({"lista.csv": big})[:-200], fails=damaged)
    flipped = bytearray(_gzip(big))
    flipped[len(flipped) // 2] ^= 0xFF
    yield Case("gzip-with-a-flipped-bit", "lista.csv.gz", bytes(flipped), fails=damaged)
    under_password = bytearray(zipped({"lista.csv": ONE}))
    central = under_password.index(b"PK\x01\x02")
    under_password[6] |= 1
    under_password[central + 8] |= 1
    yield Case("zip-under-a-password", "lista.zip", bytes(under_password), fails=codes("file_encrypted"))
