"""The verdicts of contacts: who needs one, the state that each has, and the history of every judgement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from db.row_ranges import RowRange
from db.statements import statement
from db.unit import Unit

_OF_ROWS = """
    select c.rid, r.normalized_email as email
    from mkt.import_rows r
    cross join lateral (
        select o.rid from mtrk.contatos o
        where o.tenant_id = r.tenant_id and o.email = r.normalized_email offset 0
    ) c
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null"""
#: Those that still have the address that they had when they were read: a person may have been erased since.
_GIVEN = """
    select c.rid, g.value as email
    from json_each_text(cast(:contacts as json)) as g
    cross join lateral (
        select o.rid from mtrk.contatos o where o.rid = cast(g.key as bigint) and o.email = g.value collate "C" offset 0
    ) c"""


@dataclass(frozen=True)
class Contact:
    """A contact, as far as judging needs it; ``answered``: DNS has answered for its domain."""

    rid: int
    email: str
    answered: bool = False

    @property
    def domain(self) -> str:
        """The domain of its address."""
        return self.email.rpartition("@")[2]


@dataclass(frozen=True)
class Judged(Contact):
    """A contact and the state that it has; None: none yet."""

    status: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True)
class Contacts:
    """Contacts that may need a judgement, as statements name them: those of a chunk's rows, or given ones."""

    select: str
    parameters: Mapping[str, object]

    @classmethod
    def of_rows(cls, rows: RowRange) -> Contacts:
        """Return the contacts that the chunk's rows are about."""
        return cls(_OF_ROWS, rows.parameters())

    @classmethod
    def given(cls, contacts: Sequence[Contact]) -> Contacts:
        """Return these contacts."""
        return cls(_GIVEN, {"contacts": _listed(contacts)})


@dataclass(frozen=True)
class Terms:
    """On what terms contacts are judged.

    ``version``: by which rules. ``fresh_at``: answers of DNS count that were fresh then, which is a little before ``now``,
    because other work was done since. ``stored``: from stored answers however old, whose age is counted; what is
    merely due is then left to the clock. ``unanswered``: the reason of contacts, and of domains, without an answer.
    ``decisions``: the reasons that are a tenant's own; a verdict for one of them does not outlive it.
    """

    version: str
    now: datetime
    fresh_at: datetime
    unanswered: str
    decisions: tuple[str, ...]
    stored: bool = False

    def parameters(self) -> dict[str, object]:
        """Return the terms as statement parameters."""
        return {
            "version": self.version,
            "now": self.now,
            "fresh_at": self.fresh_at,
            "unanswered": self.unanswered,
            "decisions": list(self.decisions),
            "stored": self.stored,
        }


@dataclass(frozen=True)
class Judging:
    """What is to be written of contacts.

    The ``plain`` ones get what the checks of their domains say. The ``remarked`` too, each with ``rid, email, canonical`` and
    more ``flags``. Each of the ``specials`` has ``rid, email, status, reason_code, score, retry_after`` (seconds), ``details``
    and ``checked_at`` (ISO 8601): of the check of its domain that was seen; None: of none.
    """

    plain: list[Contact] = field(default_factory=list)
    remarked: list[dict[str, Any]] = field(default_factory=list)
    specials: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """The stored answer of DNS for a domain, as the rules read it."""

    domain: str
    facts: Mapping[str, Any]
    attempt: int
    checked_at: datetime


def contacts_to_judge(unit: Unit, contacts: Contacts, terms: Terms) -> list[Contact]:
    """Return those of the contacts that need a judgement now."""
    unit.look_up_by_key()
    sql = statement("contacts_to_judge").replace("{contacts}", contacts.select)
    # All at once: one by one they would take the driver several times as long.
    found = unit.execute(sql, {**contacts.parameters, **terms.parameters()}).all()
    return [Contact(*row) for row in found]


def judge_contacts(unit: Unit, judging: Judging, terms: Terms) -> int:
    """Write states and history; returns how many contacts were judged."""
    unit.look_up_by_key()
    return unit.execute(
        statement("judge_contacts"),
        {
            "plain": _listed(judging.plain),
            "remarked": json.dumps(judging.remarked, ensure_ascii=False),
            "specials": json.dumps(judging.specials, ensure_ascii=False),
            "tenant": unit.tenant_id,
            **terms.parameters(),
        },
    ).rowcount


def named(unit: Unit, contacts: Contacts) -> list[Contact]:
    """Return the contacts themselves, in the order of their keys."""
    found = unit.execute(f"select k.rid, k.email from ({contacts.select}) k order by 1", contacts.parameters)
    return [Contact(row.rid, row.email) for row in found]


def await_verdicts(unit: Unit, contacts: Sequence[Contact], terms: Terms, *, score: int, retry_after: float) -> int:
    """Have the clock come again for those of the contacts that are due and got no judgement, or have no state at all.

    It comes when the domain is asked again, if DNS was heard, and after ``retry_after`` seconds if not. Returns how many.
    """
    parameters = {"contacts": _listed(contacts), **terms.parameters(), "score": score, "retry_after": retry_after}
    return unit.execute(statement("await_verdicts"), {**parameters, "tenant": unit.tenant_id}).rowcount


def evidence(unit: Unit, domains: Sequence[str], terms: Terms) -> list[Evidence]:
    """Return the answers for these domains that contacts may be judged on, on these terms."""
    found = unit.execute(
        "select domain, facts, attempt, checked_at from mkt.domain_checks"
        " where domain = any(:domains) and expires_at > :fresh_at and validator_version = :version and reason_code <> :unanswered",
        {"domains": list(domains), **terms.parameters()},
    )
    return [Evidence(*row) for row in found]


def stored_evidence(unit: Unit, domains: Sequence[str]) -> list[Evidence]:
    """Return the last answers for these domains, however old, and whatever rules they were judged by."""
    found = unit.execute(
        "select domain, facts, attempt, checked_at from mkt.domain_checks where domain = any(:domains) and outcome is not null",
        {"domains": list(domains)},
    )
    return [Evidence(*row) for row in found]


def tenants_with_due(unit: Unit, now: datetime) -> list[UUID]:
    """Return the tenants that have a contact to judge at ``now``; works in a unit that is bound to no tenant."""
    return [row[0] for row in unit.execute("select * from mkt.tenants_with_due_validations(:now)", {"now": now})]


def due(unit: Unit, now: datetime, *, most: int) -> list[Contact]:
    """Return the tenant's contacts that are due at ``now``, at most ``most``, the longest due first."""
    unit.look_up_by_key()
    found = unit.execute(
        "select v.rid, c.email from (select rid from mkt.email_validations where tenant_id = :tenant and next_validation_at <= :now"
        " order by next_validation_at limit :most) v cross join lateral (select o.email from mtrk.contatos o where o.rid = v.rid offset 0) c",
        {"tenant": unit.tenant_id, "now": now, "most": most},
    )
    return [Contact(row.rid, row.email) for row in found]


def contacts_by_key(unit: Unit, *, after: str, most: int) -> list[Judged]:
    """Return the tenant's contacts behind the address ``after``, in the order of addresses, at most ``most``."""
    unit.look_up_by_key()
    found = unit.execute(
        "select c.rid, c.email, v.status, v.reason_code"
        " from (select rid, email from mtrk.contatos where tenant_id = :tenant and email > :after order by email limit :most) c"
        " left join lateral (select o.status, o.reason_code from mkt.email_validations o where o.rid = c.rid offset 0) v on true"
        " order by c.email",
        {"tenant": unit.tenant_id, "after": after, "most": most},
    ).all()
    return [Judged(row.rid, row.email, status=row.status, reason_code=row.reason_code) for row in found]


def verdicts_of_job(unit: Unit, import_job_id: UUID) -> dict[str, int]:
    """Return how many of the job's contacts have each status now (not: had when the job ran)."""
    counted: Counter[str] = Counter()
    for status, _, contacts in reasons_of_job(unit, import_job_id):
        counted[status] += contacts
    return dict(counted)


def reasons_of_job(unit: Unit, import_job_id: UUID) -> list[tuple[str, str, int]]:
    """Return (status, reason_code, contacts) for the job's contacts now, the most frequent first."""
    found = unit.execute(statement("reasons_of_job"), {"job": import_job_id})
    return [(row[0], row[1], row[2]) for row in found]


def _listed(contacts: Sequence[Contact]) -> str:
    # One text: the driver takes several times as long over arrays of thousands of values.
    return json.dumps({contact.rid: contact.email for contact in contacts}, ensure_ascii=False)
