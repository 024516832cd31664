"""`mkt delivery record`: files of delivery reports, whatever sent the messages."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter

from db.unit import Database, ResultRow
from tests.cli.conftest import COMMAND, ROOT, Answer, Mkt, bare_environment
from tests.conftest import Tenant


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relatório.csv"


def query(database: Database, tenant: Tenant, sql: str) -> list[ResultRow]:
    with database.reading(tenant.tenant_id) as unit:
        return list(unit.execute(sql))


def recorded(database: Database, tenant: Tenant) -> list[tuple[str, str, str, str | None]]:
    found = query(
        database,
        tenant,
        "select email, kind, occurred_at, detail from ops.deliveries order by occurred_at, email, kind",
    )
    return [(row[0], row[1], row[2].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), row[3]) for row in found]


def record(mkt: Mkt, path: Path, text: str | bytes, *options: str) -> Answer:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return mkt("delivery", "record", str(path), *options)


REPORT = (
    "E-mail;Evento;Data e hora;Motivo\r\n"
    "Ana@GMAIL.com;Entregue;05/03/2026 14:30;\r\n"
    "bia@uol.com.br;hard bounce;06/03/2026 10:00;550 5.1.1 <bia@uol.com.br> user unknown\r\n"
    ";;;\r\n"
    "caio@;soft;06/03/2026 10:00;\r\n"
    "dora@uol.com.br;talvez;06/03/2026 10:00;\r\n"
    "eva@uol.com.br;soft;ontem;\r\n"
    "fred@uol.com.br;reclamação;06/03/2126 10:00;\r\n"
    "gil@uol.com.br;aberto;06/03/2026 10:00;\r\n"
    "bia@uol.com.br;5.1.1;06/03/2026 10:00;\r\n"
    "hugo@uol.com.br;spam;07/03/2026;\r\n"
)


def test_good_rows_are_recorded_and_bad_ones_are_named(
    mkt: Mkt, path: Path, database: Database, tenant: Tenant
) -> None:
    answer = record(mkt, path, REPORT, "--json")

    assert answer.code == 0, answer.err
    assert recorded(database, tenant) == [
        ("ana@gmail.com", "delivered", "2026-03-05 17:30:00", None),
        ("bia@uol.com.br", "bounce_hard", "2026-03-06 13:00:00", "550 5.1.1"),
        ("hugo@uol.com.br", "complaint", "2026-03-07 03:00:00", None),
    ]
    assert answer.json == {
        "file_name": "relatório.csv", "records": 10, "blank_rows": 1, "error_rows": 4, "silent_rows": 1, "events": 4,
        "new": 3, "repeated": 1, "unknown_contacts": 3, "suppressions_added": 2, "erased": 0,
        "errors_by_code": {"syntax_domain": 1, "kind_unreadable": 1, "moment_unreadable": 1, "moment_ahead": 1},
        "errors": [
            {"part_no": 0, "row_number": 5, "column": "E-mail", "code": "syntax_domain"},
            {"part_no": 0, "row_number": 6, "column": "Evento", "code": "kind_unreadable"},
            {"part_no": 0, "row_number": 7, "column": "Data e hora", "code": "moment_unreadable"},
            {"part_no": 0, "row_number": 8, "column": "Data e hora", "code": "moment_ahead"},
        ],
    }  # fmt: skip
    moment = datetime(2026, 3, 5, 17, 30, tzinfo=UTC).isoformat()
    derived = hashlib.sha256(f"ana@gmail.com|delivered|{moment}".encode()).hexdigest()
    assert query(database, tenant, f"select from ops.deliveries where event_id = '{derived}'")
    ((action, subject, details),) = query(
        database, tenant, "select action, subject, details from audit.events where action = 'deliveries_recorded'"
    )
    assert (action, subject, details) == ("deliveries_recorded", "relatório.csv", {"events": 3, "suppressions": 2})


def test_people_read_a_sentence_that_adds_up_and_the_second_time_nothing_changes(
    mkt: Mkt, path: Path, database: Database, tenant: Tenant
) -> None:
    first = record(mkt, path, REPORT)
    before = query(database, tenant, "select * from ops.mailboxes order by email")

    assert first.code == 0
    assert "10 records - 1 blank - 4 with problems - 1 that say nothing of a mailbox = 4 events." in first.out
    assert "Of these, 3 new, 1 known already." in first.out
    assert (
        "2 addresses will not be written to any more; new events about addresses that are no contacts yet: 3."
        in first.out
    )
    assert re.search(
        r"relatório\.csv +6 +Evento +It is not clear what happened +Write delivered, hard bounce", first.out
    )
    again = mkt("delivery", "record", str(path))
    assert again.code == 0
    assert "Nothing has changed: none of them is new." in again.out
    assert query(database, tenant, "select * from ops.mailboxes order by email") == before
    assert len(query(database, tenant, "select from audit.events where action = 'deliveries_recorded'")) == 1
    portuguese = mkt("delivery", "record", str(path), "--lang", "pt-BR")
    assert (
        "10 registros - 1 em branco - 4 com problemas - 1 que nada dizem de uma caixa postal = 4 eventos."
        in portuguese.out
    )
    assert "Nada mudou" in portuguese.out


@pytest.mark.parametrize(
    ("text", "kind", "detail"),
    [
        ("email,event,timestamp,sg_event_id,reason\nana@gmail.com,bounce,1772715600,x1,550 5.1.1 unknown\n", "bounce_hard", "550 5.1.1"),
        ("email,event,timestamp,response,reason\nana@gmail.com,bounce,1772715600,,550 5.1.1 unknown\n", "bounce_hard", "550 5.1.1"),
        ("email,event,timestamp,response,reason,status\nana@gmail.com,bounce,1772715600,,554 no account,5.0.0\n", "bounce_hard", "554 5.0.0"),
        ("email,event,timestamp,status\nana@gmail.com,bounce,1772715600,5.1.1\n", "bounce_hard", "5.1.1"),
        ("email,event,timestamp,response,reason\nana@gmail.com,delivered,1772715600,250 OK,\n", "delivered", "250"),
        ("recipient,event,severity,timestamp\nana@gmail.com,failed,temporary,1772715600.25\n", "bounce_soft", None),
        ("destinatário;situação;fecha\nana@gmail.com;rebote suave;2026-03-05 10:00\n", "bounce_soft", None),
        ("Correo;Estado;Ocurrido en\nana@gmail.com;Entregado;2026-03-05T13:00:00Z\n", "delivered", None),
        ("Email,BounceType,BouncedAt\nana@gmail.com,SpamComplaint,2026-03-05T13:00:00Z\n", "complaint", None),
        ('{"email": "ana@gmail.com", "event": "delivered", "timestamp": 1772715600}\n', "delivered", None),
    ],
)  # fmt: skip
def test_reports_of_several_services(
    mkt: Mkt, path: Path, database: Database, tenant: Tenant, text: str, kind: str, detail: str | None
) -> None:
    answer = record(mkt, path, text, "--json")
    assert answer.code == 0, answer.err
    assert recorded(database, tenant) == [("ana@gmail.com", kind, "2026-03-05 13:00:00", detail)]


def test_columns_that_are_named(mkt: Mkt, path: Path, database: Database, tenant: Tenant) -> None:
    text = "a,b,c,d\nx1,ana@gmail.com,hard,2026-03-05 10:00\nx1,bia@gmail.com,soft,2026-03-05 10:00\n"
    named = [
        "--map",
        "b=email",
        "--map",
        "c=kind",
        "--map",
        "D=occurred_at",
        "--map",
        "a=event_id",
        "--header-row",
        "1",
    ]
    answer = record(mkt, path, text, *named, "--json")
    assert (answer.code, answer.json["new"], answer.json["repeated"]) == (0, 1, 1), answer.err
    assert query(database, tenant, "select event_id, email from ops.deliveries") == [("x1", "ana@gmail.com")]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "relatório.csv has no column for occurred_at (columns: email, status, dia x); say which one it is with --map COLUMN=occurred_at."),
        (("--map", "quando=occurred_at"), "has no column quando"),
        (("--map", "zz=email"), "has no column zz"),
        (("--map", "status=bounce_type"), "has no column for kind, occurred_at (columns: email, status, dia x); say which one it is with --map COLUMN=kind --map COLUMN=occurred_at."),
        (("--map", "dia x=nonsense"), "--map dia x=nonsense: delivery reports have the fields email, kind,"),
        (("--map", "dia x=kind", "--map", "status=kind"), "kind"),
        (("--map", "dia x"), "write COLUMN=FIELD"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_understood_is_refused(
    mkt: Mkt, path: Path, database: Database, tenant: Tenant, options: tuple[str, ...], sentence: str
) -> None:
    answer = record(mkt, path, "email,status,dia x\nana@gmail.com,hard,2026-03-05\n", *options)
    assert answer.code == 2
    assert sentence in answer.err
    assert "Traceback" not in answer.err
    assert recorded(database, tenant) == []


def test_a_workbook_and_a_packed_file(mkt: Mkt, path: Path, database: Database, tenant: Tenant) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Março")
        sheet.write_row(0, 0, ["Email", "Status", "Data"])
        sheet.write_row(1, 0, ["ana@gmail.com", "Soft bounce", "05/03/2026"])
        sheet.write_row(2, 0, ["bia@", "Soft bounce", "05/03/2026"])
    book_path = path.with_name("r.xlsx")
    answer = record(mkt, book_path, buffer.getvalue())
    assert "r.xlsx (Março)" in answer.out
    packed = record(
        mkt, path.with_name("r.csv.gz"), gzip.compress(b"email,status,date\nbia@gmail.com,hard,2026-03-06\n")
    )
    assert (answer.code, packed.code) == (0, 0)
    assert [row[:2] for row in recorded(database, tenant)] == [
        ("ana@gmail.com", "bounce_soft"),
        ("bia@gmail.com", "bounce_hard"),
    ]


def test_very_many_bad_rows_are_counted_and_the_first_are_shown(mkt: Mkt, path: Path) -> None:
    text = "email,status,date\n" + "ana@gmail.com,perhaps,2026-03-06\n" * 1_500
    answer = record(mkt, path, text, "--json").json
    assert (answer["error_rows"], len(answer["errors"])) == (1_500, 1_000)
    assert "These are the first 1,000 of 1,500 rows with problems." in mkt("delivery", "record", str(path)).out


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(mkt: Mkt, path: Path) -> None:
    def peak(rows: int) -> int:
        with path.open("w", encoding="utf-8") as stream:
            stream.write("email,status,date\n")
            stream.writelines(f"p{n}@empresa.com.br,soft,2026-03-06 10:00:{n % 60:02}\n" for n in range(rows))
        code = (
            "import resource, subprocess, sys, json;"
            "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [sys.executable, "-c", code, *COMMAND, "delivery", "record", str(path)]
        done = subprocess.run(
            command, cwd=ROOT, env=bare_environment() | mkt.env, capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    small, large = peak(20_000), peak(200_000)
    assert large < small + 30 * 1024, "kilobytes"
