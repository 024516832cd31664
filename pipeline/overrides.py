"""What a tenant decided about an address or a domain, and what it chose where the rules leave a choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum, unique
from typing import NamedTuple
from uuid import UUID

from db import audit, overrides
from db.overrides import Choices
from db.statuses import OverrideDecision
from db.unit import Limits, Unit
from pipeline.addresses import BLANKS, judge
from pipeline.context import Context
from pipeline.verdicts import Override, Policy, ReasonCode
from pipeline.verdicts.domain_names import registrable

#: Seconds for a decision about a domain: all contacts of the tenant are looked through for those that it concerns.
_LIMITS = Limits(transaction=600.0)


@unique
class NoEntry(StrEnum):
    """Why a text cannot be decided about."""

    NEITHER = "neither"  # an address nor a domain
    PUBLIC_SUFFIX = "public_suffix"  # com.br: everybody's, so it would decide about everybody


class EntryRefusedError(Exception):
    """A text that cannot be decided about; ``why`` says why."""

    def __init__(self, text: str, why: NoEntry) -> None:
        super().__init__(f"{text!r}: {why}")
        self.text = text
        self.why = why


def find(decided: Mapping[str, str], address: str) -> Override | None:
    """Return what was decided about a normalised address: about it itself, its domain, or one above it; deny always wins."""
    if not decided:
        return None
    names = [address, domain := address.rpartition("@")[2]]
    while domain := domain.partition(".")[2]:
        names.append(domain)
    found = {decided[name] for name in names if name in decided}
    return max(map(Override, found), key=_is_denial, default=None)


def _is_denial(decision: Override) -> bool:
    return decision is Override.DENY


def policy_of(unit: Unit) -> Policy:
    """Return the tenant's choices; they stay as they are until the unit ends."""
    return Policy(**overrides.policy_of(unit)._asdict())


def entry_of(text: str) -> str:
    """Return an address or a domain as it is stored. Raises EntryRefusedError for what is neither, and for a public suffix."""
    name = text.strip(BLANKS).removeprefix("@")
    is_address = "@" in name
    judged = judge(name if is_address else f"x@{name}").normalized  # a domain is what can stand there
    if judged is None:
        raise EntryRefusedError(text, NoEntry.NEITHER)
    if is_address:
        return judged
    domain = judged.partition("@")[2]
    if registrable(domain) is None:
        raise EntryRefusedError(text, NoEntry.PUBLIC_SUFFIX)
    return domain


class Changed(NamedTuple):
    """What became of an entry: what is decided now and was before (None: nothing), and how many contacts are due by it."""

    entry: str
    decision: OverrideDecision | None
    before: OverrideDecision | None
    contacts: int


def decide(
    context: Context,
    tenant_id: UUID,
    user_id: UUID,
    entries: Iterable[str],
    decision: OverrideDecision,
    *,
    note: str = "",
) -> list[Changed]:
    """Allow or deny addresses and domains, all or none; their contacts are judged again as soon as can be.

    Raises EntryRefusedError, as `entry_of` does.
    """

    def work(unit: Unit) -> list[Changed]:
        overrides.hold_evidence(unit, change=True)
        now = context.clock(unit)
        changed = []
        for entry in named:
            before = overrides.decide(unit, entry, decision, note=note, user_id=user_id, now=now)
            changed.append(_changed(unit, user_id, Changed(entry, decision, before, 0), now))
        return changed

    named = _entries(entries)
    return context.database.in_unit(tenant_id, work, _LIMITS)


def forget(context: Context, tenant_id: UUID, user_id: UUID, entries: Iterable[str]) -> list[Changed]:
    """Take decisions back, all or none. Raises EntryRefusedError, and LookupError for an entry that nobody decided about."""

    def work(unit: Unit) -> list[Changed]:
        overrides.hold_evidence(unit, change=True)
        now = context.clock(unit)
        changed = []
        for entry in named:
            before = overrides.forget(unit, entry)
            if before is None:
                raise LookupError(entry)
            changed.append(_changed(unit, user_id, Changed(entry, None, before, 0), now))
        return changed

    named = _entries(entries)
    return context.database.in_unit(tenant_id, work, _LIMITS)


def choose(
    context: Context, tenant_id: UUID, user_id: UUID, *, risky_roles: bool | None = None, smtputf8: bool | None = None
) -> tuple[Policy, int]:
    """Change the tenant's choices where one is given; returns them, and how many contacts are due by that."""

    def work(unit: Unit) -> tuple[Policy, int]:
        overrides.hold_evidence(unit, change=True)
        now = context.clock(unit)
        before = overrides.policy_of(unit)
        after = Choices(
            before.risky_roles if risky_roles is None else risky_roles,
            before.smtputf8 if smtputf8 is None else smtputf8,
        )
        if after == before:
            return Policy(**before._asdict()), 0
        overrides.choose(unit, after, now=now)
        contacts = overrides.make_due_by_choice(
            unit,
            roles=(ReasonCode.ROLE_ACCOUNT,) if after.risky_roles != before.risky_roles else (),
            smtputf8=after.smtputf8 != before.smtputf8,
            now=now,
        )
        details = {"before": before._asdict(), "after": after._asdict(), "contacts": contacts}
        audit.record(unit, action="verdict_policy_changed", subject=str(tenant_id), user_id=user_id, details=details)
        return Policy(**after._asdict()), contacts

    return context.database.in_unit(tenant_id, work, _LIMITS)


def _entries(texts: Iterable[str]) -> list[str]:
    """Return the entries once each, sorted: whoever writes several does so in the same order."""
    return sorted(set(map(entry_of, texts)))


def _changed(unit: Unit, user_id: UUID, change: Changed, now: datetime) -> Changed:
    """Have what follows from a change: contacts that are due, and a line in the audit trail, without an address."""
    if change.decision is change.before:
        return change
    change = change._replace(contacts=overrides.make_due(unit, change.entry, now=now))
    entry = change.entry
    audit.record(
        unit,
        action="verdict_override_changed",
        subject=audit.keyed(unit, entry) if "@" in entry else entry,
        user_id=user_id,
        details={"decision": change.decision, "before": change.before, "contacts": change.contacts},
    )
    return change
