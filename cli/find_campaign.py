"""Which campaign is meant, and what is said where something cannot be done with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db.campaigns import Campaign
from pipeline import campaigns
from pipeline.campaigns import CampaignRefusedError
from pipeline.eligibility import PolicyError

Which = Annotated[str, typer.Argument(metavar="CID", help=help_text("campaign.cid"))]


def find_campaign(session: Session, which: str) -> Campaign:
    """Return the tenant's campaign of that id, end of an id, or name. Raises RefusedError: none, or several."""
    with refusing(), session.context.database.reading(session.tenant.tenant_id) as unit:
        return campaigns.find(unit, which)


@contextmanager
def refusing() -> Iterator[None]:
    """Say in one sentence what cannot be done with a campaign or a policy."""
    try:
        yield
    except CampaignRefusedError as refused:
        raise RefusedError(Refusal(f"campaign.{refused.why}"), **refused.params) from None
    except PolicyError as refused:
        raise RefusedError(Refusal(f"campaign.policy_{refused.why}"), **refused.params) from None
