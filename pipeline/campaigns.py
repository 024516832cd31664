"""Campaigns as people make them: which audiences they choose and exclude, and the policies that they go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any
from uuid import UUID

from sqlalchemy.exc import ProgrammingError

from db import audiences, audit, campaigns
from db.audiences import Audience
from db.campaigns import Campaign, Chosen
from db.statuses import AudienceStatus
from db.unit import Unit
from pipeline.context import Context
from pipeline.eligibility import Policy, chosen, policy_of

#: Audiences that one campaign can have: they are bits of a number where its people are counted.
MOST_AUDIENCES = 40


@unique
class NoCampaign(StrEnum):
    """Why something cannot be done with a campaign; the sentence is ``cli.refused.campaign.<code>``."""

    UNKNOWN = "unknown"  # the tenant has no such campaign
    AMBIGUOUS = "ambiguous"  # several are called so, or end so
    EXISTS = "exists"  # the tenant has one of that name
    NOT_OURS = "not_ours"  # on this platform another module makes campaigns
    EMPTY_NAME = "empty_name"
    NO_AUDIENCES = "no_audiences"  # it chose none
    ONLY_ARCHIVED = "only_archived"  # it chose some, and none is active any more
    TOO_MANY_AUDIENCES = "too_many_audiences"
    ALREADY_SENT = "already_sent"  # what it chose is what was frozen
    NO_AUDIENCE = "no_audience"  # the tenant has no such audience
    AUDIENCE_ARCHIVED = "audience_archived"  # takes no campaign
    BOTH = "both"  # an audience cannot be chosen and left out
    NOT_CHOSEN = "not_chosen"  # there is nothing to remove


class CampaignRefusedError(Exception):
    """What cannot be done with a campaign; ``params`` fill in the sentence."""

    def __init__(self, why: NoCampaign, **params: object) -> None:
        super().__init__(f"{why}: {params}")
        self.why = why
        self.params = params


@dataclass(frozen=True)
class Wishes:
    """What is to become of the audiences of a campaign, by name or id."""

    add: Sequence[str] = ()
    exclude: Sequence[str] = ()
    remove: Sequence[str] = ()


def find(unit: Unit, which: str) -> Campaign:
    """Return the campaign of that id, end of an id, or name. Raises CampaignRefusedError."""
    found = campaigns.find(unit, which)
    if not found:
        raise CampaignRefusedError(NoCampaign.UNKNOWN, campaign=which)
    if len(found) > 1:
        raise CampaignRefusedError(
            NoCampaign.AMBIGUOUS, campaign=which, found=", ".join(str(each.cid) for each in found)
        )
    return found[0]


def reached(unit: Unit, campaign: Campaign) -> list[Chosen]:
    """Return the audiences of a campaign that has somebody to reach. Raises CampaignRefusedError for one that has not."""
    found = campaigns.audiences_of(unit, campaign.cid)
    included = [each for each in found if not each.excluded]
    if not included:
        raise CampaignRefusedError(NoCampaign.NO_AUDIENCES, campaign=campaign.name)
    if all(each.status is AudienceStatus.ARCHIVED for each in included):
        raise CampaignRefusedError(
            NoCampaign.ONLY_ARCHIVED, campaign=campaign.name, audiences=", ".join(each.name for each in included)
        )
    return found


def create(context: Context, tenant_id: UUID, user_id: UUID, name: str, wishes: Wishes) -> Campaign:
    """Create a campaign with its audiences. Raises CampaignRefusedError, and then there is none."""

    def work(unit: Unit) -> Campaign:
        try:
            cid = campaigns.create(unit, name)
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != "42501":  # insufficient privilege
                raise
            raise CampaignRefusedError(NoCampaign.NOT_OURS) from None
        if cid is None:
            raise CampaignRefusedError(NoCampaign.EXISTS, campaign=name)
        changed = _change(unit, cid, wishes)
        audit.record(
            unit, action="campaign_created", subject=str(cid), user_id=user_id, details={"name": name, **changed}
        )
        return find(unit, str(cid))

    if not name.strip():
        raise CampaignRefusedError(NoCampaign.EMPTY_NAME)
    return context.database.in_unit(tenant_id, work)


def change_audiences(context: Context, tenant_id: UUID, user_id: UUID, which: str, wishes: Wishes) -> Campaign:
    """Change what a campaign chooses and excludes, all or nothing. Raises CampaignRefusedError."""

    def work(unit: Unit) -> Campaign:
        campaign = _held(unit, which)
        changed = _change(unit, campaign.cid, wishes)
        audit.record(
            unit, action="campaign_audiences_changed", subject=str(campaign.cid), user_id=user_id, details=changed
        )
        return find(unit, str(campaign.cid))

    return context.database.in_unit(tenant_id, work)


def policy(unit: Unit, cid: UUID | None) -> Policy:
    """Return what a campaign goes by; None: what one goes by that departs from nothing. Raises PolicyError."""
    documents = [campaigns.tenant_policy(unit)]
    if cid is not None:
        documents.append(campaigns.campaign_policy(unit, cid))
    return policy_of(*documents)


def change_policy(
    context: Context,
    tenant_id: UUID,
    user_id: UUID,
    which: str | None,
    settings: Mapping[str, str],
    unset: Sequence[str] = (),
) -> dict[str, Any]:
    """Choose something for a campaign, or with None for the tenant; returns what is chosen there now.

    Raises PolicyError for a choice that cannot be made, and CampaignRefusedError.
    """

    def work(unit: Unit) -> dict[str, Any]:
        cid = None
        if which is None:
            campaigns.hold_tenant_policy(unit)
            before = campaigns.tenant_policy(unit)
        else:
            cid = _held(unit, which).cid
            before = campaigns.campaign_policy(unit, cid)
        after = chosen(before, settings, unset)
        if after != before:
            campaigns.write_policy(unit, cid, after)
            audit.record(
                unit,
                action="tenant_policy_changed" if cid is None else "campaign_policy_changed",
                subject=str(cid or tenant_id),
                user_id=user_id,
                details={"before": before, "after": after},
            )
        return after

    return context.database.in_unit(tenant_id, work)


def _held(unit: Unit, which: str) -> Campaign:
    """Return a campaign that may still be changed, and that nobody else changes meanwhile."""
    campaign = find(unit, which)
    if not campaigns.hold(unit, campaign.cid):
        raise CampaignRefusedError(NoCampaign.ALREADY_SENT, campaign=campaign.name)
    return campaign


def _change(unit: Unit, cid: UUID, wishes: Wishes) -> dict[str, list[str]]:
    """Carry out the wishes; returns the ids of the audiences, for the trail."""
    for name in wishes.remove:
        if not campaigns.remove(unit, cid, _audience(unit, name).audience_id):
            raise CampaignRefusedError(NoCampaign.NOT_CHOSEN, audience=name)
    added = {_audience(unit, name).audience_id for name in wishes.add}
    for names, excluded in ((wishes.add, False), (wishes.exclude, True)):
        for name in names:
            audience = _audience(unit, name)
            if excluded and audience.audience_id in added:
                raise CampaignRefusedError(NoCampaign.BOTH, audience=audience.name)
            if audience.status == AudienceStatus.ARCHIVED:
                raise CampaignRefusedError(NoCampaign.AUDIENCE_ARCHIVED, audience=audience.name)
            campaigns.choose(unit, cid, audience.audience_id, excluded=excluded)
    found = campaigns.audiences_of(unit, cid)
    if len(found) > MOST_AUDIENCES:
        raise CampaignRefusedError(NoCampaign.TOO_MANY_AUDIENCES, n=MOST_AUDIENCES)
    return {
        "audiences": [str(each.audience_id) for each in found if not each.excluded],
        "excluded": [str(each.audience_id) for each in found if each.excluded],
    }


def _audience(unit: Unit, name: str) -> Audience:
    found = audiences.find(unit, name)
    if found is None:
        raise CampaignRefusedError(NoCampaign.NO_AUDIENCE, audience=name)
    return found
