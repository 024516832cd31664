"""Opt-outs as a lattice in the database: whoever tries, nothing lowers one but a lift with evidence."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from config import hash_keys
from config.endpoints import database_url, worker_database_url
from config.settings import Settings
from db import opt_outs, suppressions
from db.engines import as_sqlalchemy_url
from db.health import look
from db.statuses import OptOutKind
from db.unit import Database
from pipeline.addresses import BLANKS, judge, judge_cell
from pipeline.opt_outs import complete_opt_outs
from pipeline.verdicts import lists
from pipeline.verdicts.canonical import canonical
from tests.conftest import Tenant
from tests.support.examples import examples
from tests.support.opt_outs import holding, suppress, suppress_erased, suppress_in_plain_session
from tests.support.workers import tools

#: Whatever somebody could try to make an opt-out weaker.
LOWERING = (
    "delete from ops.suppressions",
    "truncate ops.suppressions",
    "truncate ops.suppressions restart identity cascade",
    "update ops.suppressions set kind = 'unsubscribe'",
    "update ops.suppressions set email = 'other@empresa.com.br', mailbox = 'other@empresa.com.br'",
    "update ops.suppressions set lifted_at = now(), lifted_as = 'reconsent', lift_evidence = '{\"text\": \"x\"}'",
    "update ops.suppressions set audience_id = uuidv7()",
    "update ops.suppressions set tenant_id = uuidv7()",
    "update ops.suppressions set mailbox_hash = '\\x00'",
    "update ops.suppressions set evidence = '{}'",
    "merge into ops.suppressions s using (select 1) as o on true when matched then delete",
    """insert into ops.suppressions (suppression_id, tenant_id, email, kind, source) overriding system value
        select suppression_id, tenant_id, email, 'unsubscribe', 'x' from ops.suppressions where email is not null
        on conflict (suppression_id) do update set kind = excluded.kind""",
)


@pytest.fixture
def owner(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(as_sqlalchemy_url(database_url(settings)))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("statement", LOWERING)
def test_the_owner_can_change_or_delete_no_entry(
    owner: Engine, database: Database, tenant: Tenant, statement: str
) -> None:
    suppress(database, tenant, "ana@empresa.com.br", "complaint")
    with pytest.raises(DBAPIError, match="opt-outs are never changed or deleted"), owner.begin() as connection:
        connection.execute(text(statement))
    assert holding(database, tenant) == [("ana@empresa.com.br", "complaint")]


@pytest.mark.parametrize("statement", LOWERING)
def test_the_worker_has_no_right_to_try(database: Database, tenant: Tenant, statement: str) -> None:
    suppress(database, tenant, "ana@empresa.com.br", "complaint")
    with pytest.raises(DBAPIError, match="permission denied"), database.unit(tenant.tenant_id) as unit:  # noqa: PT012 (the unit is the block)
        unit.execute("select set_config('mkt.opt_outs_by', 'mkt', true)")
        unit.execute(statement)
    assert holding(database, tenant) == [("ana@empresa.com.br", "complaint")]


@pytest.mark.parametrize("change", ["kind = 'unsubscribe'", "lifted_at = null, lifted_as = null", "key_version = 9"])
def test_not_even_our_own_functions_could_change_what_was_said(
    owner: Engine, database: Database, tenant: Tenant, change: str
) -> None:
    suppress(database, tenant, "ana@empresa.com.br", "unsubscribe")
    with database.unit(tenant.tenant_id) as unit:
        lift(unit, tenant, "ana@empresa.com.br")
    suppress(database, tenant, "ana@empresa.com.br", "manual")
    with pytest.raises(DBAPIError, match="opt-outs are never changed"), owner.begin() as connection:  # noqa: PT012 (as above)
        connection.execute(text("select set_config('mkt.opt_outs_by', 'mkt', true)"))
        connection.execute(text(f"update ops.suppressions set {change}"))


def test_an_entry_is_not_born_lifted(database: Database, tenant: Tenant) -> None:
    with pytest.raises(DBAPIError, match="never added as lifted"), database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source, lifted_at, lifted_as)"
            " values (:t, 'ana@empresa.com.br', 'manual', 'x', now(), 'reconsent')",
            {"t": tenant.tenant_id},
        )


def lift(unit: object, tenant: Tenant, email: str, *kinds: OptOutKind, evidence: str = "form 7") -> list[str]:
    return suppressions.lift(
        unit,  # type: ignore[arg-type]
        email,
        audience_id=None,
        evidence={"text": evidence},
        user_id=tenant.user_id,
        kinds=kinds or (OptOutKind.UNSUBSCRIBE, OptOutKind.BOUNCE),
    )


def test_a_lift_takes_evidence_and_says_so_in_the_audit_trail_without_the_address(
    database: Database, tenant: Tenant, settings: Settings
) -> None:
    suppress(database, tenant, "a.na+x@gmail.com")
    suppress(database, tenant, "ana@gmail.com", "bounce")
    suppress(database, tenant, "ana@gmail.com", "complaint")
    suppress(database, tenant, "ana@gmail.com", audience_id=tenant.audience_id)
    for evidence in ("{}", "null", '""'):
        with pytest.raises(DBAPIError, match="evidence alone"), database.unit(tenant.tenant_id) as unit:
            unit.execute(
                "select * from mkt.lift_opt_outs('ana@gmail.com', null, cast(:e as jsonb), :u)",
                {"e": evidence, "u": tenant.user_id},
            )
    with database.unit(tenant.tenant_id) as unit:
        assert lift(unit, tenant, "an.a@gmail.com") == ["unsubscribe", "bounce"]
        assert lift(unit, tenant, "an.a@gmail.com") == []
    with database.reading(tenant.tenant_id) as unit:
        left = suppressions.entries(unit, email="ana@gmail.com")
        assert [(entry.kind, entry.audience_id) for entry in left] == [
            ("unsubscribe", tenant.audience_id),
            ("complaint", None),
        ]
        lifted = suppressions.entries(unit, email="ana@gmail.com", lifted=True)
        assert {(each.lifted_as, each.lifted_by, str(each.lift_evidence)) for each in lifted} == {
            ("reconsent", "system", "{'text': 'form 7'}")
        }
        ((user_id, details),) = unit.execute(
            "select user_id, details from audit.events where action = 'opt_outs_lifted'"
        )
    keys = hash_keys.read(settings)
    assert keys is not None
    assert user_id == tenant.user_id
    assert details["mailbox_hashes"] == [keys.hash(tenant.tenant_id, 1, "ana@gmail.com").hex()]
    assert "gmail" not in str(details)


def test_nobody_lifts_what_is_another_tenant_s(database: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    suppress(database, tenant, "ana@empresa.com.br")
    with database.unit(other_tenant.tenant_id) as unit:
        assert lift(unit, other_tenant, "ana@empresa.com.br") == []
    with pytest.raises(DBAPIError, match="bound to no tenant"), database.unit(other_tenant.tenant_id) as unit:
        lift(unit, tenant, "ana@empresa.com.br")
    with pytest.raises(DBAPIError, match="bound to no tenant"), database.unit(None) as unit:
        lift(unit, tenant, "ana@empresa.com.br")
    assert holding(database, tenant) == [("ana@empresa.com.br", "unsubscribe")]


def test_an_erased_person_is_known_by_the_hash_and_unblocked_by_a_named_consent_alone(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    suppress_erased(settings, database, tenant, "ana@gmail.com")
    with database.unit(tenant.tenant_id) as unit:
        assert [entry.kind for entry in suppressions.entries(unit, email="a.na@googlemail.com")] == ["erasure"]
        assert suppressions.entries(unit, email="bia@gmail.com") == []
        assert lift(unit, tenant, "ana@gmail.com") == []
        assert lift(unit, tenant, "ana@gmail.com", OptOutKind.ERASURE) == ["erasure"]
    assert holding(database, tenant) == []


@pytest.mark.parametrize(
    ("written", "email"),
    [
        ("ANA@Empresa.COM.br", "ana@empresa.com.br"),
        (" \t\u200bana@empresa.com.br\ufeff\n", "ana@empresa.com.br"),
        ("mailto:ana@empresa.com.br", "ana@empresa.com.br"),
        ("MailTo: //ana@empresa.com.br", "ana@empresa.com.br"),
        ("ana@empresa.com.br;", "ana@empresa.com.br"),
        ("A.Na+news@GoogleMail.com", "a.na+news@googlemail.com"),
        ("jose\u0301@empresa.com.br", "jos\u00e9@empresa.com.br"),
        ("ÉLIO@empresa.com.br", "élio@empresa.com.br"),
        ("ana@a\u00e7a\u00ed.com.br", "ana@xn--aa-4iaz.com.br"),
        ("Ana <Ana@empresa.com.br> ", "ana@empresa.com.br"),
        ("mailto:Ana@empresa.com.br?subject=unsubscribe", "ana@empresa.com.br"),
        ("ana@empresa.com.br (Ana)", "ana@empresa.com.br"),
        ('"ana"@empresa.com.br', "ana@empresa.com.br"),
        ("ana@ empresa.com.br", "ana@empresa.com.br"),
        ("ana%40empresa.com.br", "ana@empresa.com.br"),
        ("\uff41\uff4e\uff41\uff20empresa.com.br", "ana@empresa.com.br"),
    ],
)
@pytest.mark.parametrize("keyless", ["with key", "without"])
def test_what_another_service_adds_comes_into_its_form_and_gets_its_hash(
    settings: Settings, database: Database, tenant: Tenant, written: str, email: str, keyless: str
) -> None:
    number = suppress_in_plain_session(settings, tenant, written, without_key=keyless == "without")
    with tools(settings) as context:
        complete_opt_outs(context)
    with database.reading(tenant.tenant_id) as unit:
        row = unit.execute("select * from ops.suppressions where suppression_id = :n", {"n": number}).one()
    keys = hash_keys.read(settings)
    assert keys is not None
    assert (row.email, row.mailbox) == (email, canonical(email))
    assert (row.key_version, bytes(row.mailbox_hash)) == (1, keys.hash(tenant.tenant_id, 1, row.mailbox))
    assert row.occurred_at == row.created_at
    assert holding(database, tenant) == [(email, "unsubscribe")]


@pytest.mark.parametrize("evidence", ['{"form": 7}', '["form"]'])
def test_what_holds_no_address_is_asked_once_and_named_by_the_doctor(
    settings: Settings, database: Database, tenant: Tenant, evidence: str
) -> None:
    number = suppress_in_plain_session(settings, tenant, "no address at all", evidence=evidence)
    with database.unit(tenant.tenant_id) as unit:
        assert opt_outs.are_unread(unit)
    with tools(settings) as context:
        complete_opt_outs(context)
    with database.unit(tenant.tenant_id) as unit:
        assert not opt_outs.are_unread(unit)
        assert opt_outs.incomplete(unit, after=0, limit=9) == []
        kept = unit.execute(
            "select email, evidence from ops.suppressions where suppression_id = :n", {"n": number}
        ).one()
    assert kept.email == "no address at all"
    assert kept.evidence["unreadable"] is True
    assert "form" in json.dumps(kept.evidence)
    assert number in look(database_url(settings)).unreadable_opt_outs


def test_the_owner_s_plain_session_hashes_at_once_and_one_without_the_key_leaves_it_to_the_clock(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    suppress_in_plain_session(settings, tenant, "ana@empresa.com.br")
    suppress_in_plain_session(settings, tenant, "bia@empresa.com.br", without_key=True)
    with database.unit(tenant.tenant_id) as unit:
        assert [address for _, address in opt_outs.incomplete(unit, after=0, limit=9)] == ["bia@empresa.com.br"]
        assert tenant.tenant_id in opt_outs.tenants_with_incomplete(unit)
    with tools(settings) as context:
        assert complete_opt_outs(context) >= 1
    with database.unit(tenant.tenant_id) as unit:
        assert opt_outs.incomplete(unit, after=0, limit=9) == []


@pytest.fixture(scope="module")
def worker(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(as_sqlalchemy_url(worker_database_url(settings)))
    yield engine
    engine.dispose()


def _scalar(engine: Engine, statement: str, **values: object) -> object:
    with engine.connect() as connection:
        return connection.execute(text(statement), values).scalar_one()


DOMAINS = sorted({*lists.load("canonical")["plus_tags"], *lists.load("canonical")["aliases"]})
addresses = st.builds(
    "{}@{}".format,
    st.text(st.sampled_from("ab.+é-_'"), min_size=1, max_size=8),
    st.sampled_from([*DOMAINS, "empresa.com.br", "gmail.com.br", "x.gmail.com"]),
)


@example("+@gmail.com")
@example("+x@me.com")
@example("a.b.+c@googlemail.com")
@examples(1200, suppress=[HealthCheck.function_scoped_fixture])
@given(email=addresses)
def test_sql_and_python_know_the_same_mailbox(worker: Engine, email: str) -> None:
    assume(judge(email).normalized == email)
    assert _scalar(worker, 'select mkt.mailbox(cast(:e as text) collate "C")', e=email) == canonical(email)


@examples(450, suppress=[HealthCheck.function_scoped_fixture])
@given(
    mailbox=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=80),
    tenant_id=st.uuids(),
)
def test_sql_and_python_make_the_same_hash(
    database: Database, settings: Settings, mailbox: str, tenant_id: object
) -> None:
    keys = hash_keys.read(settings)
    assert keys is not None
    with database.unit(None) as unit:
        found = unit.execute(
            "select mkt.mailbox_hash(:t, cast(1 as smallint), :m)", {"t": tenant_id, "m": mailbox}
        ).scalar_one()
    assert bytes(found) == keys.hash(tenant_id, 1, mailbox)  # type: ignore[arg-type]


@examples(900, suppress=[HealthCheck.function_scoped_fixture])
@given(
    before=st.text(st.sampled_from(BLANKS), max_size=3),
    scheme=st.sampled_from(["", "mailto:", "MAILTO:"]),
    local=st.text(st.sampled_from("aBé.İΣß"), min_size=1, max_size=6),
    after=st.text(st.sampled_from(BLANKS + ";,.>"), max_size=3),
)
def test_what_sql_takes_for_a_stored_form_python_does(
    worker: Engine, before: str, scheme: str, local: str, after: str
) -> None:
    written = f"{before}{scheme}{local}@Empresa.com.BR{after}"
    judged = judge_cell(written).normalized
    if judged is not None:
        assert _scalar(worker, "select mkt.stored_form(:w)", w=written) == judged
        assert _scalar(worker, "select mkt.is_stored_form(:w)", w=judged) is judged.isascii()


def test_sql_has_every_blank_that_python_has(worker: Engine) -> None:
    assert _scalar(worker, "select mkt.blanks()") == BLANKS


def test_a_second_adder_waits_until_the_first_has_committed(settings: Settings, tenant: Tenant) -> None:
    """A send takes the same lock, shared: it must not judge while somebody is about to commit an opt-out."""
    engine = create_engine(as_sqlalchemy_url(worker_database_url(settings)))
    insert = text("insert into ops.suppressions (tenant_id, email, kind, source) values (:t, :e, 'manual', 'x')")
    shared = text("select pg_try_advisory_xact_lock_shared(hashtext('mkt.opt_outs'), hashtext(cast(:t as text)))")
    bound = text("select set_config('app.tenant_id', cast(:t as text), true)")
    values = {"t": tenant.tenant_id, "e": "ana@empresa.com.br"}
    with engine.connect() as adder, engine.connect() as sender:
        adder.execute(bound, values)
        adder.execute(insert, values)
        assert sender.execute(shared, values).scalar_one() is False
        sender.rollback()
        adder.commit()
        assert sender.execute(shared, values).scalar_one() is True
        sender.execute(bound, values)
        assert sender.execute(text("select count(*) from ops.suppressions")).scalar_one() == 1
    engine.dispose()


def test_two_services_that_add_at_once_both_do(settings: Settings, database: Database, tenant: Tenant) -> None:
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: numbers.append(suppress_in_plain_session(settings, tenant, f"p{n}@x.com")))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == len(holding(database, tenant)) == 6


def test_every_function_beyond_the_tenant_is_closed_to_the_public(owner: Engine) -> None:
    with owner.connect() as connection:
        found = connection.execute(
            text(
                "select p.proname, p.proconfig from pg_proc p where p.pronamespace = 'mkt'::regnamespace and p.prosecdef"
                " and (exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)"
                " or not exists (select from unnest(p.proconfig) c where c = 'search_path=pg_catalog, pg_temp'))"
            )
        ).all()
    assert found == []


def test_no_statement_of_ours_names_a_key() -> None:
    """What stands in a statement stands in logs and in pg_stat_activity."""
    root = Path(__file__).parents[2]
    for path in [*(root / "db").rglob("*.py"), *(root / "db").rglob("*.sql"), *(root / "pipeline").rglob("*.py")]:
        written = path.read_text(encoding="utf-8")
        assert not re.search(r"set_config\('mkt\.hash_secrets'|set (local |session )?mkt\.hash_secrets", written), path
