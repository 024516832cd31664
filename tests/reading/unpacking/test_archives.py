"""ZIP archives and other containers: which members are read, under which names, and what is refused."""

from __future__ import annotations

import io
import struct
import zipfile
from collections import deque

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.unpacking import Kind, Package, UnpackLimits, unpack
from tests.support.examples import examples

LIMITS = UnpackLimits()
ROWS = b"email,nome\r\n" + b"".join(b"ana%d@x.com,Ana\r\n" % number for number in range(50))
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as writer:
        for name, data in members:
            writer.writestr(name, data, compression)
    return buffer.getvalue()


def package(data: bytes, *wanted: str, limits: UnpackLimits = LIMITS) -> Package:
    return unpack(io.BytesIO(data), file_name="contatos.zip", limits=limits, wanted=wanted)


def names(data: bytes, *wanted: str) -> list[str | None]:
    return [part.name for part in package(data, *wanted).parts]


def contents(data: bytes) -> list[bytes]:
    found = []
    for part in package(data).parts:
        with part.open() as stream:
            found.append(stream.read())
    return found


def refusal(data: bytes, *wanted: str, limits: UnpackLimits = LIMITS) -> FileProblem:
    with pytest.raises(FileProblem) as raised:
        package(data, *wanted, limits=limits)
    assert str(raised.value)
    assert raised.value.sentence("pt-BR")
    return raised.value


def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("Clientes").write(0, 0, "email")
    return buffer.getvalue()


def ole(*streams: str, sector_bytes: int = 512) -> bytes:
    """An OLE file with nothing but a directory, in which the streams hang below each other."""
    shift = sector_bytes.bit_length() - 1
    entries = [("Root Entry", 5, 0xFFFFFFFF, 1)]
    entries += [
        (name, 2, at + 2 if at + 1 < len(streams) else 0xFFFFFFFF, 0xFFFFFFFF) for at, name in enumerate(streams)
    ]
    directory = b"".join(
        struct.pack(
            "<64sHBBLLL", name.encode("utf-16-le"), 2 * len(name) + 2, type_, 1, 0xFFFFFFFF, right, child
        ).ljust(128, b"\0")
        for name, type_, right, child in entries
    )
    size = -(-len(directory) // sector_bytes)
    table = [0xFFFFFFFD, *range(2, size + 1), 0xFFFFFFFE]  # sector 0 is the table itself, the directory follows
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 62, 3, 0xFFFE, shift, 6)
    header = header.ljust(48, b"\0") + struct.pack("<L", 1)
    header = header.ljust(76, b"\0") + struct.pack("<L", 0) + b"\xff" * 432
    fat = struct.pack(f"<{len(table)}L", *table).ljust(sector_bytes, b"\xff")
    return header.ljust(sector_bytes, b"\0") + fat + directory.ljust(size * sector_bytes, b"\0")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_are_numbered_in_their_order_and_come_out_whole(compression: int) -> None:
    data = archive(("b/clientes.csv", ROWS), ("a.csv", b"email\na@x.com\n"), compression=compression)
    found = package(data)
    assert found.packing == ("zip",)
    assert [(part.part_no, part.name, part.kind) for part in found.parts] == [
        (0, "b/clientes.csv", Kind.TEXT),
        (1, "a.csv", Kind.TEXT),
    ]
    assert contents(data) == [ROWS, b"email\na@x.com\n"]


def test_an_archive_written_as_a_stream_with_sizes_behind_the_data_is_read() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, block: bytes, /) -> int:  # type: ignore[override]
            self.data += bytes(block)
            return len(block)

    pipe = Pipe()
    with (
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as writer,
        writer.open("contatos.csv", "w", force_zip64=True) as member,
    ):
        member.write(ROWS)
    assert contents(pipe.data) == [ROWS]


def test_what_systems_add_on_their_own_is_no_member() -> None:
    data = archive(
        ("pasta/", b""), ("pasta/contatos.csv", ROWS), ("__MACOSX/pasta/._contatos.csv", b"\x00\x05\x16\x07"),
        ("pasta/.DS_Store", b"\x00\x00\x00\x01Bud1"), ("Thumbs.db", b"\xd0\xcf"), ("pasta/desktop.ini", b"[x]"),
        ("vazio.csv", b""),
    )  # fmt: skip
    found = package(data)
    assert [part.name for part in found.parts] == ["pasta/contatos.csv"]
    assert found.notices == ()


def test_members_that_are_no_lists_are_left_out_and_named() -> None:
    data = archive(("manual.pdf", PDF), ("contatos.csv", ROWS), ("leia.html", b"<html>"), ("carta.docx", docx()))
    found = package(data)
    assert [(part.part_no, part.name) for part in found.parts] == [(0, "contatos.csv")]
    (notice,) = found.notices
    assert (notice.code, notice.params) == ("members_not_read", {"members": "manual.pdf, leia.html, carta.docx"})


def docx() -> bytes:
    return archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>"))


def test_an_archive_without_a_list_is_refused() -> None:
    assert refusal(archive()).code is FileProblemCode.ARCHIVE_EMPTY
    assert refusal(archive(("a/", b""), (".x", b"1"))).code is FileProblemCode.ARCHIVE_EMPTY
    assert refusal(archive(("a.pdf", PDF), ("b.pdf", PDF))).code is FileProblemCode.ARCHIVE_EMPTY
    assert refusal(archive(("a.pdf", PDF))).params == {"file": "contatos.zip: a.pdf", "kind": "PDF"}


@pytest.mark.parametrize(
    "inner",
    [archive(("x.csv", ROWS)), b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", b"BZh91AY&SY\x00", b"\xfd7zXZ\x00\x00"],
)
def test_an_archive_in_an_archive_is_refused(inner: bytes) -> None:
    problem = refusal(archive(("contatos.csv", ROWS), ("mais.csv", inner)))
    assert (problem.code, problem.params) == (FileProblemCode.ARCHIVE_NESTED, {"file": "contatos.zip: mais.csv"})


def test_a_workbook_in_an_archive_is_a_part() -> None:
    data = workbook()  # with the time of its making inside
    (part,) = package(archive(("clientes.xlsx", data))).parts
    assert (part.name, part.kind) == ("clientes.xlsx", Kind.XLSX)
    with part.open() as stream:
        assert stream.seekable()
        assert stream.read() == data


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (("b.csv",), ["2025/b.csv", "2026/B.csv"]),
        (("2026/b.CSV",), ["2026/B.csv"]),
        (("SÃO PAULO.csv", "a.csv"), ["a.csv", "São Paulo.csv"]),
        ((), ["a.csv", "2025/b.csv", "2026/B.csv", "São Paulo.csv"]),
    ],
)
def test_members_can_be_chosen_by_name(wanted: tuple[str, ...], expected: list[str]) -> None:
    data = archive(("a.csv", ROWS), ("2025/b.csv", ROWS), ("2026/B.csv", ROWS), ("Sa\u0303o Paulo.csv", ROWS))
    assert names(data, *wanted) == expected


def test_a_name_that_nothing_has_is_refused_unless_it_can_be_that_of_a_sheet() -> None:
    problem = refusal(archive(("a.csv", ROWS), ("b.csv", ROWS)), "a.csv", "c.csv")
    assert problem.code is FileProblemCode.PART_MISSING
    assert problem.params == {"file": "contatos.zip", "part": "c.csv", "parts": "a.csv, b.csv"}
    assert names(archive(("clientes.xlsx", workbook())), "Clientes") == ["clientes.xlsx"]


@pytest.mark.parametrize(("raw", "name"), [("São.csv".encode(), "São.csv"), ("São.csv".encode("cp850"), "São.csv")])
def test_names_are_read_as_they_were_meant_where_the_archive_does_not_say_how(raw: bytes, name: str) -> None:
    stand_in = "_" * (len(raw) - 4) + ".csv"
    assert names(archive((stand_in, ROWS)).replace(stand_in.encode(), raw)) == [name]


def test_a_member_with_a_password_is_refused_as_such() -> None:
    data = bytearray(archive(("contatos.csv", ROWS)))
    data[6] |= 1  # the flag in the member's own header
    data[data.rfind(b"PK\x01\x02") + 8] |= 1  # and in the directory
    assert refusal(bytes(data)).code is FileProblemCode.FILE_ENCRYPTED


def test_an_archive_of_very_many_members_is_refused_before_its_directory_is_read() -> None:
    many = archive(*((f"{number}.csv", b"x") for number in range(11)))
    assert len(package(many, limits=UnpackLimits(max_members=11)).parts) == 11
    assert refusal(many, limits=UnpackLimits(max_members=10)).code is FileProblemCode.TOO_MANY_MEMBERS
    liar = bytearray(many)
    liar[-14:-10] = struct.pack("<HH", 1, 1)
    assert refusal(bytes(liar), limits=UnpackLimits(max_members=10)).code is FileProblemCode.TOO_MANY_MEMBERS


def test_an_archive_that_says_to_hold_too_much_is_refused() -> None:
    data = archive(("a.csv", ROWS), ("b.csv", ROWS))
    limits = UnpackLimits(max_bytes=2 * len(ROWS) - 1)
    assert refusal(data, limits=limits).code is FileProblemCode.UNPACKED_TOO_LARGE


def test_a_trap_among_the_members_is_left() -> None:
    (part,) = package(archive(("bomba.csv", bytes(64 << 20))), limits=UnpackLimits(max_ratio=100)).parts
    with part.open() as stream, pytest.raises(FileProblem) as raised:
        deque(iter(lambda: stream.read(1 << 16), b""), maxlen=0)
    assert raised.value.code is FileProblemCode.ARCHIVE_BOMB


def test_an_archive_cut_off_anywhere_is_damaged() -> None:
    data = archive(("contatos.csv", ROWS))
    for size in range(4, len(data)):
        assert refusal(data[:size]).code is FileProblemCode.FILE_DAMAGED, size


@examples(900)
@given(st.data())
def test_a_changed_byte_changes_no_content_unseen(data: st.DataObject) -> None:
    packed = bytearray(archive(("contatos.csv", ROWS), ("b.csv", ROWS[:40])))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = contents(bytes(packed))
    except FileProblem as problem:
        assert str(problem)  # noqa: PT017 (either is right)
    else:
        assert {ROWS, ROWS[:40], bytes(packed)} >= set(found)


@pytest.mark.parametrize("sector_bytes", [512, 4096])
@pytest.mark.parametrize(
    ("streams", "code", "kind"),
    [
        (("WordDocument", "Data"), FileProblemCode.FILE_BINARY, "DOC"),
        (("A", "B", "C", "D", "PowerPoint Document"), FileProblemCode.FILE_BINARY, "PPT"),
        (("A", "B", "C", "D", "E", "F", "EncryptedPackage"), FileProblemCode.FILE_ENCRYPTED, None),
        (("Something",), FileProblemCode.FILE_BINARY, "OLE"),
    ],
)
def test_an_ole_file_is_told_by_its_streams(
    streams: tuple[str, ...], code: FileProblemCode, kind: str | None, sector_bytes: int
) -> None:
    problem = refusal(ole(*streams, sector_bytes=sector_bytes))
    assert (problem.code, problem.params.get("kind")) == (code, kind)


def test_an_ole_file_with_a_workbook_is_one() -> None:
    for name in ("Workbook", "Book", "WORKBOOK"):
        assert package(ole("A", "B", "C", "D", name)).parts[0].kind is Kind.XLS


def test_an_ole_file_cut_off_in_its_directory_is_damaged() -> None:
    data = ole("A", "B", "C", "D", "E", "F", "Workbook")
    for size in range(8, len(data) - 200):
        assert refusal(data[:size]).code in (FileProblemCode.FILE_DAMAGED, FileProblemCode.FILE_BINARY), size


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ((("[Content_Types].xml", b"<T/>"), ("xl/workbook.bin", b"x")), "XLSB"),
        ((("[Content_Types].xml", b"<T/>"), ("ppt/presentation.xml", b"x")), "PPTX"),
        ((("Index/Document.iwa", b"x"),), "Numbers"),
        ((("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>")), "OpenDocument"),
    ],
)
def test_documents_that_are_archives_are_refused_by_name(members: tuple[tuple[str, bytes], ...], kind: str) -> None:
    problem = refusal(archive(*members))
    assert (problem.code, problem.params["kind"]) == (FileProblemCode.FILE_BINARY, kind)


def test_an_encrypted_spreadsheet_of_libreoffice_is_refused_as_such() -> None:
    mimetype = ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")
    manifest = ("META-INF/manifest.xml", b"<manifest:encryption-data/>")
    assert refusal(archive(mimetype, ("content.xml", b"\x8f"), manifest)).code is FileProblemCode.FILE_ENCRYPTED
    assert refusal(archive(mimetype, ("encrypted-package", b"\x8f"))).code is FileProblemCode.FILE_ENCRYPTED


def test_folders_named_like_those_of_a_workbook_make_no_workbook() -> None:
    assert names(archive(("xl/contatos.csv", ROWS), ("word/a.csv", ROWS))) == ["xl/contatos.csv", "word/a.csv"]
