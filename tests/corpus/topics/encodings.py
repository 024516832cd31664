# ruff: noqa: RUF001 (typographic signs are what these files are about)
"""Bytes to text: eight encodings, byte order marks, damage, text that was encoded twice."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator

from pipeline.reading.reading import ReadingOptions
from tests.corpus.case import Case, Row, bad, codes, lines, ok

BRAZIL = (
    ("joao@example.com", "João da Conceição", "São Paulo"),
    ("avila@example.com", "Antônio d'Ávila", "Belém"),
    ("silva@example.com", "Silva, Ana", "Goiânia"),
    ("munoz@example.com", "Íris Muñoz", "Niterói"),
    ("bia@example.com", "Beatriz", ""),
    ("acucar@example.com", "Açúcar União Ltda", "Três Corações"),
    ("joaquim@example.com", "Joaquim Magalhães", "Maceió"),
)
CAPITALS = tuple((email, name.upper(), city.upper()) for email, name, city in BRAZIL)
SPAIN = (
    ("begona@example.com", "Begoña Ibáñez", "Cádiz"),
    ("jose@example.com", "José Ángel Núñez", "Málaga"),
    ("concepcion@example.com", "Concepción Güell", "A Coruña"),
    ("inigo@example.com", "Íñigo Peña", "Logroño"),
)
EUROPE = (
    ("mueller@example.com", "Jürgen Müller", "Köln"),
    ("weiss@example.com", "Käthe Weiß", "Düsseldorf"),
    ("helene@example.com", "Hélène Lefèvre", "Besançon"),
    ("francois@example.com", "François Noël", "Orléans"),
)
ONE_ACCENT = (
    ("ana@example.com", "Ana Lima", "Recife"),
    ("bruno@example.com", "Bruno Costa", "Natal"),
    ("carla@example.com", "Carla Dias", "Salvador"),
    ("joao@example.com", "João Reis", "Curitiba"),
    ("elisa@example.com", "Elisa Prado", "Santos"),
)

#: Of letters, ISO-8859-1 and -15 have the same bytes as cp1252, a few signs aside.
SINGLE_BYTE = ("cp1252", "mac-roman", "cp850")
WIDE = {
    "utf-8": ("utf-8", b""),
    "utf-8-with-bom": ("utf-8", codecs.BOM_UTF8),
    "utf-16-le-with-bom": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-be-with-bom": ("utf-16-be", codecs.BOM_UTF16_BE),
    "utf-16-le": ("utf-16-le", b""),
    "utf-16-be": ("utf-16-be", b""),
}


def table(people: tuple[tuple[str, str, str], ...], delimiter: str = ";") -> str:
    """Write e-mail, name, city, as Excel does."""
    cells = (("email", "nome", "cidade"), *people)
    return lines(*(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in cells))


def rows(people: tuple[tuple[str, str, str], ...], first: int = 2) -> list[Row]:
    """Expect them."""
    return [
        ok(number, email, name, {"cidade": city} if city else {})
        for number, (email, name, city) in enumerate(people, first)
    ]


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _every_encoding()
    yield from _signs()
    yield from _twice()
    yield from _damage()
    yield from _unicode()
    yield from _asked_for()


def _every_encoding() -> Iterator[Case]:
    for name, (encoding, bom) in WIDE.items():
        data = bom + table(BRAZIL).encode(encoding)
        yield Case(f"brazil-{name}", "contatos.csv", data, rows(BRAZIL), encoding=encoding, delimiter=";")
    for name in ("utf-16-le-with-bom", "utf-16-be"):
        encoding, bom = WIDE[name]
        data = bom + table(SPAIN, "\t").encode(encoding)
        yield Case(f"spain-{name}-tabs", "unicode.txt", data, rows(SPAIN), encoding=encoding, delimiter="\t")
    for encoding in SINGLE_BYTE:
        for language, people in (("brazil", BRAZIL), ("capitals", CAPITALS), ("spain", SPAIN), ("europe", EUROPE)):
            yield Case(f"{language}-{encoding}", "contatos.csv", table(people).encode(encoding), rows(people))
        yield Case(f"one-accent-{encoding}", "contatos.csv", table(ONE_ACCENT, ",").encode(encoding), rows(ONE_ACCENT))
    plain = (("ana@example.com", "Ana", "Recife"), ("bia@example.com", "Bia", "Natal"))
    yield Case("ascii", "contatos.csv", table(plain).encode(), rows(plain), encoding="utf-8")
    mac = table(BRAZIL).replace("\r\n", "\r").encode("mac-roman")
    yield Case("mac-excel", "contatos mac.csv", mac, rows(BRAZIL), encoding="mac-roman")
    dos = table(CAPITALS).encode("cp850") + b"\x1a"
    yield Case("dos-with-end-of-file-mark", "CLIENTES.TXT", dos, rows(CAPITALS), encoding="cp850")


def _signs() -> Iterator[Case]:
    signs = (
        ("loja@example.com", "Loja “Bom Preço” – Matriz", "Ribeirão Preto"),
        ("marca@example.com", "Café® do Zé’s", "Nº 10, 3ª travessa"),
        ("euro@example.com", "Câmbio € 100…", "São Luís"),
    )
    yield Case("typographic-signs-cp1252", "lojas.csv", table(signs).encode("cp1252"), rows(signs))
    yield Case("typographic-signs-mac-roman", "lojas.csv", table(signs).encode("mac-roman"), rows(signs))
    yield Case("typographic-signs-utf-8", "lojas.csv", table(signs).encode(), rows(signs))
    ordinals = (
        ("sac@example.com", "1º Ofício de Notas", "2ª Região"),
        ("adm@example.com", "Condomínio São João", "Jaú"),
    )
    yield Case("ordinals-cp1252", "cartorios.csv", table(ordinals).encode("cp1252"), rows(ordinals))
    yield Case("ordinals-cp850", "cartorios.csv", table(ordinals).encode("cp850"), rows(ordinals))
    note = "conversa sobre o pedido, entrega e troca; " * 30
    people = [(f"pessoa{number}@example.com", "Ana Lima", note + str(number)) for number in range(260)]
    people += [("joao@example.com", "João Gonçalves", "São José"), ("ines@example.com", "Inês Brandão", "Maringá")]
    late = tuple(people)
    yield Case("accents-late-in-the-file-utf-8", "grande.csv", table(late, "\t").encode(), rows(late))
    yield Case("accents-late-in-the-file-cp1252", "grande.csv", table(late, "\t").encode("cp1252"), rows(late))
    latin_9 = (("coeur@example.com", "Hélène Cœur", "Orléans"), ("simon@example.com", "Šimon Novák", "Genève"))
    yield Case("letters-of-iso-8859-15", "noms.csv", table(latin_9).encode("iso-8859-15"), rows(latin_9))
    prices = (("cambio@example.com", "Câmbio € 100", "São Luís"), ("loja@example.com", "Tudo a € 5", "Belém"))
    yield Case("euro-iso-8859-15", "precos.csv", table(prices).encode("iso-8859-15"), rows(prices))
    plain = (("joao@example.com", "João Gonçalves", "Maringá"), ("ines@example.com", "Inês Brandão", "Jaú"))
    yield Case("iso-8859-1", "latin1.csv", table(plain, "|").encode("iso-8859-1"), rows(plain))


def _twice() -> Iterator[Case]:
    twice = table(BRAZIL).encode().decode("latin-1").encode()
    seen = tuple(person for person in BRAZIL if not {"Á", "Í"} & set(person[1]))
    noticed = table(seen).encode().decode("latin-1").encode()
    yield Case(
        "twice-is-noticed", "exportado.csv", noticed, [_twice_as_is(row, "latin-1") for row in rows(seen)],
        notices=codes("double_encoded"),
    )  # fmt: skip
    options = ReadingOptions(encoding="utf-8-twice")
    yield Case("twice-repaired-on-request", "exportado.csv", twice, rows(BRAZIL), options=options)
    people = tuple(person for person in SPAIN if "Á" not in person[1] and "Í" not in person[1])
    windows = table(people).encode().decode("cp1252").encode()
    yield Case("twice-through-cp1252-repaired", "export.csv", windows, rows(people), options=options)
    capitals = (("joao@example.com", "CONCEIÇÃO", "SÃO JOÃO"), ("lucia@example.com", "LÚCIA ÂNGELO", "GOIÂNIA"))
    capitals_twice = table(capitals).encode().decode("latin-1").encode()
    yield Case("twice-capitals-repaired", "export.csv", capitals_twice, rows(capitals), options=options)
    mixed = (table(BRAZIL) + "zoe@example.com;ZoÃ© Lima;Natal\r\n").encode()
    yield Case(
        "one-cell-twice-among-good-ones", "mista.csv", mixed,
        [*rows(BRAZIL), ok(9, "zoe@example.com", "ZoÃ© Lima", {"cidade": "Natal"})], notices=codes("double_encoded"),
    )  # fmt: skip
    mended = [*rows(BRAZIL), ok(9, "zoe@example.com", "Zoé Lima", {"cidade": "Natal"})]
    yield Case("one-cell-twice-repaired", "mista.csv", mixed, mended, options=options)


def _twice_as_is(row: Row, through: str) -> Row:
    def garbled(text: str) -> str:
        return unicodedata.normalize("NFC", text.encode().decode(through))

    attributes = {column: garbled(text) for column, text in row.attributes.items()}
    return ok(row.number, row.email or "", garbled(row.name), attributes)


def _damage() -> Iterator[Case]:
    for at in (0, 3, len(BRAZIL) - 1):
        encoded = [line.encode() for line in table(BRAZIL).splitlines(keepends=True)]
        encoded[at + 1] = (
            encoded[at + 1].replace(b";", b"\xe3;", 1) if at else encoded[1].replace("João".encode(), b"Jo\xe3o")
        )
        expected = rows(BRAZIL)
        expected[at] = bad(at + 2, "undecodable")
        yield Case(f"wrong-byte-in-utf-8-row-{at + 2}", "contatos.csv", b"".join(encoded), expected, encoding="utf-8")
    wanted = (*BRAZIL, *SPAIN)
    for encoding in ("cp1252", "mac-roman"):
        encoded = [line.encode() for line in table(wanted).splitlines(keepends=True)]
        encoded[4] = table(wanted).splitlines(keepends=True)[4].encode(encoding)
        expected = rows(wanted)
        expected[3] = bad(5, "undecodable")
        yield Case(f"one-{encoding}-line-in-utf-8", "juntado.csv", b"".join(encoded), expected, encoding="utf-8")
    wide = table(BRAZIL).encode("utf-16-le")
    cut = "Antônio".encode("utf-16-le")
    broken = codecs.BOM_UTF16_LE + wide.replace(cut, cut[:6] + b"\x00\xd8" + cut[8:])
    expected = rows(BRAZIL)
    expected[1] = bad(3, "undecodable")
    yield Case("lone-surrogate-in-utf-16", "contatos.csv", broken, expected, encoding="utf-16-le")
    odd = codecs.BOM_UTF16_LE + table(ONE_ACCENT).rstrip("\r\n").encode("utf-16-le")[:-1]
    expected = rows(ONE_ACCENT)
    expected[-1] = bad(6, "undecodable")
    yield Case("odd-last-byte-in-utf-16", "contatos.csv", odd, expected, encoding="utf-16-le")
    lost = table(BRAZIL).replace("João", "Jo\ufffdo").encode()
    expected = rows(BRAZIL)
    expected[0] = ok(2, "joao@example.com", "Jo\ufffdo da Conceição", {"cidade": "São Paulo"}, warns=["character_lost"])
    yield Case("replacement-character", "contatos.csv", lost, expected)
    garbage = table(BRAZIL).encode() + b"lia@example.com;L\xc3;Natal\r\n"
    yield Case("half-a-character", "contatos.csv", garbage, [*rows(BRAZIL), bad(9, "undecodable")])


def _unicode() -> Iterator[Case]:
    yield Case(
        "decomposed-names", "macos.csv",
        lines("email;nome", *(unicodedata.normalize("NFD", f"{email};{name}") for email, name, _ in BRAZIL)).encode(),
        [ok(number, email, name) for number, (email, name, _) in enumerate(BRAZIL, 2)],
    )  # fmt: skip
    world = (
        ("emoji@example.com", "Duda 🌻 Flores", "Olinda"),
        ("tanaka@example.com", "田中 花子", "東京"),
        ("ivan@example.com", "Иван Петров", "Москва"),
        ("nunez@example.com", "Ñuñez", "Łódź"),
        ("khalil@example.com", "خليل", "بيروت"),
    )
    yield Case("the-whole-world", "mundo.csv", table(world, ",").encode(), rows(world), encoding="utf-8")
    yield Case(
        "the-whole-world-utf-16", "mundo.txt", codecs.BOM_UTF16_LE + table(world, "\t").encode("utf-16-le"), rows(world)
    )
    japanese = lines("メール,email,名前", "x,tanaka@example.com,花子", "y,suzuki@example.com,一郎").encode()
    yield Case(
        "japanese-header", "japao.csv", japanese,
        [
            ok(2, "tanaka@example.com", "", {"メール": "x", "名前": "花子"}),
            ok(3, "suzuki@example.com", "", {"メール": "y", "名前": "一郎"}),
        ],
        mapping={"email": "email"},
    )  # fmt: skip
    marked = "\ufeff" + table(ONE_ACCENT) + "\ufeff" + table((("zuleica@example.com", "Zuleica", "Bagé"),))
    expected = [
        *rows(ONE_ACCENT),
        bad(7, "repeated_header"),
        ok(8, "zuleica@example.com", "Zuleica", {"cidade": "Bagé"}),
    ]
    yield Case("two-files-joined-with-their-marks", "tudo.csv", marked.encode(), expected)
    companies = (("mm@example.com", "M&M Doces", "R&D <Centro>"), ("at@example.com", "A&amp;T", "50% + 1"))
    yield Case("ampersands-stay", "empresas.csv", table(companies).encode(), rows(companies))
    spaced = lines(
        "email;nome", "\u00a0ana@example.com\u00a0;\u200bAna\u00a0Lima\u200b", "bia@example.com\u200b;\ufeffBia"
    ).encode()
    yield Case(
        "invisible-characters-around", "site.csv", spaced,
        [ok(2, "ana@example.com", "Ana Lima"), ok(3, "bia@example.com", "Bia")],
    )  # fmt: skip


def _asked_for() -> Iterator[Case]:
    for alias, encoding in (
        ("latin1", "iso-8859-1"),
        ("windows-1252", "cp1252"),
        ("cp850", "cp850"),
        ("mac-roman", "mac-roman"),
    ):
        yield Case(
            f"asked-for-{alias}", "contatos.csv", table(ONE_ACCENT).encode(encoding), rows(ONE_ACCENT),
            options=ReadingOptions(encoding=alias),
        )  # fmt: skip
    wrong = ReadingOptions(encoding="klingon")
    yield Case(
        "asked-for-unknown", "contatos.csv", table(BRAZIL).encode(), options=wrong, fails=codes("unknown_encoding")
    )
