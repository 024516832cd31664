"""How a send came out: for people in sentences that add up, for programs as figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cli.campaign_words import reason_text, rule_title
from cli.session import Session
from db import sends
from db.reports import JobReport
from db.sends import Sent
from db.statuses import ChunkStage, JobStatus
from pipeline.eligibility import RULES, RuleCode
from pipeline.exports.sentences import failure_retold
from pipeline.sending import waits_until


def send_document(session: Session, report: JobReport) -> dict[str, Any]:
    """Return what became of the campaign's people, as other programs read it (the contract is in ``docs/cli.md``).

    ``contacts`` = ``recipients`` + the sum of ``exclusions`` + ``undecided``, as the job's own chunks have counted them.
    """
    told = _sent(session, report)
    until, unchecked = _waiting(session, report)
    return {
        "cid": report.cid,
        "campaign": report.file_name,
        "contacts": report.records_seen,
        "recipients": report.ok_rows,
        "messages": report.ok_rows,
        "excluded": report.error_rows,
        "undecided": report.records_seen - report.total_rows,
        "exclusions": told.exclusions,
        "reasons": told.reasons,
        "waits_for": None if until is None else {"unchecked": unchecked, "until": until},
    }


def tell_waiting(session: Session, report: JobReport) -> None:
    """Say, on the way, what a send waits for and until when, if it does."""
    until, unchecked = _waiting(session, report)
    if until is not None:
        session.screen.tell("send.waiting", addresses=session.words.count("address", unchecked), until=until)


def show_waiting(session: Session, report: JobReport) -> None:
    """Print what a send waits for and until when, if it does."""
    until, unchecked = _waiting(session, report)
    if until is not None:
        session.screen.say("send.waiting", addresses=session.words.count("address", unchecked), until=until)


def show_exclusions(session: Session, report: JobReport) -> None:
    """Print why people do not receive the campaign, in the order of the rules, and each by its reasons."""
    told, words = _sent(session, report), session.words
    lines: list[tuple[str, str, int]] = []
    for rule, total in told.exclusions.items():
        known = told.reasons.get(rule, {})
        lines += [(rule_title(words, rule), reason_text(words, reason), people) for reason, people in known.items()]
        if rest := total - sum(known.values()):
            lines.append((rule_title(words, rule), "", rest))
    if lines:
        session.screen.line()
        session.screen.table(("campaign.rule", "reason", "contacts"), lines)


def closing_send(session: Session, report: JobReport) -> None:
    """Print how the send ended: everybody whom it chose is accounted for, and how many messages there are."""
    screen, words = session.screen, session.words
    messages = words.count("message", report.ok_rows)
    undecided = report.records_seen - report.total_rows
    if report.status == JobStatus.FAILED:
        reason = failure_retold(report.failure_code or "", report.failure_detail or "", words.lang)
        screen.say("send.failed", reason=reason, messages=messages, id=str(report.import_job_id))
    elif report.status == JobStatus.CANCELLED and not report.records_seen:
        screen.say("send.cancelled_early", cid=str(report.cid))
    elif report.status == JobStatus.CANCELLED:
        screen.say("send.cancelled", messages=messages, undecided=words.count("person", undecided), cid=str(report.cid))
    elif report.status != JobStatus.DONE:
        screen.say("closing.running", stage=words.say(f"stage.{report.stage}"), id=str(report.import_job_id))
        show_waiting(session, report)
    else:
        people = words.count("person", report.records_seen)
        screen.say("send.sum", people=people, excluded=report.error_rows, messages=messages)
        screen.say("send.simulated", campaign=report.file_name)
        if unchecked := _sent(session, report).exclusions.get(RuleCode.NOT_YET_CHECKED):
            screen.say("send.unchecked", people=words.count("person", unchecked))


def _sent(session: Session, report: JobReport) -> Sent:
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        told = sends.sent(unit, report.import_job_id)
    place = {str(rule.code): number for number, rule in enumerate(RULES)}
    return replace(told, exclusions=dict(sorted(told.exclusions.items(), key=lambda item: place[item[0]])))


def _waiting(session: Session, report: JobReport) -> tuple[Any, int]:
    """Return until when a send waits, and for how many addresses; None: it does not wait (any more)."""
    until = waits_until(report)
    if until is None or report.cid is None or report.finished_at is not None or report.stage != ChunkStage.PLAN:
        return None, 0
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        unchecked = sends.unchecked(unit, report.cid) if session.context.clock(unit) < until else 0
    return (until, unchecked) if unchecked else (None, 0)
