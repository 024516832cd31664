"""The task by which another service has a campaign sent. The contract is in ``docs/tasks.md``."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db import tenants
from pipeline.context import Context
from pipeline.refusals import NOT_ACCEPTED, remember
from pipeline.sending import LONGEST_WAIT, SendRefusedError, request

log = structlog.get_logger()

#: Action of the audit event that a request leaves which became no job.
REFUSED = "send_refused"


class SendMessage(BaseModel):
    """The keyword arguments of ``mkt.send``; others are ignored, so that a newer caller can talk to us."""

    model_config = ConfigDict(extra="ignore")

    tenant_id: UUID
    user: str
    cid: UUID
    request_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00\s][^\x00]*$")]
    wait_verdicts: Annotated[int, Field(ge=0, le=LONGEST_WAIT)] = 0


def take_send(context: Context, message: dict[str, Any]) -> None:
    """Make the job, or leave an audit event that says why there is none. The same ``request_id`` twice is one job."""
    try:
        wish = SendMessage.model_validate(message)
    except ValidationError as error:
        fields = sorted({str(item["loc"][0]) for item in error.errors()})
        log.warning("send_message_invalid", fields=fields)  # without its values: they are anybody's
        return
    with context.database.unit(wish.tenant_id) as unit:
        user_id = tenants.find_user(unit, wish.user)
    refused = {"action": REFUSED, "request_id": wish.request_id}
    if user_id is None:
        sentence = f"there is no user {wish.user!r}"
        remember(context, wish.tenant_id, None, **refused, code=NOT_ACCEPTED, sentence=sentence)
        return
    try:
        receipt = request(
            context,
            wish.tenant_id,
            user_id,
            wish.cid,
            wait_verdicts=wish.wait_verdicts,
            request_id=wish.request_id,
        )
    except SendRefusedError as refusal:
        remember(context, wish.tenant_id, user_id, **refused, code=str(refusal.problem), sentence=str(refusal))
    else:
        log.info("send_taken_in", import_job_id=str(receipt.import_job_id), reused=receipt.reused)
