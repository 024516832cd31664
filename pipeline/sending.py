"""Sends: a campaign becomes messages, once. mkt hands nothing to a mail server: what it makes is the list of who receives.

A send is a job like any other, about a campaign instead of a file: `plan` freezes whom it chose, `send` judges them chunk by
chunk. There is one for ever, unless it was cancelled: then another may take up those about whom nothing was decided.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import Final
from uuid import UUID

from db import audit, new_jobs, reports, sends
from db.chunks import ChunkRef
from db.jobs import Job
from db.new_jobs import NewJob
from db.reports import JobReport
from db.sends import LastSend
from db.statuses import AudienceStatus, JobKind, JobStatus
from db.unit import Unit
from pipeline import hash_keys, texts
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.intake import Receipt

#: The option that has the minutes for which a send waits for verdicts; none: it does not.
WAIT: Final = "wait_verdicts"
#: Minutes that it waits where nobody said how long, and at most.
DEFAULT_WAIT: Final = 60
LONGEST_WAIT: Final = 7 * 24 * 60


@unique
class SendProblem(StrEnum):
    """Why a campaign cannot be sent; the sentence is ``cli.refused.send.<problem>``."""

    NO_CAMPAIGN = "no_campaign"  # the tenant has none of that id
    NO_AUDIENCES = "no_audiences"  # it chose none
    ONLY_ARCHIVED = "only_archived"  # all that it chose are out of use
    NOBODY = "nobody"  # there is no contact in them
    ALREADY_SENT = "already_sent"
    FAILED_BEFORE = "failed_before"  # its send is to be taken up again, not repeated
    BEING_CANCELLED = "being_cancelled"  # its send has not ended yet


class SendRefusedError(Exception):
    """The campaign cannot be sent; ``params`` fill in the sentence, which is also the text."""

    def __init__(self, problem: SendProblem, **params: str | int) -> None:
        super().__init__(texts.text(f"cli.refused.send.{problem}", "en", **params))
        self.problem, self.params = problem, params


def request(
    context: Context,
    tenant_id: UUID,
    user_id: UUID,
    cid: UUID,
    *,
    wait_verdicts: int = 0,
    request_id: str | None = None,
) -> Receipt:
    """Make the job that sends the campaign, or return the one that is under way. Safe under any number of callers.

    ``wait_verdicts``: minutes for which it waits until all addresses have been looked at. The same ``request_id`` answers with the
    same job, whatever became of it. Raises SendRefusedError, HashKeysRefusedError (blocks of erased people would not be found);
    nothing is written then.
    """
    hash_keys.require(context, tenant_id)

    def work(unit: Unit) -> tuple[UUID, ChunkRef | None]:
        sends.hold(unit, cid)
        there = new_jobs.find_by_request(unit, request_id) if request_id else None
        if there is None and (last := sends.last_send(unit, cid)) is not None:
            there = _running(unit, cid, last)
        if there is not None:
            return there, None
        made = new_jobs.create(
            unit, _new_job(context, unit, user_id, cid, wait_verdicts, request_id), again=False, hints=context.hints
        )
        audit.record(
            unit,
            action="send_requested",
            subject=str(cid),
            user_id=user_id,
            details={"import_job_id": str(made[0]), WAIT: wait_verdicts},
        )
        return made

    job_id, hint = context.database.in_unit(tenant_id, work)
    failpoint("intake:committed")
    if hint is not None:
        context.dispatch([hint])
    return Receipt(job_id, reused=hint is None)


def campaign_of(job: Job) -> UUID:
    """Return the campaign that a send is about. Raises LookupError for a job that is none."""
    if job.cid is None:
        msg = f"a {job.kind} job is about no campaign"
        raise LookupError(msg)
    return job.cid


def waits_until(job: Job | JobReport) -> datetime | None:
    """Return until when, at the latest, the send waits for verdicts; None: it does not wait."""
    minutes = int(job.options.get(WAIT, 0))
    return job.created_at + timedelta(minutes=minutes) if minutes else None


def note_end(unit: Unit, job: Job) -> None:
    """Leave in the audit trail how the send has ended, and how many messages it made."""
    report = reports.job(unit, job.import_job_id)
    if report is None:
        raise LookupError(job.import_job_id)
    audit.record(
        unit,
        action="send_ended",
        subject=str(job.cid),
        user_id=job.uploaded_by_user_id,
        details={
            "import_job_id": str(job.import_job_id),
            "status": report.status,
            "messages": report.ok_rows,
            "excluded": report.error_rows,
        },
    )


def _running(unit: Unit, cid: UUID, last: LastSend) -> UUID:
    """Return the campaign's job, if it is under way. Raises SendRefusedError where it has ended, or is about to."""
    told: dict[str, str | int] = {"name": sends.campaign_name(unit, cid) or str(cid), "id": str(last.import_job_id)}
    if last.status is JobStatus.DONE:
        raise SendRefusedError(SendProblem.ALREADY_SENT, **told, n=sends.messages(unit, cid))
    if last.status is JobStatus.FAILED:
        raise SendRefusedError(SendProblem.FAILED_BEFORE, **told)
    if last.is_ending:
        raise SendRefusedError(SendProblem.BEING_CANCELLED, **told)
    return last.import_job_id


def _new_job(
    context: Context, unit: Unit, user_id: UUID, cid: UUID, wait_verdicts: int, request_id: str | None
) -> NewJob:
    name = sends.campaign_name(unit, cid)
    if name is None:
        raise SendRefusedError(SendProblem.NO_CAMPAIGN, name=str(cid))
    chosen = sends.chosen(unit, cid)
    if not chosen:
        raise SendRefusedError(SendProblem.NO_AUDIENCES, name=name)
    if AudienceStatus.ACTIVE not in chosen:
        raise SendRefusedError(SendProblem.ONLY_ARCHIVED, name=name)
    if not sends.chooses_anybody(unit, cid):
        raise SendRefusedError(SendProblem.NOBODY, name=name)
    return NewJob(
        kind=JobKind.SEND,
        audience_id=None,
        cid=cid,
        uploaded_by_user_id=user_id,
        request_id=request_id,
        file_name=name,  # there is no file: what people call the job by
        file_hash=hashlib.sha256(cid.bytes).hexdigest(),
        file_bytes=0,
        file_key="",
        options={WAIT: wait_verdicts} if wait_verdicts else {},
        options_hash="",
        chunk_rows=context.settings.chunk_rows,
    )
