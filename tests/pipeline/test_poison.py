"""A row that no attempt gets past becomes a problem of the file, alone, and the rest of the file goes in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import psycopg
import pytest

from config.endpoints import database_url
from config.settings import Settings
from db import halves
from db.jobs import Job
from db.statuses import FIRST_HALF, Duplicates, JobKind, JobStatus, OnExisting
from db.unit import Database
from pipeline.intake import ImportRequest, carry_out, intake
from pipeline.options import ImportOptions
from pipeline.stages import split
from tests.conftest import Tenant
from tests.pipeline.imports import Desk
from tests.support.oracle import Contact, Expected, How, apply, rows_of
from tests.support.waiting import until
from tests.support.workers import Threads

#: The rows that are poison, by step: of the first chunk, of the last row of a chunk, of the last chunk.
POISON = {"parse": 17, "upsert": 41, "link": 44, "validate": 90}
QUICK = {"chunk_rows": 40, "max_attempts": 3, "hint_delay": 0.05, "hint_delay_max": 0.05}


def contact_file() -> bytes:
    """Ninety contacts; the row that is poison at upsert has a duplicate, and there are an error and a blank line."""
    lines = ["email;nome;city", *(f"p{n}@empresa{n % 7}.com.br;Pessoa {n};Recife" for n in range(2, 91))]
    lines[10] = ";;"  # row 11
    lines[20] = "nobody;Sem endereço;"  # row 21
    lines[60] = "p41@empresa6.com.br;Outra;Olinda"  # row 61
    return "\n".join(lines).encode()


def ledger(desk: Desk, job: Job) -> list[tuple[object, ...]]:
    found = desk.query(
        "select row_number, raw_email, raw_name, attributes, normalized_email, parse_status, duplicate_of_row from mkt.import_rows"
        " where import_job_id = :job order by row_number",
        job=job.import_job_id,
    )
    return [tuple(row) for row in found]


def rest_of_the_file(poisoned: dict[str, int]) -> tuple[dict[str, Contact], Expected]:
    """What the oracle makes of the file without the effects of the rows that are poison."""
    base: dict[str, Contact] = {}
    rows, blank = rows_of(contact_file(), ";", columns=3)
    expected = apply(base, rows, blank=blank, audience="people", how=How())
    for stage, number in poisoned.items():
        at = next(at for at, row in enumerate(expected.rows) if row[0] == number)
        email = expected.rows[at][4]
        assert email is not None
        if stage == "parse":  # nothing of the row was looked at
            expected.rows[at] = (number, "", None, {}, None, "error", None)  # type: ignore[assignment]
        elif stage != "validate":
            expected.rows[at] = (*expected.rows[at][:5], "error", None)
        if stage in ("parse", "upsert"):
            del base[email]
        elif stage == "link":
            base[email].audiences.clear()
    return base, expected


def balances(database: Database, tenant: Tenant) -> bool:
    """Law 1, at one moment."""
    with database.reading(tenant.tenant_id) as unit:
        return bool(
            unit.execute(
                "select coalesce(bool_and(j.total_rows = j.ok_rows + j.error_rows + j.duplicate_rows and j.total_rows ="
                " (select count(*) from mkt.import_rows r where r.import_job_id = j.import_job_id)), true) from mkt.import_jobs j"
            ).scalar_one()
        )


def finish(desk: Desk, tenant: Tenant, data: bytes, **changes: object) -> Job:
    """Run an import to its end; law 1 holds whenever somebody looks."""
    request = ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", again=True, **changes)  # type: ignore[arg-type]
    job_id = intake(desk.threads.context, request, io.BytesIO(data)).import_job_id

    def ended() -> Job | None:
        assert balances(desk.database, tenant)
        try:
            return desk.threads.finish(tenant.tenant_id, job_id, timeout=0.0)[0]
        except AssertionError:
            return None

    return until(ended, timeout=60, what="the job to end", every=0.001)


@contextmanager
def desk_of(settings: Settings, database: Database, tenant: Tenant, **changes: object) -> Iterator[Desk]:
    with Threads(settings.model_copy(update={**QUICK, **changes}), 2) as threads:
        yield Desk(threads, tenant, database)


@pytest.mark.parametrize(
    "stages", [list(POISON), *(pytest.param([stage], marks=pytest.mark.slow) for stage in POISON)], ids="+".join
)
def test_the_bad_row_is_found_and_the_rest_is_as_the_oracle_has_it(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, stages: list[str]
) -> None:
    poisoned = {stage: POISON[stage] for stage in stages}
    monkeypatch.setenv("MKT_FAILPOINT_ROWS", ",".join(f"{stage}:{row}=error" for stage, row in poisoned.items()))
    with desk_of(settings, database, tenant) as desk:
        job = finish(desk, tenant, contact_file())
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        base, expected = rest_of_the_file(poisoned)
        assert ledger(desk, job) == expected.rows
        report = desk.report(job)
        refused = [stage for stage in stages if stage != "validate"]
        assert (report.ok_rows, report.error_rows, report.duplicate_rows) == (
            86 - len(refused), 1 + len(refused), 1,
        )  # fmt: skip
        told = desk.query(
            "select row_number, error_detail from mkt.import_rows where error_code = 'poison_row' order by 1"
        )
        assert [tuple(row) for row in told] == [
            (row, f"No attempt at {stage} got past this row. The last error: ValueError: row {row} is poison.")
            for stage, row in poisoned.items()
            if stage != "validate"
        ]
        assert desk.contacts() == {email: (contact.name, contact.attributes) for email, contact in base.items()}
        links = desk.query("select c.email, l.row_number from mkt.audience_contacts l join mtrk.contatos c using (rid)")
        assert {row.email: row.row_number for row in links} == {
            email: contact.audiences["people"] for email, contact in base.items() if contact.audiences
        }
        linked = report.links_added
        assert (report.contacts_created, report.contacts_updated, report.contacts_unchanged) == (linked, 0, 0)
        assert linked == report.ok_rows
        codes = desk.query(
            "select coalesce(sum((errors ->> 'poison_row')::int), 0), coalesce(sum((errors ->> 'syntax_no_at')::int), 0)"
            " from mkt.import_chunks"
        )
        assert tuple(codes[0]) == (len(refused), 1)
        states = desk.query("select count(*) from mkt.email_validations")
        assert states[0][0] == report.ok_rows


def test_halves_bear_the_counters_of_their_own_rows(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a base where some are new, some changed and some members already: what the halves say adds up row by row."""
    with desk_of(settings, database, tenant, chunk_rows=100) as desk:
        finish(desk, tenant, b"email,nome\n" + b"".join(b"p%d@empresa%d.com.br,\n" % (n, n % 7) for n in range(2, 40)))
        monkeypatch.setenv("MKT_FAILPOINT_ROWS", "validate:90=error")
        overwrite = ImportOptions(on_existing=OnExisting.OVERWRITE)
        job = finish(desk, tenant, contact_file(), options=overwrite)
        assert job.status is JobStatus.DONE
        chunks = desk.query(
            "select c.chunk_no, c.first_row, c.last_row, c.records_seen - c.blank_rows as records, c.ok_rows, c.error_rows, c.duplicate_rows,"
            " c.contacts_created, c.contacts_updated, c.links_added, c.links_existing, n.*"
            " from mkt.import_chunks c cross join lateral (select count(*) as rows, count(*) filter (where parse_status = 'error') as refused,"
            " count(*) filter (where duplicate_of_row is not null) as duplicates, count(h.rid) filter (where h.change = 'created') as created,"
            " count(h.rid) filter (where h.change = 'updated') as updated, count(l.rid) as joined"
            " from mkt.import_rows r left join mkt.contact_changes h using (import_job_id, part_no, row_number)"
            " left join mkt.audience_contacts l using (import_job_id, part_no, row_number)"
            " where r.import_job_id = c.import_job_id and r.row_number between c.first_row and c.last_row) n"
            " where c.import_job_id = :job and c.kind = 'rows' order by c.first_row",
            job=job.import_job_id,
        )
    assert len(chunks) > 4
    assert sum(chunk.chunk_no >= FIRST_HALF for chunk in chunks) == len(chunks) - 1
    for before, after in pairwise(chunks):
        assert before.last_row + 1 == after.first_row
    for each in chunks:
        assert (each.records, each.error_rows, each.duplicate_rows) == (each.rows, each.refused, each.duplicates)
        assert (each.contacts_created, each.contacts_updated, each.links_added) == (
            each.created,
            each.updated,
            each.joined,
        )
        assert each.links_existing == each.ok_rows - each.joined
    assert sum(each.contacts_updated for each in chunks) == 36


@pytest.mark.slow
def test_a_dry_run_in_which_chunks_were_halved_is_carried_out(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MKT_FAILPOINT_ROWS", "parse:17=error")
    with desk_of(settings, database, tenant) as desk:
        plan = finish(desk, tenant, contact_file(), kind=JobKind.DRY_RUN)
        assert plan.status is JobStatus.DONE
        done = desk.finish(
            carry_out(desk.threads.context, tenant.tenant_id, tenant.user_id, plan.import_job_id).import_job_id
        )
        assert (done.status, done.failure_detail) == (JobStatus.DONE, None)
        foreseen, happened = desk.report(plan), desk.report(done)
    for name in ("ok_rows", "error_rows", "contacts_created", "links_added"):
        assert getattr(foreseen, name) == getattr(happened, name) == {"error_rows": 2}.get(name, 85), name


def test_a_split_that_goes_on_after_a_chunk_was_halved_reads_every_record_once(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The halves have numbers behind all others: the split must not take the highest for its own."""

    began = split._add_chunk
    halved = {"once": False}

    def stops(*args: object, **more: object) -> None:
        began(*args, **more)  # type: ignore[arg-type]
        if not halved["once"]:  # the split ends here for now, until its first chunk was halved
            halved["once"] = True
            raise ValueError

    monkeypatch.setattr(split, "_add_chunk", stops)
    monkeypatch.setenv("MKT_FAILPOINT_ROWS", "parse:17=error")
    # The split's own error rests for longer than the halving takes.
    with desk_of(settings, database, tenant, hint_delay_max=1.0) as desk:
        job = finish(desk, tenant, contact_file())
        assert job.status is JobStatus.DONE
        _, expected = rest_of_the_file({"parse": 17})
        assert ledger(desk, job) == expected.rows
        numbers = desk.query("select chunk_no from mkt.import_chunks where kind = 'rows' order by 1")
        assert [row[0] for row in numbers if row[0] < FIRST_HALF] == [3, 4, 5]


@pytest.mark.parametrize(
    "duplicates",
    [Duplicates.FIRST, *(pytest.param(each, marks=pytest.mark.slow) for each in (Duplicates.LAST, Duplicates.MERGE))],
)
def test_what_the_database_refuses_of_one_row_costs_that_row_alone(
    settings: Settings, database: Database, tenant: Tenant, duplicates: Duplicates
) -> None:
    """No failpoint: a constraint of the platform's that a contact does not meet."""
    owner = psycopg.connect(database_url(settings), autocommit=True)
    name = f"refused_{tenant.slug.replace('-', '_')}"
    with owner:
        owner.execute(
            f"alter table mtrk.contatos add constraint {name} check (tenant_id <> '{tenant.tenant_id}' or email not like 'p41@%') not valid"
        )
    try:
        with desk_of(settings, database, tenant) as desk:
            job = finish(desk, tenant, contact_file(), options=ImportOptions(duplicates=duplicates))
            assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
            winner = 61 if duplicates is Duplicates.LAST else 41
            told = desk.query("select row_number, error_detail from mkt.import_rows where error_code = 'poison_row'")
            assert [row.row_number for row in told] == [winner]
            assert "CheckViolation" in told[0].error_detail
            assert len(desk.contacts()) == 85
    finally:
        with psycopg.connect(database_url(settings), autocommit=True) as again:
            again.execute(f"alter table mtrk.contatos drop constraint {name}")


def test_a_job_in_which_every_row_is_bad_fails_with_its_error(
    settings: Settings, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halves, "HALVES_OF_A_JOB", 5)
    monkeypatch.setenv("MKT_FAILPOINT_ROWS", ",".join(f"upsert:{row}=error" for row in range(2, 91)))
    with desk_of(settings, database, tenant) as desk:
        job = finish(desk, tenant, contact_file())
        assert (job.status, job.failure_code) == (JobStatus.FAILED, "attempts_exhausted")
        assert "is poison" in (job.failure_detail or "")
        halved = desk.query("select count(*) from mkt.import_chunks where chunk_no >= :first", first=FIRST_HALF)
        assert halved[0][0] == 5
