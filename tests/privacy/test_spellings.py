"""The ways in which one mailbox is written, and the many that only look like it."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from db.unit import Database
from pipeline.addresses import judge
from pipeline.file_search import names
from pipeline.spellings import Spellings, candidates
from pipeline.verdicts.canonical import canonical

HERS = [
    "ana.silva@gmail.com",
    "ANA.SILVA@GMAIL.COM",
    "anasilva@googlemail.com",
    "a.n.a.silva+loja@gmail.com",
    "mailto:ana.silva@gmail.com",
    "Ana <ana.silva@gmail.com>;",
    "'ana.silva@gmail.com",
    "ana.silva @ gmail.com",
    "ana.silva@gmail .com",
    "ana.silva\uff20gmail.com",
    "ver\\nana.silva@gmail.com",
    "https://x.com/?email=ana.silva@gmail.com&x",
    "ana.silva@gmail.com.csv",
    "ana.silva@gmail.com.",
    "mailto:ana.silva@gmail.com?subject=oi",
    "https://s.co/u?email=ana.silva%40gmail.com",
    "https://s.co/u?email=anasilva%2Bloja%40gmail.com&x=1",
    "ana.silva@gmail.com/bia@x.com",
    "{ana.silva@gmail.com}",
    "de=ana.silva@gmail.com",
    "ana.silva@gmail.com! Fim",
    "ana.silva  @  gmail.com",
    "veja ana.silva@gmail.com. Depois",
]
NOT_HERS = [
    "mariana.silva@gmail.com",
    "x-ana.silva@gmail.com",
    "d'ana.silva@gmail.com",
    "ana.silva@gmail.com.br",
    "ana.silvas@gmail.com",
    "ana.silva@xgmail.com",
    "ana.silva@hotmail.com",
    "ana silva gmail com",
]


@pytest.mark.parametrize("text", HERS)
def test_a_spelling_is_found_and_cut_out(text: str) -> None:
    person = Spellings.of("anasilva@gmail.com")
    assert person.is_in(text)
    assert "silva" not in person.redacted(text).lower()
    # Whoever looks for erased people in a text does not know yet whom to look for.
    assert "anasilva@gmail.com" in {canonical(judge(each).normalized or "") for each in candidates([text])}


@pytest.mark.parametrize("text", NOT_HERS)
def test_somebody_else_is_left_alone(text: str) -> None:
    person = Spellings.of("anasilva@gmail.com")
    assert not person.is_in(text)
    assert person.redacted(text) == text


def test_the_database_and_this_process_read_the_pattern_alike(database: Database, settings: Settings) -> None:
    assert settings
    people = [
        Spellings.of(a)
        for a in ("anasilva@gmail.com", "josé.d'ávila@xn--ao-wia5c.com.br", "o_b+x{1}@me.com", "a-b@x.com")
    ]
    texts = [
        *HERS, *NOT_HERS, "JOSÉ.D'ÁVILA@XN--AO-WIA5C.com.br", "jose\u0301.d'a\u0301vila@xn--ao-wia5c.com.br", "o_b@icloud.com",
        "O_B+tag@MAC.com", "x.a-b@x.com", "a-b@x.com|", "{a-b@x.com}",
    ]  # fmt: skip
    with database.reading(None) as unit:
        for person in people:
            for text in texts:
                found = unit.execute(
                    "select cast(:text as text) ~* :pattern and strpos(replace(lower(cast(:text as text) collate \"C\"), '.', ''), :first) > 0"
                    " and strpos(replace(lower(cast(:text as text) collate \"C\"), '.', ''), :second) > 0",
                    {"text": text, "pattern": person.pattern, "first": person.needles[0], "second": person.needles[1]},
                ).scalar_one()
                assert found == person.is_in(text), (person.mailbox, text)


LOCAL = st.text(st.sampled_from("abcxyz0189._+-'=&"), min_size=1, max_size=12)
DOMAINS = st.sampled_from(
    ["gmail.com", "googlemail.com", "outlook.com", "me.com", "empresa.com.br", "xn--ao-wia5c.com.br"]
)


@given(LOCAL, DOMAINS, st.sampled_from(["{}", "<{}>", " {} ", "mailto:{}", '"{}"', "({});"]))
def test_every_stored_address_is_in_its_range_and_found_in_any_dress(local: str, domain: str, dress: str) -> None:
    address = judge(f"{local}@{domain}").normalized
    if address is None:
        return
    person = Spellings.of(address)
    assert person.mailbox == canonical(address)
    assert person.lower.encode() <= address.encode() or domain in ("googlemail.com", "me.com")
    assert address.encode() < person.upper.encode()
    assert person.is_in(dress.format(address))
    assert person.is_in(dress.format(address.upper()))
    assert person.mailbox in {canonical(judge(each).normalized or "") for each in candidates([dress.format(address)])}


def test_candidates_are_whatever_looks_like_an_address() -> None:
    found = candidates(["Ana <ana@x.com>, bia @ y.com", "nobody", "tel: 1;caio\uff20z.com", "x%40w.com.br"])
    assert found == {"ana@x.com", "bia@y.com", "caio@z.com", "x@w.com", "x@w.com.br"}


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


TEXT = b"nome;e-mail\n" + b"x;y@z.com\n" * 500_000 + b"Ana;Ana.Silva@gmail.com\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        TEXT.decode().encode("utf-16"),
        gzip.compress(TEXT),
        zipped(a=b"nothing", b=TEXT),
        zipped(book=zipped(sheet=b"<t>anasilva@gmail.com</t>")),
        zipped(**{"ana.silva@gmail.com.csv": b"x"}),
        b"%PDF-1.4 ana.silva@gmail.com",
    ],
    ids=["plain", "utf-16", "gzip", "zip", "zip in zip", "name in a zip", "of no kind"],
)
def test_a_file_that_names_the_person_is_found_however_it_is_packed(data: bytes) -> None:
    person = Spellings.of("anasilva@gmail.com")
    assert names(io.BytesIO(data), person, most=1 << 30, alive=lambda: None)
    other = Spellings.of("outrapessoa@gmail.com")
    assert not names(io.BytesIO(data), other, most=1 << 30, alive=lambda: None)


def test_a_damaged_file_and_a_trap_are_read_as_far_as_can_be() -> None:
    person = Spellings.of("anasilva@gmail.com")
    packed = gzip.compress(TEXT)
    assert not names(io.BytesIO(packed[: len(packed) // 2]), person, most=1 << 30, alive=lambda: None)
    assert not names(io.BytesIO(gzip.compress(bytes(64 << 20))), person, most=1 << 20, alive=lambda: None)
