"""Text from bytes: the same in every encoding and however it is cut, and a wrong byte costs the line it stands in."""

# ruff: noqa: RUF001 (text as files have it)

from __future__ import annotations

import io
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reading.reading import Reading
from pipeline.reading.text.decoding import ENCODINGS, open_text
from pipeline.reading.text.double_encoding import repair

LETTERS = "aeioucnsJMãáâàçéêíóôõúñüÁÃÉÇÓ€ºª –’"
BOMS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


class Trickle(io.RawIOBase):
    """A stream that gives a few bytes at a time, as sockets and decompressors do."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data = io.BytesIO(data)
        self._sizes = sizes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._sizes.append(size := self._sizes.pop(0))
        data = self._data.read(min(size, len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def reading(encoding: str, *, has_bom: bool = False, double_encoded: bool = False) -> Reading:
    return Reading((), {}, None, encoding=encoding, has_bom=has_bom, double_encoded=double_encoded)


def read(stream: BinaryIO | bytes, how: Reading) -> str:
    text = open_text(io.BytesIO(stream) if isinstance(stream, bytes) else stream, how)
    try:
        return "".join(text)  # `read` would take the whole stream at once
    finally:
        text.detach()


def lines_of(data: bytes, how: Reading) -> list[str]:
    text = open_text(io.BytesIO(data), how)
    try:
        return list(text)
    finally:
        text.detach()


@settings(deadline=None)
@given(
    text=st.text(st.sampled_from(LETTERS + ';,"\r\n\t'), max_size=200),
    encoding=st.sampled_from(ENCODINGS),
    has_bom=st.booleans(),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=5),
)
def test_text_comes_back_from_every_encoding_in_any_pieces(
    text: str,
    encoding: str,
    has_bom: bool,  # noqa: FBT001 (drawn by hypothesis)
    sizes: list[int],
) -> None:
    plain = text.encode(encoding, "ignore")
    bom = BOMS.get(encoding, BOMS["utf-8"]) if has_bom else b""
    stream = io.BufferedReader(Trickle(bom + plain, sizes), buffer_size=8)
    assert read(stream, reading(encoding, has_bom=has_bom)) == plain.decode(encoding)


@pytest.mark.parametrize(
    ("encoding", "wrong"),
    [
        ("utf-8", b"\xe3"),
        ("utf-8", b"\xed\xa0\x80"),
        ("utf-16-le", b"\x41\xd8"),
        ("utf-16-be", b"\xd8\x41"),
        ("cp1252", b"\x8d"),
        ("iso-8859-1", b"\x92"),
        ("iso-8859-15", b"\x80"),
    ],
)
def test_a_wrong_byte_costs_its_line_only(encoding: str, wrong: bytes) -> None:
    lines = ["João;a@x.com\n", "Zé|;b@x.com\n", "Conceição;c@x.com\n"]
    data = "".join(lines).encode(encoding).replace("|".encode(encoding), wrong)
    found = lines_of(data, reading(encoding))
    assert (found[0], found[2]) == (lines[0], lines[2])
    marks = [character for character in found[1] if not character.isascii() and character != "é"]
    assert marks
    assert all("\udc80" <= mark <= "\udcff" for mark in marks)
    assert found[1].endswith(";b@x.com\n")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_an_odd_last_byte_of_utf_16_is_a_wrong_one(encoding: str) -> None:
    assert lines_of("Zé\nAna".encode(encoding) + b"x", reading(encoding)) == ["Zé\n", "Ana\udcf8"]


def test_line_ends_stay_as_they_are() -> None:
    assert lines_of(b"a\r\nb\rc\nd", reading("cp1252")) == ["a\r\n", "b\r", "c\n", "d"]


def test_a_byte_order_mark_in_the_middle_is_left_to_the_cells() -> None:
    data = 2 * "\ufeffJoão\n".encode()
    assert lines_of(data, reading("utf-8", has_bom=True)) == ["João\n", "\ufeffJoão\n"]


def test_the_stream_stays_open() -> None:
    stream = io.BytesIO(b"a\n")
    read(stream, reading("utf-8"))
    assert not stream.closed


def test_double_encoded_lines_are_repaired_and_good_ones_left_alone() -> None:
    text = "João;JoÃ£o\nConceiÃ§Ã£o;Dâ€™Ã\x81vila\nJosé;10 â‚¬\nAVELÃ®;JoÃ£\n"
    repaired = "João;João\nConceição;D’Ávila\nJosé;10 €\nAVELÃ®;Joã\n"
    how = reading("utf-8", double_encoded=True)
    assert read(text.encode(), how) == repaired
    assert lines_of(text.encode() + b"Jo\xe3o\n", how)[-1] == "Jo\udce3o\n"
    assert lines_of(text.encode(), how) == repaired.splitlines(keepends=True)


@settings(deadline=None)
@given(
    names=st.lists(
        st.sampled_from(["Conceição", "João", "Ana", "D’Ávila", "MARÍLIA", "Müller", "€", "x" * 50]), max_size=30
    ),
    delimiter=st.sampled_from(";,\t\n "),
    misreader=st.sampled_from(["latin-1", "cp850", "mac-roman"]),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_the_repair_does_not_depend_on_where_the_stream_is_cut(
    names: list[str], delimiter: str, misreader: str, sizes: list[int]
) -> None:
    text = delimiter.join(names)
    stream = io.BufferedReader(Trickle(text.encode().decode(misreader).encode(), sizes), buffer_size=8)
    assert read(stream, reading("utf-8", double_encoded=True)) == text


def test_what_was_encoded_three_times_is_repaired_too() -> None:
    thrice = "João".encode().decode("cp1252").encode().decode("cp1252")
    assert repair(thrice) == "João"


@given(st.text(st.sampled_from(LETTERS.translate({ord(letter): None for letter in "Ãâ"})), max_size=30))
def test_letters_and_signs_that_begin_no_character_of_utf_8_are_not_repaired(text: str) -> None:
    assert repair(text) is None


def test_text_in_words_of_our_languages_is_not_repaired() -> None:
    assert repair("João, Conceição; JOSÉ DA SILVA – “Irmã” Nº 5º € IRMÃ® MÃE: à noite, às 10h; l’été, Ça va") is None


def test_a_long_line_without_a_place_to_cut_is_not_kept_waiting() -> None:
    data = ("JoÃ£o" * 5_000).encode()
    assert read(data, reading("utf-8", double_encoded=True)).count("João") > 4_990
