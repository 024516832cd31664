"""What an undo takes back and what it keeps, thing by thing, each with its reason; a dry run foresees every one of them."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import permutations
from uuid import UUID

import pytest

from config.settings import Settings
from db import memberships, undos
from db.jobs import Job
from db.statuses import FIRST_ROWS_CHUNK, SPLIT_CHUNK, ChunkStage, JobKind, OnExisting
from pipeline import erasures
from pipeline.corrections import ALL, accept
from pipeline.options import ImportOptions
from pipeline.undoing import UndoRefusedError
from tests.pipeline.imports import Desk
from tests.pipeline.neighbours import ALOUD, IN_SILENCE, Moment, another_module, guarded
from tests.pipeline.sends import idle, opt_out, step
from tests.pipeline.undos import kept, lines, rid_of, run_into, undo, write_to
from tests.support.campaigns import make_campaign
from tests.support.checksums import checksums
from tests.support.examples import few

PEOPLE = "email,name,cidade\nana@uol.com.br,Ana,Recife\nbia@uol.com.br,Bia,Natal\ncaio@uol.com.br,Caio,Belém\n"
OVERWRITE = ImportOptions(on_existing=OnExisting.OVERWRITE)
ANA = "ana@uol.com.br"


def test_contacts_that_an_import_created_go_with_all_that_hangs_on_them(work: Desk) -> None:
    before = checksums(work.database, work.tenant.tenant_id)
    job = work.run(PEOPLE)
    with work.database.unit(work.tenant.tenant_id) as unit:  # nobody has been judged here, for want of DNS
        unit.execute(
            "insert into mkt.email_validation_history (tenant_id, rid, status, score, reason_code, validator_version)"
            " select tenant_id, rid, 'valid', 95, 'mx_ok', 'v' from mtrk.contatos"
        )
    undone = undo(work, job)
    assert work.contacts() == {}
    assert checksums(work.database, work.tenant.tenant_id) == before
    # Nobody could be found, and so not be erased, in the history of a contact that is gone.
    assert work.query("select from mkt.email_validation_history") == []
    assert {told[1:] for told in lines(work, undone)} == {("contact", "reversed", None), ("link", "reversed", None)}
    assert {told[0] for told in lines(work, undone)} == {ANA, "bia@uol.com.br", "caio@uol.com.br"}
    assert len(work.query("select from mkt.import_rows")) == 3
    assert (undone.total_rows, undone.records_seen) == (6, 6)


def test_changed_fields_get_their_values_back_and_the_time_of_their_last_change(work: Desk) -> None:
    work.run(PEOPLE)
    before = checksums(work.database, work.tenant.tenant_id)
    job = work.run(
        "email,name,cidade,cargo\nana@uol.com.br,Ana Maria,Olinda,chefe\nbia@uol.com.br,Bia,Natal,\n", OVERWRITE
    )
    assert work.contacts()[ANA] == ("Ana Maria", {"cidade": "Olinda", "cargo": "chefe"})
    assert kept(work, job) == {}
    assert checksums(work.database, work.tenant.tenant_id) == before


def test_a_field_that_was_changed_since_stays_and_the_others_go_back(work: Desk) -> None:
    work.run(PEOPLE)
    job = work.run("email,name,cidade,cargo\nana@uol.com.br,Ana Maria,Olinda,chefe\n", OVERWRITE)
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "update mtrk.contatos set attributes = attributes || cast(:more as jsonb), updated_at = now() where email = :email",
            {"email": ANA, "more": json.dumps({"cidade": "Caruaru", "time": "Sport"})},
        )
    assert kept(work, job) == {(ANA, "fields"): "changed"}
    assert work.contacts()[ANA] == ("Ana", {"cidade": "Caruaru", "time": "Sport"})
    assert work.query("select fields from mkt.undo_items where thing = 'fields'")[0].fields == ["cidade"]


def test_values_that_another_module_changed_stay_also_where_it_left_the_time_as_it_was(work: Desk) -> None:
    work.run(PEOPLE)
    job = work.run("email,name,cidade,cargo\nana@uol.com.br,Ana Maria,Olinda,chefe\n", OVERWRITE)
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "update mtrk.contatos set name = 'Anita', attributes = attributes || cast(:more as jsonb) where email = :email",
            {"email": ANA, "more": json.dumps({"vip": "sim"})},
        )
    assert kept(work, job) == {(ANA, "fields"): "changed"}
    assert work.contacts()[ANA] == ("Anita", {"cidade": "Recife", "vip": "sim"})


def test_a_value_that_a_later_import_says_too_stays(work: Desk) -> None:
    work.run(PEOPLE)
    job = work.run("email,name,cidade\nana@uol.com.br,Ana Maria,Olinda\n", OVERWRITE)
    work.run("email,cidade\nana@uol.com.br,Olinda\n", OVERWRITE)
    assert kept(work, job) == {(ANA, "fields"): "imported_again"}
    assert work.contacts()[ANA] == ("Ana", {"cidade": "Olinda"})


def test_imports_that_built_on_each_other_go_one_after_the_other_down_to_nothing(work: Desk) -> None:
    stages = [checksums(work.database, work.tenant.tenant_id)]
    files = (
        PEOPLE,
        "email,name,cidade\nana@uol.com.br,Ana Maria,\ndora@uol.com.br,Dora,Natal\n",
        "email,name\nana@uol.com.br,Ana M.\ndora@uol.com.br,D.\n",
    )
    done: list[Job] = []
    for data in files:
        done.append(work.run(data, OVERWRITE))
        stages.append(checksums(work.database, work.tenant.tenant_id))
    for job in reversed(done):
        stages.pop()
        assert kept(work, job) == {}
        assert checksums(work.database, work.tenant.tenant_id) == stages[-1]


#: Each builds on what was there before: a change, a new contact, a membership of another audience, consent on top of consent.
BUILT = (
    ("people", "email,name,cidade\nana@uol.com.br,Ana Maria,\ndora@uol.com.br,Dora,Natal\n", ImportOptions(on_existing=OnExisting.OVERWRITE, source="event", evidence="feira")),
    ("second", "email,name\nana@uol.com.br,Ana M.\ndora@uol.com.br,D.\n", OVERWRITE),
    ("people", "email,cidade,cargo\ndora@uol.com.br,Olinda,chefe\nana@uol.com.br,Olinda,\n", ImportOptions(on_existing=OnExisting.OVERWRITE, basis="consentimento", consent_form="página")),
)  # fmt: skip


@pytest.mark.parametrize("order", few((order for order in permutations(range(3)) if order != (2, 1, 0)), 2))
def test_in_whatever_order_imports_are_undone_the_base_before_is_reached_once_each_has_been_looked_at_again(
    work: Desk, order: tuple[int, ...]
) -> None:
    def base() -> object:
        members = work.query(
            "select a.name, c.email, m.consent_source, m.legal_basis, m.consent_form, m.consent_evidence, m.consent_job_id, m.import_job_id"
            " from mkt.audience_contacts m join mkt.audiences a using (audience_id) join mtrk.contatos c using (rid) order by 1, 2"
        )
        return work.contacts(), members

    work.run(PEOPLE)
    before = base()
    done = [run_into(work, *each) for each in BUILT]
    ended = [undo(work, done[number]) for number in order]
    assert (base() == before) is (order == (1, 2, 0))
    free = {each for undone in ended for each in set_free(work, undone)}
    assert free <= {done[number].import_job_id for number in order[:2]}
    assert bool(free) is (order != (1, 2, 0)), "an undo says whose leavings it has set free"
    for job in reversed(done):
        with suppress(UndoRefusedError):  # nothing of it is left
            undo(work, job, again=True)
    assert base() == before


def test_what_an_import_kept_that_was_undone_before_is_handed_on_too(work: Desk) -> None:
    header = "email,name,cidade,estado\n"
    rows = (f"{ANA},Ana,Recife,", f"{ANA},,,PE", f"{ANA},,Olinda,PE", f"{ANA},,Olinda,PE")
    done = [work.run(f"{header}{row}\n", OVERWRITE) for row in rows]
    for number in (1, 0, 2, 3):
        undo(work, done[number])
    assert work.contacts() == {ANA: ("Ana", {"cidade": "Olinda", "estado": "PE"})}
    for number in (1, 2):
        assert kept(work, done[number], again=True) == {}
    assert work.contacts() == {ANA: ("Ana", {"cidade": "Recife"})}
    assert kept(work, done[0], again=True) == {}
    assert work.contacts() == {}


def set_free(work: Desk, undone: Job) -> list[UUID]:
    """Return the imports that it is worth while to undo again because of an undo."""
    with work.database.reading(work.tenant.tenant_id) as unit:
        return undos.kept_for(unit, undone.import_job_id)


def test_an_undo_sets_free_what_was_kept_also_where_the_import_had_only_named_somebody(work: Desk) -> None:
    first, second = work.run(PEOPLE), work.run("email\nana@uol.com.br\n")
    before = undo(work, first)
    assert set_free(work, before) == []
    assert set_free(work, undo(work, second)) == [first.import_job_id]
    assert kept(work, first, again=True) == {}


def test_of_two_undos_at_the_same_time_each_says_what_the_other_has_set_free(work: Desk) -> None:
    first, second = work.run(PEOPLE), work.run("email\nana@uol.com.br\n")
    one, other = undo(work, first), undo(work, second)
    with work.database.unit(
        work.tenant.tenant_id
    ) as unit:  # it looked at Ana before the other was done, and ended after it
        unit.execute(
            "update mkt.import_jobs set finished_at = now() where import_job_id = :job", {"job": one.import_job_id}
        )
    assert set_free(work, one) == set_free(work, other) == [first.import_job_id]
    ended = undo(work, first, again=True)
    assert set_free(work, one) == set_free(work, other) == set_free(work, ended) == []


def test_a_contact_that_somebody_has_built_on_stays_with_the_reason(work: Desk) -> None:
    names = ("escrita", "escolhida", "saiu", "mudou", "outra", "mesma", "sozinha", "tirada")
    job = work.run("email\n" + "".join(f"{name}@uol.com.br\n" for name in names))
    cid = make_campaign(work.database, work.tenant)
    write_to(work, cid, "escrita@uol.com.br")
    tenant = work.tenant
    with work.database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mkt.campaign_contacts (cid, rid, tenant_id, import_job_id, chunk_no) values (:cid, :rid, :t, :job, 3)",
            {"cid": cid, "rid": rid_of(work, "escolhida@uol.com.br"), "t": tenant.tenant_id, "job": job.import_job_id},
        )
        unit.execute("update mtrk.contatos set name = 'M' where email = 'mudou@uol.com.br'")
        assert memberships.remove(unit, tenant.audience_id, "tirada@uol.com.br", reason="", user_id=tenant.user_id)
    opt_out(work.database, tenant, "saiu@uol.com.br")
    run_into(work, "second", "email\noutra@uol.com.br\n")
    work.run("email\nmesma@uol.com.br\n")
    assert kept(work, job) == {
        ("escrita@uol.com.br", "contact"): "messaged",
        ("escolhida@uol.com.br", "contact"): "in_campaign",
        ("saiu@uol.com.br", "contact"): "suppressed",
        ("mudou@uol.com.br", "contact"): "changed",
        ("outra@uol.com.br", "contact"): "linked",
        ("mesma@uol.com.br", "contact"): "imported_again",
        ("mesma@uol.com.br", "link"): "imported_again",
        ("tirada@uol.com.br", "contact"): "taken_out",
        ("tirada@uol.com.br", "link"): "taken_out",
    }
    assert "sozinha@uol.com.br" not in work.contacts()


def test_what_an_import_itself_said_or_others_before_it_holds_nobody(work: Desk) -> None:
    opt_out(work.database, work.tenant, ANA)
    job = work.run("email,saiu\nana@uol.com.br,\nbia@uol.com.br,sim\n", ImportOptions(map={"saiu": "opt_out"}))
    out = work.opted_out()
    assert kept(work, job) == {}
    assert work.contacts() == {}
    assert work.opted_out() == out == [(ANA, "unsubscribe"), ("bia@uol.com.br", "unsubscribe")]


def test_an_import_that_was_undone_itself_holds_nobody(work: Desk) -> None:
    first = work.run(PEOPLE)
    second = work.run("email\nana@uol.com.br\n")
    undo(work, second)
    assert kept(work, first) == {}


def test_an_erased_person_stays_erased(work: Desk) -> None:
    work.run("email,name\nbia@uol.com.br,Bia\n")
    job = work.run("email,name\nana@uol.com.br,Ana\nbia@uol.com.br,B.\ncaio@uol.com.br,C.\n", OVERWRITE)
    tenant = work.tenant
    stand_ins = {email: f"erased+{rid_of(work, email)}@erased.invalid" for email in (ANA, "bia@uol.com.br")}
    for email in stand_ins:
        receipt = erasures.ask(work.threads.context, tenant.tenant_id, tenant.user_id, email, "")
        work.finish(receipt.import_job_id)
    before = work.contacts()
    assert kept(work, job) == {
        (stand_ins[ANA], "contact"): "erased",
        (stand_ins[ANA], "link"): "erased",
        (stand_ins["bia@uol.com.br"], "fields"): "erased",
    }
    assert work.contacts() == {email: before[email] for email in stand_ins.values()}


def test_consent_goes_back_to_what_was_said_before_unless_more_was_said_since(work: Desk) -> None:
    work.run(PEOPLE)
    job = work.run("email\nana@uol.com.br\nbia@uol.com.br\n", ImportOptions(source="event", evidence="feira"))
    before = checksums(work.database, work.tenant.tenant_id)
    later = work.run("email\nana@uol.com.br\n", ImportOptions(basis="consentimento", consent_form="página"))
    assert kept(work, job) == {(ANA, "consent"): "restated"}
    told = work.query(
        "select c.email, a.consent_source, a.consent_evidence, a.consent_job_id from mkt.audience_contacts a join mtrk.contatos c using (rid)"
    )
    assert {row.email: (row.consent_source, row.consent_job_id) for row in told} == {
        ANA: ("event", later.import_job_id), "bia@uol.com.br": (None, None), "caio@uol.com.br": (None, None),
    }  # fmt: skip
    undo(work, later)
    assert work.query("select from mkt.audience_contacts where consent_job_id = :job", job=job.import_job_id)
    assert checksums(work.database, work.tenant.tenant_id) != before  # Bia's went back with the first


def test_who_was_brought_back_is_out_again_as_before(work: Desk) -> None:
    work.run(PEOPLE)
    tenant = work.tenant
    with work.database.unit(tenant.tenant_id) as unit:
        for email in (ANA, "bia@uol.com.br"):
            assert memberships.remove(unit, tenant.audience_id, email, reason="pediu", user_id=tenant.user_id)
    before = checksums(work.database, tenant.tenant_id)
    job = work.run("email\nana@uol.com.br\nbia@uol.com.br\n", ImportOptions(readmit=True, basis="consentimento"))
    assert not work.query("select from mkt.audience_contacts where removed_at is not null")
    assert kept(work, job) == {}
    assert checksums(work.database, tenant.tenant_id) == before


def test_who_was_taken_out_and_brought_back_by_hand_since_stays(work: Desk) -> None:
    work.run(PEOPLE)
    tenant, bia = work.tenant, "bia@uol.com.br"

    def take_out(email: str) -> None:
        with work.database.unit(tenant.tenant_id) as unit:
            assert memberships.remove(unit, tenant.audience_id, email, reason="pediu", user_id=tenant.user_id)

    take_out(ANA)
    take_out(bia)
    job = work.run("email\nana@uol.com.br\nbia@uol.com.br\n", ImportOptions(readmit=True, basis="consentimento"))
    take_out(ANA)
    take_out(bia)
    with work.database.unit(tenant.tenant_id) as unit:
        assert memberships.readmit(unit, tenant.audience_id, ANA, user_id=tenant.user_id)
    undo(work, job)
    out = work.query(
        "select c.email from mkt.audience_contacts join mtrk.contatos c using (rid) where removed_at is not null"
    )
    assert [row.email for row in out] == [bia]


def test_a_correction_is_undone_before_its_import_and_puts_people_back_unless_they_opted_out(work: Desk) -> None:
    parent = work.run("email\nana@gamil.com\nbia@gamil.com\ncaio@gamil.com\n")
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.email_validations v set details_json = jsonb_build_object('suggestion', replace(c.email, 'gamil', 'gmail'))"
            " from mtrk.contatos c where c.rid = v.rid"
        )
    tenant = work.tenant
    receipt = accept(work.threads.context, tenant.tenant_id, tenant.user_id, parent.import_job_id, ["gamil.com"])
    correction = work.finish(receipt.import_job_id)
    opt_out(work.database, tenant, "bia@gmail.com")
    with work.database.unit(tenant.tenant_id) as unit:  # out under the old address already, and now by people
        assert memberships.remove(unit, tenant.audience_id, "caio@gamil.com", reason="", user_id=tenant.user_id)
    assert correction.kind is JobKind.CORRECTION
    assert kept(work, correction) == {
        ("bia@gmail.com", "contact"): "suppressed",
        ("bia@gamil.com", "retirement"): "suppressed",
    }
    active = work.query(
        "select c.email from mkt.audience_contacts a join mtrk.contatos c using (rid) where a.removed_at is null"
    )
    assert [row.email for row in active] == ["ana@gamil.com"]
    undo(work, parent)


def test_of_two_corrections_at_once_the_one_that_stands_keeps_people_at_the_address_that_was_meant(
    work: Desk, settings: Settings
) -> None:
    """Whoever of the two takes them out, they are never in the audience under both addresses, nor under none."""
    typed, meant = {"ana@gamil.com", "bia@gamil.com"}, {"ana@gmail.com", "bia@gmail.com"}
    parent = work.run("email\nana@gamil.com\nbia@gamil.com\ncaio@hotmial.com\n")
    with work.database.unit(work.tenant.tenant_id) as unit:
        unit.execute(
            "update mkt.email_validations v set details_json = jsonb_build_object("
            "'suggestion', replace(replace(c.email, 'gamil', 'gmail'), 'hotmial', 'hotmail')) from mtrk.contatos c where c.rid = v.rid"
        )
    tenant = work.tenant
    with idle(settings) as nobody:
        asked = [
            accept(nobody.context, tenant.tenant_id, tenant.user_id, parent.import_job_id, chosen).import_job_id
            for chosen in (["gamil.com"], [ALL])
        ]
        for job_id in asked:
            assert step(nobody, tenant, job_id, ChunkStage.SPLIT, SPLIT_CHUNK)
            assert step(nobody, tenant, job_id, ChunkStage.PARSE, FIRST_ROWS_CHUNK)
    first, second = (work.finish(job_id) for job_id in asked)

    def active() -> set[str]:
        query = (
            "select c.email from mkt.audience_contacts a join mtrk.contatos c using (rid) where a.removed_at is null"
        )
        return {row.email for row in work.query(query)}

    ended = "select removed_by_job_id from mkt.audience_contacts where removed_by_job_id is not null and rid = :rid"
    who = work.query(ended, rid=rid_of(work, "ana@gamil.com"))[0][0]
    out, other = (first, second) if who == first.import_job_id else (second, first)
    reasons = kept(work, out)
    assert {email: reason for (email, thing), reason in reasons.items() if thing == "retirement"} == dict.fromkeys(
        typed, "imported_again"
    )
    assert active() >= meant
    assert not active() & typed
    undone = undo(work, other)
    with work.database.reading(tenant.tenant_id) as unit:
        assert out.import_job_id in undos.kept_for(unit, undone.import_job_id)
    undo(work, out, again=True)
    assert active() == typed | {"caio@hotmial.com"}


def test_a_contact_that_another_module_refers_to_stays(work: Desk, settings: Settings) -> None:
    job = work.run(PEOPLE)
    does = (
        "create table public.{name} (rid bigint references mtrk.contatos (rid) on delete cascade);"
        f" insert into public.{{name}} select rid from mtrk.contatos where email = '{ANA}'"
    )
    with another_module(settings, work.tenant, does, "drop table public.{name}"):
        assert kept(work, job) == {(ANA, "contact"): "referenced"}
    assert list(work.contacts()) == [ANA]
    assert kept(work, job, again=True) == {}


OF_ANA = f"old.email = '{ANA}'"
REFUSED = pytest.mark.parametrize(
    "refusal", few([(ALOUD[0], Moment.AT_COMMIT), *((each, Moment.BEFORE) for each in (IN_SILENCE, *ALOUD))], 3)
)


@REFUSED
def test_a_contact_whose_deletion_another_module_refuses_is_one_line_and_goes_once_it_may(
    work: Desk, settings: Settings, refusal: tuple[str, Moment]
) -> None:
    answer, moment = refusal
    job = work.run(PEOPLE)
    with guarded(settings, work.tenant, "delete", answer, which=OF_ANA, moment=moment):
        undone = undo(work, job)
    assert {told for told in lines(work, undone) if told[2] != "reversed"} == {(ANA, "contact", "failed", "refused")}
    assert list(work.contacts()) == [ANA]
    assert kept(work, job, again=True) == {}
    assert work.contacts() == {}


@REFUSED
def test_a_contact_whose_change_another_module_refuses_is_one_line_and_goes_back_once_it_may(
    work: Desk, settings: Settings, refusal: tuple[str, Moment]
) -> None:
    answer, moment = refusal
    work.run(PEOPLE)
    before = work.contacts()
    job = work.run("email,name\nana@uol.com.br,A.\nbia@uol.com.br,B.\ncaio@uol.com.br,C.\n", OVERWRITE)
    with guarded(settings, work.tenant, "update", answer, which=OF_ANA, moment=moment):
        undone = undo(work, job)
    assert {told for told in lines(work, undone) if told[2] != "reversed"} == {(ANA, "fields", "failed", "refused")}
    assert work.contacts() == before | {ANA: ("A.", {"cidade": "Recife"})}
    assert kept(work, job, again=True) == {}
    assert work.contacts() == before
