"""Opt-outs by the file: a job without contacts; and taking back exactly what a job alone has said."""

from __future__ import annotations

import io
import uuid
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from config.settings import Settings
from db import opt_outs, suppressions
from db.jobs import Job
from db.statuses import JobKind, JobStatus, OptOutKind
from db.unit import Database
from pipeline import control
from pipeline.intake import ImportRequest, intake
from pipeline.intake_problems import IntakeRefusedError
from pipeline.options import ImportOptions, SuppressionOptions
from pipeline.problems import FileProblemCode
from tests.conftest import Tenant
from tests.pipeline.imports import Desk, desk
from tests.support.examples import examples
from tests.support.opt_outs import holding, suppress, suppress_erased

ASKED = ImportOptions(map={"saiu": "opt_out"})


def base(*emails: str) -> str:
    return "\n".join(("email", *emails))


def opt_out(
    work: Desk,
    data: str,
    kind: OptOutKind = OptOutKind.UNSUBSCRIBE,
    *,
    audience: str | None = None,
    options: SuppressionOptions | None = None,
) -> Job:
    """Take a file of opt-outs in, to the job's end."""
    tenant = work.tenant
    asked = (options or SuppressionOptions()).model_copy(update={"suppress": kind})
    request = ImportRequest(
        tenant.tenant_id, tenant.user_id, audience, "saiu.csv", asked, again=True, kind=JobKind.SUPPRESSION
    )
    return work.finish(intake(work.threads.context, request, io.BytesIO(data.encode())).import_job_id)


def retract(work: Desk, job: Job) -> suppressions.Retracted:
    with work.database.unit(work.tenant.tenant_id) as unit:
        return suppressions.retract(unit, job.import_job_id, reason="wrong file", user_id=work.tenant.user_id)


def figures(work: Desk, job: Job) -> tuple[int, int, int, int, int, int]:
    report = work.report(job)
    return (
        report.records_seen,
        report.blank_rows,
        report.error_rows,
        report.duplicate_rows,
        report.ok_rows,
        report.opt_outs_added,
    )


def test_every_readable_address_is_opted_out_and_nobody_becomes_a_contact(work: Desk) -> None:
    work.run(base("ana@gmail.com", "bia@empresa.com.br", *[f"p{n}@empresa.com.br" for n in range(9)]))
    before = work.contacts()
    rows = (
        "email;nome",
        "A.NA@gmail.com;Ana",
        "bad;x",
        ";",
        "zoe@x.com.br;Zoe",
        "a.na@gmail.com;",
        "zoe@x.com.br;Z;9;9",
    )
    job = opt_out(work, "\n".join(rows), OptOutKind.COMPLAINT)
    assert (job.kind, job.status, job.audience_id) == (JobKind.SUPPRESSION, JobStatus.DONE, None)
    records, blank, errors, duplicates, addresses, added = figures(work, job)
    assert records - blank - errors - duplicates == addresses
    assert (records, blank, errors, duplicates, addresses, added) == (6, 1, 2, 1, 2, 2)
    assert work.contacts() == before
    assert holding(work.database, work.tenant) == [("a.na@gmail.com", "complaint"), ("zoe@x.com.br", "complaint")]
    with work.database.reading(work.tenant.tenant_id) as unit:
        assert opt_outs.reachable(unit) == 10  # ana@gmail.com is the same mailbox
        assert suppressions.of_job(unit, job.import_job_id) == suppressions.JobOptOuts(2, 0, 0)


def test_a_stronger_word_of_a_row_counts_and_one_that_cannot_be_read_is_no_trouble(work: Desk) -> None:
    data = "email;saiu\nana@x.com.br;talvez\nbia@x.com.br;não\ncaio@x.com.br;sim\n"
    job = opt_out(work, data, options=SuppressionOptions(map={"saiu": "opt_out"}))
    assert work.report(job).error_rows == 0
    assert {kind for _, kind in holding(work.database, work.tenant)} == {"unsubscribe"}
    assert work.report(job).opt_outs_added == 3


def test_the_same_file_again_adds_evidence_and_opts_nobody_out_anew(work: Desk) -> None:
    first = opt_out(work, base("ana@x.com.br", "bia@x.com.br"))
    second = opt_out(work, base("bia@x.com.br", "caio@x.com.br"))
    assert [work.report(job).opt_outs_added for job in (first, second)] == [2, 1]
    assert [tuple(row) for row in work.query("select email, import_job_id from ops.suppressions order by 1, 2")] == [
        ("ana@x.com.br", first.import_job_id),
        ("bia@x.com.br", first.import_job_id),
        ("bia@x.com.br", second.import_job_id),
        ("caio@x.com.br", second.import_job_id),
    ]


def test_half_of_the_base_stops_before_any_effect_until_somebody_wants_it(work: Desk) -> None:
    people = [f"p{n}@empresa.com.br" for n in range(20)]
    work.run(base(*people))
    flood = opt_out(work, base(*people[:11]))
    assert (flood.status, flood.failure_code) == (JobStatus.FAILED, FileProblemCode.OPT_OUT_FLOOD)
    assert holding(work.database, work.tenant) == []
    control.retry(work.threads.context, work.tenant.tenant_id, flood.import_job_id, allow_opt_outs=11)
    assert work.finish(flood.import_job_id).status is JobStatus.DONE
    assert len(holding(work.database, work.tenant)) == 11
    assert opt_out(work, base(*people[:15])).status is JobStatus.DONE  # four of nine are no more than a handful


def test_a_flood_is_one_however_its_mailboxes_are_spelled(work: Desk) -> None:
    """Nobody is counted twice who is in the base under two spellings, either."""
    work.run(base(*[f"p.e.s.soa{n}@gmail.com" for n in range(11)], *[f"outra{n}@empresa.com.br" for n in range(9)]))
    flood = opt_out(work, base(*[f"pessoa{n}@gmail.com" for n in range(11)]))
    assert flood.failure_code == FileProblemCode.OPT_OUT_FLOOD
    assert "--allow-opt-outs 11" in (flood.failure_detail or "")
    with work.database.reading(work.tenant.tenant_id) as unit:
        assert opt_outs.foresee(unit, flood.import_job_id).entries == 11


def test_opt_outs_of_one_audience_leave_the_others_alone(work: Desk) -> None:
    people = [f"p{n}@empresa.com.br" for n in range(8)]
    work.run(base(*people))
    job = opt_out(work, base(*people[:4]), audience=work.tenant.audience)
    assert (job.status, job.audience_id) == (JobStatus.DONE, work.tenant.audience_id)
    with work.database.reading(work.tenant.tenant_id) as unit:
        assert opt_outs.reachable(unit) == 8
        assert opt_outs.reachable(unit, work.tenant.audience_id) == 4
    everywhere = opt_out(work, base(*people[:2]))
    assert work.report(everywhere).opt_outs_added == 2  # of the whole tenant nobody had said it
    narrow = opt_out(work, base(*people[:2]), audience=work.tenant.audience)
    assert work.report(narrow).opt_outs_added == 0


def test_a_suppression_of_another_tenant_s_audience_is_refused(work: Desk, other_tenant: Tenant) -> None:
    with pytest.raises(IntakeRefusedError, match="There is no audience"):
        opt_out(work, base("ana@x.com.br"), audience=str(other_tenant.audience_id))
    assert holding(work.database, work.tenant) == []


def test_whom_only_the_retracted_job_named_is_free_again(work: Desk) -> None:
    work.run(base("ana@x.com.br", "bia@x.com.br", "caio@x.com.br", "davi@x.com.br", "eva@x.com.br"))
    suppress(work.database, work.tenant, "BIA@x.com.br", "manual")
    bounced = opt_out(work, base("caio@x.com.br"), OptOutKind.BOUNCE)
    before = holding(work.database, work.tenant)
    wrong = work.run(
        "email;saiu\nana@x.com.br;sim\nbia@x.com.br;sim\ncaio@x.com.br;sim\ndavi@x.com.br;sim\neva@x.com.br;\n",
        ASKED.model_copy(update={"allow_opt_outs": 9}),
    )
    right = opt_out(work, base("davi@x.com.br"))
    assert retract(work, wrong) == suppressions.Retracted(entries=4, addresses=4, staying=3)
    assert holding(work.database, work.tenant) == sorted([*before, ("davi@x.com.br", "unsubscribe")])
    assert retract(work, wrong) == suppressions.Retracted(0, 0, 0)
    assert [retract(work, job).staying for job in (right, bounced)] == [0, 0]
    assert holding(work.database, work.tenant) == [("bia@x.com.br", "manual")]
    events = work.query(
        "select subject, details from audit.events where action = 'opt_outs_retracted' order by event_id"
    )
    assert [row.subject for row in events] == [str(job.import_job_id) for job in (wrong, right, bounced)]
    assert "x.com.br" not in str([row.details for row in events])


def test_what_a_correction_took_along_goes_with_what_it_hung_on(work: Desk) -> None:
    database, tenant = work.database, work.tenant
    old, new = "ana@gamil.com", "ana@gmail.com"
    parent = work.run(f"email;saiu\n{old};sim\n", ASKED)
    correction = uuid.uuid4()
    with database.unit(tenant.tenant_id) as unit:
        unit.execute(
            "insert into mkt.import_jobs (import_job_id, tenant_id, kind, audience_id, uploaded_by_user_id, file_name, file_hash, file_bytes, file_key,"
            " options_hash, repeat_no, chunk_rows, status, stage) select :job, tenant_id, 'correction', audience_id, uploaded_by_user_id, file_name, file_hash,"
            " 0, '', 'x', 0, 1, 'processing', 'link' from mkt.import_jobs where import_job_id = :parent",
            {"job": correction, "parent": parent.import_job_id},
        )
        unit.execute(
            "insert into ops.suppressions (tenant_id, email, kind, source, import_job_id, evidence) select tenant_id, :new, kind, 'import', :job,"
            " jsonb_build_object('follows', jsonb_build_array(suppression_id)) from ops.suppressions where import_job_id = :parent",
            {"new": new, "job": correction, "parent": parent.import_job_id},
        )
    assert retract(work, parent) == suppressions.Retracted(entries=2, addresses=2, staying=0)
    assert holding(database, tenant) == []


def test_an_erased_person_does_not_come_in_by_a_file_under_another_spelling(work: Desk, settings: Settings) -> None:
    suppress_erased(settings, work.database, work.tenant, "ana@gmail.com")
    job = work.run(base("a.na+x@googlemail.com", "bia@gmail.com"))
    report = work.report(job)
    assert (report.error_rows, report.contacts_created, report.opt_outs_protected) == (1, 1, 0)


MAILBOXES = ("ana@gmail.com", "a.na@gmail.com", "bia@x.com.br", "caio@x.com.br")
SAID = st.lists(st.sampled_from(MAILBOXES), min_size=1, max_size=3)
HISTORY = st.lists(
    st.one_of(
        st.tuples(st.just("file"), SAID, st.sampled_from([OptOutKind.UNSUBSCRIBE, OptOutKind.MANUAL])),
        st.tuples(st.just("other"), SAID, st.sampled_from(list(OptOutKind)[:4])),
        st.tuples(st.just("contacts"), SAID, st.none()),
    ),
    min_size=2,
    max_size=4,
)


@examples(50, suppress=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY, data=st.data())
def test_retracting_a_job_leaves_what_would_hold_without_it(
    work: Desk, database: Database, history: Sequence[tuple[str, list[str], OptOutKind | None]], data: st.DataObject
) -> None:
    mark = uuid.uuid4().hex[:8]
    jobs: list[Job] = []
    said: list[tuple[Job | None, str, str]] = []
    for what, emails, kind in history:
        named = sorted({f"{mark}{email}" for email in emails})
        if what == "contacts":
            work.run(base(*named))  # lowers nothing
        elif what == "other":
            for email in named:
                suppress(database, work.tenant, email, str(kind))
                said.append((None, email, str(kind)))
        else:
            assert kind is not None
            jobs.append(opt_out(work, base(*named), kind, options=SuppressionOptions(allow_opt_outs=99)))
            said.extend((jobs[-1], email, str(kind)) for email in named)

    def now() -> set[tuple[str | None, str]]:
        return {each for each in holding(database, work.tenant) if (each[0] or "").startswith(mark)}

    assert now() == {(email, kind) for _, email, kind in said}
    for wrong in data.draw(st.permutations(jobs)):
        retract(work, wrong)
        said = [each for each in said if each[0] is not wrong]
        assert now() == {(email, kind) for _, email, kind in said}


def test_chunks_of_a_suppression_survive_lost_and_doubled_hints(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    with desk(settings, database, tenant, chunk_rows=2) as work:
        work.threads._lose, work.threads._double = 0.4, 0.4
        job = opt_out(work, base(*[f"p{n}@x.com.br" for n in range(15)]))
        assert (job.status, work.report(job).opt_outs_added) == (JobStatus.DONE, 15)
        assert len(work.query("select 1 from ops.suppressions")) == 15
