"""Intake: bytes come in, a job comes out; the same request twice is the same job.

Bytes enter through `intake` (a stream or a path, for this process's own callers) or from a storage URL within the
configured roots (`intake_url`, for other services). They are stored once per tenant under their SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from db import audiences, audit, jobs, new_jobs, tenants
from db.audiences import Audience
from db.chunks import ChunkRef
from db.jobs import Job
from db.new_jobs import NewJob
from db.statuses import AUDIENCE_KINDS, AudienceStatus, JobKind, JobStatus
from db.unit import Unit
from pipeline import hash_keys, tenant_limits
from pipeline.consent import is_plausible, of_audience
from pipeline.context import Context
from pipeline.erased import texts_without_erased
from pipeline.failpoints import failpoint
from pipeline.intake_problems import IntakeProblem, IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.outages import one_line
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.sources import opened, within_roots
from pipeline.store import StoredFile, TooLargeError, open_object, open_store
from pipeline.troubles import Trouble, trouble_of

#: Options that say what became of a job's files; a job like it is not asked for them.
NOT_ASKED: Final = frozenset({"names_erased", "cleansed"})
#: How the request id begins of a job that carries out a dry run.
COMMIT: Final = "commit:"

#: What is said where the bytes cannot be kept.
_STORE_PROBLEMS: Final = {
    Trouble.STORE_FULL: IntakeProblem.STORE_FULL,
    Trouble.STORE_AWAY: IntakeProblem.STORE_AWAY,
}


@dataclass(frozen=True)
class ImportRequest:
    """Who wants what imported into which audience. ``request_id`` is the caller's own key for the request."""

    tenant_id: UUID
    user_id: UUID
    audience: str | None  # name or id; None: that of the job whose rejected rows are mended, or (a suppression) none
    file_name: str
    options: ImportOptions = field(default_factory=ImportOptions)
    request_id: str | None = None
    again: bool = False
    kind: JobKind = JobKind.IMPORT


@dataclass(frozen=True)
class Receipt:
    """The answer to a request; ``reused``: the job was there already and nothing was written."""

    import_job_id: UUID
    reused: bool


def intake(context: Context, request: ImportRequest, source: BinaryIO | Path) -> Receipt:
    """Store the bytes and create the job; its first hint is sent.

    Raises FileProblem for a path that is no readable file or too large, IntakeRefusedError for an audience that
    cannot take an import, LimitReachedError where the tenant has taken what it may for now, HashKeysRefusedError where the
    keys are not those that were used.
    """
    known = _known_request(context, request)
    if known is not None:
        return known
    hash_keys.require(context, request.tenant_id)
    request = _without_erased(context, _as_parent(context, request))
    audience = _audience(context, request)
    with opened(source, request.file_name) as stream:
        stored = _store(context, request, stream)
    return _create(context, request, audience, stored)


def intake_url(context: Context, request: ImportRequest, url: str) -> Receipt:
    """Like `intake`, from ``file://`` or ``s3://`` within ``MKT_IMPORT_ROOTS``.

    Raises FileProblem for a URL outside of them or without a file.
    """
    root, key = within_roots(url, context.settings.import_roots)
    store = open_store(root, s3_endpoint=context.settings.s3_endpoint, create=False)
    known = _known_request(context, request)
    if known is not None:
        return known
    hash_keys.require(context, request.tenant_id)
    request = _without_erased(context, _as_parent(context, request))
    audience = _audience(context, request)
    try:
        with open_object(store, key) as stream:
            stored = _store(context, request, stream)
    except IsADirectoryError:
        raise FileProblem(FileProblemCode.FILE_IS_DIRECTORY, file=url) from None
    except FileNotFoundError:
        raise FileProblem(FileProblemCode.FILE_MISSING, file=url) from None
    return _create(context, request, audience, stored)


def _known_request(context: Context, request: ImportRequest) -> Receipt | None:
    if request.request_id is None:
        return None
    with context.database.unit(request.tenant_id) as unit:
        job = new_jobs.find_by_request(unit, request.request_id)
    return None if job is None else Receipt(job, reused=True)


def _as_parent(context: Context, request: ImportRequest) -> ImportRequest:
    """Give a request that mends another job's rejected rows that job's audience and options."""
    if request.options.mends is None or request.kind is JobKind.CORRECTION:
        return request
    with context.database.unit(request.tenant_id) as unit:
        parent = jobs.load(unit, request.options.mends)
    if parent is None or parent.kind is not JobKind.IMPORT or parent.reading is None:
        raise IntakeRefusedError(IntakeProblem.NOTHING_TO_MEND, id=str(request.options.mends))
    _refuse_without_files(parent, IntakeProblem.MENDED_ERASED, IntakeProblem.MENDED_EXPIRED)
    options = ImportOptions.from_json(parent.options).mending(parent.import_job_id)
    return replace(request, audience=str(parent.audience), options=options)


def _without_erased(context: Context, request: ImportRequest) -> ImportRequest:
    """Take erased people out of what stands beside the file: its name, and what was said of it. The rest is for parse."""
    options = request.options
    said = (request.file_name, options.consent_form or "", options.evidence or "")
    file_name, form, evidence = texts_without_erased(context, request.tenant_id, said)
    if (file_name, form, evidence) == said:
        return request
    changed = {"consent_form": form or None, "evidence": evidence or None}
    return replace(request, file_name=file_name, options=options.model_copy(update=changed))


def _audience(context: Context, request: ImportRequest) -> Audience | None:
    if request.audience is None and request.kind is JobKind.SUPPRESSION:
        return None  # its opt-outs hold for the whole tenant
    if request.audience is None:
        raise IntakeRefusedError(IntakeProblem.NO_AUDIENCE_GIVEN)
    with context.database.unit(request.tenant_id) as unit:
        audience = audiences.find(unit, request.audience)
        zone, now = tenants.this(unit).timezone, context.clock(unit)
    if not is_plausible(request.options.collected(zone), now):
        raise IntakeRefusedError(IntakeProblem.COLLECTED_AT, when=f"{request.options.collected_at:%Y-%m-%d}")
    if audience is None:
        raise IntakeRefusedError(IntakeProblem.NO_AUDIENCE, name=request.audience)
    # Opt-outs of an audience are taken at any time: it can be reactivated.
    if audience.status != AudienceStatus.ACTIVE and request.kind is not JobKind.SUPPRESSION:
        raise IntakeRefusedError(IntakeProblem.AUDIENCE_ARCHIVED, name=audience.name)
    return audience


def _store(context: Context, request: ImportRequest, stream: BinaryIO) -> StoredFile:
    limit = tenant_limits.file_bytes(context, request.tenant_id)
    try:
        return context.store.add_file(request.tenant_id, stream, limit=limit)
    except TooLargeError:
        raise FileProblem(FileProblemCode.FILE_TOO_LARGE, file=request.file_name, limit=limit) from None
    except Exception as error:
        trouble = trouble_of(error)
        if trouble not in _STORE_PROBLEMS:
            raise
        raise IntakeRefusedError(_STORE_PROBLEMS[trouble], error=one_line(error)) from error


def _create(context: Context, request: ImportRequest, audience: Audience | None, stored: StoredFile) -> Receipt:
    # Asked for again after that has changed, it is another request: who had no basis takes it then.
    beside = of_audience(audience) if audience is not None and request.kind in AUDIENCE_KINDS else {}
    new = NewJob(
        kind=request.kind,
        audience_id=None if audience is None else audience.audience_id,
        uploaded_by_user_id=request.user_id,
        request_id=request.request_id,
        file_name=request.file_name,
        file_hash=stored.sha256,
        file_bytes=stored.size,
        file_key=stored.key,
        options={**request.options.to_json(), **beside},
        options_hash=request.options.fingerprint(beside),
        chunk_rows=context.settings.chunk_rows,
        parent_job_id=request.options.mends,
    )
    # The base moves on: what a dry run said yesterday is no answer today.
    return _make(context, request.tenant_id, new, again=request.again or request.kind is JobKind.DRY_RUN)


def carry_out(context: Context, tenant_id: UUID, user_id: UUID, dry_run: UUID) -> Receipt:
    """Create the job that does what a dry run has counted: the same bytes, read in the same way, under the same options.

    A dry run is carried out once: asked for again, it is the same job, however that ended. The job fails before any
    effect where the base has moved too far since. Raises IntakeRefusedError for what is no dry run that is done, or was
    carried out and taken back, and for an audience that takes no contacts any more.
    """
    with context.database.unit(tenant_id) as unit:
        plan = jobs.load(unit, dry_run)
    if plan is None or plan.kind is not JobKind.DRY_RUN or plan.status is not JobStatus.DONE:
        raise IntakeRefusedError(IntakeProblem.NO_PLAN, id=str(dry_run))
    _refuse_without_files(plan, IntakeProblem.PLAN_ERASED, IntakeProblem.PLAN_EXPIRED)
    request = ImportRequest(tenant_id, user_id, str(plan.audience), plan.file_name, request_id=f"{COMMIT}{dry_run}")
    known = _known_request(context, request)
    if known is not None:
        return _unless_undone(context, tenant_id, known, dry_run)
    hash_keys.require(context, tenant_id)
    _audience(context, request)
    with context.database.unit(tenant_id) as unit:
        if not context.store.exists(plan.file_key):  # it named somebody who was erased before
            raise IntakeRefusedError(IntakeProblem.PLAN_FILE_GONE, id=str(dry_run))
        new = new_jobs.like(unit, dry_run, kind=JobKind.IMPORT, user_id=user_id, request_id=request.request_id)
    new = replace(new, options={name: value for name, value in new.options.items() if name not in NOT_ASKED})
    # What another import of the same content did is no answer: this one does what was counted now.
    return _make(context, tenant_id, new, again=True, committed=dry_run)


def _unless_undone(context: Context, tenant_id: UUID, known: Receipt, dry_run: UUID) -> Receipt:
    """Return the job that has carried out a dry run. Raises IntakeRefusedError where it was taken back."""
    with context.database.unit(tenant_id) as unit:
        job = jobs.load(unit, known.import_job_id)
    if job is not None and job.undo_requested_at is not None:
        raise IntakeRefusedError(IntakeProblem.PLAN_UNDONE, id=str(known.import_job_id), plan=str(dry_run))
    return known


def _refuse_without_files(job: Job, erased: IntakeProblem, expired: IntakeProblem) -> None:
    """Raise IntakeRefusedError for a job whose file is gone: with an erased person, or because its time was over."""
    if job.erased_at is not None:
        raise IntakeRefusedError(erased, id=str(job.import_job_id))
    if job.files_deleted_at is not None:
        raise IntakeRefusedError(expired, id=str(job.import_job_id))


def _refuse_undone(unit: Unit, parent: UUID) -> None:
    """Hold an import that is about to be corrected, or mended, against whoever would take it back. Raises IntakeRefusedError."""
    job = jobs.load(unit, parent, lock=True)
    if job is not None and job.undo_requested_at is not None:
        raise IntakeRefusedError(IntakeProblem.PARENT_UNDONE, id=str(parent))


def _make(context: Context, tenant_id: UUID, new: NewJob, *, again: bool, committed: UUID | None = None) -> Receipt:
    """Create the job, or find the one that is there; ``committed``: the dry run that it carries out."""
    new = replace(new, lane=tenant_limits.lane_of(context.settings, new.file_bytes))

    def work(unit: Unit) -> tuple[UUID, ChunkRef | None]:
        if new.parent_job_id is not None:
            _refuse_undone(unit, new.parent_job_id)
        existing = None if again else new_jobs.find_same_content(unit, new)
        if existing is not None:
            return existing, None
        tenant_limits.admit(unit, context.settings, new.kind)
        job_id, hint = new_jobs.create(unit, new, again=again, hints=context.hints)
        if hint is not None and committed is not None:
            details = {"import_job_id": str(job_id)}
            user_id = new.uploaded_by_user_id
            audit.record(unit, action="job_committed", subject=str(committed), user_id=user_id, details=details)
        return job_id, hint

    job_id, hint = context.database.in_unit(tenant_id, work)
    failpoint("intake:committed")
    if hint is not None:
        context.dispatch([hint])
    return Receipt(job_id, reused=hint is None)
