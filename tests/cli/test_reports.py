"""`mkt report`, `mkt job report`, `mkt job quarantines` and `mkt job release`, as people and programs use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant

pytestmark = pytest.mark.usefixtures("workers")


def write(path: Path, *, gone: int, good: int = 60) -> Path:
    rows = [f"pessoa.{n:04}@gmail.com" for n in range(good)] + [f"ana{n}@nao-existe-mesmo.com.br" for n in range(gone)]
    path.write_text("\n".join(["email", *rows, "sem-arroba"]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def held(mkt: Mkt, tmp_path: Path) -> dict[str, Any]:
    """An import of which one address in thirteen does not exist."""
    job: dict[str, Any] = mkt(
        "import", str(write(tmp_path / "lista.csv", gone=5)), "--audience", "people", "--json"
    ).json
    return job


#: What this file is about, among the other events of a tenant.
ABOUT_REPORTS = ("import_quarantined", "quarantine_released", "report_exported")


def report_events(database: Database, tenant: Tenant) -> list[tuple[str, str]]:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute("select action, subject from audit.events order by event_id")
        return [(row[0], row[1]) for row in found if row[0] in ABOUT_REPORTS]


def test_a_bad_import_says_that_campaigns_leave_it_out_until_it_is_released(
    mkt: Mkt, held: dict[str, Any], database: Database, tenant: Tenant
) -> None:
    job = held["import_job_id"]
    assert held["quarantine"] | {"quarantined_at": None} == {
        "rules": [{"rule": "invalid", "contacts": 5, "of": 65, "share": 7.69, "limit": 5.0}],
        "quarantined_at": None, "released_at": None, "released_by": None, "release_note": None,
    }  # fmt: skip
    shown = mkt("job", "show", job)
    sentence = " ".join(shown.out.split())
    assert (
        "65 contacts came in, but campaigns leave them out until somebody looks: 7.7 % invalid, limit 5 %." in sentence
    )
    assert f"`mkt job release {job} --note …` releases them." in shown.out
    assert "7,7 % inválidos, limite 5 %" in " ".join(mkt("job", "show", job, "--lang", "pt-BR").out.split())
    assert "done, in quarantine" in mkt("job", "list").out
    assert [each["quarantined"] for each in mkt("job", "list", "--json").json] == [True]
    (listed,) = mkt("job", "quarantines", "--json").json
    assert (listed["import_job_id"], listed["file_name"], listed["contacts"]) == (job, "lista.csv", 65)
    assert "7.7" in mkt("job", "quarantines").out

    answer = mkt("job", "release", job[-12:], "--note", " asked the shop ", "--json")
    assert answer.json["released"] == [job]
    assert answer.json["quarantine"]["release_note"] == "asked the shop"
    assert mkt("job", "show", job, "--json").json["quarantine"] == answer.json["quarantine"]
    assert "until system released it on" in mkt("job", "show", job).out
    assert "in quarantine" not in mkt("job", "list").out
    assert report_events(database, tenant) == [("import_quarantined", job), ("quarantine_released", job)]


def test_a_good_import_has_no_quarantine(mkt: Mkt, tmp_path: Path) -> None:
    job = mkt("import", str(write(tmp_path / "boa.csv", gone=3)), "--audience", "people", "--json").json
    assert job["quarantine"] is None
    assert "campaigns" not in mkt("job", "show", job["import_job_id"]).out
    assert "No import is in quarantine" in mkt("job", "quarantines").out
    assert mkt("job", "quarantines", "--json").json == []


def test_what_cannot_be_released_or_reported_is_said_in_one_sentence(
    mkt: Mkt, tmp_path: Path, other_tenant: Tenant, database: Database, tenant: Tenant
) -> None:
    path = write(tmp_path / "boa.csv", gone=0)
    job = mkt("import", str(path), "--audience", "people", "--json").json["import_job_id"]
    dry = mkt("import", str(path), "--audience", "people", "--dry-run", "--json").json["import_job_id"]
    mkt("audience", "create", "Vazia")
    there = tmp_path / "there.html"
    there.write_text("mine", encoding="utf-8")
    before = report_events(database, tenant)
    for arguments, sentence in {
        ("job", "release", job, "--note", "x"): f"Job {job} is not in quarantine",
        ("job", "release", job, "--note", " "): "A release needs a reason",
        ("job", "release", "0123456789ab", "--note", "x"): "There is no job 0123456789ab",
        ("job", "report", dry): f"Job {dry} brings no contacts into an audience",
        ("report", "Vazia"): "The audience 'Vazia' has no contacts, so there is nothing to report",
        ("report", "Nenhuma"): "There is no audience 'Nenhuma'",
        ("report", "people", "--html", str(there)): "there.html is there already",
        ("report", "people", "--html", "-", "--json"): "both want standard output",
        ("report", "people", "--html", str(tmp_path / "none" / "r.html")): "No such file or directory",
    }.items():
        answer = mkt(*arguments)
        assert (answer.code, answer.out) == (2, ""), arguments
        assert sentence in answer.err
        assert len(answer.err.splitlines()) == 1, answer.err
    assert mkt("job", "release", job).code == 2, "without a note"
    elsewhere = mkt.within(MKT_TENANT=other_tenant.slug)
    assert "There is no job" in elsewhere("job", "release", job, "--note", "x").err
    assert there.read_text("utf-8") == "mine"
    assert report_events(database, tenant) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["boa.csv", "there.html"]


def test_a_report_is_a_document_a_text_and_a_page(
    mkt: Mkt, held: dict[str, Any], tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    told = mkt("report", "people", "--json").json
    people = told["people"]
    assert (told["report"], told["audience"], people["contacts"], people["reachable"]) == ("audience", "people", 65, 0)
    assert people["left_out"] == {
        "opted_out": 0, "invalid": 5, "risky": 0, "not_yet_checked": 0, "unknown": 0, "quarantined": 60
    }  # fmt: skip
    (source,) = told["imports"]
    assert (source["invalid"], source["shares"]["invalid"], source["usual"]) == (5, 7.69, None)
    assert source["quarantine"]["rules"] == held["quarantine"]["rules"]
    assert [each["act"] for each in told["next"]] == ["release", "mend_rejects", "state_basis"]
    text = mkt("report", "people")
    assert "7.7 %" in " ".join(text.out.split())
    assert f"`mkt job release {held['import_job_id'][-12:]} --note" in text.out

    folder = mkt("report", "people", "--html", str(tmp_path))
    page = tmp_path / "people-report.html"
    assert f"The report is in {page}." in folder.out
    assert page.stat().st_mode & 0o777 == 0o600
    assert '<html lang="en">' in page.read_text("utf-8")
    assert "nao-existe-mesmo" not in page.read_text("utf-8")
    assert mkt("report", "people", "--html", str(page), "--force", "--lang", "pt-BR").code == 0
    assert '<html lang="pt-BR">' in page.read_text("utf-8")
    assert mkt("report", "people", "--html", "-").out.startswith("<!DOCTYPE html>")
    both = mkt("report", "people", "--html", str(page), "--force", "--json").json
    assert both["people"] == people
    exported = [subject for action, subject in report_events(database, tenant) if action == "report_exported"]
    assert exported == [str(tenant.audience_id)] * 4


def test_an_import_has_a_report_of_its_own(mkt: Mkt, held: dict[str, Any], tmp_path: Path) -> None:
    job = held["import_job_id"]
    told = mkt("job", "report", job, "--json").json
    assert (told["report"], told["import"]["import_job_id"], told["people"]["contacts"]) == ("import", job, 65)
    assert told["import"]["errors_by_code"] == {"syntax_no_at": 1}
    assert [each["act"] for each in told["next"]] == ["release", "mend_rejects", "state_basis"]
    assert "7.7 %" in " ".join(mkt("job", "report", job).out.split())
    page = tmp_path / "r.html"
    assert mkt("job", "report", job, "--html", str(page)).code == 0
    assert "lista.csv" in page.read_text("utf-8")
    again = mkt("import", str(tmp_path / "lista.csv"), "--audience", "people", "--again", "--json").json
    nobody = mkt("job", "report", again["import_job_id"], "--html", "-")
    assert "Nobody joined the audience by this import" in nobody.out
    assert mkt("job", "report", again["import_job_id"]).code == 0
