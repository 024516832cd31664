"""Histories of people: imports under every policy, plans, corrections, undos, opt-outs of every kind, retractions, re-consent.

A world has some dozen people, and each of them lives through one history: which files name them, in which spelling, saying
what. Beside the database runs a model of a few lines: who is opted out is whoever is named by a statement that nobody has
taken back.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from db import eligibility, reports, suppressions
from db.deliveries import Event
from db.jobs import Job
from db.statuses import DeliveryKind, Duplicates, JobKind, JobStatus, LiftedAs, OnExisting, OptOutKind
from db.unit import Database
from pipeline import corrections, deliveries, sending, undoing
from pipeline.intake import ImportRequest, carry_out, intake
from pipeline.options import ImportOptions, SuppressionOptions
from pipeline.verdicts.canonical import canonical
from tests.conftest import Tenant
from tests.support.workers import Inline

#: A campaign that keeps nobody away but for what people said.
EVERYBODY: Final = {"unknown": "in", "not_yet_checked": "in"}
#: Rules that are about what people said.
OPTED_OUT: Final = frozenset({"erased", "suppressed", "unsubscribed"})
#: What is typed, and what is meant.
SLIP, MEANT = "gamil.com", "gmail.com"


@dataclass(eq=False)
class Statement:
    """Somebody of this mailbox is opted out, says this source. ``follows``: those that it was copied from, by a correction."""

    mailbox: str
    kind: OptOutKind
    source: str
    follows: tuple[Statement, ...] = ()
    lifted: LiftedAs | None = None


@dataclass
class World:
    """One tenant whose people live through a history, and the model of it."""

    database: Database
    tenant: Tenant
    inline: Inline
    chance: random.Random
    people: Sequence[str]
    cid: UUID
    statements: list[Statement] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # what happened, for whoever has to find out why a test failed
    importers: list[UUID] = field(default_factory=list)  # jobs whose statements can be taken back
    parents: list[UUID] = field(default_factory=list)  # imports that can be corrected
    undoable: list[UUID] = field(default_factory=list)  # imports and corrections that were not taken back

    @property
    def opted_out(self) -> set[str]:
        """The mailboxes that must not be written to."""
        return {said.mailbox for said in self.standing()}

    def standing(self, mailbox: str | None = None) -> list[Statement]:
        """Return what was said, of one mailbox or of all, and holds."""
        return [said for said in self.statements if said.lifted is None and mailbox in (None, said.mailbox)]

    def step(self) -> None:
        """Let something happen, and see that the law holds."""
        deeds: tuple[Callable[[], None], ...] = (
            *(self.import_file,) * 4, self.plan, self.correct, self.suppress, self.hear, self.decide, self.retract, self.reconsent,
            self.undo,
        )  # fmt: skip
        self.chance.choice(deeds)()
        self.hold()

    def hold(self) -> None:
        """See that nobody who is opted out would be written to, and that nobody else is kept away."""
        with self.database.reading(self.tenant.tenant_id) as unit:
            judged = {each.rid: each.rule for each in eligibility.judge(unit, self.cid, None)}
            emails = {
                row.rid: row.email
                for row in unit.execute(
                    "select rid, email from mtrk.contatos where rid = any(:rids)", {"rids": list(judged)}
                )
            }
        kept_away = {emails[rid] for rid, rule in judged.items() if rule in OPTED_OUT}
        expected = {email for email in emails.values() if canonical(email) in self.opted_out}
        assert kept_away == expected, "\n".join(self.told)

    def import_file(self) -> None:
        """Import some of the people, some of whom say that they want no mail."""
        self._import(JobKind.IMPORT)

    def plan(self) -> None:
        """Have an import counted, let something happen, and carry it out."""
        rows, planned = self._import(JobKind.DRY_RUN)
        if planned.status is not JobStatus.DONE:
            return
        if self.chance.random() < 0.5:
            self.hear()
        receipt = carry_out(self.inline.context, self.tenant.tenant_id, self.tenant.user_id, planned.import_job_id)
        before = self.opted_out
        job = self.inline.finish(self.tenant.tenant_id, receipt.import_job_id)
        if job.status is JobStatus.DONE:  # it fails, with nothing done, where the base has moved too far
            self._took(job, rows, before)

    def _import(self, kind: JobKind) -> tuple[list[tuple[str, bool]], Job]:
        options = ImportOptions(
            on_existing=self.chance.choice(list(OnExisting)),
            duplicates=self.chance.choice(list(Duplicates)),
            map={"saiu": "opt_out"},
            allow_opt_outs=1_000_000,
        )
        some = self.chance.choices(self.people, k=len(self.people) // 2)
        rows = [(self._spelled(email), self.chance.random() < 0.1) for email in some]
        data = "\n".join(["email;saiu", *(f"{email};{'sim' if out else ''}" for email, out in rows)])
        audience = self.chance.choice((self.tenant.audience, "second"))
        request = ImportRequest(
            self.tenant.tenant_id, self.tenant.user_id, audience, "f.csv", options, again=True, kind=kind
        )
        before = self.opted_out
        receipt = intake(self.inline.context, request, io.BytesIO(data.encode()))
        job = self.inline.finish(self.tenant.tenant_id, receipt.import_job_id)
        assert job.status is JobStatus.DONE, job.failure_detail
        if kind is JobKind.IMPORT:
            self._took(job, rows, before)
        return rows, job

    def _took(self, job: Job, rows: list[tuple[str, bool]], before: set[str]) -> None:
        """Note what a job said, and see that whom it would have brought back is counted."""
        self.told.append(f"{job.kind} {job.import_job_id}: {job.options} {rows}")
        self.importers.append(job.import_job_id)
        self.parents.append(job.import_job_id)
        self.undoable.append(job.import_job_id)
        said = {canonical(email.strip().lower()) for email, out in rows if out}
        self.statements += [Statement(box, OptOutKind.UNSUBSCRIBE, str(job.import_job_id)) for box in sorted(said)]
        silent = {email.strip().lower() for email, _ in rows} - {email.strip().lower() for email, out in rows if out}
        with self.database.reading(self.tenant.tenant_id) as unit:
            report = reports.job(unit, job.import_job_id)
        assert report is not None
        protected = sum(canonical(email) in before for email in silent)
        assert report.opt_outs_protected >= protected, "\n".join(self.told)

    def correct(self) -> None:
        """Move the mistyped of an import to the address that was meant; what they said goes along, but for a bounce."""
        if not self.parents:
            return
        parent = self.chance.choice(self.parents)
        suggestion = {"email": f"%@{SLIP}", "was": SLIP, "is": MEANT}
        with self.database.unit(self.tenant.tenant_id) as unit:
            unit.execute(
                "update mkt.email_validations v set details_json = jsonb_build_object('suggestion', replace(c.email, :was, :is))"
                " from mtrk.contatos c where c.rid = v.rid and c.email like :email",
                suggestion,
            )
            moved = [
                row[0]
                for row in unit.execute(
                    "select distinct c.email from mkt.import_rows r join mtrk.contatos c on c.tenant_id = r.tenant_id and c.email = r.normalized_email"
                    " join mkt.import_jobs j using (import_job_id)"
                    " join mkt.audience_contacts a on a.audience_id = j.audience_id and a.rid = c.rid and a.removed_at is null"
                    " where r.import_job_id = :job and c.email like :email and r.duplicate_of_row is null",
                    {"job": parent, **suggestion},
                )
            ]
        if not moved:
            return
        accept = corrections.accept(self.inline.context, self.tenant.tenant_id, self.tenant.user_id, parent, [SLIP])
        job = self.inline.finish(self.tenant.tenant_id, accept.import_job_id)
        assert job.status is JobStatus.DONE, job.failure_detail
        self.told.append(f"corrected {moved} of {parent} by {job.import_job_id}")
        self.undoable.append(job.import_job_id)
        for email in moved:
            boxes = canonical(email), canonical(email.replace(SLIP, MEANT))
            before = [said for said in self.standing(boxes[0]) if said.kind is not OptOutKind.BOUNCE]
            for kind in sorted({said.kind for said in before}):
                follows = tuple(said for said in before if said.kind is kind)
                self.statements.append(Statement(boxes[1], kind, "correction", follows))

    def suppress(self) -> None:
        """Import a list of opt-outs."""
        kind = self.chance.choice((OptOutKind.UNSUBSCRIBE, OptOutKind.BOUNCE, OptOutKind.COMPLAINT, OptOutKind.MANUAL))
        some = [self._spelled(email) for email in self.chance.choices(self.people, k=3)]
        data = "\n".join(["email", *some, "ninguém"])
        options = SuppressionOptions(suppress=kind, allow_opt_outs=1_000_000)
        request = ImportRequest(
            self.tenant.tenant_id, self.tenant.user_id, None, "s.csv", options, again=True, kind=JobKind.SUPPRESSION
        )
        receipt = intake(self.inline.context, request, io.BytesIO(data.encode()))
        job = self.inline.finish(self.tenant.tenant_id, receipt.import_job_id)
        assert job.status is JobStatus.DONE, job.failure_detail
        self.told.append(f"suppressed as {kind} by {job.import_job_id}: {some}")
        self.importers.append(job.import_job_id)
        boxes = sorted({canonical(email.strip().lower()) for email in some})
        self.statements += [Statement(box, kind, str(job.import_job_id)) for box in boxes]

    def hear(self) -> None:
        """Hear of a message that bounced, or that somebody complained of; or that one arrived, which says nothing."""
        email, kind = self.chance.choice(self.people), self.chance.choice(list(DeliveryKind))
        number = len(self.told)
        deliveries.record(
            self.inline.context, self.tenant.tenant_id, [Event(f"e{number}", email, kind, datetime.now(tz=UTC))]
        )
        self.told.append(f"heard {kind} of {email}")
        meant = {DeliveryKind.BOUNCE_HARD: OptOutKind.BOUNCE, DeliveryKind.COMPLAINT: OptOutKind.COMPLAINT}
        if kind in meant:
            self.statements.append(Statement(canonical(email), meant[kind], "delivery"))

    def decide(self) -> None:
        """Opt one person out by hand."""
        email = self.chance.choice(self.people)
        with self.database.unit(self.tenant.tenant_id) as unit:
            suppressions.add(
                unit,
                email,
                OptOutKind.MANUAL,
                audience_id=None,
                source="operator",
                evidence={},
                user_id=self.tenant.user_id,
            )
        self.told.append(f"opted {email} out by hand")
        self.statements.append(Statement(canonical(email), OptOutKind.MANUAL, "hand"))

    def retract(self) -> None:
        """Take back what a job said, and what hangs on nothing else."""
        if not self.importers:
            return
        job = self.importers.pop(self.chance.randrange(len(self.importers)))
        with self.database.unit(self.tenant.tenant_id) as unit:
            suppressions.retract(unit, job, reason="wrong column", user_id=self.tenant.user_id)
        self.told.append(f"retracted {job}")
        wrong = [said for said in self.standing() if said.source == str(job)]
        while wrong:
            for said in wrong:
                said.lifted = LiftedAs.RETRACTED
            wrong = [
                said
                for said in self.standing()
                if said.follows and all(each.lifted is LiftedAs.RETRACTED for each in said.follows)
            ]

    def undo(self) -> None:
        """Take an import back; whoever is opted out stays so."""
        if not self.undoable:
            return
        target = self.chance.choice(self.undoable)
        tenant = self.tenant
        try:
            receipt = undoing.request(self.inline.context, tenant.tenant_id, tenant.user_id, target)
        except undoing.UndoRefusedError as refused:
            assert refused.problem is undoing.UndoProblem.CORRECTED, refused  # noqa: PT017 (an undo that was made is what is looked at)
            return
        job = self.inline.finish(tenant.tenant_id, receipt.import_job_id)
        assert job.status is JobStatus.DONE, job.failure_detail
        self.told.append(f"undid {target}")
        self.undoable.remove(target)
        if target in self.parents:
            self.parents.remove(target)

    def reconsent(self) -> None:
        """Have somebody who had unsubscribed agree anew."""
        willing = [
            box
            for box in sorted(self.opted_out)
            if {each.kind for each in self.standing(box)} == {OptOutKind.UNSUBSCRIBE}
        ]
        if not willing:
            return
        box = self.chance.choice(willing)
        with self.database.unit(self.tenant.tenant_id) as unit:
            suppressions.lift(
                unit,
                box,
                audience_id=None,
                evidence={"text": "signed a form on 2026-11-01"},
                user_id=self.tenant.user_id,
                kinds=[OptOutKind.UNSUBSCRIBE],
            )
        self.told.append(f"{box} agreed anew")
        for said in self.standing(box):
            said.lifted = LiftedAs.RECONSENT

    def send(self) -> None:
        """Let the campaign go out, and see that no message is for anybody who is opted out."""
        try:
            receipt = sending.request(self.inline.context, self.tenant.tenant_id, self.tenant.user_id, self.cid)
        except sending.SendRefusedError as refused:
            # The last undo has taken back whoever had come in.
            assert refused.problem is sending.SendProblem.NOBODY, refused  # noqa: PT017 (a send that was made is what is looked at)
            with self.database.reading(self.tenant.tenant_id) as unit:
                assert unit.execute("select count(*) from mkt.audience_contacts").scalar_one() == 0
            return
        job = self.inline.finish(self.tenant.tenant_id, receipt.import_job_id)
        assert job.status is JobStatus.DONE, job.failure_detail
        with self.database.reading(self.tenant.tenant_id) as unit:
            written = [
                row[0]
                for row in unit.execute(
                    "select c.email from mtrk.mensagens m join mtrk.contatos c using (rid) where m.cid = :cid",
                    {"cid": self.cid},
                )
            ]
        assert not {canonical(email) for email in written} & self.opted_out, "\n".join(self.told)
        assert len(written) == len({canonical(email) for email in written})

    def _spelled(self, email: str) -> str:
        """Return the address as somebody might write it; at Gmail, that of the same mailbox too."""
        return self.chance.choice((email, email, email.upper(), f" {email}"))


def spellings(number: int) -> list[str]:
    """Return the addresses of one person: two in three have one; the others several of one mailbox, or a slip."""
    local = f"pessoa{number}"
    return [
        [f"{local}@empresa.com.br"],
        [f"{local}@uol.com.br"],
        [f"{local}@gmail.com", f"{local[:3]}.{local[3:]}@gmail.com", f"{local}+news@gmail.com"],
        [f"{local}@{SLIP}", f"{local}@{MEANT}"],
        [f"{local}@bol.com.br"],
    ][number % 5]


def campaign(database: Database, tenant: Tenant) -> UUID:
    """Make a campaign over both audiences that keeps nobody away for other reasons."""
    with database.unit(tenant.tenant_id) as unit:
        cid: UUID = unit.execute(
            "insert into mtrk.campanhas (tenant_id, name) values (:t, 'everybody') returning cid",
            {"t": tenant.tenant_id},
        ).scalar_one()
        names = [tenant.audience, "second"]
        unit.execute(
            "insert into mkt.campaign_audiences (tenant_id, cid, audience_id) select :t, :cid, audience_id from mkt.audiences where name = any(:names)",
            {"t": tenant.tenant_id, "cid": cid, "names": names},
        )
        unit.execute(
            "insert into mkt.campaign_policies (cid, tenant_id, policy) values (:cid, :t, cast(:policy as jsonb))",
            {"cid": cid, "t": tenant.tenant_id, "policy": json.dumps(EVERYBODY)},
        )
    return cid
