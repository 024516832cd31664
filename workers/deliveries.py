"""The task by which the platform tells what it heard of a message. The contract is in ``docs/tasks.md``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from db.statuses import DeliveryKind
from pipeline.context import Context
from pipeline.deliveries import CLOCK_SKEW, LONGEST_ID, UnknownContactError, record_of_contact
from pipeline.delivery_words import codes_of

log = structlog.get_logger()

#: Characters of the SMTP code; more is a message that somebody wrote, and may have an address in it.
LONGEST_DETAIL = 200


class DeliveryMessage(BaseModel):
    """The keyword arguments of ``mkt.record_delivery``; others are ignored, so that a newer caller can talk to us."""

    model_config = ConfigDict(extra="ignore")

    tenant_id: UUID
    event_id: Annotated[str, Field(min_length=1, max_length=LONGEST_ID, pattern=r"^[^\x00\s][^\x00]*$")]
    rid: Annotated[int, Field(gt=0, lt=2**63)]
    kind: DeliveryKind
    occurred_at: AwareDatetime
    detail: Annotated[str, Field(max_length=LONGEST_DETAIL)] | None = None

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _is_text(cls, value: Any) -> Any:  # noqa: ANN401 (JSON)
        # A number would be taken for seconds or for milliseconds, by its size.
        if not isinstance(value, str) or value.replace(".", "", 1).lstrip("+-").isdigit():
            msg = "not a moment in ISO 8601 with its zone"
            raise ValueError(msg)
        return value

    @field_validator("occurred_at")
    @classmethod
    def _has_come(cls, value: datetime) -> datetime:
        msg = "no moment that has come"
        try:
            utc = value.astimezone(UTC)
        except OverflowError:  # the first or the last day that there is
            raise ValueError(msg) from None
        if utc > datetime.now(tz=UTC) + CLOCK_SKEW:
            raise ValueError(msg)
        return utc


def take_delivery(context: Context, message: dict[str, Any]) -> None:
    """Record the event, or leave one line of log that says why not. The same ``event_id`` twice is one event."""
    try:
        heard = DeliveryMessage.model_validate(message)
    except ValidationError as error:
        fields = sorted({str(item["loc"][0]) for item in error.errors()})
        log.warning("delivery_message_invalid", fields=fields)  # without its values: they are anybody's
        return
    try:
        recorded = record_of_contact(
            context,
            heard.tenant_id,
            heard.rid,
            event_id=heard.event_id,
            kind=heard.kind,
            occurred_at=heard.occurred_at,
            detail=codes_of(heard.detail or ""),
        )
    except UnknownContactError:
        log.warning("delivery_refused", code="unknown_contact", rid=heard.rid)
    else:
        log.info("delivery_recorded", rid=heard.rid, kind=str(heard.kind), repeated=bool(recorded.repeated))
