"""The task that other services call: a storage URL becomes an import job. The contract is in ``docs/tasks.md``."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError

from db import tenants
from db.statuses import JobKind
from pipeline.context import Context
from pipeline.intake import ImportRequest, intake_url
from pipeline.intake_problems import IntakeProblem, IntakeRefusedError
from pipeline.options import ImportOptions
from pipeline.problems import FileProblem
from pipeline.refusals import remember_refusal
from pipeline.tenant_limits import LimitReachedError

log = structlog.get_logger()


class IntakeMessage(ImportOptions):
    """The keyword arguments of ``mkt.intake``; others are ignored, so that a newer caller can talk to us."""

    tenant_id: UUID
    user: str
    audience: str | None = None  # name or id
    url: str
    request_id: str
    file_name: str | None = None
    dry_run: bool = False


def take_in(context: Context, message: dict[str, Any]) -> None:
    """Make the job, or leave an audit event that says why there is none. The same ``request_id`` twice is one job."""
    try:
        wish = IntakeMessage.model_validate(message)
    except ValidationError as error:
        fields = sorted({str(item["loc"][0]) for item in error.errors()})
        log.warning("intake_message_invalid", fields=fields)  # without its values: they are anybody's
        return
    with context.database.unit(wish.tenant_id) as unit:
        user_id = tenants.find_user(unit, wish.user)
    if user_id is None:
        refused = IntakeRefusedError(IntakeProblem.NO_USER, name=wish.user)
        remember_refusal(context, wish.tenant_id, None, wish.request_id, refused)
        return
    request = ImportRequest(
        tenant_id=wish.tenant_id,
        user_id=user_id,
        audience=wish.audience,
        file_name=wish.file_name or wish.url.rstrip("/").rpartition("/")[2],
        options=ImportOptions.from_json({name: getattr(wish, name) for name in ImportOptions.model_fields}),
        request_id=wish.request_id,
        kind=JobKind.DRY_RUN if wish.dry_run else JobKind.IMPORT,
    )
    try:
        receipt = intake_url(context, request, wish.url)
    except (FileProblem, IntakeRefusedError, LimitReachedError) as refusal:
        remember_refusal(context, wish.tenant_id, user_id, wish.request_id, refusal)
    else:
        log.info("import_taken_in", import_job_id=str(receipt.import_job_id), reused=receipt.reused)
