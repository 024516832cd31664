"""From the evidence at hand to the states of many contacts at once: what import, clock and re-validation share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from db import domain_checks, validations
from db.overrides import hold_evidence
from db.unit import Unit
from db.validations import Contact, Contacts, Evidence, Judging, Terms
from pipeline.context import Context
from pipeline.domains import Search, rejudge_stale
from pipeline.knowledge import Knowledge, know
from pipeline.verdicts import VALIDATOR_VERSION, DomainFacts, ReasonCode, Verdict, is_plain, judge, not_yet_checked
from pipeline.verdicts.remarks import remarks

#: Seconds until the clock comes again for a contact whose domain could not be asked at all.
PAUSE: Final = 60
#: Verdicts that are a tenant's decision, and nothing that DNS said.
DECISIONS: Final = (ReasonCode.OVERRIDE_ALLOW, ReasonCode.OVERRIDE_DENY)


@dataclass(frozen=True)
class Answer:
    """What DNS said of a domain, when, and after how many answers in a row that told nothing."""

    facts: DomainFacts
    attempt: int
    checked_at: datetime

    @classmethod
    def read(cls, stored: Evidence) -> Answer:
        """Read the evidence as it is stored."""
        return cls(DomainFacts.from_json(stored.domain, stored.facts), stored.attempt, stored.checked_at)


@dataclass(frozen=True)
class Tally:
    """What became of the contacts that needed a judgement."""

    judged: int = 0
    waiting: int = 0


def terms(now: datetime, *, fresh_at: datetime | None = None, stored: bool = False) -> Terms:
    """Return the terms of today's rules; ``fresh_at``: the moment from which on DNS was being asked."""
    unanswered, decisions = str(ReasonCode.NOT_YET_CHECKED), tuple(map(str, DECISIONS))
    return Terms(VALIDATOR_VERSION, now, fresh_at or now, unanswered, decisions, stored=stored)


def nobody_waits() -> None:
    """Say to nobody that the work goes on."""


def hear(
    context: Context, tenant_id: UUID, domains: Sequence[str], *, alive: Callable[[], None] = nobody_waits
) -> bool:
    """See to it that the domains have fresh checks by today's rules, as far as DNS answers within a bounded time.

    ``tenant_id``: whose part of the budget is taken. ``alive`` is called every second meanwhile, and may raise. False: DNS was to be asked, and not one answer came of it.
    """

    def missing() -> list[str]:
        with context.database.unit(None) as unit:
            return domain_checks.without_fresh_check(unit, domains, now=context.clock(unit))

    context.database.in_unit(None, lambda unit: rejudge_stale(unit, domains, now=context.clock(unit)))
    before = missing()
    if before and context.domains is not None:
        deadline = time.monotonic() + context.settings.dns_chunk_deadline
        context.domains.answer(context.database, Search(missing, alive, deadline, context.clock, tenant_id))
    return not before or len(missing()) < len(before)


def classify(unit: Unit, contacts: Contacts, given: Terms, *, wait: bool = True) -> Tally:
    """Judge those of the contacts that need it and whose evidence is there: their states and one row of history each.

    ``wait``: the others get a state that says so, or keep the one they have, and the clock comes again for them.
    """
    hold_evidence(unit)  # first: who was erased before this moment is no contact, and nobody is until the unit ends
    found = validations.contacts_to_judge(unit, contacts, given)
    if not found:
        return Tally()
    knowledge = know(unit, [contact.email for contact in found])
    judging, special = _sort(found, knowledge)
    judging.specials.extend(_specials(unit, special, knowledge, given))
    judged = validations.judge_contacts(unit, judging, given)
    waiting = 0
    if wait and judged < len(found):
        nothing = not_yet_checked(PAUSE)
        waiting = validations.await_verdicts(unit, found, given, score=nothing.score, retry_after=nothing.retry_after)
    return Tally(judged, waiting)


def verdict_of(email: str, answer: Answer | None, knowledge: Knowledge, now: datetime) -> Verdict:
    """Judge one address on all that is known of it."""
    return judge(
        email,
        None if answer is None else answer.facts,
        attempt=0 if answer is None else answer.attempt,
        own=knowledge.own(email),
        override=knowledge.override(email),
        policy=knowledge.policy,
        now=now,
        checked_at=None if answer is None else answer.checked_at,
    )


def is_domains(email: str, knowledge: Knowledge) -> bool:
    """Whether the address has the verdict of its domain, whatever else is to be said of it."""
    return not _is_known(email, knowledge) and (
        is_plain(email, knowledge.policy) or remarks(email, knowledge.policy) is not None
    )


def _is_known(email: str, knowledge: Knowledge) -> bool:
    return knowledge.own(email) is not None or knowledge.override(email) is not None


def _sort(contacts: Iterable[Contact], knowledge: Knowledge) -> tuple[Judging, list[Contact]]:
    """Return what needs no judgement of its own, where DNS has answered, and the contacts that do."""
    judging = Judging()
    special: list[Contact] = []
    for contact in contacts:
        if _is_known(contact.email, knowledge):
            special.append(contact)
        elif is_plain(contact.email, knowledge.policy):
            if contact.answered:
                judging.plain.append(contact)
        elif (more := remarks(contact.email, knowledge.policy)) is None:
            special.append(contact)
        elif contact.answered:
            judging.remarked.append({"rid": contact.rid, "email": contact.email, **more._asdict()})
    return judging, special


def _specials(unit: Unit, contacts: Sequence[Contact], knowledge: Knowledge, given: Terms) -> list[dict[str, Any]]:
    """Judge contacts one by one, where what is known is enough."""
    domains = sorted({contact.domain for contact in contacts})
    answers = {
        stored.domain: Answer.read(stored) for stored in (validations.evidence(unit, domains, given) if domains else ())
    }
    made: list[dict[str, Any]] = []
    for contact in contacts:
        answer = answers.get(contact.domain)
        verdict = verdict_of(contact.email, answer, knowledge, given.now)
        if verdict.reason_code is not ReasonCode.NOT_YET_CHECKED:
            made.append(
                {
                    "rid": contact.rid,
                    "email": contact.email,
                    "status": verdict.status,
                    "reason_code": verdict.reason_code,
                    "score": verdict.score,
                    "retry_after": verdict.retry_after,
                    "details": verdict.apart_from_dns,
                    "checked_at": answer and answer.checked_at.isoformat(),
                }
            )
    return made
