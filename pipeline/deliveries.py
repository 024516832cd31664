"""What the platform heard of its messages, recorded: a fact about a mailbox, known by its event id, told once.

Delivery reports are no import job. A job turns rows into contacts, in an order that matters, and accounts for each of them;
here are facts about mailboxes, contacts or not, that come in any order and any number of times and always come to the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from db import deliveries
from db.deliveries import Event, Recorded
from db.statuses import DeliveryKind
from pipeline.context import Context
from pipeline.verdicts.own_facts import MANY_SOFT_BOUNCES

#: Events in a transaction.
BATCH: Final = 5_000
#: Characters of an event's id.
LONGEST_ID: Final = 200
#: How far ahead of ours another clock may be. What is farther is no moment at which something was heard.
CLOCK_SKEW: Final = timedelta(days=1)


class UnknownContactError(Exception):
    """The tenant has no contact of this number."""


def record(context: Context, tenant_id: UUID, events: Sequence[Event]) -> Recorded:
    """Record events of a tenant, with all that follows from them, in one transaction."""
    return context.database.in_unit(
        tenant_id,
        lambda unit: deliveries.record(unit, events, repeated=MANY_SOFT_BOUNCES, now=context.clock(unit)),
    )


def record_all(context: Context, tenant_id: UUID, events: Iterable[Event]) -> Recorded:
    """Record any number of events in transactions of `BATCH`; what ends in between can be done again from the start."""
    total = Recorded()
    waiting = iter(events)
    while batch := list(islice(waiting, BATCH)):
        total += record(context, tenant_id, batch)
    return total


def record_of_contact(
    context: Context,
    tenant_id: UUID,
    rid: int,
    *,
    event_id: str,
    kind: DeliveryKind,
    occurred_at: datetime,
    detail: str | None,
) -> Recorded:
    """Record one event of a contact. Raises UnknownContactError, where the number is another tenant's too."""
    with context.database.unit(tenant_id) as unit:
        email = deliveries.address_of(unit, rid)
    if email is None:
        raise UnknownContactError
    return record(context, tenant_id, [Event(event_id, email, kind, occurred_at, detail)])


def derived_id(email: str, kind: DeliveryKind, occurred_at: datetime) -> str:
    """Return the id of an event that has none of its own: the same facts are the same event."""
    moment = occurred_at.astimezone(UTC).isoformat()
    return hashlib.sha256(f"{email}|{kind}|{moment}".encode()).hexdigest()
