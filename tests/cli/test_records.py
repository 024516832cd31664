"""Audiences, users, tenants and jobs: what the command makes, lists and shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Mkt
from tests.conftest import Tenant


def test_an_audience_has_a_life(mkt: Mkt) -> None:
    made = mkt("audience", "create", "Clientes", "--description", "os bons", "--json").json
    assert (made["name"], made["description"], made["status"], made["contacts"]) == ("Clientes", "os bons", "active", 0)
    assert mkt("audience", "create", "Clientes").code == 2
    assert mkt("audience", "rename", "Clientes", "people").code == 2

    for arguments in (("rename", "Clientes", "Fiéis"), ("describe", "Fiéis", "os melhores"), ("archive", "Fiéis")):
        assert mkt("audience", *arguments).code == 0
    assert mkt("audience", "archive", "Fiéis").code == 2

    found = mkt("audience", "show", made["audience_id"], "--json").json
    assert (found["name"], found["description"], found["status"]) == ("Fiéis", "os melhores", "archived")
    assert mkt("audience", "reactivate", "Fiéis", "--json").json["status"] == "active"
    assert [audience["name"] for audience in mkt("audience", "list", "--json").json] == ["Fiéis", "people"]


def test_users_belong_to_their_tenant(mkt: Mkt, other_tenant: Tenant) -> None:
    assert mkt("user", "create", "maria").code == 0
    assert mkt("user", "create", "maria").code == 2
    assert [user["name"] for user in mkt("user", "list", "--json").json] == ["maria", "system"]
    assert [user["name"] for user in mkt("--tenant", other_tenant.slug, "user", "list", "--json").json] == ["system"]


def test_a_tenant_begins_with_a_user(mkt: Mkt, tenant: Tenant) -> None:
    slug = f"new-{tenant.slug}"
    assert mkt("tenant", "create", slug, "--name", "Nova").code == 0
    assert mkt("tenant", "create", slug).code == 2
    assert mkt("tenant", "create", "Not A Slug").code == 2
    assert {"slug": slug, "name": "Nova", "locale": "pt-BR", "timezone": "America/Sao_Paulo"} in mkt(
        "tenant", "list", "--json"
    ).json
    assert mkt("user", "list", "--tenant", slug, "--json").json == [{"name": "system"}]


@pytest.mark.usefixtures("workers")
def test_a_job_tells_what_became_of_each_row(mkt: Mkt, contacts: Path, other_tenant: Tenant) -> None:
    job = mkt("import", str(contacts), "--audience", "people", "--user", "system", "--json").json
    tail, head = job["import_job_id"][-12:], job["import_job_id"][:13]

    def numbers(*arguments: str) -> list[int]:
        return [row["row_number"] for row in mkt("job", "rows", tail, *arguments, "--json").json]

    assert numbers() == [2, 3, 5, 6]
    assert numbers("--status", "ok") == [2, 3]
    assert numbers("--status", "error") == [5]
    assert numbers("--status", "duplicate") == [6]
    assert numbers("--code", "syntax_domain") == [5]
    assert numbers("--limit", "1") == [2]
    assert "The same address as row 2" in mkt("job", "rows", head, "--status", "duplicate").out

    listed = mkt("job", "list", "--json").json
    assert [(item["import_job_id"], item["uploaded_by"], item["audience"]) for item in listed] == [
        (job["import_job_id"], "system", "people")
    ]
    assert mkt("job", "show", job["import_job_id"].replace("-", "").upper(), "--json").json["status"] == "done"
    shown = mkt("job", "show", tail)
    assert "5 records - 1 blank" in shown.out
    assert "names at least one mail server" in shown.out
    for refused in (
        mkt("job", "cancel", tail),
        mkt("job", "retry", tail),
        mkt("job", "show", tail, "--tenant", other_tenant.slug),
    ):
        assert refused.code == 2
        assert len(refused.err.splitlines()) == 1


@pytest.mark.usefixtures("workers")
def test_a_job_that_waits_can_be_cancelled(mkt: Mkt, contacts: Path, unattended: Mkt) -> None:
    job = unattended("import", str(contacts), "--audience", "people", "--detach", "--json").json
    answer = mkt("job", "cancel", job["import_job_id"], "--json")
    assert answer.code == 0
    assert mkt("job", "watch", job["import_job_id"], "--json").json["status"] == "cancelled"


def test_a_sweep_says_what_it_did(mkt: Mkt) -> None:
    assert set(mkt("sweep", "--json").json) == {"tenants", "resent", "hinted", "busy"}


def test_the_servers_say_where_they_are(mkt: Mkt) -> None:
    lines = mkt("services", "env").out.split()
    assert [line.partition("=")[0] for line in lines] == ["MKT_DATABASE_URL", "MKT_BROKER_URL"]
    assert {server["name"]: server["running"] for server in mkt("services", "status", "--json").json} == {
        "PostgreSQL": True,
        "Redis": True,
    }
