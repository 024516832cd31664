"""The contacts of an audience as a table: address, name, a column for each attribute, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cli.session import Session
from db import outcomes
from db.outcomes import Member
from pipeline.exports import Table

_BEFORE: Final = ("email", "name")
_BEHIND: Final = (
    "added_at",
    "consent_source",
    "legal_basis",
    "consented_at",
    "verdict",
    "verdict_reason",
    "opted_out",
)
#: Ending of the column of an attribute that is called like one of these.
_ATTRIBUTE: Final = " (attribute)"


def members_table(session: Session, audience_id: UUID) -> Table:
    """Return the contacts, the oldest first, as of one moment; times in the tenant's time zone, ISO 8601."""
    lines = _lines(session, audience_id)
    return Table(next(lines), lines)


def _lines(session: Session, audience_id: UUID) -> Iterator[list[str]]:
    """Yield the header, then the rows; the transaction ends with the last row, not with the file."""
    zone = ZoneInfo(session.tenant.timezone)
    with session.context.database.reading(session.tenant.tenant_id, outcomes.LIMITS) as unit:
        names = outcomes.attribute_names(unit, audience_id)
        taken = {*_BEFORE, *_BEHIND}
        yield [*_BEFORE, *(name + _ATTRIBUTE if name in taken else name for name in names), *_BEHIND]
        for member in outcomes.members(unit, audience_id):
            yield _line(member, names, zone)


def _line(member: Member, names: list[str], zone: ZoneInfo) -> list[str]:
    return [
        member.email,
        member.name or "",
        *(_text(member.attributes.get(name)) for name in names),
        _moment(member.added_at, zone),
        member.consent_source or "",
        member.legal_basis or "",
        _moment(member.consented_at, zone),
        member.verdict or "",
        member.verdict_reason or "",
        member.opted_out or "",
    ]


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).isoformat(timespec="seconds")


def _text(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Return an attribute as text; other programs may have stored more than text there."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
