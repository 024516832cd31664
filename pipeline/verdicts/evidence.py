"""What verdicts are drawn from: what DNS said of a domain, what the platform saw of a mailbox, what a tenant decided."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, Self

#: The exchange of a null MX as it is written in a zone (RFC 7505).
NULL_EXCHANGE: Final = "."

#: Exchanges of a domain that are kept as evidence, best first; real domains have a handful.
MOST_EXCHANGES: Final = 20


class Outcome(StrEnum):
    """How asking DNS for something ended."""

    MX = "mx"  # there are MX records, perhaps only a null one
    ADDRESS = "address"  # no MX, but address records, perhaps only useless ones
    NO_DATA = "no_data"  # the name exists and has none of the records asked for
    NOT_FOUND = "not_found"  # NXDOMAIN
    SERVFAIL = "servfail"  # the resolver could not get an answer
    TIMEOUT = "timeout"  # no answer in time
    REFUSED = "refused"  # the resolver did not want to answer
    ERROR = "error"  # an answer that tells nothing: FORMERR, NOTIMP, malformed, a CNAME loop, or two that contradict
    UNHEARD = "unheard"  # trouble of our own, for this one name: truncated and TCP refused, no socket, no memory


#: Outcomes that tell nothing about the name.
TROUBLE: Final = frozenset({Outcome.SERVFAIL, Outcome.TIMEOUT, Outcome.REFUSED, Outcome.ERROR, Outcome.UNHEARD})


class Spf(StrEnum):
    """What the domain's SPF record says (RFC 7208); asked only where there is no MX."""

    NO_MAIL = "no_mail"  # exactly "v=spf1 -all": nobody may send for the domain
    OTHER = "other"  # another record, or none
    UNKNOWN = "unknown"  # trouble while asking


@dataclass(frozen=True)
class MailHost:
    """What DNS said of the addresses of one exchange: ADDRESS, NO_DATA, NOT_FOUND or trouble.

    ``is_alias``: the name is a CNAME, which RFC 2181 section 10.3 forbids.
    """

    name: str
    outcome: Outcome
    addresses: tuple[str, ...] = ()
    is_alias: bool = False

    @property
    def has_public_address(self) -> bool:
        """Whether mail can reach it over the public Internet."""
        return any(map(is_public, self.addresses))


@dataclass(frozen=True)
class DomainFacts:
    """What DNS said of one domain.

    ``mx``: (preference, host), best first, at most ``MOST_EXCHANGES``; a null MX has the host ``.``. ``mx_count``: how many
    there were. ``hosts``: what was heard of exchanges; they are asked from the best on until one is usable over
    IPv4, so that those behind it are missing. ``addresses``: A, then AAAA of the domain itself, asked only where there is
    no MX, and ``spf`` where one of them is public. ``ttl``: seconds, the shortest of the answers' records; 0 where there
    are none. ``tries``: how often the name was asked for. ``milliseconds``: how long the last of these took.
    """

    domain: str
    outcome: Outcome
    mx: tuple[tuple[int, str], ...] = ()
    mx_count: int = 0
    hosts: tuple[MailHost, ...] = ()
    addresses: tuple[str, ...] = ()
    spf: Spf | None = None
    ttl: int = 0
    tries: int = 1
    milliseconds: int = 0

    @property
    def has_public_address(self) -> bool:
        """Whether one of the domain's own addresses can be reached over the public Internet."""
        return any(map(is_public, self.addresses))

    @property
    def is_conclusive(self) -> bool:
        """Whether the answer counts at once: a usable mail host was found, which no broken resolver makes up.

        Any other one must be heard twice, a null MX and an address in the place of MX too: those are made up easily.
        """
        return self.outcome is Outcome.MX and any(host.has_public_address for host in self.hosts)

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as it is stored beside the domain and the verdict."""
        return {
            "outcome": self.outcome.value,
            "mx": [[preference, host] for preference, host in self.mx],
            "mx_count": self.mx_count,
            "hosts": [
                {"name": h.name, "outcome": h.outcome.value, "addresses": list(h.addresses), "is_alias": h.is_alias}
                for h in self.hosts
            ],
            "addresses": list(self.addresses),
            "spf": self.spf and self.spf.value,
            "ttl": self.ttl,
            "tries": self.tries,
            "ms": self.milliseconds,
        }

    @classmethod
    def from_json(cls, domain: str, stored: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote, also by an older version: what that one did not ask for is missing."""
        spf = stored.get("spf")
        return cls(
            domain,
            Outcome(stored["outcome"]),
            mx=tuple((preference, host) for preference, host in stored["mx"]),
            mx_count=stored.get("mx_count", len(stored["mx"])),
            hosts=tuple(
                MailHost(h["name"], Outcome(h["outcome"]), tuple(h["addresses"]), is_alias=h["is_alias"])
                for h in stored.get("hosts", ())
            ),
            addresses=tuple(stored["addresses"]),
            spf=None if spf is None else Spf(spf),
            ttl=stored["ttl"],
            tries=stored["tries"],
            milliseconds=stored["ms"],
        )


@dataclass(frozen=True)
class OwnFacts:
    """What the platform saw of a mailbox, and of its domain: the only proof of a mailbox that there is.

    ``soft_bounces``: in a row, since the last delivery. ``domain_bounce_rate``: share (0 to 1) of the domain's mailboxes
    written to lately that bounced hard; None where there were too few to tell.
    """

    delivered_at: datetime | None = None
    bounced_hard_at: datetime | None = None
    soft_bounces: int = 0
    domain_bounce_rate: float | None = None


class Override(StrEnum):
    """What a tenant decided about an address or a domain."""

    ALLOW = "allow"  # lifts `risky`, never `invalid`, a bounce or an opt-out
    DENY = "deny"  # wins over everything


@dataclass(frozen=True)
class Policy:
    """What a tenant may choose: ``risky_roles``: contato@, sales@ are risky; ``smtputf8``: its sender can write to José@."""

    risky_roles: bool = False
    smtputf8: bool = False


@lru_cache(maxsize=65_536)  # the mail hosts of providers come with every other domain
def is_public(address: str) -> bool:
    """Whether an IP address can be reached over the public Internet (RFC 6890 registries)."""
    parsed = ipaddress.ip_address(address)
    return parsed.is_global and not parsed.is_multicast
