"""Compressed files: every format, several members, damage at every byte, and traps."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Callable

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.unpacking import Kind, UnpackLimits, unpack
from tests.support.examples import examples

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LIMITS = UnpackLimits()
ROWS = b"email,nome\r\n" + b"".join(b"ana%d@x.com,Ana\r\n" % number for number in range(200))
COMPRESS: dict[Kind, Callable[[bytes], bytes]] = {
    Kind.GZIP: gzip.compress,
    Kind.BZIP2: bz2.compress,
    Kind.XZ: lzma.compress,
    Kind.ZSTD: zstd.compress,
}
EACH = pytest.mark.parametrize("kind", COMPRESS)


def content(data: bytes, limits: UnpackLimits = LIMITS) -> bytes:
    (part,) = unpack(io.BytesIO(data), file_name="contatos.csv.gz", limits=limits).parts
    with part.open() as stream:
        return stream.read()


def refusal(data: bytes, limits: UnpackLimits = LIMITS) -> FileProblem:
    with pytest.raises(FileProblem) as raised:
        content(data, limits)
    assert str(raised.value)
    assert raised.value.sentence("pt-BR")
    return raised.value


@EACH
def test_what_is_compressed_comes_out_whole_each_time_it_is_opened(kind: Kind) -> None:
    package = unpack(io.BytesIO(COMPRESS[kind](ROWS)), file_name="contatos.csv", limits=LIMITS)
    assert package.packing == (kind,)
    (part,) = package.parts
    assert (part.part_no, part.name, part.kind) == (0, None, Kind.TEXT)
    for _ in range(2):
        with part.open() as stream:
            assert stream.read(7) == ROWS[:7]
            assert stream.read() == ROWS[7:]


@EACH
def test_files_that_were_put_one_behind_the_other_are_one(kind: Kind) -> None:
    compress = COMPRESS[kind]
    assert content(compress(ROWS) + compress(b"") + compress(b"bia@y.com,Bia\r\n")) == ROWS + b"bia@y.com,Bia\r\n"


@EACH
@pytest.mark.parametrize("padding", [bytes(4), bytes(100_000), b"\r\n", b"\x1a", b"\x00\x00\x00\n"])
def test_padding_behind_the_end_is_no_damage(kind: Kind, padding: bytes) -> None:
    assert content(COMPRESS[kind](ROWS) + padding) == ROWS


@EACH
def test_more_than_padding_behind_the_end_is_damage_because_it_may_be_contacts(kind: Kind) -> None:
    second = bytearray(COMPRESS[kind](ROWS))
    second[0] ^= 1
    assert refusal(COMPRESS[kind](ROWS) + second).code is FileProblemCode.FILE_DAMAGED


@EACH
def test_a_file_that_is_cut_off_anywhere_is_never_taken_for_a_whole_one(kind: Kind) -> None:
    data = COMPRESS[kind](b"email\na@x.com\n" + bytes(range(128, 200)))
    for size in range(12, len(data)):
        assert refusal(data[:size]).code is FileProblemCode.FILE_DAMAGED, size


@EACH
@examples(450)
@given(st.data())
def test_a_changed_byte_never_raises_anything_but_a_file_problem(kind: Kind, data: st.DataObject) -> None:
    packed = bytearray(COMPRESS[kind](ROWS))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        content(bytes(packed))
    except FileProblem as problem:
        assert str(problem)  # noqa: PT017 (either is right)


@EACH
def test_a_trap_is_left_before_it_fills_anything(kind: Kind) -> None:
    bomb = COMPRESS[kind](bytes(32 << 20))
    (part,) = unpack(io.BytesIO(bomb), file_name="bomba.gz", limits=UnpackLimits(max_ratio=100)).parts
    tracemalloc.start()
    try:
        with part.open() as stream, pytest.raises(FileProblem) as raised:
            deque(iter(lambda: stream.read(1 << 16), b""), maxlen=0)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20  # xz has a dictionary of 8
    finally:
        tracemalloc.stop()
    assert raised.value.code is FileProblemCode.ARCHIVE_BOMB


@EACH
def test_no_more_comes_out_than_allowed(kind: Kind) -> None:
    packed = COMPRESS[kind](ROWS)
    assert content(packed, UnpackLimits(max_bytes=len(ROWS))) == ROWS
    assert refusal(packed, UnpackLimits(max_bytes=len(ROWS) - 1)).code is FileProblemCode.UNPACKED_TOO_LARGE


def test_small_files_may_repeat_themselves_as_much_as_they_like() -> None:
    rows = b"a@x.com\n" * (1 << 20)
    assert content(gzip.compress(rows), UnpackLimits(max_ratio=10)) == rows


@EACH
def test_an_archive_in_a_compressed_file_is_refused(kind: Kind) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("contatos.csv", ROWS)
    for inner in (gzip.compress(ROWS), zstd.compress(ROWS), archive.getvalue()):
        assert refusal(COMPRESS[kind](inner)).code is FileProblemCode.ARCHIVE_NESTED


@EACH
def test_a_workbook_in_a_compressed_file_is_a_workbook_that_one_can_seek_in(kind: Kind) -> None:
    workbook = io.BytesIO()
    with xlsxwriter.Workbook(workbook) as book:
        book.add_worksheet().write(0, 0, "email")
    (part,) = unpack(io.BytesIO(COMPRESS[kind](workbook.getvalue())), file_name="a.xlsx.gz", limits=LIMITS).parts
    assert part.kind is Kind.XLSX
    with part.open() as stream:
        assert stream.seekable()
        assert stream.read() == workbook.getvalue()


def test_a_picture_in_a_compressed_file_is_refused_by_name() -> None:
    assert refusal(gzip.compress(b"%PDF-1.4 ...")).params == {"file": "contatos.csv.gz", "kind": "PDF"}


def test_an_error_of_the_store_is_not_called_damage() -> None:
    class Unreliable(io.BytesIO):
        fails = False

        def read(self, size: int | None = -1, /) -> bytes:
            if self.fails:
                raise ConnectionResetError
            return super().read(size)

    stream = Unreliable(gzip.compress(ROWS))
    (part,) = unpack(stream, file_name="contatos.csv.gz", limits=LIMITS).parts
    stream.fails = True
    with part.open() as opened, pytest.raises(ConnectionResetError):
        opened.read()


def test_a_file_that_is_not_packed_is_itself_and_stays_open() -> None:
    stream = io.BytesIO(ROWS)
    package = unpack(stream, file_name="contatos.csv", limits=LIMITS)
    assert package.packing == ()
    for _ in range(2):
        with package.parts[0].open() as opened:
            assert opened.read() == ROWS
    assert not stream.closed
