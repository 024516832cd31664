"""The reckoning when all jobs have ended: what was lost, what is there twice, and whether the base is the one it must be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from db.statuses import JobKind, JobStatus
from tests.chaos.load import Load
from tests.conftest import Tenant
from tests.support.campaigns import written_to
from tests.support.oracle import rows_of


@dataclass(frozen=True)
class Account:
    """Of so many jobs with so many records: how many rows, contacts, links or messages are missing, and how many too many."""

    jobs: int
    rows: int
    lost: int
    doubled: int


def reckon(load: Load) -> Account:
    """Compare what is there with what was asked for. Raises AssertionError where the base is not the oracle's."""
    found = Counter[str]()
    rows = 0
    for tenant, job_id in load.asked:
        job = load.job(tenant, job_id)
        assert job.status in {JobStatus.DONE, JobStatus.CANCELLED}, (job_id, job.failure_code, job.failure_detail)
        rows += job.records_seen
        if job_id in load.files and job.status is JobStatus.DONE:
            records, _ = rows_of(load.files[job_id], ";", columns=3)
            found += _difference(
                Counter(range_of(records)), Counter(_numbers(load, "mkt.import_rows", "row_number", job_id))
            )
    for tenant in load.crowd[1:]:
        found += _crowd(load, tenant)
    for cid, (tenant, people) in load.campaigns.items():
        messages = Counter(written_to(load.stand.crew.context.database, tenant, cid))
        found["lost"] += people - len(messages)
        found["doubled"] += sum(messages.values()) - len(messages)
    found += _in_turn(load)
    return Account(len(load.asked), rows, found["lost"], found["doubled"])


def range_of(records: list[Any]) -> list[int]:
    """Return the row numbers of an oracle's rows."""
    return [record.number for record in records]


def _numbers(load: Load, table: str, column: str, job_id: object) -> list[int]:
    found = load.stand.watch.query(f"select {column} from {table} where import_job_id = %(job)s", {"job": job_id})
    return [row[0] for row in found]


def _difference(expected: Counter[Any], there: Counter[Any]) -> Counter[str]:
    return Counter(lost=(expected - there).total(), doubled=(there - expected).total())


def _crowd(load: Load, tenant: Tenant) -> Counter[str]:
    """Whoever stands in a file that is done is there, once, called as everywhere; nobody is there whom no file names."""
    sure: dict[str, str | None] = {}
    named: set[str] = set()
    for owner, job_id in load.asked:
        job = load.job(owner, job_id)
        if owner is tenant and job.kind is JobKind.IMPORT:
            rows, _ = rows_of(load.files[job_id], ";", columns=3)
            people = {row.email: row.name for row in rows if row.ok and row.email}
            named |= people.keys()
            if job.status is JobStatus.DONE:
                sure |= people
    there = {
        row[0]: (row[1], row[2])
        for row in load.stand.watch.query(
            "select c.email, c.name, count(l) from mtrk.contatos c left join mkt.audience_contacts l using (rid)"
            " where c.tenant_id = %(tenant)s and c.email not like 'leitor%%' group by c.rid",
            {"tenant": tenant.tenant_id},
        )
    }
    wrong = {email: there[email] for email in sure.keys() & there.keys() if there[email][0] != sure[email]}
    assert not wrong, f"called otherwise than in every file: {wrong}"
    unlinked = sum(1 for email in sure.keys() & there.keys() if there[email][1] == 0)
    return Counter(
        lost=len(sure.keys() - there.keys()) + unlinked,
        doubled=len(there.keys() - named) + sum(max(0, links - 1) for _, links in there.values()),
    )


def _in_turn(load: Load) -> Counter[str]:
    """The base of the tenant whose jobs came one after another is the sequential oracle's, to the last cell and link."""
    base, expected = load.expected_in_turn()
    tenant = {"tenant": load.crowd[0].tenant_id}
    contacts = {
        row[0]: (row[1], row[2])
        for row in load.stand.watch.query(
            "select email, name, attributes from mtrk.contatos where tenant_id = %(tenant)s", tenant
        )
    }
    links = {
        row[0]: row[1]
        for row in load.stand.watch.query(
            "select c.email, l.row_number from mkt.audience_contacts l join mtrk.contatos c using (rid)"
            " where l.tenant_id = %(tenant)s",
            tenant,
        )
    }
    assert contacts == {email: (contact.name, contact.attributes) for email, contact in base.items()}
    assert links == {email: contact.audiences[load.crowd[0].audience] for email, contact in base.items()}
    counted = Counter[str]()
    for (job_id, _), one in zip(load.in_turn, expected, strict=True):
        ((created, updated, added),) = load.stand.watch.query(
            "select sum(contacts_created), sum(contacts_updated), sum(links_added) from mkt.import_chunks"
            " where import_job_id = %(job)s and kind = 'rows'",
            {"job": job_id},
        )
        counted += _difference(
            Counter(created=one.created, updated=one.updated, added=one.added),
            Counter(created=int(created), updated=int(updated), added=int(added)),
        )
    return counted
