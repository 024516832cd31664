"""What leaves: rejected rows to be mended and imported again, rows by what became of them, audiences; all of it audited."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant

pytestmark = pytest.mark.usefixtures("workers")

HEADER = ["Nome", "E-mail", "Fone"]
FILE = (
    "Nome;E-mail;Fone\r\n"
    "Ana;ana@gmail.com;+55 11 98765-4321\r\n"
    "=cmd|' /C calc'!A1;bia@gmail,com;+55 11 98765-4322\r\n"
    "'=Caio;caio@;-5\r\n"
    ";;\r\n"
    "Dora;dora@uol.com.br;1;sobra;=1+1\r\n"
    '"Eva\r\nMaria";eva uol.com.br;\r\n'
    "Ana;ANA@gmail.com;\r\n"
    "Fred;fred@uol.com.br;\r\n"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "base de clientes.csv"
    path.write_bytes(FILE.encode())
    return path


@pytest.fixture
def job(imported: Callable[[Path], str], source: Path) -> str:
    return imported(source)


def table(path: Path, delimiter: str = ";") -> list[dict[str, str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def events(database: Database, tenant: Tenant) -> list[tuple[str, str, dict[str, Any]]]:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            text("select action, subject, details from audit.events where action like '%\\_exported' order by event_id")
        )
        return [(row.action, row.subject, row.details) for row in found]


def test_rejected_rows_stand_in_their_own_columns_with_what_is_wrong(mkt: Mkt, job: str, tmp_path: Path) -> None:
    answer = mkt("job", "rejects", job[-12:], "--output", str(tmp_path), "--json")
    path = tmp_path / "base de clientes-rejects.csv"
    rows = table(path)

    assert answer.json["file"] == str(path)
    assert answer.json["rows"] == len(rows) == 4
    assert list(rows[0]) == [
        *HEADER, "row_number", "error_code", "error_detail", "suggestion", "surplus_1", "surplus_2"
    ]  # fmt: skip
    assert [row["row_number"] for row in rows] == ["3", "4", "6", "7"]
    assert [row["Nome"] for row in rows] == ["'=cmd|' /C calc'!A1", "''=Caio", "Dora", "Eva\r\nMaria"]
    assert [row["Fone"] for row in rows] == ["'+55 11 98765-4322", "'-5", "1", ""]
    assert [(row["surplus_1"], row["surplus_2"]) for row in rows if row["surplus_1"]] == [("sobra", "'=1+1")]
    assert rows[2]["error_code"] == "too_many_cells"
    assert rows[0]["suggestion"] == "bia@gmail.com"
    assert all(row["error_code"] and row["error_detail"] for row in rows)
    assert path.stat().st_mode & 0o077 == 0


def test_a_mended_file_brings_in_what_was_rejected_and_nothing_twice(mkt: Mkt, job: str, tmp_path: Path) -> None:
    mkt("job", "rejects", job, "--output", str(tmp_path / "mended.csv"))
    path = tmp_path / "mended.csv"
    lines = path.read_bytes().decode("utf-8-sig")
    for wrong, right in (("bia@gmail,com", "bia@gmail.com"), ("caio@", "caio@gmail.com"), ("eva uol", "eva@uol")):
        assert wrong in lines
        lines = lines.replace(wrong, right)
    path.write_bytes(lines.encode("utf-8-sig"))

    child = mkt("import", str(path), "--mends", job, "--json").json

    assert (child["ok_rows"], child["error_rows"], child["contacts_created"]) == (3, 1, 3)
    exported = mkt("audience", "export", "people", "--output", "-", "--delimiter", ",").out
    found = {row["email"]: row for row in csv.DictReader(io.StringIO(exported.lstrip("\ufeff"), newline=""))}
    assert set(found) == {"ana@gmail.com", "fred@uol.com.br", "bia@gmail.com", "caio@gmail.com", "eva@uol.com.br"}
    assert found["bia@gmail.com"]["name"] == "'=cmd|' /C calc'!A1"
    assert found["caio@gmail.com"]["name"] == "''=Caio"
    assert found["eva@uol.com.br"]["name"] == "Eva Maria"
    assert found["bia@gmail.com"]["verdict"]

    again = table_of(mkt, "job", "rejects", child["import_job_id"])
    assert [(row["Nome"], row["error_code"]) for row in again] == [("Dora", "too_many_cells")]


def table_of(mkt: Mkt, *arguments: str) -> list[dict[str, str]]:
    out = mkt(*arguments, "--output", "-", "--delimiter", "|").out
    return list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"), newline=""), delimiter="|"))


def test_rows_can_be_had_by_what_became_of_them(mkt: Mkt, job: str, source: Path, tmp_path: Path) -> None:
    def numbers(of: str, outcome: str) -> list[int]:
        return [row["row_number"] for row in mkt("job", "rows", of, "--outcome", outcome, "--json").json]

    assert {
        outcome: numbers(job, outcome) for outcome in ("created", "updated", "unchanged", "duplicate", "error")
    } == {
        "created": [2, 9],
        "updated": [],
        "unchanged": [],
        "duplicate": [8],
        "error": [3, 4, 6, 7],
    }
    source.write_bytes(FILE.replace("fred@uol.com.br;", "fred@uol.com.br;11 98765-4321").encode())
    second = mkt("import", str(source), "--audience", "people", "--json").json["import_job_id"]
    assert (numbers(second, "created"), numbers(second, "updated"), numbers(second, "unchanged")) == ([], [9], [2])
    assert "updated" in mkt("job", "rows", second, "--outcome", "updated").out

    rows = table_of(mkt, "job", "rows", second)
    assert [(row["row_number"], row["outcome"], row["duplicate_of"]) for row in rows if row["outcome"] != "error"] == [
        ("2", "unchanged", ""),
        ("8", "duplicate", "2"),
        ("9", "updated", ""),
    ]
    assert mkt("job", "rows", second, "--outcome", "updated", "--output", str(tmp_path)).code == 0
    (row,) = table(tmp_path / "base de clientes-updated.csv")
    assert (row["Nome"], row["normalized_email"], row["outcome"]) == ("Fred", "fred@uol.com.br", "updated")


def test_rows_that_opt_out_can_be_had_whatever_became_of_them(mkt: Mkt, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("email,sai\nana@gmail.com,sim\nana@gmail.com,\nbia@gmail.com,\n", encoding="utf-8")
    job = mkt(
        "import", str(path), "--audience", "people", "--map", "sai=opt_out", "--allow-opt-outs", "9", "--json"
    ).json["import_job_id"]
    found = mkt("job", "rows", job, "--outcome", "opted_out", "--json").json
    assert [(row["row_number"], row["opt_out"], row["outcome"]) for row in found] == [(2, "unsubscribe", "created")]
    members = {row["email"]: row["opted_out"] for row in table_of(mkt, "audience", "export", "people")}
    assert members == {"ana@gmail.com": "unsubscribe", "bia@gmail.com": ""}


def test_a_dry_run_has_no_rows_that_became_contacts(mkt: Mkt, source: Path) -> None:
    job = mkt("import", str(source), "--audience", "people", "--dry-run", "--json").json["import_job_id"]
    assert mkt("job", "rows", job, "--outcome", "created").code == 2
    assert {row["outcome"] for row in table_of(mkt, "job", "rows", job)} == {"", "duplicate", "error"}


def test_a_workbook_is_asked_for_by_name_or_by_format(mkt: Mkt, job: str, tmp_path: Path) -> None:
    path = tmp_path / "errors.xlsx"
    assert mkt("job", "rejects", job, "--output", str(path)).code == 0
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert sheet[0][:3] == HEADER
    assert sheet[1][:3] == ["=cmd|' /C calc'!A1", "bia@gmail,com", "+55 11 98765-4322"]
    child = mkt("import", str(path), "--mends", job, "--json").json
    assert child["ok_rows"] == 0
    assert child["error_rows"] == 4


def test_rejects_of_several_sheets_say_which_one(mkt: Mkt, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("email;nome\nana@;Ana\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("cidade;email\nNatal;bia@\n", encoding="utf-8")
    archive = tmp_path / "both.zip"
    import zipfile  # noqa: PLC0415 (here alone)

    with zipfile.ZipFile(archive, "w") as made:
        for name in ("a.csv", "b.csv"):
            made.write(tmp_path / name, name)
    job = mkt("import", str(archive), "--audience", "people", "--json").json["import_job_id"]
    rows = table_of(mkt, "job", "rejects", job)
    assert list(rows[0])[:5] == ["email", "nome", "cidade", "part_no", "row_number"]
    assert [(row["email"], row["nome"], row["cidade"], row["part_no"], row["row_number"]) for row in rows] == [
        ("ana@", "Ana", "", "0", "2"),
        ("bia@", "", "Natal", "1", "2"),
    ]


def test_nobody_has_a_file_before_the_audit_trail_has_it(
    mkt: Mkt, job: str, tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    assert mkt("job", "rejects", job, "--output", str(tmp_path), "--user", "nobody").code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["base de clientes.csv"]
    assert mkt("job", "rejects", job, "--output", "-").code == 0
    assert mkt("job", "rows", job, "--format", "csv", "--output", str(tmp_path)).code == 0
    assert mkt("audience", "export", "people", "--output", str(tmp_path)).code == 0
    audience = str(tenant.audience_id)
    assert [(action, subject, details["rows"]) for action, subject, details in events(database, tenant)] == [
        ("rejects_exported", job, 4),
        ("rows_exported", job, 7),
        ("audience_exported", audience, 2),
    ]


def test_a_file_that_is_there_stays_unless_it_may_go(mkt: Mkt, job: str, tmp_path: Path) -> None:
    path = tmp_path / "there.csv"
    path.write_text("mine", encoding="utf-8")
    refused = mkt("job", "rejects", job, "--output", str(path))
    assert refused.code == 2
    assert len(refused.err.splitlines()) == 1
    assert path.read_text(encoding="utf-8") == "mine"
    assert mkt("job", "rejects", job, "--output", str(path), "--force").code == 0
    assert len(table(path)) == 4
    for arguments in (
        ("--output", "-", "--json"),
        ("--output", str(tmp_path / "no" / "such")),
        ("--output", str(tmp_path), "--delimiter", "ab"),
    ):
        answer = mkt("job", "rejects", job, *arguments)
        assert answer.code == 2
        assert answer.out == ""
    assert sorted(each.name for each in tmp_path.iterdir()) == ["base de clientes.csv", "there.csv"]


def test_rejects_are_told_in_the_language_of_the_reader(mkt: Mkt, job: str, tmp_path: Path) -> None:
    assert mkt("job", "rejects", job, "--output", str(tmp_path), "--lang", "pt-BR").code == 0
    rows = table(tmp_path / "base de clientes-rejeitados.csv")
    english = {row["error_detail"] for row in table_of(mkt, "job", "rejects", job)}
    assert not english & {row["error_detail"] for row in rows}


def test_attributes_of_an_audience_have_columns_of_their_own(
    mkt: Mkt, tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "with made as (insert into mtrk.contatos (tenant_id, email, name, attributes)"
            " values (:tenant, 'ana@gmail.com', '=Ana', cast(:attributes as jsonb)) returning rid)"
            " insert into mkt.audience_contacts (audience_id, rid, tenant_id) select :audience, rid, :tenant from made",
            {
                "tenant": tenant.tenant_id,
                "audience": tenant.audience_id,
                "attributes": json.dumps({"verdict": "x", "n": 1, "cidade": "São Luís"}),
            },
        )
    assert mkt("audience", "export", "people", "--output", str(tmp_path), "--lang", "pt-BR").code == 0
    (row,) = table(tmp_path / "people.csv")
    assert (row["name"], row["cidade"], row["n"], row["verdict (attribute)"], row["verdict"]) == (
        "'=Ana", "São Luís", "1", "x", ""
    )  # fmt: skip
