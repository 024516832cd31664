"""What the tenant's own mail says of mailboxes and of whole domains, as verdicts need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from db.unit import Unit

#: Mailboxes of a domain that must have been written to before their share of bounces says something.
LEAST_MAILBOXES: Final = 20
#: Mailboxes of a domain that are counted: of a large provider a sample is enough, and takes no longer than a small one.
MOST_MAILBOXES: Final = 2_000


@dataclass(frozen=True)
class Mailbox:
    """What became of mail to one address; ``soft_bounces``: in a row, since the last delivery."""

    email: str
    delivered_at: datetime | None
    bounced_hard_at: datetime | None
    soft_bounces: int


def are_known(unit: Unit) -> bool:
    """Whether the tenant knows of any mailbox at all."""
    found = unit.execute(
        "select exists (select from ops.mailboxes where tenant_id = :tenant)", {"tenant": unit.tenant_id}
    )
    return bool(found.scalar_one())


def known(unit: Unit, emails: Sequence[str]) -> list[Mailbox]:
    """Return what became of mail to these addresses, where there was any."""
    unit.look_up_by_key()
    found = unit.execute(
        "select k.* from unnest(cast(:emails as text[])) as e (email) cross join lateral ("
        "select m.email, m.delivered_at, m.bounced_hard_at, m.soft_bounces from ops.mailboxes m"
        " where m.tenant_id = :tenant and m.email = e.email offset 0) k",
        {"tenant": unit.tenant_id, "emails": list(emails)},
    )
    return [Mailbox(*row) for row in found]


def bounce_rates(unit: Unit, domains: Sequence[str], *, from_rate: float) -> dict[str, float]:
    """Return the share (0 to 1) of each domain's mailboxes that bounced hard, where it is that high and enough are known."""
    unit.look_up_by_key()
    found = unit.execute(
        "select e.domain, cast(k.bounced as float8) / k.mailboxes from unnest(cast(:domains as text[])) as e (domain)"
        " cross join lateral (select count(*) as mailboxes, count(m.bounced_hard_at) as bounced from ("
        "select o.bounced_hard_at from ops.mailboxes o where o.domain = e.domain and o.tenant_id = :tenant limit :most) m) k"
        " where k.mailboxes >= :least and k.bounced >= :from_rate * k.mailboxes",
        {
            "tenant": unit.tenant_id,
            "domains": list(domains),
            "least": LEAST_MAILBOXES,
            "most": MOST_MAILBOXES,
            "from_rate": from_rate,
        },
    )
    return {row[0]: row[1] for row in found}
