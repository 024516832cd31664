"""What columns mean: synonyms in three languages, their order of preference, false friends, several columns of addresses."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.case import Case, codes, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _synonyms()
    yield from _preference()
    yield from _parts_of_names()
    yield from _false_friends()
    yield from _several_addresses()
    yield from _kept_as_written()


def _synonyms() -> Iterator[Case]:
    for number, (email, name) in enumerate(
        (
            ("email", "name"), ("E-mail", "Nome"), ("Email Address", "Full Name"), ("Endereço de e-mail", "Nome completo"),
            ("Correo electrónico", "Nombre completo"), ("Correo", "Nombre"), ("MAIL", "CLIENTE"), ("e-mail do cliente", "Nome do cliente"),
            ("Email principal", "Contato"), ("E-mail de contato", "Razão Social"), ("Dirección de correo electrónico", "Nombre y apellidos"),
        )
    ):  # fmt: skip
        for order in (0, 1):
            columns = (email, name) if order == 0 else (name, email)
            cells = ("ana@example.com", "Ana Souza") if order == 0 else ("Ana Souza", "ana@example.com")
            if order == number % 2:
                data = utf8(
                    ";".join((*columns, "UF")),
                    ";".join((*cells, "PE")),
                    ";".join((*cells, "RN")).replace("ana@", "anita@"),
                )
                rows = [
                    ok(2, "ana@example.com", "Ana Souza", {"UF": "PE"}),
                    ok(3, "anita@example.com", "Ana Souza", {"UF": "RN"}),
                ]
                yield Case(f"synonym-{number + 1}", "lista.csv", data, rows, mapping={email: "email", name: "name"})


def _preference() -> Iterator[Case]:
    erp = utf8(
        "Razão Social;Cliente;Contato;Nome;E-mail",
        "Padaria Ltda;Padaria;Zé;José Silva;jose@example.com",
        "Mercado SA;Mercado;Tó;Antônio Reis;antonio@example.com",
    )
    yield Case(
        "nome-before-contato-cliente-razao-social", "erp.csv", erp,
        [
            ok(2, "jose@example.com", "José Silva", {"Razão Social": "Padaria Ltda", "Cliente": "Padaria", "Contato": "Zé"}),
            ok(3, "antonio@example.com", "Antônio Reis", {"Razão Social": "Mercado SA", "Cliente": "Mercado", "Contato": "Tó"}),
        ],
    )  # fmt: skip
    contact = utf8("Razão social;Contato;E-mail", "Padaria Ltda;Zé;ze@example.com", "Mercado SA;Tó;to@example.com")
    yield Case(
        "contato-before-razao-social", "erp.csv", contact,
        [ok(2, "ze@example.com", "Zé", {"Razão social": "Padaria Ltda"}), ok(3, "to@example.com", "Tó", {"Razão social": "Mercado SA"})],
    )  # fmt: skip


def _parts_of_names() -> Iterator[Case]:
    for name, header in (
        ("en", "First Name,Last Name,Email"),
        ("pt", "Nome,Sobrenome,E-mail"),
        ("es", "Nombre,Apellidos,Correo electrónico"),
        ("pt-primeiro", "Primeiro nome,Último nome,Email"),
    ):
        data = utf8(
            header,
            "Ana Maria,Souza Lima,ana@example.com",
            "Bia,,bia@example.com",
            ",Reis,caio@example.com",
            ",,davi@example.com",
        )
        yield Case(
            f"first-and-last-{name}", "lista.csv", data,
            [ok(2, "ana@example.com", "Ana Maria Souza Lima"), ok(3, "bia@example.com", "Bia"), ok(4, "caio@example.com", "Reis"), ok(5, "davi@example.com")],
        )  # fmt: skip
    middle = utf8(
        "First Name,Middle Name,Last Name,E-mail Address",
        "Ana,Maria,Souza,ana@example.com",
        "Bia,,Lima,bia@example.com",
    )
    yield Case(
        "middle-name",
        "contacts.csv",
        middle,
        [ok(2, "ana@example.com", "Ana Maria Souza"), ok(3, "bia@example.com", "Bia Lima")],
    )
    first = utf8("Email;Primeiro nome", "ana@example.com;Ana", "bia@example.com;Bia")
    yield Case(
        "first-name-only",
        "lista.csv",
        first,
        [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia")],
        loose=True,
    )
    reverse = utf8("Sobrenome;Nome;Email", "Souza;Ana;ana@example.com", "Lima;Bia;bia@example.com")
    yield Case(
        "last-name-in-front",
        "lista.csv",
        reverse,
        [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima")],
    )


def _false_friends() -> Iterator[Case]:
    mother = utf8("Nome da mãe;Nome;E-mail", "Joana;Ana;ana@example.com", "Rita;Bia;bia@example.com")
    yield Case(
        "mothers-name", "escola.csv", mother,
        [ok(2, "ana@example.com", "Ana", {"Nome da mãe": "Joana"}), ok(3, "bia@example.com", "Bia", {"Nome da mãe": "Rita"})],
    )  # fmt: skip
    sent = utf8("E-mail enviado?;Nome;E-mail", "sim;Ana;ana@example.com", "não;Bia;bia@example.com")
    yield Case(
        "was-an-email-sent", "lista.csv", sent,
        [ok(2, "ana@example.com", "Ana", {"E-mail enviado?": "sim"}), ok(3, "bia@example.com", "Bia", {"E-mail enviado?": "não"})],
    )  # fmt: skip
    company = utf8(
        "Nome da empresa;Nome fantasia;Nome do contato;E-mail",
        "Padaria Ltda;Pão Bom;Zé;ze@example.com",
        "Mercado SA;Bom Preço;Tó;to@example.com",
    )
    yield Case(
        "companys-name", "empresas.csv", company,
        [
            ok(2, "ze@example.com", "Zé", {"Nome da empresa": "Padaria Ltda", "Nome fantasia": "Pão Bom"}),
            ok(3, "to@example.com", "Tó", {"Nome da empresa": "Mercado SA", "Nome fantasia": "Bom Preço"}),
        ],
    )  # fmt: skip
    preferred = utf8("Contato preferencial;Nome;Email", "WhatsApp;Ana;ana@example.com", "E-mail;Bia;bia@example.com")
    yield Case(
        "preferred-channel", "lista.csv", preferred,
        [ok(2, "ana@example.com", "Ana", {"Contato preferencial": "WhatsApp"}), ok(3, "bia@example.com", "Bia", {"Contato preferencial": "E-mail"})],
    )  # fmt: skip
    user = utf8("Usuário;Nome;Email", "ana.s;Ana;ana@example.com", "bia.l;Bia;bia@example.com")
    yield Case(
        "user-name",
        "lista.csv",
        user,
        [ok(2, "ana@example.com", "Ana", {"Usuário": "ana.s"}), ok(3, "bia@example.com", "Bia", {"Usuário": "bia.l"})],
    )
    seller = utf8(
        "E-mail do vendedor;Cliente;E-mail do cliente",
        "v@example.org;Ana;ana@example.com",
        "v@example.org;Bia;bia@example.com",
    )
    yield Case(
        "sellers-address", "vendas.csv", seller,
        [ok(2, "ana@example.com", "Ana", {"E-mail do vendedor": "v@example.org"}), ok(3, "bia@example.com", "Bia", {"E-mail do vendedor": "v@example.org"})],
    )  # fmt: skip
    content = utf8(
        "Nome;Contato;Cidade", "Ana;ana@example.com;Recife", "Bia;bia@example.com;Natal", "Caio;caio@example.com;Belém"
    )
    yield Case(
        "addresses-under-contato", "lista.csv", content,
        [
            ok(2, "ana@example.com", "Ana", {"Cidade": "Recife"}),
            ok(3, "bia@example.com", "Bia", {"Cidade": "Natal"}),
            ok(4, "caio@example.com", "Caio", {"Cidade": "Belém"}),
        ],
        mapping={"Contato": "email"},
    )  # fmt: skip
    swapped = utf8("Email;Nome", "Ana Souza;ana@example.com", "Bia Lima;bia@example.com", "Caio Reis;caio@example.com")
    yield Case(
        "names-and-addresses-swapped", "lista.csv", swapped,
        [ok(number, f"{name.split()[0].lower()}@example.com", "", {"Email": name}) for number, name in enumerate(("Ana Souza", "Bia Lima", "Caio Reis"), 2)],
        mapping={"Nome": "email"}, notices=codes("columns_by_content"),
    )  # fmt: skip


def _several_addresses() -> Iterator[Case]:
    second = utf8(
        "Nome;E-mail;E-mail 2",
        "Ana;ana@example.com;ana@example.org",
        "Bia;;bia@example.org",
        "Caio;caio@example.com;",
        "Davi;davi@@x;davi@example.org",
    )
    yield Case(
        "second-address", "lista.csv", second,
        [
            ok(2, "ana@example.com", "Ana", {"other_emails": "ana@example.org"}, warns=["several_addresses"]),
            ok(3, "bia@example.org", "Bia"),
            ok(4, "caio@example.com", "Caio"),
            ok(5, "davi@example.org", "Davi"),
        ],
    )  # fmt: skip
    names = utf8(
        "Nome,E-mail pessoal,E-mail comercial", "Ana,ana@example.com,ana@empresa.com.br", "Bia,bia@example.com,", "Caio,,caio@empresa.com.br",
    )  # fmt: skip
    yield Case(
        "personal-and-work", "lista.csv", names,
        [
            ok(2, "ana@example.com", "Ana", {"other_emails": "ana@empresa.com.br"}, warns=["several_addresses"]),
            ok(3, "bia@example.com", "Bia"),
            ok(4, "caio@empresa.com.br", "Caio"),
        ],
    )  # fmt: skip
    same = utf8(
        "Nome;Email;Confirme seu email", "Ana;ana@example.com;ANA@example.com", "Bia;bia@example.com;bia@example.com"
    )
    yield Case(
        "confirmed-address",
        "formulario.csv",
        same,
        [ok(2, "ana@example.com", "Ana"), ok(3, "bia@example.com", "Bia")],
        loose=True,
    )


def _kept_as_written() -> Iterator[Case]:
    hard = utf8(
        "nome;email;obs",
        "MARIA DA CONCEIÇÃO;maria@example.com;+ cara",
        '=cmd|" /C calc"!A0;formula@example.com;@home',
        "Íris 🌸;iris@example.com;-5",
        "  João   d'Ávila  ;JOAO@Example.COM;  duas  palavras  ",
        "null;nulo@example.com;NULL",
        "N/A;na@example.com;-",
        "True;true@example.com;0",
    )
    yield Case(
        "names-that-look-like-something-else", "lista.csv", hard,
        [
            ok(2, "maria@example.com", "MARIA DA CONCEIÇÃO", {"obs": "+ cara"}),
            ok(3, "formula@example.com", '=cmd|" /C calc"!A0', {"obs": "@home"}),
            ok(4, "iris@example.com", "Íris 🌸", {"obs": "-5"}),
            ok(5, "joao@example.com", "João d'Ávila", {"obs": "duas  palavras"}),
            ok(6, "nulo@example.com", warns=["placeholder"]),
            ok(7, "na@example.com", "", {"obs": "-"}, warns=["placeholder"]),
            ok(8, "true@example.com", "True", {"obs": "0"}),
        ],
    )  # fmt: skip
