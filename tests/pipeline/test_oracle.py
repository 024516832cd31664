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
from db import audiences
from db.jobs import Job
from db.statuses import JobStatus, OnExisting
from db.unit import Database
from pipeline.intake import ImportOptions, ImportRequest, intake
from tests.conftest import Tenant, make_tenant
from tests.support.oracle import Contact, Expected, apply
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
    ]
)
CITIES = st.sampled_from(["", "São Paulo", "Rio", " Recife ", 'quote"d', "two\r\nlines"])
ROWS = st.one_of(
    st.tuples(EMAILS, NAMES, CITIES).map(list),
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
    audience: str

    def data(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end, quoting=self.quoting)
        writer.writerow(["E-MAIL", "Nome", "city"])
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
    audience=st.sampled_from(["people", "leads"]),
)


@hypothesis_settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(files=st.lists(FILES, min_size=1, max_size=3), seed=st.integers(0, 2**16))
def test_the_database_ends_as_the_sequential_oracle_does(
    settings: Settings, database: Database, tmp_path_factory: pytest.TempPathFactory, files: list[File], seed: int
) -> None:
    tenant = make_tenant(settings, database, tmp_path_factory.getbasetemp())
    with database.unit(tenant.tenant_id) as unit:
        audiences.create(unit, "leads", "")
    base: dict[str, Contact] = {}
    for file in files:
        job = run(settings, tenant, file, seed)
        expected = apply(
            base, file.data(), delimiter=file.delimiter, audience=file.audience, on_existing=str(file.policy)
        )
        assert_same(database, tenant, job, base, expected)


def run(settings: Settings, tenant: Tenant, file: File, seed: int) -> Job:
    with Threads(
        settings.model_copy(update={"chunk_rows": file.chunk_rows}), file.workers, seed=seed, lose=0.1, double=0.2
    ) as threads:
        request = ImportRequest(
            tenant.tenant_id, tenant.user_id, file.audience, "f.csv", ImportOptions(file.policy), again=True
        )
        receipt = intake(replace(threads.context), request, io.BytesIO(file.data()))
        return threads.finish(tenant.tenant_id, receipt.import_job_id)[0]


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
