"""Law 4: whatever the chunk size, the number of workers, the order of hints and their loss, the end is the oracle's."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.settings import Settings
from db import audiences, reports
from db.jobs import Job
from db.statuses import Duplicates, FieldPolicy, JobKind, JobStatus, OnExisting
from db.unit import Database
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from tests.conftest import Tenant, make_tenant
from tests.support.oracle import CLEAR, Contact, Expected, How, apply, rows_of
from tests.support.workers import Threads

LOCALS = st.sampled_from(
    [
        "ana",
        "ANA",
        "joão",
        "joa\u0303o",
        "bia.silva",
        "caio+x",
        "o'neil",
        "..",
        "a b",
        "x" * 70,
        "d@e",
        '"q"',
        "",
        "niño",
        "m_1",
    ]
)
DOMAINS = st.sampled_from(
    [
        "empresa.com.br",
        "EMPRESA.com.br",
        "bücher.de",
        "xn--bcher-kva.de",
        "example.org",
        "a..b",
        "localhost",
        "x.test",
        "-a.com",
        "",
        "gmail.com",
    ]
)
SPACES = st.sampled_from(["", "", "", " ", "\u00a0", "\u200b", "\ufeff", "\t", " \u2003"])
EMAILS = st.one_of(
    st.tuples(SPACES, LOCALS, DOMAINS, SPACES).map(lambda parts: f"{parts[0]}{parts[1]}@{parts[2]}{parts[3]}"),
    st.sampled_from(["", "n/a", "no at sign", "  ", "a@b@c.com", "ana@empresa.com.br\r"]),
)
NAMES = st.sampled_from(
    [
        "",
        "Ana",
        "Ana  Maria",
        "João",
        "Joa\u0303o",
        ' "Bia" ',
        "line\nbreak",
        "carriage\rreturn",
        "Silva; Souza",
        "Silva, Souza",
        "tab\there",
        "O'Neil",
        "\u00a0",
        CLEAR,
    ]
)
CITIES = st.sampled_from(["", "São Paulo", "Rio", " Recife ", 'quote"d', "two\r\nlines", CLEAR])
OUT = st.sampled_from(["", "", "", "", "sim", "NÃO", " x", "talvez"])
ROWS = st.one_of(
    st.tuples(EMAILS, NAMES, CITIES, OUT).map(list),
    st.sampled_from([[], [" ", "", ""], ["a@empresa.com.br"], ["b@empresa.com.br", "B", "", "", ""]]),
)


@dataclass(frozen=True)
class File:
    rows: list[list[str]]
    delimiter: str
    bom: bool
    line_end: str
    quoting: Any
    chunk_rows: int
    workers: int
    policy: OnExisting
    duplicates: Duplicates
    policies: dict[str, FieldPolicy]
    audience: str

    @property
    def options(self) -> ImportOptions:
        """What is asked for; how the file is read too, because this is not about detection."""
        return ImportOptions(
            on_existing=self.policy,
            duplicates=self.duplicates,
            policies=self.policies,
            clear_token=CLEAR,
            allow_opt_outs=1_000,
            map={"E-MAIL": "email", "Nome": "name", "city": "attribute", "out": "opt_out"},
            encoding="utf-8",
            delimiter=self.delimiter,
            quote='"',
            header_row=1,
            several="reject",
        )

    @property
    def how(self) -> How:
        return How(str(self.policy), str(self.duplicates), {name: str(each) for name, each in self.policies.items()})

    def data(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end, quoting=self.quoting)
        writer.writerow(["E-MAIL", "Nome", "city", "out"])
        for row in self.rows:
            writer.writerow(row)
        return text.getvalue().encode("utf-8-sig" if self.bom else "utf-8")


FILES = st.builds(
    File,
    rows=st.lists(ROWS, min_size=1, max_size=40).filter(lambda rows: any(cell.strip() for row in rows for cell in row)),
    delimiter=st.sampled_from([",", ";", "\t"]),
    bom=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    chunk_rows=st.integers(1, 12),
    workers=st.integers(1, 3),
    policy=st.sampled_from(list(OnExisting)),
    duplicates=st.sampled_from(list(Duplicates)),
    policies=st.dictionaries(st.sampled_from(["name", "city"]), st.sampled_from(list(FieldPolicy))),
    audience=st.sampled_from(["people", "leads"]),
)


ANY = given(files=st.lists(FILES, min_size=1, max_size=3), seed=st.integers(0, 2**16))
QUICKLY = hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
LONG = hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.fault(22)
@QUICKLY
@ANY
def test_the_database_ends_as_the_sequential_oracle_does(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory, files: list[File], seed: int
) -> None:
    check(settings, database, make_tenant(settings, database, tmp_path_factory.getbasetemp()), files, seed)


@pytest.mark.slow
@LONG
@ANY
def test_many_databases_end_as_the_sequential_oracle_does(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory, files: list[File], seed: int
) -> None:
    check(settings, database, make_tenant(settings, database, tmp_path_factory.getbasetemp()), files, seed)


def check(settings: Settings, database: Database, tenant: Tenant, files: list[File], seed: int) -> None:
    with database.unit(tenant.tenant_id) as unit:
        audiences.create(unit, "leads", "")
    base: dict[str, Contact] = {}
    opted_out: set[str] = set()
    for file in files:
        planned = run(settings, tenant, file, seed, JobKind.DRY_RUN)
        job = run(settings, tenant, file, seed)
        rows, blank = rows_of(file.data(), file.delimiter)
        expected = apply(base, rows, blank=blank, audience=file.audience, how=file.how)
        assert_same(database, tenant, job, base, expected)
        assert_foreseen(database, tenant, planned, job)
        opted_out |= expected.opt_outs
        assert_opted_out(database, tenant, opted_out)


def run(settings: Settings, tenant: Tenant, file: File, seed: int, kind: JobKind = JobKind.IMPORT) -> Job:
    with Threads(
        settings.model_copy(update={"chunk_rows": file.chunk_rows}), file.workers, seed=seed, lose=0.1, double=0.2
    ) as threads:
        request = ImportRequest(
            tenant.tenant_id, tenant.user_id, file.audience, "f.csv", file.options, again=True, kind=kind
        )
        receipt = intake(replace(threads.context), request, io.BytesIO(file.data()))
        return threads.finish(tenant.tenant_id, receipt.import_job_id)[0]


def assert_foreseen(database: Database, tenant: Tenant, planned: Job, job: Job) -> None:
    """The dry run has counted what the import then did."""
    with database.reading(tenant.tenant_id) as unit:
        foreseen, done = (reports.job(unit, each.import_job_id) for each in (planned, job))
    assert foreseen is not None
    assert done is not None
    for name in (
        *(
            "total_rows",
            "ok_rows",
            "error_rows",
            "duplicate_rows",
            "blank_rows",
            "contacts_created",
            "contacts_updated",
        ),
        *("contacts_unchanged", "links_added", "links_existing", "opt_outs_said", "opt_outs_added"),
        "opt_outs_protected",
    ):
        assert (name, getattr(foreseen, name)) == (name, getattr(done, name))


def assert_opted_out(database: Database, tenant: Tenant, expected: set[str]) -> None:
    with database.reading(tenant.tenant_id) as unit:
        found = [tuple(row) for row in unit.execute("select email, kind from ops.suppressions order by 1, 2")]
    assert found == sorted((email, "unsubscribe") for email in expected)


def assert_same(database: Database, tenant: Tenant, job: Job, base: dict[str, Contact], expected: Expected) -> None:
    assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
    with database.reading(tenant.tenant_id) as unit:
        rows = unit.execute(
            "select row_number, raw_email, raw_name, attributes, normalized_email, parse_status, duplicate_of_row from mkt.import_rows"
            " where import_job_id = :job order by part_no, row_number",
            {"job": job.import_job_id},
        ).all()
        contacts = {
            row.email: (row.name, row.attributes)
            for row in unit.execute("select email, name, attributes from mtrk.contatos")
        }
        links = {
            (row.email, row.audience): row.row_number
            for row in unit.execute(
                "select c.email, a.name as audience, l.row_number from mkt.audience_contacts l join mtrk.contatos c using (rid) join mkt.audiences a using (audience_id)"
            )
        }
        counts = unit.execute(
            "select j.total_rows, j.ok_rows, j.error_rows, j.duplicate_rows, j.records_seen, j.blank_rows, sum(c.contacts_created), sum(c.contacts_updated),"
            " sum(c.contacts_unchanged), sum(c.links_added) from mkt.import_jobs j join mkt.import_chunks c using (import_job_id)"
            " where import_job_id = :job and c.kind = 'rows' group by j.import_job_id",
            {"job": job.import_job_id},
        ).one()
        verdicts = unit.execute("select count(*) from mkt.email_validations").scalar_one()
    assert [tuple(row) for row in rows] == expected.rows
    assert contacts == {email: (contact.name, contact.attributes) for email, contact in base.items()}
    assert links == {
        (email, audience): row for email, contact in base.items() for audience, row in contact.audiences.items()
    }
    total = len(expected.rows)
    assert tuple(counts) == (
        total, expected.count("ok"), expected.count("error"), expected.count("ok", duplicate=True), total + expected.blank, expected.blank,
        expected.created, expected.updated, expected.unchanged, expected.added,
    )  # fmt: skip
    assert verdicts == len(base)
