"""`mkt import`: what programs read of it, and how it ends."""

from __future__ import annotations

import gzip
import signal
from pathlib import Path

import pytest

from db.unit import Database
from tests.cli.conftest import CONTACTS, Mkt
from tests.conftest import Tenant

pytestmark = pytest.mark.usefixtures("workers")


def test_an_import_prints_the_job_document_of_the_contract(mkt: Mkt, contacts: Path) -> None:
    answer = mkt("import", str(contacts), "--audience", "people", "--json")
    job = answer.json

    assert answer.code == 0, answer.err
    assert {name: job[name] for name in ("kind", "status", "stage", "file_name", "failure_code", "failure_detail", "reused")} == {
        "kind": "import", "status": "done", "stage": "settled", "file_name": "contatos.csv", "failure_code": None,
        "failure_detail": None, "reused": False,
    }  # fmt: skip
    counters = (
        "records_seen",
        "total_rows",
        "ok_rows",
        "error_rows",
        "duplicate_rows",
        "blank_rows",
        "contacts_created",
    )
    assert [job[name] for name in counters] == [5, 4, 2, 1, 1, 1, 2]
    assert [job[name] for name in ("contacts_updated", "contacts_unchanged", "links_added")] == [0, 0, 2]
    # At Gmail no mailbox has a name of three letters.
    assert job["verdicts"] == {"valid": 1, "invalid": 0, "risky": 1, "unknown": 0}
    assert job["errors_by_code"] == {"syntax_domain": 1}
    assert len(job["file_hash"]) == 64
    assert mkt("job", "show", job["import_job_id"], "--json").json == job


def test_the_same_file_again_is_the_same_job_and_says_when_by_whom_and_how_to_insist(mkt: Mkt, contacts: Path) -> None:
    first = mkt("import", str(contacts), "--audience", "people", "--json").json
    second = mkt("import", str(contacts), "--audience", "people", "--json")

    assert second.json == first | {"reused": True}
    assert "by system" in second.err
    assert "--again" in second.err

    insisted = mkt("import", str(contacts), "--audience", "people", "--json", "--again").json
    assert insisted["import_job_id"] != first["import_job_id"]
    assert [insisted[name] for name in ("contacts_created", "contacts_unchanged", "links_added", "reused")] == [
        0,
        2,
        0,
        False,
    ]


def test_people_read_sentences_that_add_up(mkt: Mkt, contacts: Path) -> None:
    answer = mkt("import", str(contacts), "--audience", "people")

    assert "5 records - 1 blank - 1 with errors - 1 duplicates = 2 contacts." in answer.out
    assert "2 new, 0 updated, 0 unchanged" in answer.out
    assert "2 joined the audience people, 0 were in it already; it now has 2 contacts." in answer.out
    assert answer.code == 0


def test_people_read_what_the_contacts_are_worth_and_what_to_do(mkt: Mkt, tmp_path: Path) -> None:
    path = tmp_path / "typed.csv"
    path.write_text("email\nana@gamil.com\ncontato@uol.com.br\n", encoding="utf-8")

    answer = mkt("import", str(path), "--audience", "people")
    job = mkt("job", "list", "--json").json[0]["import_job_id"]

    for told in (answer.out, mkt("job", "show", job).out):
        assert "domain_not_found" in told
        assert "mx_ok" in told
        assert f"1 address seems mistyped: `mkt job suggestions {job}`" in told
        assert "mkt doctor" not in told


def test_contacts_that_nobody_could_ask_about_lead_to_the_doctor(
    mkt: Mkt, contacts: Path, database: Database, tenant: Tenant
) -> None:
    job = mkt("import", str(contacts), "--audience", "people", "--json").json["import_job_id"]
    with database.unit(tenant.tenant_id) as unit:
        unit.execute("update mkt.email_validations set status = 'unknown', reason_code = 'not_yet_checked'")

    assert "`mkt doctor` says why" in mkt("job", "show", job).out


def test_people_read_in_their_tenants_language_and_time_zone(mkt: Mkt, contacts: Path) -> None:
    answer = mkt("import", str(contacts), "--audience", "people", MKT_LANG="")

    assert "5 registros - 1 em branco - 1 com erro - 1 duplicados = 2 contatos." in answer.out
    assert mkt("job", "list", MKT_LANG="").out.splitlines()[1].rstrip().endswith("-03  system")


def test_standard_input_is_a_file_too(mkt: Mkt) -> None:
    answer = mkt("import", "-", "--audience", "people", "--name", "from-the-web.csv", "--json", stdin=CONTACTS)

    assert answer.json["file_name"] == "from-the-web.csv"
    assert answer.json["ok_rows"] == 2


def test_a_job_that_fails_ends_with_exit_code_1_and_its_reason(mkt: Mkt, tmp_path: Path) -> None:
    path = tmp_path / "cut-off.csv.gz"
    lines = b"".join(b"pessoa%d@gmail.com,%d\n" % (n, n * n) for n in range(40_000))
    path.write_bytes(gzip.compress(b"email,number\n" + lines)[:-1_000])

    answer = mkt("import", str(path), "--audience", "people", "--json")

    assert answer.code == 1
    assert answer.json["status"] == "failed"
    assert answer.json["failure_code"] == "file_damaged"
    assert "cut-off.csv.gz" in answer.json["failure_detail"]


def test_detached_it_returns_at_once_and_can_be_watched_to_its_end(mkt: Mkt, contacts: Path) -> None:
    taken_in = mkt("import", str(contacts), "--audience", "people", "--detach", "--json").json
    watched = mkt("job", "watch", taken_in["import_job_id"], "--json")

    assert watched.code == 0
    assert watched.json["status"] == "done"


def test_columns_can_be_mapped_by_hand(mkt: Mkt, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("Quem,Onde=Fica\nAna,ana@gmail.com\n", encoding="utf-8")

    answer = mkt(
        "import", str(path), "--audience", "people", "--map", "Onde=Fica=email", "--map", "Quem=name", "--json"
    )
    rows = mkt("job", "rows", answer.json["import_job_id"], "--json").json

    assert [(row["normalized_email"], row["raw_name"]) for row in rows] == [("ana@gmail.com", "Ana")]


def test_an_interrupted_watch_says_that_the_job_goes_on(unattended: Mkt, contacts: Path) -> None:
    job = unattended("import", str(contacts), "--audience", "people", "--detach", "--json").json
    with unattended.start("job", "watch", job["import_job_id"]) as watch:
        assert watch.stderr is not None
        assert "No workers answer" in watch.stderr.readline()
        watch.send_signal(signal.SIGINT)
        said = watch.stderr.read()

    assert f"mkt job watch {job['import_job_id']}" in said
    assert watch.returncode == 130
    assert unattended("job", "show", job["import_job_id"], "--json").json["status"] == "queued"
