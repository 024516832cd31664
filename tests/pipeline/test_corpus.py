"""The corpus of files, imported: the database ends as the sequential oracle does, and preview, dry run and import agree."""

from __future__ import annotations

import io

import pytest

from config.settings import Settings
from db.statuses import JobKind, JobStatus
from db.unit import Database
from pipeline.options import ImportOptions
from pipeline.reading import OptOut, Picked, Surroundings, read
from tests.conftest import make_tenant
from tests.corpus.case import Case
from tests.corpus.topics import all_cases
from tests.pipeline.imports import Desk, desk
from tests.support.oracle import Contact, How, Row, apply

#: Every so manieth file in the ordinary run; all of them in the slow one.
STEP = 30
#: Rows of a part are counted from a million times its number.
PART = 1_000_000

READABLE = [case for case in all_cases() if not case.fails and not case.known and case.surroundings == Surroundings()]


def row_of(part_no: int, row_number: int, picked: Picked) -> Row:
    ok = picked.problem is None
    said = picked.opt_out is not OptOut.NONE
    return Row(
        part_no * PART + row_number,
        picked.raw_email,
        picked.raw_name,
        picked.email if ok or said else None,
        picked.name,
        picked.attributes,
        ok,
        said,
    )


def check(work: Desk, case: Case) -> None:
    whole = read(io.BytesIO(case.data), file_name=case.file_name, options=case.options)
    rows = [row_of(*found) for found in whole.rows()]
    base: dict[str, Contact] = {}
    expected = apply(base, rows, blank=whole.blank_rows, audience=work.tenant.audience, how=How())
    said = case.options
    options = ImportOptions(
        map=dict(said.mapping),
        encoding=said.encoding,
        delimiter=said.delimiter,
        quote=said.quotechar,
        header_row=said.header_row,
        sheets=said.sheets,
        keep=said.keep,
        date_order=said.date_order,
        several="reject" if said.several == "reject" else "first",
        allow_opt_outs=PART,
    )
    jobs = [work.run(case.data, options, name=case.file_name, kind=kind) for kind in (JobKind.DRY_RUN, JobKind.IMPORT)]
    for job in jobs:
        assert (case.id, job.status, job.failure_detail) == (case.id, JobStatus.DONE, None)
        report = work.report(job)
        assert (report.total_rows, report.blank_rows, report.error_rows, report.duplicate_rows) == (
            len(rows), whole.blank_rows, expected.count("error"), expected.count("ok", duplicate=True),
        ), case.id  # fmt: skip
        assert (report.contacts_created, report.contacts_updated, report.links_added) == (
            expected.created, expected.updated, expected.added,
        ), case.id  # fmt: skip
    stored = {email: (contact.name, contact.attributes) for email, contact in base.items()}
    assert work.contacts() == stored, case.id
    others = {
        address
        for row in rows
        if row.opted_out
        for address in (row.attributes.get("other_emails") or "").split(", ")
        if address
    }
    assert {email for email, _ in work.opted_out()} == expected.opt_outs | others, case.id


def run(settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory, cases: list[Case]) -> None:
    for case in cases:
        tenant = make_tenant(settings, database, tmp_path_factory.getbasetemp())
        with desk(settings, database, tenant) as work:
            check(work, case)


def test_a_sample_of_the_corpus_ends_as_the_oracle_does(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run(settings, database, tmp_path_factory, READABLE[::STEP])


@pytest.mark.slow
def test_the_whole_corpus_ends_as_the_oracle_does(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run(settings, database, tmp_path_factory, READABLE)
