"""Everything that is known of one person, for whoever asks who it is, and for the person: nothing here is a sentence yet.

A person is a mailbox: `person` are the parameters of `pipeline.spellings.Spellings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.statements import statement
from db.statuses import JobStatus
from db.stories import Judgement, State
from db.tables.rows import NAMES_OTHERS
from db.unit import Limits, Unit

#: A tenant may have files in which every row names somebody else.
LIMITS = Limits(transaction=600)


@dataclass(frozen=True)
class Contact:
    """A contact of the mailbox; several where it is written in several ways."""

    rid: int
    email: str
    name: str | None
    attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Membership:
    """An audience that the contact is in, or was; with the row that brought it in, and what was said of the consent."""

    rid: int
    audience_id: UUID
    audience: str
    description: str
    added_at: datetime
    import_job_id: UUID | None
    file_name: str | None
    part_no: int | None
    row_number: int | None
    uploaded_by: str | None
    legal_basis: str | None
    consent_source: str | None
    consented_at: datetime | None
    consent_ip: str | None
    consent_form: str | None
    consent_evidence: dict[str, Any] | None
    consent_job_id: UUID | None
    removed_at: datetime | None
    removed_by: str | None
    removed_by_job_id: UUID | None
    removal_reason: str | None


@dataclass(frozen=True)
class LedgerRow:
    """A row of a file, who uploaded it when, and what became of it; ``outcome`` None: not known yet, or no contact's affair."""

    import_job_id: UUID
    kind: str
    status: str
    file_name: str
    audience: str | None
    uploaded_by: str | None
    created_at: datetime
    part_no: int
    row_number: int
    raw_email: str
    raw_name: str | None
    attributes: dict[str, Any]
    normalized_email: str | None
    outcome: str | None
    error_code: str | None
    error_detail: str | None
    opt_out: str | None
    consent: dict[str, Any] | None


@dataclass(frozen=True)
class OptOut:
    """What was said against writing to the mailbox; ``audience`` None: everywhere. ``lifted_at`` None: it holds."""

    kind: str
    audience: str | None
    source: str
    import_job_id: UUID | None
    job_status: str | None
    file_name: str | None
    said_by: str | None
    occurred_at: datetime
    created_at: datetime
    lifted_at: datetime | None
    lifted_as: str | None
    lifted_by: str | None
    lift_evidence: dict[str, Any] | None


@dataclass(frozen=True)
class Delivery:
    """What was heard of a message."""

    occurred_at: datetime
    kind: str
    email: str
    detail: str | None


@dataclass(frozen=True)
class Campaign:
    """A campaign that chose the person: recipient or excluded, by which rule; and its message, if there is one."""

    cid: UUID
    campaign: str
    outcome: str
    rule: str | None
    reason: str | None
    decided_at: datetime | None
    message_id: int | None
    sent_at: datetime | None


@dataclass(frozen=True)
class Decision:
    """What the tenant decided about the address or its domain by hand."""

    entry: str
    decision: str
    note: str
    user: str
    decided_at: datetime


@dataclass(frozen=True)
class Dossier:
    """All of it, each list from its beginning. ``mentions``: rows about others, or about nobody, that name the mailbox."""

    contacts: tuple[Contact, ...]
    states: Mapping[int, State]
    judgements: Mapping[int, tuple[Judgement, ...]]
    memberships: tuple[Membership, ...]
    rows: tuple[LedgerRow, ...]
    opt_outs: tuple[OptOut, ...]
    deliveries: tuple[Delivery, ...]
    campaigns: tuple[Campaign, ...]
    decisions: tuple[Decision, ...]
    mentions: tuple[LedgerRow, ...]

    @property
    def is_known(self) -> bool:
        """Whether there is anything about the mailbox; what is decided about its whole domain is not."""
        return bool(self.contacts or self.rows or self.opt_outs or self.deliveries or self.mentions) or any(
            "@" in each.entry for each in self.decisions
        )

    @property
    def erased_at(self) -> datetime | None:
        """When somebody asked for the person to be erased, if that was done and still holds."""
        done = [each.created_at for each in self._erasures() if each.job_status in {None, JobStatus.DONE}]
        return max(done, default=None)

    @property
    def erasing(self) -> OptOut | None:
        """The block of an erasure that is not done: its job waits, is at work, or has failed."""
        return next((each for each in self._erasures() if each.job_status not in {None, JobStatus.DONE}), None)

    def _erasures(self) -> list[OptOut]:
        return [each for each in self.opt_outs if each.kind == "erasure" and each.lifted_at is None]


_IN_RANGE = "{0} >= :lower and {0} < :upper and mkt.mailbox({0}) = :mailbox"
_TEXT = "mkt.row_text(r.raw_email, r.raw_name, r.attributes, r.normalized_email, r.error_detail, r.consent, r.warnings)"
#: All rows that may name others are looked at, so the needles come first, which take a twentieth of the pattern's time. `case` holds the order: of
#: conditions that are joined by `and` the planner takes the one first that looks cheapest, and to it that is the pattern.
_MENTIONED = (
    f"({NAMES_OTHERS})"
    f" and case when strpos(replace(lower({_TEXT} collate \"C\"), '.', ''), (cast(:needles as text[]))[1]) > 0"
    f" and strpos(replace(lower({_TEXT} collate \"C\"), '.', ''), (cast(:needles as text[]))[2]) > 0 then {_TEXT} ~* :pattern"
    " and (r.normalized_email is null or mkt.mailbox(r.normalized_email) <> :mailbox) else false end"
)


def of_person(unit: Unit, person: Mapping[str, object]) -> Dossier:
    """Return what the tenant has of the mailbox; every look goes by an index."""
    about = {"tenant": unit.tenant_id, **person}
    mentions = _rows(unit, _MENTIONED, about)
    unit.look_up_by_key()
    contacts = [
        Contact(*row)
        for row in unit.execute(
            "select rid, email, name, attributes, created_at, updated_at from mtrk.contatos"
            f" where tenant_id = :tenant and {_IN_RANGE.format('email')} order by rid",
            about,
        )
    ]
    rids = [contact.rid for contact in contacts]
    about["rids"] = rids
    memberships = unit.execute(statement("dossier_memberships"), about)
    campaigns = unit.execute(statement("dossier_messages"), about)
    deliveries = unit.execute(
        "select occurred_at, kind, email, detail from ops.deliveries"
        f" where tenant_id = :tenant and {_IN_RANGE.format('email')} order by occurred_at, event_id",
        about,
    )
    opt_outs = unit.execute(statement("dossier_opt_outs"), about)
    return Dossier(
        tuple(contacts),
        {rid: state for rid in rids if (state := _state(unit, rid)) is not None},
        {rid: _judgements(unit, rid) for rid in rids},
        tuple(Membership(**row._mapping) for row in memberships),  # noqa: SLF001 (SQLAlchemy's public name for it)
        _rows(unit, _IN_RANGE.format("r.normalized_email"), about),
        tuple(OptOut(**row._mapping) for row in opt_outs),  # noqa: SLF001 (as above)
        tuple(Delivery(*row) for row in deliveries),
        tuple(Campaign(**row._mapping) for row in campaigns),  # noqa: SLF001 (as above)
        _decisions(unit, about),
        mentions,
    )


def _rows(unit: Unit, which: str, about: Mapping[str, object]) -> tuple[LedgerRow, ...]:
    found = unit.execute(statement("dossier_rows").replace("{which}", which), about)
    return tuple(LedgerRow(**row._mapping) for row in found)  # noqa: SLF001 (as above)


def _state(unit: Unit, rid: int) -> State | None:
    row = unit.execute(
        "select rid, status, reason_code, score, validated_at, validator_version, next_validation_at, details_json"
        " from mkt.email_validations where rid = :rid",
        {"rid": rid},
    ).one_or_none()
    return None if row is None else State(*row)


def _judgements(unit: Unit, rid: int) -> tuple[Judgement, ...]:
    found = unit.execute(
        "select validated_at, status, reason_code, score, validator_version, details_json"
        " from mkt.email_validation_history where rid = :rid order by validated_at, validation_id",
        {"rid": rid},
    )
    return tuple(Judgement(*row) for row in found)


def _decisions(unit: Unit, about: Mapping[str, object]) -> tuple[Decision, ...]:
    found = unit.execute(
        "select o.entry, o.decision, o.note, u.name, o.decided_at from mkt.verdict_overrides o"
        " join auth.users u on u.user_id = o.decided_by_user_id where o.tenant_id = :tenant"
        f" and (o.entry like '%@%' and {_IN_RANGE.format('o.entry')}"
        " or split_part(:mailbox, '@', 2) = o.entry or split_part(:mailbox, '@', 2) like '%.' || o.entry) order by o.decided_at",
        about,
    )
    return tuple(Decision(*row) for row in found)
