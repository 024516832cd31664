"""`mkt check`: what is known about addresses now, from their syntax and from DNS; needs no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Annotated, Any

import typer

from cli.command import command
from cli.session import Session
from cli.words import help_text
from pipeline.addresses import judge as judge_address
from pipeline.domains import DomainDesk
from pipeline.lookups import CanaryReport
from pipeline.verdicts import NOT_YET_CHECKED, DomainVerdict, judge

app = typer.Typer()


@command(app, "check", "check")
def check(
    session: Session, addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help=help_text("addresses"))]
) -> None:
    """Judge addresses."""
    with closing(DomainDesk(session.settings)) as desk:
        found = list(verdicts(desk, addresses))
    if session.asked.json:
        session.screen.document(found)
        return
    for item in found:
        status = session.words.say(f"verdict.{item['status']}")
        session.screen.say(
            "check", address=item["address"], status=status, code=item["reason_code"], sentence=_sentence(session, item)
        )


def verdicts(desk: DomainDesk, addresses: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what is known about each address. The canaries are asked once, and only if a domain is."""
    report: CanaryReport | None = None
    known: dict[str, DomainVerdict] = {}
    for address in addresses:
        judged = judge_address(address)
        if judged.normalized is None:
            yield _item(address, None, "invalid", judged.problem, 0, {"sentence": judged.detail})
            continue
        report = report or desk.canaries()
        domain = judged.normalized.rpartition("@")[2]
        if domain not in known:
            known[domain] = _ask(desk, report, domain)
        verdict = known[domain]
        yield _item(address, judged.normalized, verdict.status, verdict.reason_code, verdict.score, verdict.details)


def _ask(desk: DomainDesk, report: CanaryReport, domain: str) -> DomainVerdict:
    facts = desk.check(domain) if report.ok else None
    if facts is not None:
        return judge(facts)
    # Trouble on our side is no verdict about an address: what is said is why there is none.
    return replace(NOT_YET_CHECKED, details={"resolver": report.reason, "sentence": report.detail})


def _item(
    address: str, normalized: str | None, status: str, reason: str | None, score: int, details: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "address": address,
        "normalized_email": normalized,
        "status": status,
        "reason_code": reason,
        "score": score,
        "suggestion": None,
        "details": dict(details),
    }


def _sentence(session: Session, item: dict[str, Any]) -> str:
    if item["normalized_email"] is None:
        return session.words.problem_sentence(item["reason_code"])
    if "resolver" in item["details"]:
        return session.words.say(f"resolver.{item['details']['resolver']}")
    return session.words.reason(item["reason_code"])
