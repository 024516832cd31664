"""`mkt check`, `mkt job suggestions` and `mkt revalidate`: what an address is worth, why, since when, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
def job(imported: Callable[[Path], str], tmp_path: Path) -> str:
    """An import with a mistyped domain."""
    path = tmp_path / "lista.csv"
    path.write_text("email,nome\nana@gamil.com,Ana\nbia@gamil.com,Bia\ncontato@uol.com.br,UOL\n", encoding="utf-8")
    return imported(path)


def test_a_check_tells_the_verdict_its_rule_and_its_evidence(mkt: Mkt) -> None:
    answer = mkt("check", "vendas+sp@uol.com.br", "ana@gamil.com")

    assert answer.code == 0
    good, bad = answer.out.split("ana@gamil.com: ")
    assert good.startswith("vendas+sp@uol.com.br: valid (mx_ok, score 95). The domain names at least one mail server")
    assert "Anybody can have a mailbox at this provider." in good
    assert "The address has a tag" in good
    assert "The mailbox belongs to a task" in good
    assert "mx1.uol.com.br (10)" in good
    assert "Rule 32" in good
    assert bad.startswith(
        "invalid (domain_not_found, score 0). The domain does not exist.\n  Probably meant: ana@gmail.com\n"
    )
    assert "DNS names neither a mail server nor an address." in bad
    assert "Rule 11" in bad


def test_a_check_knows_what_the_tenant_decided_and_heard(mkt: Mkt, database: Database, tenant: Tenant) -> None:
    assert mkt("verdict", "deny", "uol.com.br").code == 0
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.mailboxes (tenant_id, email, domain, bounced_hard_at) values (:t, 'ana.maria@gmail.com', 'gmail.com', now())",
            {"t": tenant.tenant_id},
        )

    denied, bounced = mkt("check", "ana@uol.com.br", "ana.maria@gmail.com", "--json").json

    assert (denied["status"], denied["reason_code"]) == ("invalid", "override_deny")
    assert (bounced["status"], bounced["reason_code"]) == ("invalid", "bounced_hard")


def test_the_history_tells_the_story_of_an_address(mkt: Mkt, job: str, database: Database, tenant: Tenant) -> None:
    del job
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source) values (:t, 'ana@gamil.com', 'unsubscribe', 'form')",
            {"t": tenant.tenant_id},
        )

    told = mkt("check", "ana@gamil.com", "--history")
    (item,) = mkt("check", "ana@gamil.com", "--history", "--json").json

    assert "domain_not_found" in told.out
    assert "opt-out" in told.out
    assert "It will be judged again on" in told.out
    story = item["history"]
    assert story["state"]["status"] == "invalid"
    assert [each["reason_code"] for each in story["judgements"]] == ["domain_not_found"]
    assert story["judgements"][0]["details"]["dns"]["rcode"] == "NXDOMAIN"
    assert [each["kind"] for each in story["opt_outs"]] == ["unsubscribe"]


def test_the_history_of_a_contact_that_waits_is_its_state(mkt: Mkt, database: Database, tenant: Tenant) -> None:
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "with made as (insert into mtrk.contatos (tenant_id, email) values (:t, 'ana@gamil.com') returning rid)"
            " insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at)"
            " select rid, :t, 'unknown', 'not_yet_checked', 40, '-', '2099-01-01' from made",
            {"t": tenant.tenant_id},
        )

    told = mkt("check", "ana@gamil.com", "--history").out.partition("Rule 11")[2]

    assert "In the base as of" in told
    assert "unknown (not_yet_checked, score 40). The domain has not been checked yet" in told
    assert "It will be judged again on" in told
    assert "score\n" not in told, "an empty table"


def test_without_the_database_there_is_a_verdict_and_no_history(mkt: Mkt) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"

    answer = mkt("check", "ana@gamil.com", "--history", MKT_DATABASE_URL=away)
    (item,) = mkt("check", "ana@gamil.com", "--history", "--json", MKT_DATABASE_URL=away).json

    assert answer.code == 0
    assert "invalid (domain_not_found, score 0)" in answer.out
    assert "the history of these addresses is not known" in answer.err
    assert item["history"] is None


def test_an_address_that_nobody_has_heard_of_has_no_story(mkt: Mkt) -> None:
    assert "Nothing is known of this address here." in mkt("check", "nobody@uol.com.br", "--history").out


def test_suggestions_are_listed_and_applied(mkt: Mkt, job: str) -> None:
    assert mkt("job", "suggestions", job, "--json").json == [
        {"written": "gamil.com", "meant": "gmail.com", "contacts": 2}
    ]
    assert "gamil.com" in mkt("job", "suggestions", job).out

    answer = mkt("job", "suggestions", job, "--accept", "gamil.com")

    assert answer.code == 0, answer.err
    assert "2 contacts left the audience under the address that was mistyped." in answer.out
    assert "Nothing is suggested" in mkt("job", "suggestions", job).out


def test_what_is_not_suggested_is_refused_in_one_sentence(mkt: Mkt, job: str) -> None:
    answer = mkt("job", "suggestions", job, "--accept", "example.com")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "Nothing is suggested for 'example.com'" in answer.err


def test_a_shadow_shows_what_would_change_and_changes_nothing(
    mkt: Mkt, job: str, database: Database, tenant: Tenant
) -> None:
    del job
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.email_validations set status = 'risky', reason_code = 'implicit_mx', score = 55, validator_version = 'old'"
        )
    query = "select md5(string_agg(v::text, '|' order by rid)) from mkt.email_validations v"

    def checksum() -> str:
        with database.reading(tenant.tenant_id) as unit:
            return str(unit.execute(query).scalar_one())

    before = checksum()
    shadow = mkt("revalidate", "--shadow", "--json").json
    assert "2 " in mkt("revalidate", "--shadow").out
    assert checksum() == before

    assert {(tuple(t["before"]), tuple(t["after"]), t["contacts"]) for t in shadow["transitions"]} == {
        (("risky", "implicit_mx"), ("invalid", "domain_not_found"), 2),
        (("risky", "implicit_mx"), ("valid", "mx_ok"), 1),
    }
    assert mkt("revalidate", "--apply", "--json").json["judged"] == 3
    assert checksum() != before
    assert mkt("revalidate", "--apply", "--json").json["judged"] == 0


def test_apply_does_what_the_shadow_shows_also_without_new_rules(
    mkt: Mkt, job: str, database: Database, tenant: Tenant
) -> None:
    del job
    mkt("verdict", "deny", "uol.com.br")
    with database.unit(tenant.tenant_id) as unit:  # as if nobody's clock had come yet, nor would for months
        unit.execute(
            "update mkt.email_validations set status = 'valid', reason_code = 'mx_ok', score = 95,"
            " next_validation_at = now() + interval '60 days' where reason_code = 'override_deny' or status = 'valid'"
        )
    shadow = mkt("revalidate", "--shadow", "--json").json
    changing = [each for each in shadow["transitions"] if each["before"] != each["after"]]

    assert [(tuple(each["after"]), each["contacts"]) for each in changing] == [(("invalid", "override_deny"), 1)]
    assert mkt("revalidate", "--apply", "--json").json["judged"] == 1
    assert mkt("revalidate", "--apply", "--json").json["judged"] == 0
    after = mkt("revalidate", "--shadow", "--json").json["transitions"]
    assert all(each["before"] == each["after"] for each in after)


def test_a_tenant_judges_its_own_contacts_only(
    mkt: Mkt, job: str, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    del job, tenant
    with database.unit(other_tenant.tenant_id) as unit:
        unit.execute(
            "with made as (insert into mtrk.contatos (tenant_id, email) values (:t, 'ana.maria@gmail.com') returning rid)"
            " insert into mkt.email_validations (rid, tenant_id, status, reason_code, score, validator_version, next_validation_at)"
            " select rid, :t, 'unknown', 'not_yet_checked', 40, 'v', now() + interval '1 second' from made",
            {"t": other_tenant.tenant_id},
        )

    assert mkt("revalidate", "--json").json["judged"] == 0


def test_shadow_and_apply_exclude_each_other(mkt: Mkt) -> None:
    answer = mkt("revalidate", "--shadow", "--apply")

    assert (answer.code, answer.out) == (2, "")
