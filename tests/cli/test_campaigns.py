"""`mkt campaign`: which audiences, what it goes by, who receives it and why; what is refused leaves everything as it was."""

from __future__ import annotations

from typing import Any

import pytest

from db.unit import Database
from tests.cli.conftest import Answer, Mkt
from tests.conftest import Tenant


def people(database: Database, tenant: Tenant, audience: str = "people", **reasons: str) -> None:
    """Make contacts NAME@empresa.com.br of an audience, each with a verdict of this reason; ``none``: without one."""
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mkt.audiences (tenant_id, name) values (:t, :a) on conflict do nothing",
            {"t": tenant.tenant_id, "a": audience},
        )
        for name, reason in reasons.items():
            unit.execute(
                "with made as (insert into mtrk.contatos (tenant_id, email) values (:t, :e) on conflict (tenant_id, email) do update"
                " set updated_at = now() returning rid), linked as (insert into mkt.audience_contacts (tenant_id, audience_id, rid)"
                " select :t, a.audience_id, m.rid from made m, mkt.audiences a where a.name = :a)"
                " insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at)"
                " select rid, :t, :s, :r, 50, 'v', now() + interval '60 days' from made where :r <> 'none' on conflict do nothing",
                {
                    "t": tenant.tenant_id,
                    "e": f"{name}@empresa.com.br",
                    "a": audience,
                    "r": reason,
                    "s": {"mx_ok": "valid", "implicit_mx": "risky", "possible_typo": "risky"}.get(reason, "invalid"),
                },
            )


def opt_out(database: Database, tenant: Tenant, email: str, kind: str = "unsubscribe") -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) values (:t, :e, :k, 'test')",
            {"t": tenant.tenant_id, "e": email, "k": kind},
        )


def trail(database: Database, tenant: Tenant) -> list[tuple[str, Any]]:
    with database.reading(tenant.tenant_id) as unit:
        found = unit.execute(
            "select action, details from audit.events where action like '%campaign%' or action like '%policy%' order by event_id"
        )
        return [(row[0], row[1]) for row in found]


def refused(answer: Answer) -> str:
    """Return the one sentence of a refusal."""
    assert answer.code == 2
    assert answer.out == ""
    (line,) = answer.err.splitlines()
    return line


@pytest.fixture
def march(mkt: Mkt, database: Database, tenant: Tenant) -> str:
    """Return the id of a campaign over the audience `people`."""
    people(database, tenant, ana="mx_ok", bia="mx_ok", caio="implicit_mx", davi="possible_typo", eva="none")
    return str(mkt("campaign", "create", "Março", "--audience", "people", "--json").json["cid"])


def test_a_campaign_is_found_by_its_id_the_end_of_it_and_its_name(mkt: Mkt, march: str) -> None:
    for which in (march, march[-8:], march.upper(), "Março"):
        assert mkt("campaign", "show", which, "--json").json["cid"] == march
    shown = mkt("campaign", "show", "Março").out
    assert "people" in shown
    assert "reached" in shown
    (listed,) = mkt("campaign", "list", "--json").json
    assert (listed["name"], listed["audiences"], listed["is_sent"]) == ("Março", 1, False)
    assert "Março" in mkt("campaign", "list").out


def test_audiences_are_chosen_left_out_and_forgotten(mkt: Mkt, database: Database, tenant: Tenant, march: str) -> None:
    people(database, tenant, "clientes", bia="mx_ok")
    changed = mkt("campaign", "audiences", march, "--exclude", "clientes", "--json").json
    assert [(each["name"], each["excluded"]) for each in changed["audiences"]] == [
        ("people", False),
        ("clientes", True),
    ]
    assert mkt("campaign", "preview", march, "--json").json["exclusions"]["excluded_audience"] == 1
    changed = mkt("campaign", "audiences", march, "--add", "clientes", "--json").json
    assert [(each["name"], each["excluded"]) for each in changed["audiences"]] == [
        ("clientes", False),
        ("people", False),
    ]
    changed = mkt("campaign", "audiences", march, "--remove", "clientes", "--json").json
    assert [each["name"] for each in changed["audiences"]] == ["people"]
    assert mkt("campaign", "audiences", march, "--json").json == changed
    assert [action for action, _ in trail(database, tenant)] == ["campaign_created"] + [
        "campaign_audiences_changed"
    ] * 3


def test_a_preview_adds_up_and_says_what_each_choice_is_worth(
    mkt: Mkt, database: Database, tenant: Tenant, march: str
) -> None:
    opt_out(database, tenant, "bia@empresa.com.br")
    found = mkt("campaign", "preview", march, "--json").json
    assert (found["contacts"], found["recipients"]) == (5, 2)
    assert found["exclusions"] == {"unsubscribed": 1, "risky": 1, "not_yet_checked": 1}
    assert found["reasons"] == {"unsubscribed": {"unsubscribe": 1}, "risky": {"possible_typo": 1}}
    assert [(each["name"], each["contacts"], each["recipients"]) for each in found["audiences"]] == [("people", 5, 2)]
    worth = {each["key"]: each["recipients"] for each in found["choices"] if each["recipients"]}
    assert worth == {"possible_typo": 1, "implicit_mx": -1, "not_yet_checked": 1, "consent_required": -2}
    assert found["unchecked"] == 1
    assert found["policy"]["findings"]["implicit_mx"] == "in"

    shown = mkt("campaign", "preview", march).out
    assert "Março, sent now, would reach 2 of 5 contacts; 3 would not receive it." in shown
    assert "the address is risky" in shown
    assert "1 contact still being checked" in shown
    assert "alcançaria 2 de 5 contatos" in mkt("campaign", "preview", march, "--lang", "pt-BR").out


def test_choices_of_the_tenant_and_of_the_campaign_decide(
    mkt: Mkt, database: Database, tenant: Tenant, march: str
) -> None:
    other = mkt("campaign", "create", "Abril", "--audience", "people", "--json").json["cid"]
    mkt("campaign", "policy", "--set", "implicit_mx=out", "--set", "frequency_cap=3/7d")
    mkt("campaign", "policy", march, "--set", "possible_typo=in", "--set", "implicit_mx=in")

    def recipients(cid: str) -> int:
        return int(mkt("campaign", "preview", cid, "--json").json["recipients"])

    assert (recipients(march), recipients(other)) == (4, 2)
    shown = mkt("campaign", "policy", march, "--json").json
    assert shown["tenant"] == {"findings": {"implicit_mx": "out"}, "frequency_cap": {"messages": 3, "days": 7}}
    assert shown["campaign"] == {"findings": {"implicit_mx": "in", "possible_typo": "in"}}
    assert shown["policy"]["findings"]["implicit_mx"] == "in"
    mkt("campaign", "policy", march, "--unset", "implicit_mx")
    assert recipients(march) == 3
    lines = {line.split()[0]: line.split()[-1] for line in mkt("campaign", "policy", march).out.splitlines()}
    assert (lines["possible_typo"], lines["implicit_mx"], lines["parked_mx"]) == ("campaign", "tenant", "default")
    changes = [(action, details.get("after")) for action, details in trail(database, tenant) if "policy" in action]
    assert changes == [
        ("tenant_policy_changed", shown["tenant"]),
        ("campaign_policy_changed", shown["campaign"]),
        ("campaign_policy_changed", {"findings": {"possible_typo": "in"}}),
    ]


def test_an_explanation_shows_every_rule_and_the_row_that_brought_the_contact_in(
    mkt: Mkt, database: Database, tenant: Tenant, march: str
) -> None:
    opt_out(database, tenant, "ana@empresa.com.br", "complaint")
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "with job as (insert into mkt.import_jobs (tenant_id, kind, audience_id, uploaded_by_user_id, file_name, file_hash, file_bytes, file_key,"
            " options_hash, chunk_rows, status, stage) values (:t, 'import', :a, :u, 'leads.csv', repeat('0', 64), 1, 'k', 'h', 10, 'queued', 'split')"
            " returning import_job_id)"
            " update mkt.audience_contacts set import_job_id = (select import_job_id from job), part_no = 0, row_number = 7",
            {"t": tenant.tenant_id, "a": tenant.audience_id, "u": tenant.user_id},
        )
    found = mkt("campaign", "explain", march, "Ana@Empresa.com.br", "--json").json
    assert (found["email"], found["receives"], found["rule"], found["reason"]) == (
        "ana@empresa.com.br", False, "suppressed", "complaint"
    )  # fmt: skip
    assert len(found["rules"]) == 14
    assert [(each["rule"], each["matches"]) for each in found["rules"] if each["decides"]] == [("suppressed", True)]
    (link,) = found["memberships"]
    assert (link["file_name"], link["row_number"], link["uploaded_by"]) == ("leads.csv", 7, "system")
    shown = mkt("campaign", "explain", march, "ana@empresa.com.br").out
    assert "ana@empresa.com.br would not receive Março now: must not be written to." in shown
    assert "row 7 of leads.csv, uploaded by system on" in shown
    assert "called a message spam: said on" in shown
    received = mkt("campaign", "explain", march, "bia@empresa.com.br", "--lang", "pt-BR").out
    assert "bia@empresa.com.br receberia Março agora." in received
    assert "linha 7 de leads.csv" in received


def test_an_explanation_of_somebody_unknown_says_so(mkt: Mkt, database: Database, tenant: Tenant, march: str) -> None:
    opt_out(database, tenant, "zoe@empresa.com.br")
    found = mkt("campaign", "explain", march, "zoe@empresa.com.br", "--json").json
    assert (found["rid"], found["rule"], found["memberships"]) == (None, "unsubscribed", [])
    assert (
        "There is no contact with the address nobody@empresa.com.br."
        in mkt("campaign", "explain", march, "nobody@empresa.com.br").out
    )
    people(database, tenant, "clientes", gil="mx_ok")
    found = mkt("campaign", "explain", march, "gil@empresa.com.br", "--json").json
    assert (found["receives"], found["rule"]) == (False, "left_audience")
    assert [(each["audience"], each["chosen"]) for each in found["memberships"]] == [("clientes", False)]


def test_another_tenant_s_campaign_is_no_campaign(mkt: Mkt, other_tenant: Tenant, march: str) -> None:
    others = mkt.within(MKT_TENANT=other_tenant.slug)
    for command in (("show",), ("audiences",), ("policy",), ("preview",), ("explain", "ana@empresa.com.br")):
        answer = others("campaign", command[0], march, *command[1:])
        assert "There is no campaign" in refused(answer), command
    assert others("campaign", "list", "--json").json == []
    answer = others("campaign", "create", "x", "--audience", "clientes")
    assert "There is no audience 'clientes'" in refused(answer)
    assert others("campaign", "list", "--json").json == []


def test_what_cannot_be_done_is_said_in_one_sentence_and_nothing_is_half_done(
    mkt: Mkt, database: Database, tenant: Tenant, march: str
) -> None:
    people(database, tenant, "velha", gil="mx_ok")
    mkt("campaign", "create", "Vazia")
    mkt("campaign", "create", "Antiga", "--audience", "velha")
    mkt("audience", "archive", "velha")
    before = (mkt("campaign", "list", "--json").json, trail(database, tenant))
    for arguments, sentence in (
        (("preview", "Vazia"), "has no audience to reach"),
        (("preview", "Antiga"), "All audiences of campaign 'Antiga' are archived (velha)"),
        (("explain", "Vazia", "ana@empresa.com.br"), "has no audience to reach"),
        (("explain", march, "ana@"), "'ana@' is not an e-mail address."),
        (("preview", "Maio"), "There is no campaign 'Maio'"),
        (("send", "", "--simulate"), "There is no campaign ''"),
        (("show", march[-3:]), f"There is no campaign '{march[-3:]}'"),
        (("policy", "--set", "frequency_cap=1_0/7d"), "frequency_cap cannot be '1_0/7d'"),
        (("create", "Março"), "There is a campaign called 'Março' already"),
        (("create", " "), "A campaign needs a name"),
        (("create", "Maio", "--audience", "people", "--audience", "nenhuma"), "There is no audience 'nenhuma'"),
        (("create", "Maio", "--exclude", "velha"), "Audience 'velha' is archived"),
        (("create", "Maio", "--audience", "people", "--exclude", "people"), "cannot be chosen and left out"),
        (("audiences", march, "--add", "people", "--exclude", "people"), "cannot be chosen and left out"),
        (("audiences", march, "--remove", "people", "--add", "velha"), "Audience 'velha' is archived"),
        (("audiences", march, "--remove", "velha"), "has nothing to do with the audience 'velha'"),
        (("policy", "--set", "implicit_mx=in", "--set", "nothing=in"), "There is no choice 'nothing'"),
        (("policy", march, "--set", "freshness=1"), "freshness cannot be '1'; it takes 1.5…1000."),
        (("policy", "--set", "implicit_mx"), "--set 'implicit_mx' has no key or no value"),
    ):
        assert sentence in refused(mkt("campaign", *arguments)), arguments
    assert (mkt("campaign", "list", "--json").json, trail(database, tenant)) == before
    assert mkt("campaign", "policy", march, "--json").json["tenant"] == {}


def test_several_campaigns_of_one_end_or_name_are_all_named(mkt: Mkt, database: Database, tenant: Tenant) -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mtrk.campanhas (tenant_id, cid, name) values (:t, '00000000-0000-0000-0000-0000aaaa0001', 'x'),"
            " (:t, '00000000-0000-0000-0000-0000bbbb0001', 'x')",
            {"t": tenant.tenant_id},
        )
    for which in ("0001", "x"):
        sentence = refused(mkt("campaign", "show", which))
        assert "aaaa0001" in sentence
        assert "bbbb0001" in sentence


def test_a_campaign_that_was_sent_stays_as_it_is(mkt: Mkt, database: Database, tenant: Tenant, march: str) -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mkt.campaign_contacts (tenant_id, cid, rid, import_job_id, chunk_no, outcome, rule, decided_at)"
            " select :t, :c, rid, uuidv7(), 3, 'excluded', 'unsubscribed', now() from mtrk.contatos where email like 'ana@%'",
            {"t": tenant.tenant_id, "c": march},
        )
    for arguments in (("audiences", march, "--remove", "people"), ("policy", march, "--set", "unknown=in")):
        assert "was sent already" in refused(mkt("campaign", *arguments))
    shown = mkt("campaign", "show", march, "--json").json
    assert (shown["is_frozen"], shown["is_sent"]) == (True, False)
    assert "A send of it was begun and did not get to its end" in mkt("campaign", "show", march).out
    assert "A send of it was cancelled, or failed" in mkt("campaign", "preview", march).out
    shown = mkt("campaign", "explain", march, "ana@empresa.com.br")
    assert "When the campaign was sent, the contact was left out: unsubscribed." in shown.out
    assert mkt("campaign", "explain", march, "ana@empresa.com.br", "--json").json["frozen"]["rule"] == "unsubscribed"


def test_imports_that_are_held_back_are_named_with_what_lets_them_in(
    mkt: Mkt, database: Database, tenant: Tenant, march: str
) -> None:
    with database.unit(tenant.tenant_id) as unit:
        job = unit.execute(
            "insert into mkt.import_jobs (tenant_id, kind, audience_id, uploaded_by_user_id, file_name, file_hash, file_bytes, file_key,"
            " options_hash, chunk_rows, status, stage) values (:t, 'import', :a, :u, 'comprada.csv', repeat('0', 64), 1, 'k', 'h', 10, 'queued', 'split')"
            " returning import_job_id",
            {"t": tenant.tenant_id, "a": tenant.audience_id, "u": tenant.user_id},
        ).scalar_one()
        unit.execute("update mkt.audience_contacts set import_job_id = :j", {"j": job})
        unit.execute(
            "insert into mkt.quarantines (tenant_id, import_job_id, rules) values (:t, :j, '[]')",
            {"t": tenant.tenant_id, "j": job},
        )
    found = mkt("campaign", "preview", march, "--json").json
    assert found["recipients"] == 0
    assert found["exclusions"]["quarantined"] == 3
    assert [(each["file_name"], each["contacts"], each["release"]) for each in found["quarantined"]] == [
        ("comprada.csv", 5, f"mkt job release {job}")
    ]
    assert f"`mkt job release {job}` lets them in" in mkt("campaign", "preview", march).out
    assert "which is held back" in mkt("campaign", "explain", march, "ana@empresa.com.br").out
