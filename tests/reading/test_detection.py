"""How a file is read: encoding, delimiter, header and mapping, decided by its first bytes."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import SAMPLE_BYTES, Reading, ReadingOptions, detect
from pipeline.reading.records import MAX_CELL


def read(text: str | bytes, **mapping: str) -> Reading:
    sample = text if isinstance(text, bytes) else text.encode()
    return detect(sample, file_name="contatos.csv", overrides=ReadingOptions(mapping) if mapping else None)


def refusal(text: str | bytes, options: ReadingOptions | None = None) -> FileProblem:
    with pytest.raises(FileProblem) as refused:
        detect(text if isinstance(text, bytes) else text.encode(), file_name="contatos.csv", overrides=options)
    return refused.value


def fields(reading: Reading) -> dict[str, str]:
    return {field: column for column, field in reading.mapping.items() if field != "attribute"}


@pytest.mark.parametrize(("delimiter", "has_bom"), [(",", False), (";", False), ("\t", False), (";", True)])
def test_delimiter_and_byte_order_mark_are_found(delimiter: str, has_bom: bool) -> None:  # noqa: FBT001
    text = "\r\n".join(
        delimiter.join(cells) for cells in (["Nome", "E-mail", "Cidade"], ["Ana", "ana@x.com", "Recife"])
    )
    reading = read(text.encode("utf-8-sig" if has_bom else "utf-8"))
    assert reading == Reading(
        encoding="utf-8",
        has_bom=has_bom,
        delimiter=delimiter,
        quotechar='"',
        header_row=1,
        columns=("Nome", "E-mail", "Cidade"),
        mapping={"Nome": "name", "E-mail": "email", "Cidade": "attribute"},
        confidence=1.0,
    )


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("email\nana@x.com\n", ","),
        ("email;\nana@x.com;\n", ";"),
        ("nome;email\nSilva, Ana;ana@x.com\nSouza, Bia, Dra.;bia@x.com\n", ";"),
        ('nome,email\n"Silva; Ana; Dra.",ana@x.com\n', ","),
        ("contato digital;quem\nana@x.com;Silva, Ana\n", ";"),
        ("a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", ";"),
        ("contato, completo;email\nSilva, Ana\nSouza, Bia\n", ";"),
        ("quem;onde\nAna;x\nBia;y;z\nCéu;w\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_under_which_the_records_make_sense(text: str, delimiter: str) -> None:
    first = text.partition("\n")[0].partition(delimiter)[0]
    assert read(text, **{first: "email"}).delimiter == delimiter


@pytest.mark.parametrize(
    ("header", "email", "name"),
    [
        ("EMAIL,NAME", "EMAIL", "NAME"),
        ("E-Mail Address,Full Name,First Name", "E-Mail Address", "Full Name"),
        ("Endereço de E-mail,Nome Completo", "Endereço de E-mail", "Nome Completo"),
        ("ENDERECO DE EMAIL,razao social", "ENDERECO DE EMAIL", "razao social"),
        ("Correo Electrónico,Nombre y Apellidos", "Correo Electrónico", "Nombre y Apellidos"),
        ("e_mail,contato", "e_mail", "contato"),
        # preference: the order of the list, then exactly as it stands there, then the order of the file
        ("E-mail comercial,E-mail pessoal,E-mail", "E-mail", None),
        ("E-MAIL,email", "email", None),
        ("Cliente,Contato,Nome,email", "email", "Nome"),
        ("EMAIL,Email", "EMAIL", None),
        ("EMAIL,email", "email", None),
        # no address stands in these
        ("Status para comunicação por email,Email", "Email", None),
    ],
)
def test_address_and_name_are_recognised_in_three_languages(header: str, email: str, name: str | None) -> None:
    mapping = fields(read(f"{header}\n"))
    assert (mapping["email"], mapping.get("name")) == (email, name)


def test_blank_lines_before_the_header_count_as_rows() -> None:
    assert read("\n ; \nNome;E-mail\nAna;ana@x.com\n").header_row == 3


def test_every_column_has_a_name_of_its_own() -> None:
    reading = read("email,city,city,,city_2, City  of\tbirth ,\n")
    assert reading.columns == ("email", "city", "city_3", "column_4", "city_2", "City of birth", "column_7")


def test_a_file_without_header_is_read_by_where_its_addresses_are() -> None:
    reading = read("Ana,ana@x.com,Recife\nBia,bia@x.com,Natal,extra\n")
    assert reading.header_row is None
    assert reading.columns == ("column_1", "column_2", "column_3", "column_4")
    assert fields(reading) == {"email": "column_2"}
    assert reading.confidence < 1


def test_columns_of_a_file_without_header_can_be_mapped() -> None:
    assert fields(read("Ana,ana@x.com\nBia,bia@x.com\n", column_1="name")) == {"email": "column_2", "name": "column_1"}


def test_a_mapped_column_of_a_file_without_header_keeps_its_field() -> None:
    assert fields(read("ana@x.com,bia@x.com\n", column_1="name")) == {"email": "column_2", "name": "column_1"}


def test_an_address_in_a_header_that_names_the_email_column_does_not_make_it_a_record() -> None:
    assert read("email,contact us: ana@x.com,ana@x.com\n").header_row == 1


def test_a_mapping_wins_over_what_is_recognised() -> None:
    reading = read(
        "Email,Nome,Outro e-mail,Apelido\n", **{"outro E-MAIL": "email", "Apelido": "name", "Nome": "attribute"}
    )
    assert fields(reading) == {"email": "Outro e-mail", "name": "Apelido"}


def test_uneven_records_lower_the_confidence() -> None:
    assert read("email,nome\nana@x.com,Ana\nbia@x.com,Bia,x\nceu@x.com,Céu\n").confidence == 0.75


def test_a_sample_that_ends_within_a_record_decides_the_same() -> None:
    text = "email;nome\n" + 'ana@x.com;"Ana; a primeira, de todas"\n' * 20_000
    assert len(text) > SAMPLE_BYTES
    assert read(text) == read(text[:400]) == read(text[: SAMPLE_BYTES + 7])


def test_a_cell_larger_than_any_sample_does_not_hinder_the_decision() -> None:
    assert read('email\n"' + "x" * (MAX_CELL + 1)).columns == ("email",)


def test_a_cell_full_of_accents_is_no_work() -> None:
    assert len(read("email;" + "\u0301\u0316" * (SAMPLE_BYTES // 4)).columns[1]) <= 200


def test_a_decision_survives_json() -> None:
    for text in ("email;nome\n", "ana@x.com\n"):
        reading = read(text)
        assert Reading.from_json(json.loads(json.dumps(reading.to_json()))) == reading


@pytest.mark.parametrize("text", ["", "\ufeff", " \r\n\n\t\n", ";;;\n;;;\n", '""\n', "\u200b\n"])
def test_a_file_with_nothing_in_it_is_empty(text: str) -> None:
    assert refusal(text).code == FileProblemCode.FILE_EMPTY


def workbook() -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("[Content_Types].xml", "<Types/>")
        members.writestr("xl/workbook.xml", "<workbook/>")
    return archive.getvalue()


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        (workbook(), "XLSX"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        ("email\nana@x.com\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_a_known_binary_format_is_named(sample: bytes, kind: str) -> None:
    problem = refusal(sample)
    assert problem.code == FileProblemCode.FILE_BINARY
    assert str(problem) == (
        f"contatos.csv is not a text file (it looks like {kind}); open it in the program that made it and export it as CSV UTF-8."
    )


def test_bytes_that_are_no_text_are_refused_and_a_stray_nul_is_not() -> None:
    assert refusal(bytes(range(256)) * 8).code == FileProblemCode.NOT_TEXT
    assert refusal("email\nana@x.com\n".encode("utf-16-le")).code == FileProblemCode.NOT_TEXT
    assert read(b"email\na\x00na@x.com\n").columns == ("email",)


def test_without_an_email_column_the_sentence_names_the_columns_and_the_remedy() -> None:
    problem = refusal("\nNome;Telefone\nAna;11\n")
    assert problem.code == FileProblemCode.NO_EMAIL_COLUMN
    assert str(problem) == (
        "contatos.csv: no column in row 2 is named like an e-mail address (columns: Nome, Telefone); say which one it is with --map COLUMN=email."
    )


def test_of_very_many_columns_only_the_first_are_named() -> None:
    assert "c29, … (500))" in str(refusal(",".join(f"c{n}" for n in range(500))))


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        (
            {"Mail": "email"},
            "contatos.csv has no column Mail (columns: E-mail, Nome); correct the name in --map COLUMN=FIELD.",
        ),
        (
            {"Nome": "nick"},
            (
                "contatos.csv: column Nome cannot be mapped to nick, which is not a field of contacts;"
                " use one of these in --map COLUMN=FIELD: email, name, attribute."
            ),
        ),
        (
            {"Nome": "email", "E-mail": "email"},
            "contatos.csv: more than one column is mapped to email (Nome, E-mail); keep one of them in --map COLUMN=FIELD.",
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(mapping: dict[str, str], sentence: str) -> None:
    assert str(refusal("E-mail,Nome\nana@x.com,Ana\n", ReadingOptions(mapping))) == sentence


def test_a_header_of_too_many_columns_is_refused() -> None:
    problem = refusal("email," * 50_000 + "\n")
    assert problem.code == FileProblemCode.TOO_MANY_COLUMNS
    assert "and 1,000 are allowed" in str(problem)


def test_names_from_outside_cannot_steer_a_terminal() -> None:
    with pytest.raises(FileProblem) as refused:
        detect(b"", file_name="a\x1b[2Jb\n.csv")
    assert str(refused.value).isprintable()
