"""Which encoding a file is in: told from its bytes, doubted aloud where they leave doubt, and never guessed in silence."""

# ruff: noqa: RUF001 (text as files have it)

from __future__ import annotations

import codecs
import io
import random

import pytest

from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.text.decoding import ENCODINGS
from pipeline.reading.text.encoding import SAMPLE_BYTES, Decision, decide
from pipeline.reading.text.windows import windows
from tests.reading.encodings import NAMES, PLAIN, files, ours

PEOPLE = "Nome;E-mail\r\nJoão;joao@example.com\r\nAna;ana@example.com\r\n"


def decision(data: bytes, wanted: str | None = None) -> Decision:
    return decide(data, file_name="contatos.csv", wanted=wanted)


def codes(of: Decision) -> list[str]:
    return [notice.code for notice in of.notices]


@pytest.mark.parametrize(
    ("codec", "encoding", "has_bom"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8", True),
        ("utf-16", "utf-16-le", True),
        ("utf-16-le", "utf-16-le", False),
        ("utf-16-be", "utf-16-be", False),
    ],
)
def test_unicode_is_certain(codec: str, encoding: str, has_bom: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    data = PEOPLE.encode(codec)
    assert decision(data) == Decision(encoding, has_bom)
    assert decision(data).text(data) == PEOPLE


def test_plain_ascii_is_utf_8_without_doubt() -> None:
    assert decision(b"email\na@example.com\n") == decision(b"") == Decision("utf-8")


@pytest.mark.parametrize("codec", ["cp1252", "mac-roman", "cp850"])
@pytest.mark.parametrize("text", [PEOPLE, PEOPLE.upper()])
def test_one_joao_in_the_whole_file_comes_out_right_or_is_doubted_aloud(text: str, codec: str) -> None:
    found = decision(text.encode(codec))
    assert found.text(text.encode(codec)) == text or codes(found) == [FileNotice.ENCODING_UNCERTAIN]


@pytest.mark.parametrize(("name", "codec"), [("ANTÔNIO", "cp850"), ("VERÔNICA", "cp850"), ("LUÍS", "mac-roman")])
def test_a_small_letter_among_capitals_gives_a_wrong_reading_away(name: str, codec: str) -> None:
    data = f"Nome;E-mail\n{name};a@x.com\n".encode(codec)
    assert name in decision(data).text(data)


def test_generated_files_come_out_right_and_no_wrong_one_is_silent() -> None:
    wrong = silent = total = 0
    for file in files():
        text, doubt = ours(file)
        total += 1
        wrong += text != file.text
        silent += text != file.text and not doubt
    assert silent == 0
    assert wrong < total * 0.005


def test_what_iso_8859_1_and_cp1252_read_alike_is_called_cp1252_and_is_certain() -> None:
    found = decision(PEOPLE.encode("latin-1"))
    assert found.encoding == "cp1252"
    assert (found.confidence > 0.95, found.notices) == (True, ())


def test_iso_8859_15_is_told_by_its_euro() -> None:
    data = (PEOPLE + "Café;c@example.com;10 €\r\n").encode("iso-8859-15")
    assert decision(data).text(data).endswith("10 €\r\n")


def test_company_names_with_the_signs_of_cp1252_are_read_as_such() -> None:
    text = "Razão social;E-mail\r\nAçúcar União® – Matriz;a@x.com\r\nSant’Anna “Café” Nº 5 – 10 €;b@x.com\r\n"
    found = decision(text.encode("cp1252"))
    assert (found.encoding, found.text(text.encode("cp1252"))) == ("cp1252", text)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Иван Петров;a@x.com\nМария Сидорова;b@x.com\n"),
        ("cp1250", "Łukasz Wiśniewski;a@x.com\nZażółć Gęślą;b@x.com\n"),
        ("shift_jis", "山田太郎;a@x.com\n鈴木花子;b@x.com\n"),
        ("cp1253", "Γιώργος Παπαδόπουλος;a@x.com\n"),
    ],
)
def test_an_encoding_that_is_not_read_is_doubted_aloud(codec: str, text: str) -> None:
    found = decision(text.encode(codec))
    assert found.confidence <= 0.5
    assert FileNotice.ENCODING_UNCERTAIN in codes(found)


def test_doubt_names_the_other_encoding_and_the_first_word_that_differs() -> None:
    found = decision("Nome;E-mail\nAna;b@x.com\nABRAÃO;a@x.com\n".encode("cp850"))
    assert found.confidence < 0.8
    assert found.notices[0].params == {
        "encoding": "cp1252", "alternative": "cp850", "example": "ABRAÇO", "other_example": "ABRAÃO",
    }  # fmt: skip


def test_a_line_in_another_encoding_among_good_ones_is_doubted_aloud() -> None:
    good = "".join(f"{name};a@x.com\n" for name in NAMES["Brazil"])
    data = good.encode("cp1252") + "Conceição Araújo;b@x.com\n".encode("mac-roman")
    found = decision(data)
    assert found.encoding == "cp1252"
    assert codes(found) == [FileNotice.ENCODING_UNCERTAIN]


def test_a_few_wrong_bytes_leave_utf_8_what_it_is() -> None:
    data = "".join(f"{name};a@x.com\n" for name in NAMES["Brazil"]).encode() + b"Jo\xe3o;b@x.com\nJos\xc3;c@x.com\n"
    found = decision(data)
    assert found.encoding == "utf-8"
    assert 0.8 < found.confidence < 1.0


def test_utf_8_and_single_bytes_in_equal_parts_stay_utf_8_with_little_confidence() -> None:
    found = decision("José;a@x.com\n".encode() + "João;b@x.com\n".encode("cp1252"))
    assert (found.encoding, found.confidence) == ("utf-8", 0.5)


def test_a_sample_may_end_inside_a_character_and_a_whole_file_may_not() -> None:
    sample = b"a" * (SAMPLE_BYTES - 1) + "ã".encode()
    assert decision(sample) == Decision("utf-8")
    assert decision(b"nome\nJos\xe9").encoding == "cp1252"


def test_a_byte_order_mark_before_single_bytes_is_no_text() -> None:
    data = codecs.BOM_UTF8 + PEOPLE.encode("cp1252")
    found = decision(data)
    assert (found.encoding, found.has_bom, found.text(data)) == ("cp1252", True, PEOPLE)


@pytest.mark.parametrize(
    "data",
    [
        random.Random(1).randbytes(5_000),
        b"\xff\xfe" + random.Random(2).randbytes(5_000),
        bytes(range(32)) * 50,
        "nome\nana\n".encode("utf-32"),
        b"a\0\0\0" * 100,
    ],
)
def test_binary_rubbish_is_no_text(data: bytes) -> None:
    with pytest.raises(FileProblem) as problem:
        decision(data)
    assert problem.value.code == FileProblemCode.NOT_TEXT


def test_a_few_nuls_and_a_tail_of_them_are_no_rubbish() -> None:
    assert decision(PEOPLE.encode() + b"Bi\0a;b@x.com\n" + bytes(4096)).encoding == "utf-8"


@pytest.mark.parametrize("misreader", ["cp1252", "latin-1", "mac-roman", "cp850"])
@pytest.mark.parametrize("good", [0, 50])
def test_double_encoded_cells_are_noticed_and_their_repair_is_offered(misreader: str, good: int) -> None:
    twice = "Conceição".encode().decode(misreader)
    data = ("José;a@x.com\n" * good + f"{twice};b@x.com\n").encode()
    found = decision(data)
    assert (found.encoding, found.double_encoded, found.confidence) == ("utf-8", False, 0.5)
    assert found.notices[0].code == FileNotice.DOUBLE_ENCODED
    assert found.notices[0].params == {"rows": 1, "of_rows": good + 1, "example": twice, "repaired": "Conceição"}


def test_the_repair_is_made_when_it_is_wanted() -> None:
    data = PEOPLE.encode().decode("cp1252").encode()
    found = decision(data, "UTF-8-twice")
    assert found == Decision("utf-8", double_encoded=True)
    assert found.text(data) == PEOPLE


def test_words_that_only_resemble_double_encoding_are_left_alone() -> None:
    text = "IRMÃ® e AVELÃ®;“MAÇÃ”;SÃO;Â;MÃE – PÃES;ROMÔ\n"
    assert decision(text.encode()) == Decision("utf-8")


@pytest.mark.parametrize(
    ("wanted", "encoding"),
    [
        ("UTF8", "utf-8"),
        ("latin1", "iso-8859-1"),
        ("ISO_8859-15", "iso-8859-15"),
        ("Windows-1252", "cp1252"),
        ("macintosh", "mac-roman"),
        ("IBM850", "cp850"),
        *((name, name) for name in ENCODINGS),
    ],
)
def test_a_wanted_encoding_is_taken_under_its_usual_names(wanted: str, encoding: str) -> None:
    data = PEOPLE.encode(encoding)
    found = decision(data, wanted)
    assert found == Decision(encoding)
    assert found.text(data) == PEOPLE


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_more_is_the_one_that_makes_text(codec: str) -> None:
    assert decision(PEOPLE.encode(codec), "UTF-16") == Decision(codec)


def test_a_wanted_encoding_does_without_the_mark_of_utf_8() -> None:
    assert decision(codecs.BOM_UTF8 + PEOPLE.encode("cp1252"), "cp1252") == Decision("cp1252", has_bom=True)
    assert decision(PEOPLE.encode("utf-16"), "utf-16") == Decision("utf-16-le", has_bom=True)


def test_an_encoding_that_nobody_knows_is_refused_with_the_ones_that_are_read() -> None:
    with pytest.raises(
        FileProblem, match=r"koi8-r is no encoding that can be read; use one of .*cp850, utf-8-twice"
    ) as problem:
        decision(b"", "koi8-r")
    assert problem.value.code == FileProblemCode.UNKNOWN_ENCODING


def large(accented: str, at: float, codec: str) -> bytes:
    lines = [f"{PLAIN[number % len(PLAIN)]};{number}@example.com\n" for number in range(40_000)]
    for number in range(int(at * len(lines)), len(lines)):
        lines[number] = f"{accented};{number}@example.com\n"
    return "".join(lines).encode(codec)


@pytest.mark.parametrize("at", [0.4, 0.95])
def test_windows_see_accents_that_the_beginning_lacks(at: float) -> None:
    data = large("João", at, "cp1252")
    sample = windows(io.BytesIO(data), len(data))
    assert len(sample) <= SAMPLE_BYTES
    assert decision(data).encoding == "utf-8"
    assert decision(sample).encoding == "cp1252"
    assert {line.count(b"@") for line in sample.splitlines()} == {1}


def test_windows_of_a_small_file_of_utf_16_and_of_one_without_lines_are_its_beginning() -> None:
    for data in (PEOPLE.encode(), large("João", 0.5, "utf-16-le"), b"x" * (2 * SAMPLE_BYTES)):
        stream = io.BytesIO(data)
        assert windows(stream, len(data)) == data[:SAMPLE_BYTES]
        assert stream.tell() == 0
