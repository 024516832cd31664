"""Quotation marks: doubled, escaped, single, stray, never closed, around line breaks."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.case import ANY_CODE, Case, Row, bad, lines, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _sound()
    yield from _escapes()
    yield from _apostrophes()
    yield from _stray()
    yield from _unclosed()


def _sound() -> Iterator[Case]:
    doubled = utf8(
        "email,nome,obs",
        'ana@example.com,"Ana ""Aninha"" Souza","disse ""oi"""',
        'bia@example.com,Bia,""',
        'caio@example.com,"Caio",""""',
    )
    yield Case(
        "doubled", "lista.csv", doubled,
        [
            ok(2, "ana@example.com", 'Ana "Aninha" Souza', {"obs": 'disse "oi"'}),
            ok(3, "bia@example.com", "Bia"),
            ok(4, "caio@example.com", "Caio", {"obs": '"'}),
        ],
    )  # fmt: skip
    for word, end, inside in (
        ("crlf", "\r\n", "\r\n"),
        ("lf", "\n", "\n"),
        ("lf-in-crlf", "\r\n", "\n"),
        ("cr", "\r", "\r"),
    ):
        text = lines(
            "nome;email;endereço",
            f'Ana;ana@example.com;"Rua A, 1{inside}Centro"',
            f'"Bia{inside}Lima";bia@example.com;Rua B',
            end=end,
        )
        yield Case(
            f"line-break-{word}", "lista.csv", text.encode(),
            [
                ok(2, "ana@example.com", "Ana", {"endereço": f"Rua A, 1{inside}Centro"}),
                ok(3, "bia@example.com", "Bia Lima", {"endereço": "Rua B"}),
            ],
        )  # fmt: skip
    long_ = "\n".join(f"linha {number}; com ponto e vírgula, e vírgula" for number in range(40))
    text = lines("email;nome;notas", f'ana@example.com;Ana;"{long_}"', "bia@example.com;Bia;ok")
    yield Case(
        "forty-lines-in-a-cell", "notas.csv", text.encode(),
        [ok(2, "ana@example.com", "Ana", {"notas": long_}), ok(3, "bia@example.com", "Bia", {"notas": "ok"})],
    )  # fmt: skip
    header = b'"e-mail";"nome\r\ncompleto";"cidade"\r\nana@example.com;Ana;Recife\r\n'
    yield Case("line-break-in-the-header", "lista.csv", header, [ok(2, "ana@example.com", "Ana", {"cidade": "Recife"})])
    delimiters = utf8("nome,email", '"Souza, Ana",ana@example.com', '"Lima, Bia, Dra.",bia@example.com')
    yield Case(
        "delimiter-inside",
        "lista.csv",
        delimiters,
        [ok(2, "ana@example.com", "Souza, Ana"), ok(3, "bia@example.com", "Lima, Bia, Dra.")],
    )
    tabs = utf8("nome\temail", '"Ana\tMaria"\tana@example.com', "Bia\tbia@example.com")
    yield Case(
        "tab-inside", "lista.tsv", tabs, [ok(2, "ana@example.com", "Ana Maria"), ok(3, "bia@example.com", "Bia")]
    )
    whole = utf8(
        '"email,nome,cidade"',
        '"ana@example.com,Ana,Recife"',
        '"bia@example.com,Bia,""São Luís, MA"""',
        '"caio@example.com,Caio,Natal"',
    )
    yield Case(
        "whole-lines-quoted", "excel.csv", whole,
        [
            ok(2, "ana@example.com", "Ana", {"cidade": "Recife"}),
            ok(3, "bia@example.com", "Bia", {"cidade": "São Luís, MA"}),
            ok(4, "caio@example.com", "Caio", {"cidade": "Natal"}),
        ],
    )  # fmt: skip


def _escapes() -> Iterator[Case]:
    php = (
        b'"email","nome","obs"\n"ana@example.com","Ana \\"Aninha\\" Souza","C:\\\\pasta"\n'
        b'"bia@example.com","Bia \\"B\\" Lima","ok"\n"caio@example.com","Caio","a \\"b\\", c"\n'
    )
    yield Case(
        "backslash", "phpmyadmin.csv", php,
        [
            ok(2, "ana@example.com", 'Ana "Aninha" Souza', {"obs": "C:\\pasta"}),
            ok(3, "bia@example.com", 'Bia "B" Lima', {"obs": "ok"}),
            ok(4, "caio@example.com", "Caio", {"obs": 'a "b", c'}),
        ],
    )  # fmt: skip
    paths = utf8(
        "email;nome;pasta",
        "ana@example.com;Ana;C:\\dados",
        "bia@example.com;Bia;\\\\servidor\\b\\",
        "caio@example.com;Caio;x",
    )
    yield Case(
        "backslashes-that-escape-nothing", "lista.csv", paths,
        [
            ok(2, "ana@example.com", "Ana", {"pasta": "C:\\dados"}),
            ok(3, "bia@example.com", "Bia", {"pasta": "\\\\servidor\\b\\"}),
            ok(4, "caio@example.com", "Caio", {"pasta": "x"}),
        ],
    )  # fmt: skip
    last = utf8(
        '"email","nome","pasta"',
        '"ana@example.com","Ana","C:\\dados\\"',
        '"bia@example.com","Bia","D:\\"',
        '"caio@example.com","Caio","x"',
    )
    yield Case(
        "backslash-before-a-closing-quote", "lista.csv", last,
        [
            ok(2, "ana@example.com", "Ana", {"pasta": "C:\\dados\\"}),
            ok(3, "bia@example.com", "Bia", {"pasta": "D:\\"}),
            ok(4, "caio@example.com", "Caio", {"pasta": "x"}),
        ],
    )  # fmt: skip


def _apostrophes() -> Iterator[Case]:
    single = b"'email','nome','cidade'\n'ana@example.com','Souza, Ana','Recife'\n'bia@example.com','Bia d''\xc3\x81vila','Natal'\n"
    yield Case(
        "apostrophes-quote", "lista.csv", single,
        [ok(2, "ana@example.com", "Souza, Ana", {"cidade": "Recife"}), ok(3, "bia@example.com", "Bia d'Ávila", {"cidade": "Natal"})],
    )  # fmt: skip
    names = utf8(
        "nome,email,cidade",
        "Ana d'Ávila,ana@example.com,Santa Bárbara d'Oeste",
        "Sean O'Brien,sean@example.com,Olho d'Água",
        "D'Angelo,dan@example.com,Recife",
    )
    yield Case(
        "apostrophes-in-names", "lista.csv", names,
        [
            ok(2, "ana@example.com", "Ana d'Ávila", {"cidade": "Santa Bárbara d'Oeste"}),
            ok(3, "sean@example.com", "Sean O'Brien", {"cidade": "Olho d'Água"}),
            ok(4, "dan@example.com", "D'Angelo", {"cidade": "Recife"}),
        ],
    )  # fmt: skip
    leading = utf8(
        "nome;email;obs",
        "'t Hooft;gerard@example.com;'citação'",
        "Ana;ana@example.com;é 'assim'",
        "Bia;bia@example.com;ok",
    )
    yield Case(
        "apostrophes-at-the-beginning", "lista.csv", leading,
        [
            ok(2, "gerard@example.com", "'t Hooft", {"obs": "'citação'"}),
            ok(3, "ana@example.com", "Ana", {"obs": "é 'assim'"}),
            ok(4, "bia@example.com", "Bia", {"obs": "ok"}),
        ],
    )  # fmt: skip
    numbers = utf8("email;nome;cep", "ana@example.com;Ana;'01310-100", "bia@example.com;Bia;'04038-001")
    yield Case(
        "apostrophe-that-excel-shows-as-text", "lista.csv", numbers,
        [ok(2, "ana@example.com", "Ana", {"cep": "'01310-100"}), ok(3, "bia@example.com", "Bia", {"cep": "'04038-001"})],
    )  # fmt: skip


def _others(skip: int) -> list[Row]:
    people = ("ana", "bia", "caio", "davi", "elis", "fabio")
    return [
        ok(number, f"{name}@example.com", name.capitalize(), {"cidade": "Recife", "obs": "ok"})
        for number, name in enumerate(people, 2)
        if number != skip
    ]


def _with(line: str, at: int = 4, delimiter: str = ";", quoting: str = "") -> bytes:
    people = ("ana", "bia", "caio", "davi", "elis", "fabio")
    texts = [
        delimiter.join(
            f"{quoting}{cell}{quoting}" for cell in (f"{name}@example.com", name.capitalize(), "Recife", "ok")
        )
        for name in people
    ]
    texts[at - 2] = line
    header = delimiter.join(f"{quoting}{cell}{quoting}" for cell in ("email", "nome", "cidade", "obs"))
    return utf8(header, *texts)


def _expected(row: Row, at: int = 4) -> list[Row]:
    return sorted([*_others(at), row], key=lambda each: each.number)


def _stray() -> Iterator[Case]:
    inches = ok(4, "caio@example.com", "Caio", {"cidade": "Recife", "obs": 'TV 42" nova'})
    yield Case("inches", "lista.csv", _with('caio@example.com;Caio;Recife;TV 42" nova'), _expected(inches))
    nickname = ok(4, "caio@example.com", 'Caio "Cacá" Dias', {"cidade": "Recife", "obs": "ok"})
    yield Case(
        "nickname-unquoted", "lista.csv", _with('caio@example.com;Caio "Cacá" Dias;Recife;ok'), _expected(nickname)
    )
    yield Case(
        "nickname-in-quotes-not-doubled",
        "lista.csv",
        _with('"caio@example.com";"Caio "Cacá" Dias";"Recife";"ok"', quoting='"'),
        _expected(nickname),
    )
    beginning = ok(4, "caio@example.com", '"Cacá" Dias', {"cidade": "Recife", "obs": "ok"})
    yield Case(
        "quotes-at-the-beginning", "lista.csv", _with('caio@example.com;"Cacá" Dias;Recife;ok'), _expected(beginning)
    )
    yield Case(
        "quotes-at-the-beginning-comma",
        "lista.csv",
        _with('caio@example.com,"Cacá" Dias,Recife,ok', delimiter=","),
        _expected(beginning),
    )
    closing = ok(4, "caio@example.com", 'Caio"', {"cidade": "Recife", "obs": "ok"})
    yield Case("quote-at-the-end", "lista.csv", _with('caio@example.com;Caio";Recife;ok'), _expected(closing))
    yield Case(
        "quote-inside-quotes",
        "lista.csv",
        _with('"caio@example.com";"Ca"io";"Recife";"ok"', quoting='"'),
        _expected(Row(4, problems=ANY_CODE)),
    )


def _unclosed() -> Iterator[Case]:
    for delimiter, word in ((";", "semicolon"), (",", "comma")):
        for at in (2, 4, 7):
            name = ("ana", "bia", "caio", "davi", "elis", "fabio")[at - 2]
            line = delimiter.join((f"{name}@example.com", f'"{name.capitalize()}', "Recife", "ok"))
            yield Case(f"unclosed-{word}-row-{at}", "lista.csv", _with(line, at, delimiter), _expected(bad(at), at))
        line = delimiter.join(('"caio@example.com', "Caio", "Recife", "ok"))
        yield Case(f"unclosed-first-cell-{word}", "lista.csv", _with(line, 4, delimiter), _expected(bad(4)))
        line = delimiter.join(("caio@example.com", "Caio", "Recife", '"ok'))
        yield Case(f"unclosed-last-cell-{word}", "lista.csv", _with(line, 4, delimiter), _expected(bad(4)))
    line = '"caio@example.com";"Caio;"Recife";"ok"'
    yield Case("unclosed-among-quoted", "lista.csv", _with(line, quoting='"'), _expected(bad(4)))
    two = _with('caio@example.com;"Caio;Recife;ok').replace(b"Elis;", b'"Elis;')
    rows = [row for row in _expected(bad(4)) if row.number != 6]
    yield Case("two-unclosed", "lista.csv", two, sorted([*rows, bad(6)], key=lambda row: row.number))
