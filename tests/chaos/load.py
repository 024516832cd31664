"""Work for the stand: files of several tenants that overlap in contacts, an opt-out list, a send; and what must come of it.

Whoever stands in several files is called the same in all of them, so that the base is defined although the order is not.
Only one tenant's jobs come one after another, with values that differ: its base must equal the sequential oracle's.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from db.jobs import Job
from db.statuses import FINISHED_STATUSES, JobKind, JobStatus, OnExisting, OptOutKind
from pipeline import control, sending
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions, SuppressionOptions
from tests.chaos.stand import DOMAINS, Stand
from tests.conftest import Tenant, make_tenant
from tests.support.campaigns import add_members, make_campaign
from tests.support.oracle import Contact, Expected, How, apply, rows_of

COLUMNS: Final = "email;nome;city"


def person(number: int, name: str = "Pessoa", city: str = "Recife") -> str:
    """Return the row of somebody; ``number`` says who it is."""
    return f"pessoa{number}@{DOMAINS[number % len(DOMAINS)]};{name} {number};{city}"


def contact_file(chance: random.Random, people: int, rows: int, *, name: str = "Pessoa", city: str = "Recife") -> bytes:
    """Rows of random people: some of them twice, some broken, some blank."""
    lines = [COLUMNS]
    for _ in range(rows):
        kind = chance.random()
        if kind < 0.95:
            lines.append(person(chance.randrange(people), name, city))
        elif kind < 0.98:
            lines.append(f"pessoa{chance.randrange(people)};Sem endereço;")
        else:
            lines.append(";;")
    return "\n".join(lines).encode()


@dataclass
class Load:
    """Tenants, what was asked for on their behalf, and what has to be there when all of it has ended."""

    stand: Stand
    chance: random.Random
    rows: int = 900
    people: int = 1_500
    crowd: list[Tenant] = field(default_factory=list)
    asked: list[tuple[Tenant, UUID]] = field(default_factory=list)
    files: dict[UUID, bytes] = field(default_factory=dict)
    in_turn: list[tuple[UUID, OnExisting]] = field(default_factory=list)
    campaigns: dict[UUID, tuple[Tenant, int]] = field(default_factory=dict)

    def begin(self, folder: Path) -> None:
        """Make three tenants; the first one's jobs come in turn."""
        database = self.stand.crew.context.database
        self.crowd = [make_tenant(self.stand.settings, database, folder) for _ in range(3)]

    def import_at_once(self) -> None:
        """Import a file of people whom other files name too, while those are imported."""
        tenant = self.chance.choice(self.crowd[1:])
        self._import(tenant, contact_file(self.chance, self.people, self.rows), self.chance.choice(list(OnExisting)))

    def import_in_turn(self) -> None:
        """Import the next file of the first tenant, if the one before has ended: names and cities differ from file to file."""
        tenant, turn = self.crowd[0], len(self.in_turn)
        policy = self.chance.choice(list(OnExisting))
        data = contact_file(self.chance, self.rows, self.rows, name=f"Nome{turn}", city=f"Cidade {turn}")
        if turn and self.job(tenant, self.in_turn[-1][0]).status not in FINISHED_STATUSES:
            return
        self.in_turn.append((self._import(tenant, data, policy), policy))

    def suppress(self) -> None:
        """Import a list of opt-outs."""
        tenant = self.chance.choice(self.crowd[1:])
        rows = [person(self.chance.randrange(self.people)) for _ in range(200)]
        options = SuppressionOptions(suppress=OptOutKind.UNSUBSCRIBE, allow_opt_outs=1_000_000)
        data = "\n".join([COLUMNS, *rows]).encode()
        request = ImportRequest(
            tenant.tenant_id, tenant.user_id, None, "s.csv", options, again=True, kind=JobKind.SUPPRESSION
        )
        self._ask(tenant, request, data)

    def send(self) -> None:
        """Send a campaign to people who are there already."""
        tenant = self.crowd[2]
        context, number = self.stand.crew.context, len(self.campaigns)
        emails = [f"leitor{n}.{number}@{DOMAINS[n % len(DOMAINS)]}" for n in range(self.rows // 4)]
        audience = f"leitores {number}"
        with context.database.unit(tenant.tenant_id) as unit:
            unit.execute(
                "insert into mkt.audiences (tenant_id, name) values (:t, :name)",
                {"t": tenant.tenant_id, "name": audience},
            )
        add_members(context.database, tenant, emails, audience)
        cid = make_campaign(context.database, tenant, audience, name=audience)
        receipt = sending.request(context, tenant.tenant_id, tenant.user_id, cid)
        self.campaigns[cid] = (tenant, len(emails))
        self.asked.append((tenant, receipt.import_job_id))

    def cancel(self) -> None:
        """Cancel the newest import of those that come at once."""
        mine = [(tenant, job) for tenant, job in self.asked if job in self.files and tenant is not self.crowd[0]]
        if mine:
            try:
                control.cancel(self.stand.crew.context, mine[-1][0].tenant_id, mine[-1][1])
            except control.ControlRefusedError:
                return  # it had ended

    def retry(self) -> None:
        """Take up again what failed: nothing should have."""
        for tenant, job_id in self.asked:
            if self.job(tenant, job_id).status is JobStatus.FAILED:
                control.retry(self.stand.crew.context, tenant.tenant_id, job_id)

    def job(self, tenant: Tenant, job_id: UUID) -> Job:
        return self.stand.crew.job(tenant.tenant_id, job_id)

    def unfinished(self) -> list[UUID]:
        """Return the jobs that have not ended."""
        found = self.stand.watch.query(
            "select import_job_id from mkt.import_jobs where finished_at is null and import_job_id = any(%(jobs)s)",
            {"jobs": [job for _, job in self.asked]},
        )
        return [row[0] for row in found]

    def _import(self, tenant: Tenant, data: bytes, policy: OnExisting) -> UUID:
        options = ImportOptions(on_existing=policy)
        return self._ask(
            tenant, ImportRequest(tenant.tenant_id, tenant.user_id, tenant.audience, "f.csv", options, again=True), data
        )

    def _ask(self, tenant: Tenant, request: ImportRequest, data: bytes) -> UUID:
        job_id = intake(self.stand.crew.context, request, io.BytesIO(data)).import_job_id
        self.asked.append((tenant, job_id))
        self.files[job_id] = data
        return job_id

    def expected_in_turn(self) -> tuple[dict[str, Contact], list[Expected]]:
        """Return what the sequential oracle makes of the first tenant's files."""
        base: dict[str, Contact] = {}
        expected = []
        for job_id, policy in self.in_turn:
            rows, blank = rows_of(self.files[job_id], ";", columns=3)
            how = How(on_existing=policy)
            expected.append(apply(base, rows, blank=blank, audience=self.crowd[0].audience, how=how))
        return base, expected
