"""What a tenant itself knows of addresses: what became of its mail to them, and what it decided about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from db import mailboxes
from db.overrides import overrides_of
from db.unit import Unit
from pipeline import overrides
from pipeline.verdicts import Override, OwnFacts, Policy
from pipeline.verdicts.own_facts import HIGH_BOUNCE_RATE


@dataclass(frozen=True)
class Knowledge:
    """What is known of the addresses that it was asked for."""

    policy: Policy
    decided: Mapping[str, str]
    mailboxes: Mapping[str, OwnFacts]
    bounce_rates: Mapping[str, float]

    def own(self, email: str) -> OwnFacts | None:
        """Return what became of mail to the address, and to its domain; None: nothing that is worth telling."""
        rate = self.bounce_rates.get(email.rpartition("@")[2])
        facts = self.mailboxes.get(email)
        if rate is None:
            return facts
        return replace(facts or OwnFacts(), domain_bounce_rate=rate)

    def override(self, email: str) -> Override | None:
        """Return what the tenant decided about the address, or about its domain."""
        return overrides.find(self.decided, email)


#: What is known where there is nobody to ask.
NOTHING_KNOWN: Final = Knowledge(Policy(), {}, {}, {})


def know(unit: Unit, emails: Sequence[str]) -> Knowledge:
    """Return what the tenant knows of these addresses; it stays so until the unit ends."""
    policy, decided = overrides.policy_of(unit), overrides_of(unit)
    if not mailboxes.are_known(unit):
        return Knowledge(policy, decided, {}, {})
    own = {
        found.email: OwnFacts(found.delivered_at, found.bounced_hard_at, found.soft_bounces)
        for found in mailboxes.known(unit, emails)
    }
    domains = sorted({email.rpartition("@")[2] for email in emails})
    # A rate that nothing is said about would only keep its whole domain from being judged as one.
    return Knowledge(policy, decided, own, mailboxes.bounce_rates(unit, domains, from_rate=HIGH_BOUNCE_RATE))
