"""The story of an address: every judgement, everything the platform heard of it, every opt-out, with the state it is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db import suppressions
from db.unit import Unit


@dataclass(frozen=True)
class State:
    """What the contact is worth now, and when it will be judged again."""

    rid: int
    status: str
    reason_code: str
    score: int
    validated_at: datetime
    validator_version: str
    next_validation_at: datetime
    details: dict[str, Any]


@dataclass(frozen=True)
class Judgement:
    """One row of the history."""

    at: datetime
    status: str
    reason_code: str
    score: int
    validator_version: str
    details: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """What the platform heard of the mailbox (``delivered``, ``bounce_hard`` …), or the kind of an opt-out.

    ``source`` says of whom, or (of an opt-out that was lifted) why it holds no longer.
    """

    at: datetime
    kind: str
    source: str


@dataclass(frozen=True)
class Story:
    """All of it, each list from its beginning; ``state`` None: there is no such contact, or nobody has judged it."""

    state: State | None
    judgements: tuple[Judgement, ...]
    deliveries: tuple[Event, ...]
    opt_outs: tuple[Event, ...]  # all that was said, also what holds no longer
    lifts: tuple[Event, ...]


def of_address(unit: Unit, email: str) -> Story:
    """Return what the tenant has of an address in its stored form."""
    about = {"tenant": unit.tenant_id, "email": email}
    state = unit.execute(
        "select v.rid, v.status, v.reason_code, v.score, v.validated_at, v.validator_version, v.next_validation_at, v.details_json"
        " from mtrk.contatos c join mkt.email_validations v using (rid) where c.tenant_id = :tenant and c.email = :email",
        about,
    ).one_or_none()
    judgements = unit.execute(
        "select h.validated_at, h.status, h.reason_code, h.score, h.validator_version, h.details_json"
        " from mtrk.contatos c join mkt.email_validation_history h using (rid)"
        " where c.tenant_id = :tenant and c.email = :email order by h.validated_at, h.validation_id",
        about,
    )
    deliveries = unit.execute(
        "select occurred_at, kind, coalesce(detail, '') from ops.deliveries"
        " where tenant_id = :tenant and email = :email order by occurred_at, event_id",
        about,
    )
    said = [entry for lifted in (False, True) for entry in suppressions.entries(unit, email=email, lifted=lifted)]
    opt_outs = sorted((entry.created_at, entry.kind, entry.source) for entry in said)
    lifts = sorted((entry.lifted_at, entry.kind, entry.lifted_as or "") for entry in said if entry.lifted_at)
    return Story(
        None if state is None else State(*state),
        tuple(Judgement(*row) for row in judgements),
        tuple(Event(*row) for row in deliveries),
        tuple(Event(*row) for row in opt_outs),
        tuple(Event(*row) for row in lifts),
    )
