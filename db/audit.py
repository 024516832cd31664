"""The audit trail: who did what to what, in the platform's ``audit.events``; appended in the same transaction as the deed.

It holds ids, keyed hashes and counts, never an address of a person: nobody could be forgotten otherwise. The database refuses
one that slips in (`mkt.refuse_address_in_event`), and whatever would change or delete an event.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db.faults import see_written
from db.unit import Unit

#: What the database takes for an address (`mkt.holds_address`): the part before the @ of one.
_LOCAL_PART: Final = re.compile(r'[^\s"@]+?(?:@|%40)(?=[^\s"@]+\.[^\s"@])')


@dataclass(frozen=True)
class Event:
    """What somebody did. ``user`` None: nobody of the tenant's users, or one who is not known."""

    event_id: int
    created_at: datetime
    user: str | None
    action: str
    subject: str
    details: dict[str, Any]


def masked(text: str) -> str:
    """Return a text with nothing of an address but its domain: ``*@empresa.com.br``. For names of files, which may be anything."""
    return _LOCAL_PART.sub("*@", text)


def record(unit: Unit, *, action: str, subject: str, user_id: UUID | None, details: Mapping[str, Any]) -> None:
    """Append one event of the tenant, without the addresses that names of files and people's own words may hold. Raises PassedOverError."""
    recorded = unit.execute(
        "insert into audit.events (tenant_id, user_id, action, subject, details) values (:tenant, :user, :action, :subject, cast(:details as jsonb))",
        {
            "tenant": unit.tenant_id,
            "user": user_id,
            "action": action,
            "subject": masked(subject),
            "details": json.dumps(_unnamed(details)),
        },
    ).rowcount
    see_written("audit.events", asked=1, written=recorded)


def _unnamed(value: Any) -> Any:  # noqa: ANN401 (whatever JSON can hold)
    """Return a value without addresses: what is written is never changed, not even by an erasure, so they do not come in."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {masked(name): _unnamed(each) for name, each in value.items()}
    return [_unnamed(each) for each in value] if isinstance(value, list | tuple) else value


def keyed(unit: Unit, email: str) -> str:
    """Return what stands for an address in the audit trail: the hash of its mailbox under the tenant's newest key.

    Raises LookupError where the session lacks the key.
    """
    found = unit.execute(
        "select encode(mkt.keyed_hash(p.inner_pad, p.outer_pad, mkt.mailbox(:email)), 'hex') from mkt.current_pads(:tenant) p",
        {"tenant": unit.tenant_id, "email": email},
    ).scalar_one_or_none()
    if found is None:
        msg = "there is no key to hash an address with"
        raise LookupError(msg)
    return f"hmac:{found}"


def events(
    unit: Unit,
    *,
    subject: str | None = None,
    action: str | None = None,
    user_id: UUID | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[Event]:
    """Return the tenant's events, the newest first, as far as they are wanted."""
    found = unit.execute(
        "select e.event_id, e.created_at, u.name as user, e.action, e.subject, e.details"
        " from audit.events e left join auth.users u on u.tenant_id = e.tenant_id and u.user_id = e.user_id"
        " where e.tenant_id = :tenant and (cast(:subject as text) is null or e.subject = :subject)"
        " and (cast(:action as text) is null or e.action = :action)"
        " and (cast(:user as uuid) is null or e.user_id = :user)"
        " and (cast(:since as timestamptz) is null or e.created_at >= :since) order by e.event_id desc limit :limit",
        {
            "tenant": unit.tenant_id,
            "subject": subject,
            "action": action,
            "user": user_id,
            "since": since,
            "limit": limit,
        },
    )
    return [Event(**row._mapping) for row in found]  # noqa: SLF001 (SQLAlchemy's public name for it)
