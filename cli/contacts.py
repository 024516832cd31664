"""`mkt contact show`: who is behind an address, where the address came from, and all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.command import command, group
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import dossiers
from db.dossiers import Campaign, Dossier, LedgerRow, Membership, OptOut
from db.statuses import JobStatus
from pipeline.addresses import judge
from pipeline.problems import RowProblem
from pipeline.spellings import Spellings

app = group("contact.group")

#: Rows that are told one by one; of more only the newest are.
_TOLD = 50


@command(app, "show", "contact.show")
def show(
    session: Session, address: Annotated[str, typer.Argument(metavar="ADDRESS", help=help_text("contact.address"))]
) -> None:
    """Show who it is."""
    person = person_of(session, address)
    with session.context.database.reading(session.tenant.tenant_id, dossiers.LIMITS) as unit:
        found = dossiers.of_person(unit, person.parameters())
    if session.asked.json:
        session.screen.document(dossier_document(person, found))
        return
    _tell(session, person, found)


def person_of(session: Session, written: str) -> Spellings:
    """Return whom an address belongs to, however a person types it. Raises RefusedError for what is no address."""
    judged = judge(written)
    if judged.normalized is None:
        problem = session.words.problem_sentence(judged.problem or "")
        raise RefusedError(Refusal.PRIVACY_NO_ADDRESS, address=written, problem=problem)
    return Spellings.of(judged.normalized)


def dossier_document(person: Spellings, found: Dossier) -> dict[str, Any]:
    """Return everything as other programs read it (the contract is in ``docs/cli.md``)."""
    document = {
        "address": person.address,
        "mailbox": person.mailbox,
        "known": found.is_known,
        "erased_at": found.erased_at,
        "erasing": None if found.erasing is None else found.erasing.import_job_id,
    }
    document |= asdict(found)
    return document


def _tell(session: Session, person: Spellings, found: Dossier) -> None:
    words, screen = session.words, session.screen
    if (begun := found.erasing) is not None:
        sentence = "erasure_failed" if begun.job_status == JobStatus.FAILED else "erasing"
        screen.say(f"contact.{sentence}", address=person.address, at=begun.created_at, id=str(begun.import_job_id))
    elif found.erased_at is not None:
        screen.say("contact.erased", address=person.address, at=found.erased_at)
    if not found.is_known:
        screen.say("contact.unknown", address=person.address)
        return
    if not found.contacts and (found.rows or found.erased_at is None):
        screen.say("contact.no_contact", address=person.address, rows=words.count("row", len(found.rows)))
    for contact in found.contacts:
        facts = [
            ("contact.address", contact.email),
            ("name", contact.name),
            ("contact.rid", str(contact.rid)),
            ("created_at", contact.created_at),
        ]
        screen.facts(
            [*facts, ("attributes", "; ".join(f"{name}: {value}" for name, value in contact.attributes.items()))]
        )
        state = found.states.get(contact.rid)
        if state is not None:
            screen.say("story.state", status=words.say(f"verdict.{state.status}"), code=state.reason_code, score=state.score, at=state.validated_at, sentence=words.reason(state.reason_code))  # fmt: skip
    others = sorted({contact.email for contact in found.contacts} - {person.address})
    if others:
        screen.say("contact.spellings", mailbox=person.mailbox, others=", ".join(others))
    _table(
        session,
        "contact.audiences",
        ("audience", "since", "file", "row", "user", "basis", "source", "removed"),
        found.memberships,
        _membership,
    )
    rows = found.rows[-_TOLD:]
    _table(
        session,
        "contact.rows",
        ("at", "file", "row", "user", "audience", "raw_email", "name", "became", "problem"),
        rows,
        _row,
    )
    if len(rows) < len(found.rows):
        screen.say("contact.more_rows", n=len(found.rows) - len(rows))
    _table(
        session,
        "contact.mentions",
        ("at", "file", "row", "user", "raw_email", "problem"),
        found.mentions[-_TOLD:],
        _mention,
    )
    _table(session, "contact.opt_outs", ("at", "kind", "audience", "said_by", "lifted"), found.opt_outs, _opt_out)
    _table(session, "contact.campaigns", ("at", "campaign", "became", "reason"), found.campaigns, _campaign)
    told = sorted(_told(session, found), key=lambda line: line[0])
    if told:
        screen.line()
        screen.say("contact.history")
        screen.table(("at", "what", "code", "why"), told)


def _table(session: Session, title: str, columns: tuple[str, ...], items: Any, line: Any) -> None:  # noqa: ANN401 (items of one kind, and what tells them)
    if items:
        session.screen.line()
        session.screen.say(title)
        session.screen.table(
            [f"contact.{column}" if column in _OWN else column for column in columns],
            [line(session, each) for each in items],
        )


#: Headings that are this page's own.
_OWN = frozenset({"since", "basis", "source", "removed", "became", "said_by", "lifted", "campaign"})


def _membership(session: Session, each: Membership) -> tuple[object, ...]:
    words = session.words
    removed = (
        ""
        if each.removed_at is None
        else f"{words.value(each.removed_at)} {each.removed_by or each.removal_reason or ''}".strip()
    )
    row = "" if each.row_number is None else str(each.row_number)
    basis = each.legal_basis or "nao_informada"
    return (
        each.audience,
        each.added_at,
        each.file_name,
        row,
        each.uploaded_by,
        words.say(f"privacy.basis.{basis}"),
        each.consent_source,
        removed,
    )


def _row(session: Session, each: LedgerRow) -> tuple[object, ...]:
    words = session.words
    became = (
        words.say(f"contact.outcome.{each.outcome}") if each.outcome else words.say(f"contact.job_status.{each.status}")
    )
    problem = "" if each.error_code is None else words.problem_sentence(each.error_code)
    return (
        each.created_at,
        each.file_name,
        str(each.row_number),
        each.uploaded_by,
        each.audience,
        each.raw_email,
        each.raw_name,
        became,
        problem,
    )


def _mention(session: Session, each: LedgerRow) -> tuple[object, ...]:
    problem = "" if each.error_code is None else session.words.problem(RowProblem(each.error_code))
    return (each.created_at, each.file_name, str(each.row_number), each.uploaded_by, each.raw_email, problem)


def _opt_out(session: Session, each: OptOut) -> tuple[object, ...]:
    words = session.words
    by = " ".join(
        filter(
            None,
            (
                words.say(f"contact.opt_out_source.{each.source}") if each.source in _SOURCES else each.source,
                each.file_name,
                each.said_by,
            ),
        )
    )
    lifted = (
        ""
        if each.lifted_at is None
        else f"{words.value(each.lifted_at)} {each.lifted_as} {each.lifted_by or ''}".strip()
    )
    return (
        each.occurred_at,
        words.say(f"privacy.opt_out.{each.kind}"),
        each.audience or words.say("privacy.everywhere"),
        by,
        lifted,
    )


_SOURCES = frozenset({"import", "delivery", "erasure"})


def _campaign(session: Session, each: Campaign) -> tuple[object, ...]:
    reason = " ".join(filter(None, (each.rule, each.reason)))
    return (
        each.sent_at or each.decided_at,
        each.campaign,
        session.words.say(f"privacy.campaign_outcome.{each.outcome}"),
        reason,
    )


def _told(session: Session, found: Dossier) -> Iterator[tuple[datetime, str, str, str]]:
    words = session.words
    for judgements in found.judgements.values():
        for each in judgements:
            yield each.at, words.say(f"verdict.{each.status}"), each.reason_code, words.reason(each.reason_code)
    for event in found.deliveries:
        yield event.occurred_at, words.say("story.delivery"), event.kind, event.detail or ""
    for decided in found.decisions:
        yield decided.decided_at, words.say(f"decision.{decided.decision}"), decided.entry, decided.note or decided.user
