"""Why a person receives a campaign, or does not: every rule in order with what it looked at, and where the person is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from db import explanations
from db.campaigns import Campaign
from db.explanations import Contact, Membership, Origin, Said, State
from db.statuses import AudienceStatus
from db.unit import Unit, transaction_time
from pipeline import campaigns
from pipeline.addresses import judge
from pipeline.context import Context
from pipeline.eligibility import Decision, Facts, Link, OptOut, Policy, Step, VerdictFacts, decide, firsts, trace
from pipeline.verdicts import canonical


@dataclass(frozen=True)
class Explanation:
    """All of it, as of one moment. ``contact`` None: the tenant has no contact of this address.

    ``first``: who stands for the mailbox, where contacts of the campaign share it. ``frozen``: what the send decided, if there was one.
    """

    campaign: Campaign
    at: datetime
    email: str
    contact: Contact | None
    decision: Decision
    steps: tuple[Step, ...]
    memberships: tuple[Membership, ...]
    first: Contact | None
    frozen: Mapping[str, Any] | None


def explain(context: Context, tenant_id: UUID, which: str, address: str) -> Explanation:
    """Explain. Raises CampaignRefusedError, PolicyError, and ValueError for what is no address."""
    email = judge(address).normalized
    if email is None:
        raise ValueError(address)
    with context.database.reading(tenant_id) as unit:
        campaign = campaigns.find(unit, which)
        campaigns.reached(unit, campaign)
        return _explained(unit, campaign, email)


def _explained(unit: Unit, campaign: Campaign, email: str) -> Explanation:
    policy, now = campaigns.policy(unit, campaign.cid), transaction_time(unit)
    mailbox = canonical(email)
    contact = explanations.contact(unit, email)
    sharers = explanations.of_mailbox(unit, mailbox)
    links = explanations.memberships(unit, campaign.cid, [each.rid for each in sharers])
    known = _facts(unit, campaign, policy, now, mailbox, [each.rid for each in sharers], links)
    # Whom the campaign does not reach stands for nobody: that is one of the rules.
    first = firsts(known.values(), policy).get(mailbox)
    about = known[contact.rid if contact else 0]
    return Explanation(
        campaign,
        now,
        email,
        contact,
        decide(about, policy, first),
        trace(about, policy, first),
        tuple(each for each in links if contact is not None and each.rid == contact.rid),
        next((each for each in sharers if each.rid == first), None),
        explanations.frozen(unit, campaign.cid, contact.rid) if contact else None,
    )


def _facts(
    unit: Unit,
    campaign: Campaign,
    policy: Policy,
    now: datetime,
    mailbox: str,
    rids: Sequence[int],
    memberships: Sequence[Membership],
) -> dict[int, Facts]:
    """Return what is known of each of the contacts of a mailbox; and of nobody, under 0, what is known of the mailbox itself."""
    opt_outs = tuple(map(_opt_out, explanations.said_of(unit, campaign.cid, mailbox)))
    states = explanations.states(unit, rids)
    cap = policy.frequency_cap
    sent = explanations.messages(unit, campaign.cid, rids, timedelta(days=cap.days)) if cap else {}
    found = {}
    for rid in (0, *rids):
        own = [each for each in memberships if each.rid == rid and each.removed_at is None]
        found[rid] = Facts(
            rid,
            mailbox,
            now,
            opt_outs=opt_outs,
            excluded_by=tuple(each.audience for each in own if each.excluded),
            links=tuple(_link(each) for each in own if each.chosen and each.status is AudienceStatus.ACTIVE),
            verdict=_verdict(states.get(rid)),
            messages=tuple(sent.get(rid, ())),
        )
    return found


def _opt_out(said: Said) -> OptOut:
    return OptOut(
        said.kind, said.audience, {"source": said.source, "occurred_at": said.occurred_at, **_origin(said.origin)}
    )


def _link(membership: Membership) -> Link:
    return Link(
        membership.audience,
        membership.legal_basis,
        membership.consent_source,
        membership.is_quarantined,
        {"added_at": membership.added_at, **_origin(membership.origin)},
    )


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "import_job_id": origin.import_job_id,
        "file_name": origin.file_name,
        "part_no": origin.part_no,
        "row_number": origin.row_number,
        "uploaded_by": origin.uploaded_by,
        "uploaded_at": origin.uploaded_at,
    }


def _verdict(state: State | None) -> VerdictFacts | None:
    return None if state is None else VerdictFacts(state.status, state.reason_code, state.validated_at, state.flags)
