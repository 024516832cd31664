"""What the platform heard of its messages: events that are appended, what they come to, and who must not be written to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from db import erasures, opt_outs
from db.faults import see_written
from db.overrides import hold_evidence
from db.statements import statement
from db.statuses import DeliveryKind
from db.unit import Unit

#: Events that are an opt-out too.
_OPTING_OUT = frozenset({DeliveryKind.BOUNCE_HARD, DeliveryKind.COMPLAINT})


@dataclass(frozen=True)
class Event:
    """Something that was heard of a message to an address. ``event_id`` is unique in the tenant; ``detail``: SMTP codes."""

    event_id: str
    email: str
    kind: DeliveryKind
    occurred_at: datetime
    detail: str | None = None


@dataclass(frozen=True)
class Recorded:
    """What became of events: ``new``, ``repeated`` and ``erased`` are all of them; nothing is kept of the last.

    ``unknown_contacts``: how many of the new ones are about an address that is no contact.
    """

    new: int = 0
    repeated: int = 0
    unknown_contacts: int = 0
    suppressions_added: int = 0
    erased: int = 0  # about people who asked to be forgotten

    def __add__(self, other: Recorded) -> Recorded:
        """Return both together."""
        return Recorded(
            self.new + other.new,
            self.repeated + other.repeated,
            self.unknown_contacts + other.unknown_contacts,
            self.suppressions_added + other.suppressions_added,
            self.erased + other.erased,
        )


def address_of(unit: Unit, rid: int) -> str | None:
    """Return the address of the tenant's contact; None: it has none of that number."""
    return unit.execute("select email from mtrk.contatos where rid = :rid", {"rid": rid}).scalar_one_or_none()


def record(unit: Unit, events: Sequence[Event], *, repeated: int, now: datetime) -> Recorded:
    """Append the events that are not there yet, and all that follows from them, once.

    So many soft bounces in a row (``repeated``) change a verdict. Of two events with one id the first counts. Recorders of
    one tenant take turns: each must see all events of an address to say what they come to. Raises PassedOverError.
    """
    if not events:
        return Recorded()
    hold_evidence(unit, change=True)
    unit.look_up_by_key()
    asked = len(events)
    events = _of_the_known(unit, events)
    erased = asked - len(events)
    by_id: dict[str, Event] = {}
    for event in events:
        by_id.setdefault(event.event_id, event)
    told = _append(unit, by_id.values())
    new = [by_id[event_id] for event_id in told]
    if not new:
        return Recorded(repeated=len(events), erased=erased)
    emails = [event.email for event in new]
    unit.execute(
        statement("summarise_mailboxes"),
        {"tenant": unit.tenant_id, "emails": emails, "repeated": repeated, "now": now},
    )
    added = 0
    if any(event.kind in _OPTING_OUT for event in new):
        opt_outs.take_turns(unit)
        added = opt_outs.enter(unit, "add_bounces", {"events": _json(new)})
    return Recorded(len(new), len(events) - len(new), _unknown(unit, emails), added, erased)


def _of_the_known(unit: Unit, events: Sequence[Event]) -> Sequence[Event]:
    """Return the events but for those of erased people. An erasure waits for who holds the evidence, and they for it."""
    if not erasures.has_blocks(unit):
        return events
    gone = erasures.erased_among(unit, {event.email for event in events})
    return [event for event in events if event.email not in gone]


def _append(unit: Unit, events: Collection[Event]) -> list[str]:
    """Append the events, and return the ids of those that were not there yet."""
    values = {"tenant": unit.tenant_id, "events": _json(events), "ids": [event.event_id for event in events]}
    told = list(unit.execute(statement("record_deliveries"), values).scalars())
    if len(told) < len(events):
        there = unit.execute(
            "select count(*) from ops.deliveries where tenant_id = :tenant and event_id = any(cast(:ids as text[]))",
            values,
        ).scalar_one()
        see_written("ops.deliveries", asked=len(events), written=there)
    return told


def _json(events: Iterable[Event]) -> str:
    plain = [{**asdict(event), "occurred_at": event.occurred_at.isoformat()} for event in events]
    return json.dumps(plain, ensure_ascii=False)


def _unknown(unit: Unit, emails: list[str]) -> int:
    """Return for how many of the addresses, each as often as it comes, there is no contact."""
    found = unit.execute(
        "select count(*) from unnest(cast(:emails as text[])) as e (email) where not exists"
        ' (select from mtrk.contatos c where c.tenant_id = :tenant and c.email = e.email collate "C" offset 0)',
        {"tenant": unit.tenant_id, "emails": emails},
    )
    return int(found.scalar_one())
