"""`mkt verdict`: decisions about addresses and domains, choices, who is judged again by them, and the trail they leave."""

from __future__ import annotations

import re
from typing import Any

import pytest

from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant


def contacts(database: Database, tenant: Tenant, *emails: str, details: str = "{}") -> None:
    """Make contacts whose verdicts are good for two months."""
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "with made as (insert into mtrk.contatos (tenant_id, email) select :t, unnest(cast(:emails as text[])) returning rid)"
            " insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at, details_json)"
            " select rid, :t, 'valid', 'mx_ok', 95, 'v', now() + interval '60 days', cast(:details as jsonb) from made",
            {"t": tenant.tenant_id, "emails": list(emails), "details": details},
        )


def due(database: Database, tenant: Tenant) -> list[str]:
    """Return whose judgement is due, or was, where the workers' clock has been quicker; and put it off again."""
    with database.unit(tenant.tenant_id) as unit:
        found = unit.execute(
            "update mkt.email_validations v set next_validation_at = now() + interval '60 days', validator_version = 'v' from mtrk.contatos c"
            " where c.rid = v.rid and (v.next_validation_at <= now() or v.validator_version <> 'v') returning c.email"
        )
        return sorted(row[0] for row in found)


def trail(database: Database, tenant: Tenant) -> list[tuple[str, str, Any]]:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select action, subject, details from audit.events where action like 'verdict%' order by event_id"
        )
        return [(row[0], row[1], row[2]) for row in found]


def test_a_domain_is_decided_about_with_all_below_it(
    mkt: Mkt, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    emails = ("a@empresa.com.br", "b@sul.empresa.com.br", "c@minhaempresa.com.br", "empresa.com.br@gmail.com")
    contacts(database, tenant, *emails)
    contacts(database, other_tenant, *emails)

    answer = mkt("verdict", "deny", "Empresa.com.BR", "--note", "closed down", "--json")

    assert answer.json == [{"entry": "empresa.com.br", "decision": "deny", "before": None, "contacts": 2}]
    assert due(database, tenant) == ["a@empresa.com.br", "b@sul.empresa.com.br"]
    assert due(database, other_tenant) == []
    (listed,) = mkt("verdict", "list", "--json").json
    assert (listed["entry"], listed["decision"], listed["note"], listed["user"]) == (
        "empresa.com.br", "deny", "closed down", "system"
    )  # fmt: skip
    assert mkt.within(MKT_TENANT=other_tenant.slug)("verdict", "list", "--json").json == []


def test_an_address_leaves_no_trace_in_the_trail(mkt: Mkt, database: Database, tenant: Tenant) -> None:
    contacts(database, tenant, "ana@empresa.com.br", "bia@empresa.com.br")
    mkt("verdict", "allow", "Ana@empresa.com.br", "empresa.com.br")
    assert due(database, tenant) == ["ana@empresa.com.br", "bia@empresa.com.br"]
    again = mkt("verdict", "allow", "ana@empresa.com.br")
    assert "ana@empresa.com.br was allowed already." in again.out
    assert due(database, tenant) == []
    answer = mkt("verdict", "deny", "ana@empresa.com.br")
    assert "ana@empresa.com.br is denied: it is invalid" in answer.out
    assert "1 contact will be judged again" in answer.out
    # A worker of another test that had begun with the domain may write its judgement only now.
    assert "ana@empresa.com.br" in due(database, tenant)
    forgotten = mkt("verdict", "forget", "ana@empresa.com.br", "--json").json
    assert forgotten == [{"entry": "ana@empresa.com.br", "decision": None, "before": "deny", "contacts": 1}]
    assert due(database, tenant) == ["ana@empresa.com.br"]

    changed = "verdict_override_changed"
    found = trail(database, tenant)
    digest = found[0][1]
    assert re.fullmatch("hmac:[0-9a-f]{64}", digest)
    assert found == [
        (changed, digest, {"decision": "allow", "before": None, "contacts": 1}),
        (changed, "empresa.com.br", {"decision": "allow", "before": None, "contacts": 1}),
        (changed, digest, {"decision": "deny", "before": "allow", "contacts": 1}),
        (changed, digest, {"decision": None, "before": "deny", "contacts": 1}),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("deny", "empresa.com.br", "com.br"), "'com.br' is a suffix under which anybody registers domains"),
        (("allow", "empresa.com.br", "ana@"), "'ana@' is neither an e-mail address nor a domain."),
        (("forget", "empresa.com.br", "outra.com.br"), "Nothing was decided about 'outra.com.br'"),
    ],
)
def test_one_bad_entry_stops_all(
    mkt: Mkt, database: Database, tenant: Tenant, arguments: tuple[str, ...], sentence: str
) -> None:
    if arguments[0] == "forget":
        mkt("verdict", "deny", "empresa.com.br")
    before = (mkt("verdict", "list", "--json").json, trail(database, tenant))
    answer = mkt("verdict", *arguments)
    assert answer.code == 2
    assert sentence in answer.err
    assert len(answer.err.splitlines()) == 1
    assert (mkt("verdict", "list", "--json").json, trail(database, tenant)) == before


def test_choices_are_shown_and_make_those_due_whom_they_concern(mkt: Mkt, database: Database, tenant: Tenant) -> None:
    contacts(database, tenant, "ana@empresa.com.br", "josé@empresa.com.br")
    contacts(database, tenant, "contato@empresa.com.br", details='{"flags": ["free_provider", "role_account"]}')

    assert mkt("verdict", "policy", "--json").json == {"risky_roles": False, "smtputf8": False, "contacts": 0}
    assert trail(database, tenant) == []
    assert mkt("verdict", "policy", "--risky-roles", "--json").json == {
        "risky_roles": True, "smtputf8": False, "contacts": 1
    }  # fmt: skip
    assert due(database, tenant) == ["contato@empresa.com.br"]
    assert mkt("verdict", "policy", "--risky-roles", "--json").json["contacts"] == 0
    assert mkt("verdict", "policy", "--smtputf8", "--json").json["contacts"] == 1
    assert due(database, tenant) == ["josé@empresa.com.br"]
    shown = mkt("verdict", "policy", "--no-risky-roles")
    assert "Addresses of a role are no risk." in shown.out
    assert "Your sender can write to addresses with letters beyond ASCII" in shown.out
    assert due(database, tenant) == ["contato@empresa.com.br"]
    changes = [(details["before"], details["after"]) for _, _, details in trail(database, tenant)]
    assert [after for _, after in changes] == [
        {"risky_roles": True, "smtputf8": False},
        {"risky_roles": True, "smtputf8": True},
        {"risky_roles": False, "smtputf8": True},
    ]


def test_people_read_a_table(mkt: Mkt) -> None:
    assert "Nothing is decided" in mkt("verdict", "list").out
    mkt("verdict", "deny", "empresa.com.br", "--note", "=1+1")
    assert "denied" in mkt("verdict", "list").out
    assert "negado" in mkt("verdict", "list", "--lang", "pt-BR").out
