"""Whether a resolver can be believed: it must know domains that receive mail, and no name that was just invented."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pipeline.lookups.answers import UNHEARD, Answer, Question
from pipeline.verdicts import NULL_EXCHANGE, Outcome


@dataclass(frozen=True)
class CanaryReport:
    """Whether the resolver can be believed.

    ``dead``: it does not answer. ``lying_nxdomain``: it denies what exists. ``lying_answers``: it answers for what does
    not exist, or invents what it answers. ``detail``: sentences. ``believed``: the nameservers that may be asked, of those
    that were tried; ``doubted``: why each other one may not.
    """

    ok: bool
    reason: Literal["ok", "dead", "lying_nxdomain", "lying_answers"]
    detail: str
    believed: tuple[str, ...] = ()
    doubted: Mapping[str, CanaryReport] = field(default_factory=dict)


def questions(known_good: Iterable[str]) -> tuple[list[Question], list[Question]]:
    """Return what to ask: the mail servers of known domains, and what nobody has registered.

    Invented names have 64 random bits, under suffixes of two registries. They are asked for addresses, which is what
    captive portals, search pages and registries with a wildcard invent; one of them for mail servers too.
    """
    com, br = (f"mkt-canary-{secrets.token_hex(8)}.{suffix}" for suffix in ("com", "com.br"))
    return [(name, "MX") for name in known_good], [(com, "A"), (br, "A"), (com, "MX")]


def report(known: Mapping[Question, Answer], invented: Mapping[Question, Answer]) -> CanaryReport:
    """Judge the resolver by its answers for known domains and for invented names.

    One known domain with MX is enough where others are in trouble: they have outages too, and trouble is no evidence
    against anybody. But one that is denied, or one invented name that is not, is enough to believe nothing.
    """
    for (name, _), answer in invented.items():
        if answer.failure is not Outcome.NOT_FOUND and not answer.is_trouble:
            return _broken("lying_answers", f"The resolver knows {name}, which does not exist.")
    for (name, _), answer in known.items():
        if answer.failure in (Outcome.NOT_FOUND, Outcome.NO_DATA):
            return _broken("lying_nxdomain", f"The resolver denies that {name} receives mail.")
        if answer.failure is None and all(exchange == NULL_EXCHANGE for _, exchange in answer.data):
            return _broken("lying_answers", f"The resolver says that {name} wants no mail.")
    for group, what in ((known, "domains known to receive mail"), (invented, "names that do not exist")):
        if all(answer.is_trouble for answer in group.values()):
            return _broken("dead", f"The resolver tells nothing about {what} ({_troubles(list(group.values()))}).")
    return CanaryReport(ok=True, reason="ok", detail="The resolver answers as it should.")


def of_all(reports: Mapping[str, CanaryReport]) -> CanaryReport:
    """Return what the reports of all nameservers come to: one that can be believed is enough, and the others are named."""
    believed = tuple([server for server, report in reports.items() if report.ok])
    doubted = {server: report for server, report in reports.items() if not report.ok}
    main = reports[believed[0]] if believed else next(iter(reports.values()))
    if len(reports) == 1:
        return replace(main, believed=believed, doubted=doubted)
    details = [main.detail] if believed else []
    details += [f"{server}: {report.detail}" for server, report in doubted.items()]
    return replace(main, detail=" ".join(details), believed=believed, doubted=doubted)


def _troubles(answers: Sequence[Answer]) -> str:
    words = {"unreachable" if answer == UNHEARD else str(answer.failure) for answer in answers}
    return ", ".join(sorted(words))


def _broken(reason: Literal["dead", "lying_nxdomain", "lying_answers"], detail: str) -> CanaryReport:
    return CanaryReport(ok=False, reason=reason, detail=detail)
