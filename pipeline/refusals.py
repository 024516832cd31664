"""Requests that never became a job: what the caller over Celery finds instead of one."""

from __future__ import annotations

from uuid import UUID

import structlog

from db import audit
from pipeline.context import Context
from pipeline.intake_problems import IntakeRefusedError
from pipeline.problems import FileProblem
from pipeline.tenant_limits import LimitReachedError

log = structlog.get_logger()

#: Code of a refusal that is not about the file.
NOT_ACCEPTED = "not_accepted"


def remember_refusal(
    context: Context,
    tenant_id: UUID,
    user_id: UUID | None,
    request_id: str,
    refusal: FileProblem | IntakeRefusedError | LimitReachedError,
) -> None:
    """Write an audit event ``import_refused`` under the caller's request id, with a code and one sentence."""
    code = NOT_ACCEPTED if isinstance(refusal, IntakeRefusedError) else str(refusal.code)
    remember(
        context, tenant_id, user_id, action="import_refused", request_id=request_id, code=code, sentence=str(refusal)
    )


def remember(
    context: Context, tenant_id: UUID, user_id: UUID | None, *, action: str, request_id: str, code: str, sentence: str
) -> None:
    """Write an audit event for a request that became no job, under the caller's request id."""
    with context.database.unit(tenant_id) as unit:
        audit.record(
            unit,
            action=action,
            subject=request_id,
            user_id=user_id,
            details={"code": code, "sentence": sentence},  # names of files may be anything
        )
    log.warning(action, request_id=request_id, code=code)
