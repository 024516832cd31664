"""Pausing, cancelling and limits, as people and programs are told of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import Settings
from db.statuses import ChunkStage
from db.unit import Database
from pipeline import stages
from pipeline.intake import ImportRequest, intake
from tests.cli.conftest import Mkt
from tests.conftest import Tenant
from tests.pipeline.steps import due
from tests.support.workers import Threads

IMPORTING = ("split", "parse", "mark", "upsert", "link")


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.csv"
    path.write_text("email,name\nana@empresa.com.br,Ana\nbia@empresa.com.br,Bia\nno address,Caio\n", encoding="utf-8")
    return path


def test_a_paused_job_says_since_when_and_by_whom_wherever_it_is_shown(unattended: Mkt, contacts: Path) -> None:
    job = unattended("import", str(contacts), "--audience", "people", "--detach", "--json").json["import_job_id"]
    assert "rests as soon as" in unattended("job", "pause", job).out
    shown = unattended("job", "show", job)
    assert shown.out.count("paused by system since 20") == 1
    assert f"`mkt job resume {job}` lets it go on" in shown.out
    assert "queued (paused)" in unattended("job", "list").out
    (listed,) = unattended("job", "list", "--json").json
    document = unattended("job", "pause", job, "--json").json
    assert listed["paused_at"] == document["paused_at"] is not None
    assert (document["paused_by"], document["lane"], document["written"]) == ("system", "express", None)
    assert unattended("job", "resume", job, "--json").json["paused_at"] is None
    again = unattended("job", "resume", job, "--lang", "pt-BR")
    assert (again.code, again.out) == (2, "")
    assert f"O trabalho {job} não está pausado" in again.err
    assert len(again.err.splitlines()) == 1
    early = unattended("job", "retry", job, "--lang", "pt-BR")
    assert (early.code, early.out) == (2, "")
    assert f"O trabalho {job} ainda não terminou, e só um trabalho que falhou é retomado" in early.err
    assert unattended("job", "cancel", job).code == 0


def test_a_cancelled_job_says_exactly_what_it_had_written(
    unattended: Mkt, settings: Settings, database: Database, tenant: Tenant, contacts: Path
) -> None:
    with Threads(settings, workers=0) as idle:

        def cancelled_after(steps: int, again: bool) -> str:  # noqa: FBT001
            request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, contacts.name, again=again)
            job_id = intake(idle.context, request, contacts).import_job_id
            chunk_of = {"split": 0, "mark": 1}
            for name in IMPORTING[:steps]:
                assert stages.run(idle.context, due(database, tenant, job_id, chunk_of.get(name, 3), ChunkStage(name)))
            assert unattended("job", "cancel", str(job_id)).code == 0
            assert stages.run(idle.context, due(database, tenant, job_id, 2, ChunkStage.SETTLE))
            return str(job_id)

        early, late = cancelled_after(2, again=False), cancelled_after(5, again=True)
    shown = unattended("job", "show", early)
    assert "It had read 3 rows, and changed no contact, no audience and no opt-out." in shown.out
    shown = unattended("job", "watch", late)
    assert shown.code == 1
    assert "3 rows read; contacts: 2 new, 0 updated; 2 joined the audience people; 0 new opt-outs." in shown.out
    assert f"`mkt job undo {late}` takes it back" in shown.out
    assert unattended("job", "show", late, "--json").json["written"] == {
        "rows": 3, "contacts_created": 2, "contacts_updated": 0, "links_added": 2, "opt_outs_added": 0
    }  # fmt: skip


def test_a_job_that_ended_before_it_could_be_cancelled_says_so(
    mkt: Mkt, imported: Callable[[Path], str], database: Database, tenant: Tenant, contacts: Path
) -> None:
    job = imported(contacts)
    with database.unit(tenant.tenant_id) as unit:  # as it stands where the wish comes while the last chunk is at work
        unit.execute("update mkt.import_jobs set cancel_requested_at = now()")
    shown = mkt("job", "watch", job)
    assert shown.code == 0
    assert "it ended before that could be done: nothing of it was held back" in shown.out


def test_limits_are_set_shown_and_obeyed_in_one_sentence(unattended: Mkt, contacts: Path) -> None:
    assert "any number (as the settings have it)" in unattended("tenant", "limits").out
    done = unattended("tenant", "limits", "--weight", "2", "--max-jobs", "1", "--json").json
    assert done["set"] == {"weight": 2.0, "max_jobs": 1, "max_rows_per_day": None, "max_file_bytes": None}
    assert done["in_force"]["max_file_bytes"] > 0
    job = unattended("import", str(contacts), "--audience", "people", "--detach", "--json").json["import_job_id"]
    refused = unattended("import", str(contacts), "--audience", "people", "--again", "--detach")
    assert (refused.code, refused.out) == (2, "")
    assert "This tenant has 1 jobs that have not ended, and may have 1 at once" in refused.err
    assert len(refused.err.splitlines()) == 1
    unattended("tenant", "limits", "--max-jobs", "default", "--max-file-bytes", "10")
    refused = unattended("import", str(contacts), "--audience", "people", "--again", "--detach", "--lang", "pt-BR")
    assert refused.code == 2
    assert "10" in refused.err
    for bad in (
        ("--weight", "0"),
        ("--weight", "nan"),
        ("--max-jobs", "-1"),
        ("--max-jobs", "1.5"),
        ("--max-file-bytes", "0"),
    ):
        answer = unattended("tenant", "limits", *bad)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith(f"{bad[0]} does not take {bad[1]}")
    assert unattended("job", "cancel", job).code == 0
