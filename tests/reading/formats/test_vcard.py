"""Cards as records: versions, encodings, folds, several values, and what is broken."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.formats import recognise, vcard
from pipeline.reading.formats.cards import COLUMNS
from pipeline.reading.reading import Format, Reading


def reading(encoding: str = "utf-8") -> Reading:
    return Reading(COLUMNS, {}, None, format=Format.VCARD, encoding=encoding)


def records(data: bytes | str, encoding: str = "utf-8") -> list[list[str]]:
    data = data.encode(encoding) if isinstance(data, str) else data
    return list(vcard.records(io.BytesIO(data), reading(encoding), file_name="contatos.vcf"))


def card(*lines: str, version: str = "3.0", end: str = "\r\n") -> str:
    return end.join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


def only(text: bytes | str) -> dict[str, str]:
    (record,) = records(text)
    assert not isinstance(record, FlawedRecord)
    return {name: cell for name, cell in zip(COLUMNS, record, strict=True) if cell}


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_card_of_version_3_is_read(end: str) -> None:
    text = card(
        "N:Souza;Ana;Maria;Dra.;", "FN:Dra. Ana Souza", "item1.EMAIL;type=INTERNET;type=pref:ana@x.com", "item1.X-ABLabel:_$!<Work>!$_",
        "EMAIL;TYPE=HOME:ana@y.com", "TEL;TYPE=FAX:1", "TEL;TYPE=CELL:+55 11 98765-4321", "ORG:ACME\\, Ltda.;Vendas",
        "TITLE:Gerente", "BDAY:19850412", "ADR;TYPE=WORK:;Sala 5;Rua A\\, 10;São Paulo;SP;01310-100;Brasil",
        "URL:https://x.com/a", "CATEGORIES:vip,clientes", "NOTE:um\\ndois\\; três", end=end,
    )  # fmt: skip
    assert only(text) == {
        "name": "Dra. Ana Souza", "email": "ana@x.com", "email_2": "ana@y.com", "phone": "+55 11 98765-4321", "phone_2": "1",
        "organization": "ACME, Ltda., Vendas", "job_title": "Gerente", "birthday": "1985-04-12", "street": "Rua A, 10, Sala 5",
        "city": "São Paulo", "state": "SP", "postal_code": "01310-100", "country": "Brasil", "website": "https://x.com/a",
        "categories": "vip, clientes", "note": "um\ndois; três",
    }  # fmt: skip


def test_a_card_of_version_2_with_quoted_printable_is_read() -> None:
    text = card(
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Concei=C3=A7=C3=A3o;Jo=C3=A3o;;;", "TEL;CELL;PREF:11987654321", "TEL;HOME:1133334444",
        "EMAIL;INTERNET:joao@x.com", "ORG;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Padaria S=E3o=\r\n Jo=E3o",
        "NOTE;QUOTED-PRINTABLE;CHARSET=UTF-8:linha um=0D=0Alinha =\r\ndois", version="2.1",
    )  # fmt: skip
    assert only(text) == {
        "name": "João Conceição", "phone": "11987654321", "phone_2": "1133334444", "email": "joao@x.com",
        "organization": "Padaria São João", "note": "linha um\r\nlinha dois",
    }  # fmt: skip


def test_a_card_of_version_4_is_read_in_its_order_of_preference() -> None:
    text = card(
        "FN:Ana", "EMAIL;PREF=20:b@x.com", "EMAIL:d@x.com", "EMAIL;PREF=1:mailto:a@x.com", "EMAIL;TYPE=work:c@x.com", "EMAIL:A@x.com",
        'TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+55-11-98765-4321', "BDAY:--0412", version="4.0",
    )  # fmt: skip
    assert only(text) == {
        "name": "Ana", "email": "a@x.com", "email_2": "b@x.com", "email_3": "d@x.com, c@x.com",
        "phone": "+55-11-98765-4321", "birthday": "--0412",
    }  # fmt: skip


def test_lines_are_unfolded_even_inside_of_a_character() -> None:
    whole = "FN:João da Conceição".encode()
    for at in range(4, len(whole)):
        data = b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + whole[:at] + b"\r\n " + whole[at:] + b"\r\nEND:VCARD\r\n"
        assert only(data) == {"name": "João da Conceição"}, at


def test_photos_are_left_out_however_long_and_that_is_said() -> None:
    photo = ["PHOTO;ENCODING=b;TYPE=JPEG:" + "A" * 70, *(" " + "A" * 70 for _ in range(20_000))]
    text = card("FN:Ana", *photo, "X-SKYPE:ana", "EMAIL:a@x.com", "ADR:;;A;;;;", "ADR:;;B;;;;")
    assert only(text) == {"name": "Ana", "email": "a@x.com", "street": "A"}
    assert only(card("FN:Ana", "PHOTO;BASE64:" + "A" * 2_000_000)) == {"name": "Ana"}
    assert only(card("FN:Ana", "PHOTO;BASE64:AAAA", "BBBB=", "", "EMAIL:a@x.com")) == {
        "name": "Ana",
        "email": "a@x.com",
    }
    sample = vcard.sample(io.BytesIO(text.encode()), reading(), file_name="a.vcf", limit=10)
    assert sample.columns == COLUMNS
    (notice,) = sample.notices
    assert (notice.code, notice.params) == ("properties_not_read", {"properties": "PHOTO, X-SKYPE, ADR 2"})


@pytest.mark.parametrize(
    "broken",
    [
        "BEGIN:VCARD\r\nFN:Cortado\r\n",
        "FN:Solto\r\nEND:VCARD\r\n",
        card("FN:Ana", "isto não é uma linha"),
        "texto entre cartões\r\n",
        "BEGIN:VCARD\r\n",
    ],
)
def test_a_broken_card_costs_one_record(broken: str) -> None:
    good = card("FN:Ana", "EMAIL:a@x.com")
    for text, at in ((good + broken + good, 1), (broken + good + good, 0), (good + good + broken, 2)):
        found = records(text)
        assert [isinstance(record, FlawedRecord) for record in found] == [number == at for number in range(3)], text
        assert getattr(found[at], "flaw", None) is RowProblem.MALFORMED_RECORD


def test_a_property_that_is_too_long_costs_its_card() -> None:
    found = records(card("FN:Ana", "NOTE:" + "x" * 300_000) + card("FN:Bia"))
    assert [getattr(record, "flaw", None) for record in found] == [RowProblem.CELL_TOO_LARGE, None]
    assert len(found[0][0]) <= 1000


def test_bytes_that_are_no_text_stay_visible() -> None:
    assert only(b"BEGIN:VCARD\r\nFN:Jo\xe3o\r\nEND:VCARD\r\n") == {"name": "Jo\udce3o"}
    assert only(b"BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:Jo=E3o\r\nEND:VCARD\r\n") == {"name": "Jo\udce3o"}


def test_cards_are_recognised() -> None:
    assert recognise("\r\nbegin:vcard\r\nVERSION:2.1") is Format.VCARD
    assert recognise("BEGIN:VCARDS,email\n") is Format.DELIMITED


@given(st.text(alphabet=st.sampled_from('BEGIN:VCARD\r\n\t ;="\\,NFEMAIL@x.ãé1'), max_size=80), st.binary(max_size=60))
def test_any_text_gives_records_and_nothing_else(text: str, data: bytes) -> None:
    for whole in (text.encode(), data, b"BEGIN:VCARD\r\n" + text.encode() + b"\r\nEND:VCARD", b"BEGIN:VCARD\n" + data):
        for record in records(whole):
            assert isinstance(record, FlawedRecord) or len(record) == len(COLUMNS)
