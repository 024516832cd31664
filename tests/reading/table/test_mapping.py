import pytest

from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.reading import Field, Notice, OptOut, ReadingOptions, SavedMapping, Surroundings
from pipeline.reading.table.optouts import reader_of, rule_for
from pipeline.reading.table.sensitive import names_sensitive
from pipeline.reading.table.understand import Table, understand
from pipeline.reading.table.words import header_fingerprint


def table(*sample: str, options: ReadingOptions | None = None, mappings: tuple[SavedMapping, ...] = ()) -> Table:
    return understand(
        [line.split(";") for line in sample],
        columns=None,
        options=options or ReadingOptions(),
        surroundings=Surroundings(mappings=mappings),
        file_name="f.csv",
        part_name=None,
    )


def meanings(understood: Table) -> dict[str, str]:
    return {column: field for column, field in understood.mapping.items() if field != Field.ATTRIBUTE}


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("Nome;Nome completo;Email", "Ana;Ana Souza;a@x.com", {"Nome": "name"}),
        ("Nome completo;Contato;Email", "Ana;Bia;a@x.com", {"Nome completo": "name"}),
        ("Contato;Cliente;Email", "Ana;Bia;a@x.com", {"Contato": "name"}),
        ("Razão social;Cliente;Email", "ACME;Bia;a@x.com", {"Cliente": "name"}),
        ("Razão social;Nome fantasia;Email", "ACME;Bia;a@x.com", {"Razão social": "name"}),
        ("Nome;Sobrenome;Email", "Ana;Souza;a@x.com", {"Nome": "first_name", "Sobrenome": "last_name"}),
        ("Nome;Sobrenome;Email", "Ana Souza;Souza;a@x.com", {"Nome": "name"}),
        (
            "Nome;Sobrenome;Nome completo;Email",
            "Ana;Souza;Ana Souza;a@x.com",
            {"Nome completo": "name", "Nome": "first_name", "Sobrenome": "last_name"},
        ),
        ("First Name;Last Name;Email", "Ana;Souza;a@x.com", {"First Name": "first_name", "Last Name": "last_name"}),
        ("First Name;Name;Email", "Ana;Souza;a@x.com", {"First Name": "first_name", "Name": "last_name"}),
        ("First Name;Name;Email", "Ana;Ana Souza;a@x.com", {"Name": "name"}),
        ("Primeiro nome;Contato;Email", "Ana;Bia;a@x.com", {"Primeiro nome": "first_name"}),
        ("Nombre;Apellidos;Email", "Ana;Souza;a@x.com", {"Nombre": "first_name", "Apellidos": "last_name"}),
        ("Cliente;Codigo;Email", "10023;7;a@x.com", {}),
        ("Nome da mãe;Nome fantasia;Nome da empresa;Email", "M;F;E;a@x.com", {}),
        ("2. Nome completo;Cidade;Email", "Ana;Rio;a@x.com", {"2. Nome completo": "name"}),
        ("NM_CLIENTE;CD_CLIENTE;Email", "Ana;7;a@x.com", {"NM_CLIENTE": "name"}),
        ("txtNome;Curso;Email", "Ana;7;a@x.com", {"txtNome": "name"}),
    ],
)
def test_names_are_chosen_in_the_stated_order(header: str, row: str, expected: dict[str, str]) -> None:
    assert meanings(table(header, row)) == expected | {"Email": "email"}


@pytest.mark.parametrize(
    ("header", "row", "email", "others"),
    [
        ("Email enviado?;Nome;Email", "sim;Ana;a@x.com", "Email", []),
        ("E-mail status;Email opt-in;Correo", "ok;sim;a@x.com", "Correo", []),
        ("E-mail 2;E-mail;Nome", "b@x.com;a@x.com;Ana", "E-mail", ["E-mail 2"]),
        ("Email secundário;Email principal", "b@x.com;a@x.com", "Email principal", ["Email secundário"]),
        ("Email pessoal;Email comercial", "b@x.com;a@x.com", "Email pessoal", ["Email comercial"]),
        ("E-mail;E-mail;Nome", "a@x.com;b@x.com;Ana", "E-mail", ["E-mail_2"]),
        ("Email;Email do vendedor;Dono do Lead", "a@x.com;v@x.com;d@x.com", "Email", []),
        ("Email;Email do cliente", "a@x.com;v@x.com", "Email", []),
        (
            "E-mail 1 - Type;E-mail 1 - Value;E-mail 2 - Value",
            "*;a@x.com;b@x.com",
            "E-mail 1 - Value",
            ["E-mail 2 - Value"],
        ),
        ("email;Email Address;Nome", ";a@x.com;Ana", "email", ["Email Address"]),
        ("E-mail;Email 2;Nome", ";a@x.com;Ana", "E-mail", ["Email 2"]),
    ],
)
def test_the_best_address_column_is_the_contacts_and_the_other_real_ones_are_further(
    header: str, row: str, email: str, others: list[str]
) -> None:
    understood = table(header, row)
    found = meanings(understood)
    assert [column for column, field in found.items() if field == Field.EMAIL] == [email]
    assert [column for column, field in found.items() if field == Field.OTHER_EMAIL] == others
    assert FileNotice.COLUMNS_BY_CONTENT not in [notice.code for notice in understood.notices]


def test_where_a_column_called_email_holds_none_the_one_that_does_wins_and_it_is_said() -> None:
    understood = table("Nome;E-mail;Contato", "Ana;sim;a@x.com", "Bia;não;b@x.com")
    assert meanings(understood) == {"Nome": "name", "Contato": "email"}
    assert understood.notices == (Notice(FileNotice.COLUMNS_BY_CONTENT, {"column": "Contato", "field": "email"}),)
    assert understood.confidences["mapping"] < 0.8


def test_somebody_elses_address_is_the_contacts_only_where_there_is_no_other_and_never_surely() -> None:
    understood = table("Nome;E-mail do responsável", "Ana;a@x.com", "Bia;b@x.com")
    assert meanings(understood)["E-mail do responsável"] == Field.EMAIL
    assert understood.confidences["mapping"] < 0.5
    both = table("E-mail do responsável;Nome;Contato", "r@x.com;Ana;a@x.com", "r@x.com;Bia;b@x.com")
    assert meanings(both) == {"Nome": "name", "Contato": "email"}


def test_the_uploaders_words_replace_the_proposal_for_that_field() -> None:
    options = ReadingOptions(mapping={"contato": "email", "Apelido": "name"})
    understood = table("Nome;E-mail;Contato;Apelido", "Ana;a@x.com;b@x.com;Aninha", options=options)
    assert meanings(understood) == {"Contato": "email", "Apelido": "name"}


def test_the_uploaders_whole_name_leaves_the_parts_as_attributes_and_a_part_looks_for_the_others() -> None:
    header, row = "Record ID;Nome;Sobrenome;Empresa;Email;Contact owner", "1;Ana;Souza;ACME;a@x.com;"
    whole = table(header, row, options=ReadingOptions(mapping={"Empresa": "name"}))
    assert meanings(whole) == {"Empresa": "name", "Email": "email"}
    rd_station = ("Email;Nome;Empresa;Status para comunicação por email", "a@x.com;Ana;ACME;true")
    other = table(*rd_station, options=ReadingOptions(mapping={"Empresa": "first_name"}))
    assert other.mapping["Nome"] == Field.ATTRIBUTE
    part = table("Nome;Sobrenome;Email", "Ana;Souza;a@x.com", options=ReadingOptions(mapping={"Nome": "first_name"}))
    assert meanings(part) == {"Nome": "first_name", "Sobrenome": "last_name", "Email": "email"}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (ReadingOptions(mapping={"Fone": "name"}), FileProblemCode.UNKNOWN_COLUMN),
        (ReadingOptions(mapping={"Nome": "nome"}), FileProblemCode.UNKNOWN_FIELD),
        (ReadingOptions(mapping={"Nome": "name", "Cidade": "name"}), FileProblemCode.MAPPING_AMBIGUOUS),
        (ReadingOptions(saved_mapping="crm"), FileProblemCode.UNKNOWN_MAPPING),
        (ReadingOptions(keep=("CPF",)), FileProblemCode.UNKNOWN_COLUMN),
    ],
)
def test_wrong_words_of_the_uploader_are_refused(options: ReadingOptions, code: FileProblemCode) -> None:
    with pytest.raises(FileProblem) as raised:
        table("Nome;E-mail;Cidade", "Ana;a@x.com;Recife", options=options)
    assert raised.value.code is code
    assert str(raised.value)


def test_two_columns_may_be_opt_outs_or_further_addresses() -> None:
    options = ReadingOptions(mapping={"a": "opt_out", "b": "opt_out"})
    understood = table("E-mail;a;b", "a@x.com;;x", options=options)
    assert [rule.column for rule in understood.opt_outs] == ["a", "b"]


def test_a_saved_mapping_for_this_header_is_used_and_said_and_overruled_column_by_column() -> None:
    header = "Nome;E-mail;Kat"
    saved = SavedMapping(
        "crm", header_fingerprint(header.split(";")), {"Nome": "attribute", "E-mail": "email", "Kat": "name"}
    )
    understood = table(header, "1;a@x.com;Ana", mappings=(saved,))
    assert meanings(understood) == {"E-mail": "email", "Kat": "name"}
    assert understood.saved_mapping == "crm"
    assert Notice(FileNotice.SAVED_MAPPING_USED, {"name": "crm"}) in understood.notices
    overruled = table(header, "1;a@x.com;Ana", mappings=(saved,), options=ReadingOptions(mapping={"Kat": "ignored"}))
    assert meanings(overruled) == {"E-mail": "email", "Kat": "ignored"}
    assert table("Nome;E-mail", "1;a@x.com", mappings=(saved,)).saved_mapping is None


def test_a_saved_mapping_is_used_by_name_for_another_header_too() -> None:
    saved = SavedMapping("crm", "0" * 64, {"nome": "attribute", "E-MAIL": "email"})
    understood = table(
        "Nome;E-mail;Cidade", "1;a@x.com;Rio", mappings=(saved,), options=ReadingOptions(saved_mapping="crm")
    )
    assert meanings(understood) == {"E-mail": "email"}
    assert understood.notices == ()


@pytest.mark.parametrize(
    "column",
    [
        "CPF",
        "cpf do cliente",
        "CPF/CNPJ",
        "CNPJ",
        "RG",
        "Nº do passaporte",
        "Número do cartão",
        "Religião",
        "Alergias?",
        "Orientação sexual",
        "Raça/Cor",
        "Sindicato",
        "Blood type",
        "Ethnicity",
        "Political party",
        "Discapacidad",
        "Documento",
    ],
)
def test_documents_cards_and_what_the_law_calls_sensitive_are_known_by_name(column: str) -> None:
    assert names_sensitive(column)


@pytest.mark.parametrize(
    "column",
    [
        "Cor favorita",
        "Documento enviado",
        "Cidade",
        "Profissional de saúde",
        "Plano",
        "Nome do cartão fidelidade",
        "Gênero",
        "Partida",
        "Data de nascimento",
        "Interesse em saúde",
        "Telefone",
        "Record ID",
    ],
)
def test_what_only_resembles_a_sensitive_column_is_kept(column: str) -> None:
    assert not names_sensitive(column)


def test_sensitive_columns_are_named_and_kept_only_if_asked() -> None:
    sample = ("E-mail;CPF;Religião;Cidade", "a@x.com;1;x;Rio")
    understood = table(*sample)
    assert meanings(understood) == {"E-mail": "email", "CPF": "sensitive", "Religião": "sensitive"}
    assert understood.notices == (Notice(FileNotice.SENSITIVE_COLUMNS, {"columns": "CPF, Religião"}),)
    assert meanings(table(*sample, options=ReadingOptions(keep=("religiao",)))) == {
        "E-mail": "email",
        "CPF": "sensitive",
    }


@pytest.mark.parametrize(
    ("cells", "sensitive"),
    [
        (["390.533.447-05", "11144477735", "529.982.247-25"], True),
        (["11.222.333/0001-81", "11444777000161", "60701190000104"], True),
        (["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"], True),
        (["11987654321", "11912345678", "21998765432"], False),
        (["390.533.447-06", "11144477736", "529.982.247-26"], False),
        (["1", "2", "3"], False),
    ],
)
def test_documents_and_cards_are_known_by_their_check_digits(cells: list[str], sensitive: bool) -> None:  # noqa: FBT001 (a table's column)
    understood = table("E-mail;Ref", *(f"a{at}@x.com;{cell}" for at, cell in enumerate(cells)))
    assert (understood.mapping["Ref"] == Field.SENSITIVE) is sensitive


@pytest.mark.parametrize(
    ("field", "cell", "meaning"),
    [
        (Field.OPT_OUT, "Sim", OptOut.UNSUBSCRIBE),
        (Field.OPT_OUT, "não", OptOut.NONE),
        (Field.OPT_OUT, "X", OptOut.UNSUBSCRIBE),
        (Field.OPT_OUT, "1.0", OptOut.UNSUBSCRIBE),
        (Field.OPT_OUT, "VERDADEIRO", OptOut.UNSUBSCRIBE),
        (Field.OPT_OUT, "talvez", OptOut.UNREADABLE),
        (Field.OPT_OUT, "\u2713", OptOut.UNREADABLE),
        (Field.OPT_OUT, " - ", OptOut.NONE),
        (Field.OPT_OUT, "Unsubscribed", OptOut.UNSUBSCRIBE),
        (Field.OPT_OUT, "subscribed", OptOut.NONE),
        (Field.OPT_IN, "no", OptOut.UNSUBSCRIBE),
        (Field.OPT_IN, "yes", OptOut.NONE),
        (Field.OPT_IN, "unsubscribed", OptOut.UNSUBSCRIBE),
        (Field.OPT_IN, "", OptOut.NONE),
    ],
)
def test_yes_and_no_are_read_in_three_languages_and_nothing_else_is_guessed(
    field: Field, cell: str, meaning: OptOut
) -> None:
    assert reader_of(rule_for("c", field))(cell) is meaning


def test_only_opt_outs_and_opt_ins_have_such_a_rule() -> None:
    with pytest.raises(ValueError, match="name"):
        rule_for("c", Field.NAME)
