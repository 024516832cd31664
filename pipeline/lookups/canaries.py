"""Whether a resolver can be believed: it must know domains that receive mail, and no name that was just invented."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.verdicts import TROUBLE, DomainFacts, Outcome


@dataclass(frozen=True)
class CanaryReport:
    """Whether the resolver can be believed.

    ``dead``: it does not answer. ``lying_nxdomain``: it denies what exists. ``lying_answers``: it answers for what does
    not exist, or invents what it answers. ``detail`` is a sentence.
    """

    ok: bool
    reason: Literal["ok", "dead", "lying_nxdomain", "lying_answers"]
    detail: str


def invent_names() -> list[str]:
    """Return names that nobody has registered: 64 random bits, under two suffixes of different registries."""
    return [f"mkt-canary-{secrets.token_hex(8)}.{suffix}" for suffix in ("com", "com.br")]


def report(known: Sequence[DomainFacts | None], invented: Sequence[DomainFacts | None]) -> CanaryReport:
    """Judge the resolver by its answers for known and for invented names (None: trouble of ours).

    One known domain with MX is enough where others are in trouble: they have outages too, and trouble is no evidence
    against anybody. But one that is denied, or one invented name that is not, is enough to believe nothing.
    """
    for facts in filter(None, known):
        if facts.outcome in (Outcome.NOT_FOUND, Outcome.NO_DATA):
            return _broken("lying_nxdomain", f"The resolver denies that {facts.domain} receives mail.")
        if facts.outcome is Outcome.ADDRESS:
            return _broken(
                "lying_answers", f"The resolver gives {facts.domain} addresses in place of its mail servers."
            )
    for facts in filter(None, invented):
        if facts.outcome is not Outcome.NOT_FOUND and facts.outcome not in TROUBLE:
            return _broken("lying_answers", f"The resolver knows {facts.domain}, which does not exist.")
    for group, what in ((known, "domains known to receive mail"), (invented, "names that do not exist")):
        if all(facts is None or facts.outcome in TROUBLE for facts in group):
            trouble = sorted({"unreachable" if facts is None else facts.outcome.value for facts in group})
            return _broken("dead", f"The resolver tells nothing about {what} ({', '.join(trouble)}).")
    return CanaryReport(ok=True, reason="ok", detail="The resolver answers as it should.")


def _broken(reason: Literal["dead", "lying_nxdomain", "lying_answers"], detail: str) -> CanaryReport:
    return CanaryReport(ok=False, reason=reason, detail=detail)
