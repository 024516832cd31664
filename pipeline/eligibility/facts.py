"""What is known of a contact when a campaign asks whether it may write to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.eligibility.policy import FINDINGS, FLAGS


@dataclass(frozen=True)
class OptOut:
    """Something that was said against writing to the contact's mailbox and that holds for this campaign.

    ``kind``: one of db.statuses.OptOutKind. ``audience``: the one that the campaign chose and it was said of; None: the whole
    tenant. ``details``: when, by whom, in which row of which file.
    """

    kind: str
    audience: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A membership through which the campaign reaches the contact."""

    audience: str
    legal_basis: str | None = None
    consent_source: str | None = None
    is_quarantined: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class VerdictFacts:
    """The state of the contact's address."""

    status: str
    reason_code: str
    validated_at: datetime
    flags: tuple[str, ...] = ()

    def findings(self) -> list[str]:
        """Return the findings that count: the verdict's own first, then those among its flags, by name."""
        own = [self.reason_code] if self.status == "risky" else []
        counted = [flag for flag in FINDINGS if flag in self.flags and (self.status != "valid" or flag in FLAGS)]
        return list(dict.fromkeys([*own, *counted]))


@dataclass(frozen=True)
class Facts:
    """All of it. ``messages``: when other campaigns wrote to the contact; ``excluded_by``: audiences that the campaign excludes."""

    rid: int
    mailbox: str
    now: datetime
    is_gone: bool = False
    opt_outs: tuple[OptOut, ...] = ()
    excluded_by: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    verdict: VerdictFacts | None = None
    messages: tuple[datetime, ...] = ()
