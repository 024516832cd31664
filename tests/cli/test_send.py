"""`mkt campaign send` as people run it: what it refuses, what it says, and what other commands say of a send."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from config.settings import Settings
from db.statuses import ChunkStage
from db.unit import Database
from tests.cli.conftest import Mkt
from tests.conftest import Tenant
from tests.pipeline.sends import chunks_of, idle, opt_out, planned, step
from tests.support.campaigns import add_members, make_campaign, written_to
from tests.support.waiting import until

PEOPLE = [f"pessoa{number}@empresa.com.br" for number in range(12)]


@pytest.fixture
def cid(database: Database, tenant: Tenant) -> UUID:
    """A campaign of twelve people, one of whom has opted out, and of a mailbox that has two addresses."""
    add_members(database, tenant, [*PEOPLE, "ana@gmail.com", "a.na@gmail.com"])
    opt_out(database, tenant, PEOPLE[0])
    return make_campaign(database, tenant, name="Natal")


def send(mkt: Mkt, cid: object, *options: str) -> tuple[int, str, str]:
    answer = mkt("campaign", "send", str(cid), "--simulate", *options)
    return answer.code, answer.out, answer.err


@pytest.mark.usefixtures("workers")
def test_a_send_ends_in_sentences_that_add_up_and_is_done_once(
    mkt: Mkt, database: Database, tenant: Tenant, cid: UUID
) -> None:
    code, out, err = send(mkt, cid)

    assert code == 0, err
    assert "14 people chosen - 2 excluded = 12 messages." in out
    assert "unsubscribed" in out
    assert "the mailbox receives it at another address" in out
    assert "mkt sends nothing itself" in out
    assert len(written_to(database, tenant, cid)) == 12

    code, out, err = send(mkt, cid)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "The campaign Natal was sent by job" in err
    assert "with 12 messages, and a campaign is sent once" in err
    assert len(written_to(database, tenant, cid)) == 12

    (job,) = mkt("job", "list", "--json").json
    shown = mkt("job", "show", job["import_job_id"])
    assert "14 people chosen - 2 excluded = 12 messages." in shown.out
    assert "Natal" in shown.out
    listed = mkt("job", "list").out
    assert "send" in listed
    assert "Natal" in listed
    in_portuguese = mkt("job", "show", job["import_job_id"], MKT_LANG="pt-BR").out
    assert "14 pessoas - 2 fora = 12 mensagens." in in_portuguese
    assert mkt("job", "watch", job["import_job_id"]).code == 0
    assert "has ended" in mkt("job", "cancel", job["import_job_id"]).err


@pytest.mark.usefixtures("workers")
def test_a_send_says_who_is_left_out_only_because_nobody_has_checked(
    mkt: Mkt, database: Database, tenant: Tenant
) -> None:
    add_members(database, tenant, [*PEOPLE, "gente@empresa.com.br"])
    opt_out(database, tenant, PEOPLE[0])
    code, out, err = send(mkt, make_campaign(database, tenant, policy={}))
    assert code == 0, err
    assert "13 people chosen - 13 excluded = 0 messages." in out
    assert "12 people left out because their addresses had not been checked yet, and a campaign is sent once" in out


@pytest.mark.usefixtures("workers")
def test_the_document_of_a_send_has_what_jobs_have_and_what_became_of_people(mkt: Mkt, cid: UUID) -> None:
    document = mkt("campaign", "send", "Natal", "--simulate", "--json").json

    assert document == mkt("job", "show", document["import_job_id"], "--json").json
    expected = {
        "kind": "send", "status": "done", "stage": "settled", "file_name": "Natal", "campaign": "Natal", "cid": str(cid), "audience": None,
        "records_seen": 14, "total_rows": 14, "ok_rows": 12, "error_rows": 2, "duplicate_rows": 0, "blank_rows": 0,
        "contacts": 14, "recipients": 12, "messages": 12, "excluded": 2, "undecided": 0,
        "exclusions": {"unsubscribed": 1, "duplicate_mailbox": 1}, "reasons": {"unsubscribed": {"unsubscribe": 1}},
        "waits_for": None, "verdicts": {"valid": 0, "invalid": 0, "risky": 0, "unknown": 0}, "errors_by_code": {},
        "failure_code": None, "failure_detail": None, "reused": False,
    }  # fmt: skip
    assert {key: document[key] for key in expected} == expected
    assert document["exclusions"] == {"unsubscribed": 1, "duplicate_mailbox": 1}
    assert list(document["exclusions"]) == ["unsubscribed", "duplicate_mailbox"]  # in the order of the rules


def test_commands_about_files_name_what_to_use_instead(unattended: Mkt, cid: UUID) -> None:
    job = unattended("campaign", "send", str(cid), "--simulate", "--detach", "--json").json["import_job_id"]
    for command in (["rows"], ["rejects"], ["suggestions"], ["commit"]):
        answer = unattended("job", *command, job)
        assert (answer.code, answer.out) == (2, ""), command
        assert (
            f"Job {job} sends a campaign and has no file; `mkt job show {job}` counts its people by rule" in answer.err
        )
    assert unattended("job", "cancel", job).code == 0


def test_a_send_that_waits_says_for_what_and_until_when(unattended: Mkt, cid: UUID) -> None:
    answer = unattended("campaign", "send", str(cid), "--simulate", "--wait-verdicts", "--detach")
    assert answer.code == 0
    assert "It waits for verdicts about 14 addresses, until " in answer.err
    (job,) = unattended("job", "list", "--json").json
    assert job["options"] == {"wait_verdicts": 60}
    shown = unattended("job", "show", job["import_job_id"])
    assert "It waits for verdicts about 14 addresses, until " in shown.out
    document = unattended("job", "show", job["import_job_id"], "--json").json
    assert document["waits_for"]["unchecked"] == 14
    assert document["waits_for"]["until"] > document["created_at"]

    again = unattended("campaign", "send", str(cid), "--simulate", "--detach", "--json")
    assert again.json["reused"] is True
    assert again.json["import_job_id"] == job["import_job_id"]
    assert "is being sent since" in again.err


def test_what_cannot_be_sent_is_one_sentence(
    unattended: Mkt, database: Database, tenant: Tenant, other_tenant: Tenant, cid: UUID
) -> None:
    foreign = make_campaign(database, other_tenant, name="Alheia")
    empty = make_campaign(database, tenant, "none", name="Vazia")
    refused = {
        ("campaign", "send", str(cid)): f"mkt sends no mail itself: `mkt campaign send {cid} --simulate`",
        ("campaign", "send", str(foreign), "--simulate"): "There is no campaign",
        ("campaign", "send", str(uuid4()), "--simulate"): "There is no campaign",
        ("campaign", "send", "nada", "--simulate"): "There is no campaign 'nada'",
        ("campaign", "send", str(empty), "--simulate"): "The campaign Vazia chose no audience yet",
        ("campaign", "send", str(cid), "--simulate", "--wait-minutes", "0"): "--wait-minutes",
    }
    for command, sentence in refused.items():
        answer = unattended(*command)
        assert (answer.code, answer.out) == (2, ""), command
        assert sentence in answer.err
        assert "Traceback" not in answer.err
    unattended("audience", "archive", tenant.audience)
    answer = unattended("campaign", "send", str(cid), "--simulate")
    assert answer.code == 2
    assert "All audiences of the campaign Natal are archived" in answer.err
    assert unattended("job", "list", "--json").json == []


@pytest.mark.usefixtures("workers")
def test_commands_that_send_at_once_make_one_job(mkt: Mkt, database: Database, tenant: Tenant, cid: UUID) -> None:
    started = [mkt.start("campaign", "send", str(cid), "--simulate", "--json") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda process: (*process.communicate(timeout=120), process.returncode), started))
    assert {code for _, _, code in answers} <= {0, 2}
    assert all("was sent by job" in err for _, err, code in answers if code == 2)
    assert len(mkt("job", "list", "--json").json) == 1
    assert len(written_to(database, tenant, cid)) == 12


@pytest.mark.usefixtures("workers")
def test_a_cancelled_send_says_how_many_messages_there_are_and_another_one_goes_on(
    mkt: Mkt, settings: Settings, database: Database, tenant: Tenant, cid: UUID
) -> None:
    # The sweep of the workers leaves alone what was hinted a moment ago.
    with idle(settings, chunk_rows=5, hint_delay=100.0, hint_delay_max=200.0) as nobody:
        job = planned(nobody, tenant, cid)
        assert step(nobody, tenant, job, ChunkStage.SEND, chunks_of(database, tenant, job)[0])
        assert mkt("job", "cancel", str(job)).code == 0
        until(lambda: is_ended(mkt, job), what="the job to end")
    document = mkt("job", "show", str(job), "--json").json
    made = len(written_to(database, tenant, cid))
    undecided = 14 - made - document["excluded"]
    assert document["status"] == "cancelled"
    assert 0 < made < 12
    assert (document["recipients"], document["undecided"], document["contacts"]) == (made, undecided, 14)
    shown = mkt("job", "show", str(job))
    assert f"{made} message" in shown.out
    assert f"had been made and stay. Nothing is decided yet about {undecided} p" in shown.out
    assert mkt("job", "watch", str(job)).code == 1

    code, out, err = send(mkt, cid)
    assert code == 0, err
    assert f"{undecided} p" in out
    assert len(written_to(database, tenant, cid)) == 12


def is_ended(mkt: Mkt, job: UUID) -> bool:
    return mkt("job", "show", str(job), "--json").json["finished_at"] is not None
