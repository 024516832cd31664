"""`mkt check`: what an address is worth now, and why; needs no database, but knows more where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from sqlalchemy.exc import OperationalError

from cli.command import command
from cli.session import Session
from cli.stories import show_story
from cli.words import help_text
from db import stories
from pipeline.addresses import judge as judge_address
from pipeline.classification import Answer, verdict_of
from pipeline.domains import DomainDesk
from pipeline.knowledge import NOTHING_KNOWN, Knowledge, know
from pipeline.lookups import CanaryReport
from pipeline.verdicts import is_trouble

app = typer.Typer()

#: Mail servers of a domain that are named to people.
_NAMED: Final = 3


@command(app, "check", "check")
def check(
    session: Session,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...", help=help_text("addresses"))],
    history: Annotated[bool, typer.Option("--history", help=help_text("history"))] = False,
) -> None:
    """Judge addresses."""
    with closing(DomainDesk(session.settings)) as desk:
        found = list(verdicts(session, desk, addresses))
    told = _stories(session, [item["normalized_email"] for item in found]) if history else [None] * len(found)
    for item, story in zip(found, told, strict=True):
        if session.asked.json:
            item.update({"history": story and asdict(story)} if history else {})
            continue
        for line in lines(session, item):
            session.screen.line(line)
        if story is not None:
            show_story(session, story)
    if session.asked.json:
        session.screen.document(found)


def verdicts(session: Session, desk: DomainDesk, addresses: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what is known about each address. The canaries are asked once, and only if a domain is."""
    judged = [judge_address(address) for address in addresses]
    knowledge = _knowledge(session, [each.normalized for each in judged if each.normalized is not None])
    report: CanaryReport | None = None
    answers: dict[str, Answer | None] = {}
    for address, each in zip(addresses, judged, strict=True):
        if each.normalized is None:
            yield _item(address, None, "invalid", each.problem, details={"sentence": each.detail})
            continue
        report = report or desk.canaries()
        domain = each.normalized.rpartition("@")[2]
        if domain not in answers:
            answers[domain] = _ask(desk, domain) if report.ok else None
        verdict = verdict_of(each.normalized, answers[domain], knowledge, datetime.now(UTC))
        # Trouble on our side is no verdict about an address: what is said beside it is why DNS has no part in it.
        doubt = {} if report.ok else {"resolver": report.reason, "sentence": report.detail}
        yield _item(
            address,
            each.normalized,
            verdict.status,
            verdict.reason_code,
            score=verdict.score,
            suggestion=verdict.suggestion,
            details=verdict.details | doubt,
        )


def lines(session: Session, item: dict[str, Any]) -> Iterator[str]:
    """Yield the verdict in words: what it is, what was meant, what else there is to say, and what DNS said."""
    words, details = session.words, item["details"]
    status = words.say(f"verdict.{item['status']}")
    yield words.say(
        "check.verdict",
        address=item["address"],
        status=status,
        code=item["reason_code"],
        score=item["score"],
        sentence=_sentence(session, item),
    )
    if item["suggestion"]:
        yield "  " + words.say("check.meant", suggestion=item["suggestion"])
    for flag in details.get("flags", ()):
        yield "  " + words.flag(flag)
    if dns := details.get("dns"):
        yield "  " + _evidence(session, dns)
    if "rule" in details:
        yield "  " + words.say("check.rule", rule=details["rule"])


def _evidence(session: Session, dns: dict[str, Any]) -> str:
    words = session.words
    servers = ", ".join(f"{host} ({preference})" for preference, host in dns["mx"][:_NAMED])
    more = max(dns["mx_count"] - _NAMED, 0)
    key = "servers_more" if more else "servers" if servers else "addresses" if dns["addresses"] else "nothing"
    if dns["tries"] == 1:
        heard = words.say("check.heard_once", ms=dns["ms"])
    else:
        heard = words.say("check.heard", tries=dns["tries"], ms=dns["ms"])
    return words.say(f"check.{key}", servers=servers, more=more, addresses=", ".join(dns["addresses"]), heard=heard)


def _sentence(session: Session, item: dict[str, Any]) -> str:
    if item["normalized_email"] is None:
        return session.words.problem_sentence(item["reason_code"])
    if item["reason_code"] == "not_yet_checked" and "resolver" in item["details"]:
        return session.words.say(f"resolver.{item['details']['resolver']}")
    return session.words.reason(item["reason_code"])


def _ask(desk: DomainDesk, domain: str) -> Answer:
    facts = desk.check(domain)
    return Answer(facts, int(is_trouble(facts)), datetime.now(UTC))


def _knowledge(session: Session, emails: list[str]) -> Knowledge:
    """Return what the tenant knows of the addresses, where its database is at hand."""
    if not emails or not session.is_database_running:
        return NOTHING_KNOWN
    try:
        with session.context.database.reading(session.tenant.tenant_id) as unit:
            return know(unit, emails)
    except OperationalError:
        session.screen.tell("check.without_database")
        return NOTHING_KNOWN


def _stories(session: Session, emails: list[str | None]) -> list[stories.Story | None]:
    """Return the story of each address that is one, where the tenant's database is at hand."""
    if session.is_database_running:
        with suppress(OperationalError), session.context.database.reading(session.tenant.tenant_id) as unit:
            return [None if email is None else stories.of_address(unit, email) for email in emails]
    session.screen.tell("check.without_history")
    return [None] * len(emails)


def _item(
    address: str,
    normalized: str | None,
    status: str,
    reason: str | None,
    *,
    details: dict[str, Any],
    score: int = 0,
    suggestion: str | None = None,
) -> dict[str, Any]:
    return {
        "address": address,
        "normalized_email": normalized,
        "status": status,
        "reason_code": reason,
        "score": score,
        "suggestion": suggestion,
        "details": details,
    }
