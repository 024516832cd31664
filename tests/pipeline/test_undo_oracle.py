"""Undo against its sequential oracle: whatever was imported, edited, written to and taken back in between, in any order."""

from __future__ import annotations

import io
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import Settings
from db import audiences, memberships, undos
from db.statuses import JobStatus, OnExisting, UndoOutcome
from db.unit import Database
from pipeline import undoing
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions
from pipeline.undoing import UndoProblem, UndoRefusedError
from tests.conftest import Tenant, make_tenant
from tests.pipeline.sends import opt_out
from tests.support.campaigns import make_campaign
from tests.support.checksums import checksums
from tests.support.examples import few
from tests.support.undo_oracle import Base, Import, Told
from tests.support.workers import Inline

PEOPLE = [f"pessoa{number}@uol.com.br" for number in range(8)]
STEPS = 9
HISTORIES = int(os.environ.get("MKT_UNDO_HISTORIES", "4"))


@dataclass
class World:
    """A tenant and the oracle's picture of it, side by side."""

    database: Database
    tenant: Tenant
    inline: Inline
    chance: random.Random
    cid: UUID
    base: Base = field(default_factory=Base)
    jobs: dict[UUID, Import] = field(default_factory=dict)

    def import_file(self) -> UUID:
        some = self.chance.sample(PEOPLE, self.chance.randint(1, 4))
        rows = {
            email: {"name": self.chance.choice(("", "N", "M")), "city": self.chance.choice(("", "C", "D"))}
            for email in some
        }
        audience, policy = self.chance.choice((self.tenant.audience, "second")), self.chance.choice(list(OnExisting))
        data = "email,name,city\n" + "".join(f"{email},{row['name']},{row['city']}\n" for email, row in rows.items())
        asked = ImportRequest(
            self.tenant.tenant_id, self.tenant.user_id, audience, "f.csv",
            ImportOptions(on_existing=policy, map={"city": "attribute"}), again=True,
        )  # fmt: skip
        job_id = intake(self.inline.context, asked, io.BytesIO(data.encode())).import_job_id
        job = self.inline.finish(self.tenant.tenant_id, job_id)
        assert job.status is JobStatus.DONE, job.failure_detail
        self.jobs[job_id] = self.base.take_in(audience, rows, str(policy))
        return job_id

    def edit(self) -> None:
        if self.base.contacts:
            email = self.chance.choice(sorted(self.base.contacts))
            with self.database.unit(self.tenant.tenant_id) as unit:
                unit.execute(
                    "update mtrk.contatos set name = 'X', updated_at = now() where email = :email", {"email": email}
                )
            self.base.edit(email, {"name": "X"})

    def suppress(self) -> None:
        email = self.chance.choice(PEOPLE)
        opt_out(self.database, self.tenant, email)
        self.base.suppress(email)

    def write(self) -> None:
        if self.base.contacts:
            email = self.chance.choice(sorted(self.base.contacts))
            with self.database.unit(self.tenant.tenant_id) as unit:
                unit.execute(
                    "insert into mtrk.mensagens (tenant_id, cid, rid) select :t, :cid, rid from mtrk.contatos where email = :email on conflict do nothing",
                    {"t": self.tenant.tenant_id, "cid": self.cid, "email": email},
                )
            self.base.messaged.add(email)

    def take_out(self) -> None:
        inside = sorted(set(self.base.members) - self.base.taken_out)
        if inside:
            name, email = self.chance.choice(inside)
            with self.database.unit(self.tenant.tenant_id) as unit:
                audience = audiences.find(unit, name)
                assert audience is not None
                assert memberships.remove(unit, audience.audience_id, email, reason="", user_id=self.tenant.user_id)
            self.base.taken_out.add((name, email))

    def undo(self, job_id: UUID | None = None) -> None:
        if not self.jobs:
            return
        job_id = job_id or self.chance.choice(list(self.jobs))
        told_of = self.jobs[job_id]
        asked = (self.inline.context, self.tenant.tenant_id, self.tenant.user_id, job_id)
        if told_of.is_undone and told_of.is_gone:
            with pytest.raises(UndoRefusedError) as refused:
                undoing.request(*asked, again=True)
            assert refused.value.problem is UndoProblem.NOTHING_LEFT
            return
        undo_id = undoing.request(*asked, again=told_of.is_undone).import_job_id
        job = self.inline.finish(self.tenant.tenant_id, undo_id)
        assert (job.status, job.failure_detail) == (JobStatus.DONE, None)
        with self.database.reading(self.tenant.tenant_id) as unit:
            told: Told = {
                (str(line.email), str(line.thing)): None if line.outcome is UndoOutcome.REVERSED else str(line.reason)
                for line in undos.lines(unit, undo_id, job_id, None)
            }
        assert told == self.base.undo(told_of)

    def compare(self) -> None:
        with self.database.reading(self.tenant.tenant_id) as unit:
            contacts = {
                row.email: {
                    key: value for key, value in {"name": row.name, **row.attributes}.items() if value is not None
                }
                for row in unit.execute("select email, name, attributes from mtrk.contatos")
            }
            members = {
                (row.name, row.email)
                for row in unit.execute(
                    "select a.name, c.email from mkt.audience_contacts m join mkt.audiences a using (audience_id) join mtrk.contatos c using (rid)"
                )
            }
        assert contacts == {email: contact.values for email, contact in self.base.contacts.items()}
        assert members == set(self.base.members)


def make_world(settings: Settings, database: Database, folder: Path, inline: Inline, chance: random.Random) -> World:
    tenant = make_tenant(settings, database, folder)
    with database.unit(tenant.tenant_id) as unit:
        audiences.create(unit, "second", "")
    return World(database, tenant, inline, chance, make_campaign(database, tenant))


@pytest.mark.parametrize("seed", few(range(HISTORIES), min(2, HISTORIES)))
def test_an_undo_leaves_what_the_oracle_leaves_whatever_happened_in_between(
    settings: Settings, database: Database, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    with Inline(settings.model_copy(update={"chunk_rows": chance.choice((2, 1000))})) as inline:
        world = make_world(settings, database, tmp_path, inline, chance)
        for _ in range(STEPS):
            deeds = (
                *(world.import_file,) * 4,
                *(world.undo,) * 2,
                world.edit,
                world.suppress,
                world.write,
                world.take_out,
            )
            chance.choice(deeds)()
            world.compare()
        for _ in range(STEPS):
            world.undo()
            world.compare()


@pytest.mark.parametrize("seed", range(max(1, HISTORIES // 4)))
def test_imports_taken_back_in_reverse_leave_each_time_the_base_that_was_there(
    settings: Settings, database: Database, tmp_path: Path, seed: int
) -> None:
    with Inline(settings.model_copy(update={"chunk_rows": 2})) as inline:
        world = make_world(settings, database, tmp_path, inline, random.Random(seed))
        before, done = [], []
        for _ in range(5):
            before.append(checksums(database, world.tenant.tenant_id))
            done.append(world.import_file())
        for job_id in reversed(done):
            world.undo(job_id)
            assert checksums(database, world.tenant.tenant_id) == before.pop()
