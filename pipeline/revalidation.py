"""Judging again: what is due, by the clock; and a whole base by today's rules, from stored answers, without asking DNS."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from db import validations
from db.unit import Unit
from db.validations import Contacts, Judged
from pipeline.classification import DECISIONS, Answer, Tally, classify, hear, is_domains, terms, verdict_of
from pipeline.context import Context
from pipeline.domains import rejudge_all
from pipeline.knowledge import know
from pipeline.quarantine import look_again
from pipeline.troubles import Trouble, trouble_of
from pipeline.verdicts import ReasonCode, judge_domain

log = structlog.get_logger()

#: Seconds for which one tick goes on taking batches; the last one may wait for DNS as long as a chunk of an import may.
TICK: Final = 10.0
#: Contacts that are looked at, or judged in one transaction, at a time; and domains.
PAGE: Final = 5_000
#: Sample addresses that are kept of each kind of transition.
SAMPLES: Final = 5
#: Domains whose evidence is kept in memory.
KEPT: Final = 30_000
#: Before every answer: evidence counts however old it is.
EVER: Final = datetime(1, 1, 1, tzinfo=UTC)

#: Status and reason code.
State = tuple[str, str]


@dataclass(frozen=True)
class Transition:
    """How many contacts go from one state to another (or keep theirs), with some of them; ``before`` None: had none."""

    before: State | None
    after: State
    contacts: int
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """What judging the whole base would come to: transitions, the most frequent first.

    ``without_evidence``: contacts that nothing is known about; they stay as they are, and are in no transition.
    """

    contacts: int
    without_evidence: int
    transitions: tuple[Transition, ...]


def revalidate_due(context: Context, seconds: float = TICK, *, of: UUID | None = None) -> int:
    """Judge contacts that are due, tenant by tenant in turn, a batch each, or those ``of`` one; returns how many were judged.

    Ends when nothing is left that can be done, or when ``seconds`` are over. Trouble with one tenant holds up no other. Safe
    to run anywhere, at any time, twice.
    """
    deadline = time.monotonic() + seconds
    with context.database.unit(None) as unit:
        tenants = [of] if of is not None else validations.tenants_with_due(unit, context.clock(unit))
    judged = 0
    while tenants and time.monotonic() < deadline:
        random.shuffle(tenants)  # no tenant is always the one that the tick has no more time for
        left = []
        for tenant_id in tenants:
            if time.monotonic() >= deadline:
                break
            try:
                tally = _revalidate_batch(context, tenant_id)
            except DBAPIError as error:
                if trouble_of(error) not in (None, Trouble.DATABASE_BUSY):
                    raise  # it is everybody's, and the next one would meet it too
                log.exception("tenant_not_revalidated", tenant_id=str(tenant_id))
                continue
            judged += tally.judged
            if tally.judged:
                look_again(context, tenant_id)
            if tally.judged or tally.waiting:
                left.append(tenant_id)
        tenants = left
    return judged


def transitions(context: Context, tenant_id: UUID) -> Matrix:
    """Say what judging every contact of the tenant by today's rules from stored evidence would change.

    Writes nothing and asks nothing; in memory there is a page of contacts at a time, and some thousand domains.
    """
    counted: Counter[tuple[State | None, State]] = Counter()
    samples: defaultdict[tuple[State | None, State], list[str]] = defaultdict(list)
    evidence = _StoredEvidence()
    contacts = without = 0
    for page, after in _shadow(context, tenant_id, evidence):
        contacts += len(page)
        for contact, state in zip(page, after, strict=True):
            if state is None:
                without += 1
                continue
            before = None if contact.status is None else (contact.status, contact.reason_code or "")
            counted[before, state] += 1
            if len(kept := samples[before, state]) < SAMPLES:
                kept.append(contact.email)
    rows = tuple(Transition(*key, count, tuple(samples[key])) for key, count in counted.most_common())
    return Matrix(contacts, without, rows)


def apply(context: Context, tenant_id: UUID) -> int:
    """Judge every contact of the tenant by today's rules from stored evidence; returns how many were judged.

    A page of contacts is a transaction. A run that was killed is simply run again: what is judged already stays.
    """
    rejudge_all(context.database, context.clock)
    judged, after = 0, ""
    while True:
        page, tally = context.database.in_unit(tenant_id, partial(_apply_page, context, after))
        if not page:
            return judged
        judged, after = judged + tally.judged, page[-1].email


def _revalidate_batch(context: Context, tenant_id: UUID) -> Tally:
    """Judge the contacts of the tenant that have been due for longest, on answers that are fresh."""
    with context.database.unit(tenant_id) as unit:
        began = context.clock(unit)
        due = validations.due(unit, began, most=context.settings.revalidation_batch)
    if not due:
        return Tally()
    heard = hear(context, sorted({contact.domain for contact in due}))

    def work(unit: Unit) -> Tally:
        # Nothing was heard at all: the resolver is not to be believed, or others are asking. What is due stays due, and
        # the next tick tries again.
        return classify(unit, Contacts.given(due), terms(context.clock(unit), fresh_at=began), wait=heard)

    tally = context.database.in_unit(tenant_id, work)
    log.info("contacts_revalidated", tenant_id=str(tenant_id), judged=tally.judged, waiting=tally.waiting)
    return tally


class _StoredEvidence:
    """What the last answers of DNS come to by today's rules, domain by domain; some thousand of them are kept."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Answer, State] | None] = {}

    def read(self, unit: Unit, domains: set[str]) -> None:
        """Have the evidence for these domains at hand."""
        if len(self._kept) > KEPT:
            self._kept.clear()
        wanted = sorted(domains - self._kept.keys())
        self._kept.update(dict.fromkeys(wanted))
        for stored in validations.stored_evidence(unit, wanted):
            answer = Answer.read(stored)
            verdict = judge_domain(answer.facts, attempt=answer.attempt, checked_at=answer.checked_at)
            self._kept[stored.domain] = answer, (verdict.status, str(verdict.reason_code))

    def answer(self, domain: str) -> Answer | None:
        """Return what DNS said; None: nobody has asked it, or nobody was heard."""
        found = self._kept[domain]
        return found and found[0]

    def state(self, domain: str) -> State | None:
        """Return the state of a contact about which there is nothing else to say."""
        found = self._kept[domain]
        return found and found[1]


def _shadow(
    context: Context, tenant_id: UUID, evidence: _StoredEvidence
) -> Iterator[tuple[list[Judged], list[State | None]]]:
    """Yield the tenant's contacts page by page, with the state that each would have; None: there is no evidence."""
    after = ""
    while True:
        with context.database.reading(tenant_id) as unit:
            page = validations.contacts_by_key(unit, after=after, most=PAGE)
            if not page:
                return
            states = _states(unit, page, evidence, context.clock(unit))
        yield page, states
        after = page[-1].email


def _states(unit: Unit, page: Sequence[Judged], evidence: _StoredEvidence, now: datetime) -> list[State | None]:
    knowledge = know(unit, [contact.email for contact in page])
    evidence.read(unit, {contact.domain for contact in page})
    states: list[State | None] = []
    for contact in page:
        if is_domains(contact.email, knowledge):
            state = evidence.state(contact.domain)
        else:
            verdict = verdict_of(contact.email, evidence.answer(contact.domain), knowledge, now)
            state = (verdict.status, str(verdict.reason_code))
        states.append(_outlived(contact, state))
    return states


def _outlived(contact: Judged, state: State | None) -> State | None:
    """Return the new state, or the old one where DNS is only in trouble; as judging contacts in SQL does."""
    if state is None or state[1] == ReasonCode.NOT_YET_CHECKED:
        return None
    has_verdict = contact.status not in (None, "unknown") and contact.reason_code not in DECISIONS
    if has_verdict and state[0] == "unknown" and not state[1].endswith("_persistent"):
        return contact.status or "", contact.reason_code or ""
    return state


def _apply_page(context: Context, after: str, unit: Unit) -> tuple[list[Judged], Tally]:
    page = validations.contacts_by_key(unit, after=after, most=PAGE)
    return page, classify(
        unit, Contacts.given(page), terms(context.clock(unit), fresh_at=EVER, stored=True), wait=False
    )
