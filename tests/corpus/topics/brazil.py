"""Lists as they lie around in Brazil: reports of ERPs, shops, pasted groups, dumps of databases."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.case import Case, bad, codes, lines, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _erps()
    yield from _tools()
    yield from _dumps()
    yield from _pasted()


def _erps() -> Iterator[Case]:
    bling = (
        '"ID";"Código";"Nome";"Fantasia";"Endereço";"Número";"Bairro";"CEP";"Cidade";"UF";"Contatos";"Fone";"Celular";"E-mail";"CNPJ / CPF";"IE / RG";"Situação";"Data de nascimento"\r\n'
        '"15230001";"";"Padaria São João Ltda";"Pão Bom";"Rua das Flores";"10";"Centro";"01310-100";"São Paulo";"SP";"José";"(11) 3333-4444";"(11) 98765-4321";"contato@paobom.com.br";"11.222.333/0001-81";"";"Ativo";""\r\n'
        '"15230002";"";"Maria da Conceição";"";"Av. Brasil";"200";"";"20040-020";"Rio de Janeiro";"RJ";"";"";"";"maria@example.com";"529.982.247-25";"";"Inativo";"05/03/1990"\r\n'
    ).encode("cp1252")
    yield Case(
        "bling", "contatos_bling.csv", bling,
        [
            ok(2, "contato@paobom.com.br", "Padaria São João Ltda", {"Cidade": "São Paulo", "Fone_e164": "+551133334444", "Celular_e164": "+5511987654321", "Situação": "Ativo"}),
            ok(3, "maria@example.com", "Maria da Conceição", {"Situação": "Inativo", "Data de nascimento": "1990-03-05", "CEP": "20040-020"}),
        ],
        mapping={"E-mail": "email", "Nome": "name", "CNPJ / CPF": "sensitive", "Situação": "attribute"}, notices=codes("sensitive_columns"), loose=True,
    )  # fmt: skip
    omie = utf8(
        "Relação de Clientes;;;;;",
        "Empresa: Doces Mineiros Ltda;;;;;",
        "Emitido em: 12/03/2026 às 10:30;;;;;",
        ";;;;;",
        "Razão Social;Nome Fantasia;E-mail;Telefone;Cidade;Situação",
        "Padaria São João Ltda;Pão Bom;financeiro@paobom.com.br, nfe@paobom.com.br;(11) 3333-4444;São Paulo (SP);Ativo",
        "Mercado d'Ávila ME;Bom Preço;compras@bompreco.com.br;;Belo Horizonte (MG);Inativo",
        ";;;;;",
        "Total de clientes: 2;;;;;",
    )
    yield Case(
        "omie", "relacao_clientes.csv", omie,
        [
            ok(6, "financeiro@paobom.com.br", "Padaria São João Ltda", {
                "Nome Fantasia": "Pão Bom", "other_emails": "nfe@paobom.com.br", "Telefone": "(11) 3333-4444", "Telefone_e164": "+551133334444",
                "Cidade": "São Paulo (SP)", "Situação": "Ativo",
            }, warns=["several_addresses"]),
            ok(7, "compras@bompreco.com.br", "Mercado d'Ávila ME", {"Nome Fantasia": "Bom Preço", "Cidade": "Belo Horizonte (MG)", "Situação": "Inativo"}),
            bad(9),
        ],
        blank_rows=1,
    )  # fmt: skip
    totvs = lines(
        "TOTVS - Protheus                                      Pagina: 1",
        "CADASTRO DE CLIENTES                                  Emissao: 12/03/26",
        "",
        "CODIGO|LOJA|NOME                |EMAIL                    |MUNICIPIO",
        "000001|01  |JOSE DA SILVA       |jose@example.com         |SAO PAULO",
        "000002|01  |MARIA DA CONCEIÇÃO  |maria@example.com        |BELÉM",
        "000003|01  |ANTONIO D'ÁVILA     |antonio@example.com      |SANTARÉM",
    ).encode("cp850")
    yield Case(
        "totvs", "SA1010.TXT", totvs,
        [
            ok(5, "jose@example.com", "JOSE DA SILVA", {"CODIGO": "000001", "LOJA": "01", "MUNICIPIO": "SAO PAULO"}),
            ok(6, "maria@example.com", "MARIA DA CONCEIÇÃO", {"CODIGO": "000002", "LOJA": "01", "MUNICIPIO": "BELÉM"}),
            ok(7, "antonio@example.com", "ANTONIO D'ÁVILA", {"CODIGO": "000003", "LOJA": "01", "MUNICIPIO": "SANTARÉM"}),
        ],
        delimiter="|",
    )  # fmt: skip


def _tools() -> Iterator[Case]:
    nuvem = (
        "Nome;E-mail;Telefone;Aceita marketing;Total gasto;Quantidade de compras;Última compra;Cidade\r\n"
        "João Gonçalves;joao@example.com;+5511987654321;Sim;1234,50;3;12/03/2026;São Paulo\r\n"
        "Inês Brandão;ines@example.com;;Não;0,00;0;;Maringá\r\n"
    ).encode("iso-8859-1")
    yield Case(
        "nuvemshop", "clientes.csv", nuvem,
        [
            ok(2, "joao@example.com", "João Gonçalves", {
                "Telefone": "+5511987654321", "Telefone_e164": "+5511987654321", "Aceita marketing": "Sim", "Total gasto": "1234,50",
                "Quantidade de compras": "3", "Última compra": "2026-03-12", "Cidade": "São Paulo",
            }),
            ok(3, "ines@example.com", "Inês Brandão", {"Aceita marketing": "Não", "Total gasto": "0,00", "Quantidade de compras": "0", "Cidade": "Maringá"}),
        ],
    )  # fmt: skip
    leadlovers = utf8(
        "Nome,Email,Telefone,Máquina,Sequência,Nível,Data de cadastro,Tags",
        'Ana Souza,ana@example.com,11987654321,Funil 1,Boas-vindas,3,12/03/2026 10:30:05,"quente;sp"',
        "João d'Ávila,joao@example.com,,Funil 1,Boas-vindas,1,13/03/2026 00:00:00,",
    )
    yield Case(
        "leadlovers", "leads.csv", leadlovers,
        [
            ok(2, "ana@example.com", "Ana Souza", {
                "Telefone": "11987654321", "Telefone_e164": "+5511987654321", "Máquina": "Funil 1", "Sequência": "Boas-vindas", "Nível": "3",
                "Data de cadastro": "2026-03-12 10:30:05-03:00", "Tags": "quente;sp",
            }),
            ok(3, "joao@example.com", "João d'Ávila", {"Máquina": "Funil 1", "Sequência": "Boas-vindas", "Nível": "1"}),
        ],
        loose=True,
    )  # fmt: skip
    pandas = lines(
        ",nome,email,telefone,idade,compras",
        "0,João d'Ávila,joao@example.com,11987654321.0,34.0,2.0",
        "1,Ana Souza,ana@example.com,,,0.0",
        "2,Íris Muñoz,iris@example.com,4733334444.0,51.0,7.0",
        "3,Bia Lima,bia@example.com,,27.0,1.0",
        end="\n",
    ).encode()
    yield Case(
        "pandas", "df.csv", pandas,
        [
            ok(2, "joao@example.com", "João d'Ávila", {"column_1": "0", "telefone": "11987654321", "telefone_e164": "+5511987654321", "idade": "34", "compras": "2"}),
            ok(3, "ana@example.com", "Ana Souza", {"column_1": "1", "compras": "0"}),
            ok(4, "iris@example.com", "Íris Muñoz", {"column_1": "2", "telefone": "4733334444", "telefone_e164": "+554733334444", "idade": "51", "compras": "7"}),
            ok(5, "bia@example.com", "Bia Lima", {"column_1": "3", "idade": "27", "compras": "1"}),
        ],
    )  # fmt: skip


def _dumps() -> Iterator[Case]:
    mysql = (
        b'"id";"nome";"email";"cidade";"obs"\n'
        b'"1";"Ana \\"Aninha\\" Souza";"ana@example.com";\\N;"linha 1\\\nlinha 2"\n'
        b'"2";"Jo\xc3\xa3o d\\\'\xc3\x81vila";"joao@example.com";"Bel\xc3\xa9m";\\N\n'
        b'"3";"Bia Lima";"bia@example.com";"Natal";"C:\\\\bia"\n'
    )
    yield Case(
        "mysql-outfile", "clientes.csv", mysql,
        [
            ok(2, "ana@example.com", 'Ana "Aninha" Souza', {"id": "1", "obs": "linha 1\nlinha 2"}),
            ok(3, "joao@example.com", "João d'Ávila", {"id": "2", "cidade": "Belém"}),
            ok(4, "bia@example.com", "Bia Lima", {"id": "3", "cidade": "Natal", "obs": "C:\\bia"}),
        ],
    )  # fmt: skip
    tabs = b"id\tnome\temail\tcidade\n1\tAna Souza\tana@example.com\tRecife\n2\tJo\xc3\xa3o\tjoao@example.com\tNULL\n3\tBia\tbia@example.com\tNatal\n"
    yield Case(
        "mysql-batch", "saida.txt", tabs,
        [
            ok(2, "ana@example.com", "Ana Souza", {"id": "1", "cidade": "Recife"}),
            ok(3, "joao@example.com", "João", {"id": "2"}, warns=["placeholder"]),
            ok(4, "bia@example.com", "Bia", {"id": "3", "cidade": "Natal"}),
        ],
    )  # fmt: skip
    frame = utf8(
        "+----+-----------+------------------+",
        "| id | nome      | email            |",
        "+----+-----------+------------------+",
        "|  1 | Ana Souza | ana@example.com  |",
        "|  2 | João      | joao@example.com |",
        "+----+-----------+------------------+",
        "2 rows in set (0.00 sec)",
    )
    yield Case(
        "mysql-console", "console.txt", frame,
        [bad(3), ok(4, "ana@example.com", "Ana Souza", {"id": "1"}), ok(5, "joao@example.com", "João", {"id": "2"}), bad(6), bad(7)],
    )  # fmt: skip
    access = (
        '1;"Ana Souza";"ana@example.com";12/3/2026 0:00:00;-1\r\n'
        '2;"João Conceição";"joao@example.com";13/3/2026 0:00:00;0\r\n'
        '3;"Inês Brandão";"ines@example.com";14/3/2026 0:00:00;-1\r\n'
    ).encode("cp1252")
    yield Case(
        "access-without-header", "Clientes.txt", access,
        [ok(1, "ana@example.com", "Ana Souza", {"column_1": "1"}), ok(2, "joao@example.com", "João Conceição", {"column_1": "2"}), ok(3, "ines@example.com", "Inês Brandão", {"column_1": "3"})],
        loose=True,
    )  # fmt: skip
    calc = "nome,email,cidade\nAna Souza,ana@example.com,Recife\nJoão d’Ávila,joao@example.com,Belém\n".encode()  # noqa: RUF001 (as a word processor writes it)
    yield Case(
        "libreoffice", "Sem título 1.csv", calc,
        [ok(2, "ana@example.com", "Ana Souza", {"cidade": "Recife"}), ok(3, "joao@example.com", "João d’Ávila", {"cidade": "Belém"})],  # noqa: RUF001 (as above)
    )  # fmt: skip


def _pasted() -> Iterator[Case]:
    group = utf8("Ana Souza - ana@example.com", "João d'Ávila - joao@example.com", "Bia - bia@example.com")
    names = ("Ana Souza", "João d'Ávila", "Bia")
    addresses = ("ana@example.com", "joao@example.com", "bia@example.com")
    pairs = list(enumerate(zip(addresses, names, strict=True), 1))
    yield Case("whatsapp-list", "lista whats.txt", group, [ok(number, email, name) for number, (email, name) in pairs])
    numbered = utf8(*(f"{number}) {email}" for number, email in enumerate(addresses, 1)))
    yield Case(
        "numbered-list",
        "lista.txt",
        numbered,
        [ok(number, email) for number, email in enumerate(addresses, 1)],
        loose=True,
    )
    bullets = utf8(*(f"• {email}" for email in addresses))
    yield Case(
        "bullet-list",
        "lista.txt",
        bullets,
        [ok(number, email) for number, email in enumerate(addresses, 1)],
        loose=True,
    )
