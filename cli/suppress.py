"""`mkt suppress`: who must not be written to; said by a file or by somebody, and taken back with evidence or a reason."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import typer

from cli.audiences import find
from cli.command import command, group
from cli.crew import require_broker
from cli.files import name_of, opened, sniff
from cli.find_job import find_job
from cli.imports import finish_intake
from cli.reading_options import MERGING, READING, with_options
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.suppression_list import list_
from cli.words import help_text
from db import suppressions
from db.statuses import FILE_KINDS, JobKind, OptOutKind
from pipeline import hash_keys
from pipeline.addresses import judge_cell
from pipeline.intake import ImportRequest, intake
from pipeline.options import ImportOptions, SuppressionOptions

app = group("suppress.group")

#: What people say themselves as the source of an entry.
SOURCE: Final = "operator"
#: What a new consent lifts without being named: what the person can take back alone.
BY_CONSENT: Final = (OptOutKind.UNSUBSCRIBE, OptOutKind.BOUNCE)


class SaidKind(StrEnum):
    """In what way people and files can say that somebody is opted out: an erasure is a command of its own."""

    UNSUBSCRIBE = OptOutKind.UNSUBSCRIBE
    BOUNCE = OptOutKind.BOUNCE
    COMPLAINT = OptOutKind.COMPLAINT
    MANUAL = OptOutKind.MANUAL


Address = Annotated[str, typer.Argument(metavar="ADDRESS", help=help_text("suppress.address"))]
Audience = Annotated[
    str | None, typer.Option("--audience", metavar="NAME", help=help_text("suppress.audience"), show_default=False)
]


@command(app, "import", "suppress.import")
@with_options(READING, {"allow_opt_outs": MERGING["allow_opt_outs"]})
def import_(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help=help_text("suppress.file"))],
    options: ImportOptions,
    kind: Annotated[SaidKind, typer.Option("--kind", help=help_text("suppress.kind"))],
    audience: Audience = None,
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help=help_text("file_name"))] = None,
    again: Annotated[bool, typer.Option("--again", help=help_text("again"))] = False,
    detach: Annotated[bool, typer.Option("--detach", help=help_text("detach"))] = False,
) -> None:
    """Opt out everybody in a file."""
    called = name_of(file, name)
    audience_id = None if audience is None else str(find(session, audience).audience_id)
    wanted = SuppressionOptions.model_validate(
        {**options.model_dump(exclude_defaults=True), "suppress": OptOutKind(kind)}
    )
    with opened(file) as stream:
        sniff(session, stream, called, wanted)
        require_broker(session)
        request = ImportRequest(
            session.tenant.tenant_id,
            session.user_id,
            audience_id,
            called,
            wanted,
            again=again,
            kind=JobKind.SUPPRESSION,
        )
        receipt = intake(session.context, request, stream)
    finish_intake(session, receipt, detach=detach, reused="suppress.reused")


command(app, "list", "suppress.list")(list_)


@command(app, "add", "suppress.add")
def add(
    session: Session,
    address: Address,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text("suppress.reason"))] = "",
    kind: Annotated[SaidKind, typer.Option("--kind", help=help_text("suppress.kind"))] = SaidKind.MANUAL,
    audience: Audience = None,
) -> None:
    """Opt somebody out."""
    if not reason.strip():
        raise RefusedError(Refusal.SUPPRESS_NO_REASON)
    email, audience_id = stored(session, address), _audience_id(session, audience)
    user_id = _ready(session)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        evidence = {"reason": reason, "user_id": str(user_id)}
        new = suppressions.add(
            unit, email, OptOutKind(kind), audience_id=audience_id, source=SOURCE, evidence=evidence, user_id=user_id
        )
    if session.asked.json:
        session.screen.document({"address": email, "kind": str(kind), "audience": audience, "new": new})
        return
    said = session.words.say(f"opt_out_kind.{kind}")
    session.screen.say("suppress.added" if new else "suppress.added_again", address=email, kind=said)


@command(app, "lift", "suppress.lift")
def lift(
    session: Session,
    address: Address,
    evidence: Annotated[str, typer.Option("--evidence", metavar="TEXT", help=help_text("suppress.evidence"))] = "",
    audience: Audience = None,
    kind: Annotated[
        list[OptOutKind] | None, typer.Option("--kind", help=help_text("suppress.lift_kind"), show_default=False)
    ] = None,
) -> None:
    """Lift the opt-outs of somebody who agreed anew."""
    if not evidence.strip():
        raise RefusedError(Refusal.SUPPRESS_NO_EVIDENCE)
    email, audience_id = stored(session, address), _audience_id(session, audience)
    user_id, kinds = _ready(session), tuple(kind or BY_CONSENT)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        lifted = suppressions.lift(
            unit, email, audience_id=audience_id, evidence={"text": evidence}, user_id=user_id, kinds=kinds
        )
        left = suppressions.entries(unit, email=email)
    if not lifted:
        _refuse_lift(session, email, left)
    staying = sorted({_of(session, entry) for entry in left})
    if session.asked.json:
        kept = [{"kind": entry.kind, "audience": entry.audience} for entry in left]
        session.screen.document({"address": email, "lifted": lifted, "staying": kept})
        return
    kinds_lifted = ", ".join(sorted({session.words.say(f"opt_out_kind.{each}") for each in lifted}))
    session.screen.say("suppress.lifted", address=email, n=len(lifted), kinds=kinds_lifted)
    if staying:
        session.screen.say("suppress.staying", address=email, kinds=", ".join(staying))


@command(app, "retract", "suppress.retract")
def retract(
    session: Session,
    job: Annotated[str, typer.Argument(metavar="JOB", help=help_text("suppress.job"))],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=help_text("suppress.reason"))] = "",
) -> None:
    """Take back what a job alone has said."""
    report = find_job(session, job)
    if not reason.strip():
        raise RefusedError(Refusal.SUPPRESS_NO_REASON)
    if report.kind not in FILE_KINDS - {JobKind.DRY_RUN}:
        raise RefusedError(Refusal.SUPPRESS_NO_OPT_OUTS, id=str(report.import_job_id))
    if report.finished_at is None:
        raise RefusedError(Refusal.SUPPRESS_JOB_RUNS, id=str(report.import_job_id))
    user_id = _ready(session)
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        done = suppressions.retract(unit, report.import_job_id, reason=reason, user_id=user_id)
    if not done.entries:
        raise RefusedError(Refusal.SUPPRESS_NO_OPT_OUTS, id=str(report.import_job_id))
    if session.asked.json:
        session.screen.document(
            {
                "import_job_id": report.import_job_id,
                "entries": done.entries,
                "addresses": done.addresses,
                "staying": done.staying,
            }
        )
        return
    session.screen.say(
        "suppress.retracted",
        id=str(report.import_job_id),
        addresses=session.words.count("address", done.addresses),
        free=done.addresses - done.staying,
        staying=done.staying,
    )


def stored(session: Session, address: str) -> str:
    """Return the address in its stored form. Raises RefusedError for what is none."""
    judged = judge_cell(address)
    if judged.normalized is None or judged.others:
        what = session.words.problem(judged.problem) if judged.problem else session.words.say("suppress.several")
        raise RefusedError(Refusal.SUPPRESS_NO_ADDRESS, address=address, problem=what)
    return judged.normalized


def _ready(session: Session) -> UUID:
    """Return who acts. Raises HashKeysRefusedError where opt-outs would be hashed by other keys than were used."""
    hash_keys.require(session.context, session.tenant.tenant_id)
    return session.user_id


def _audience_id(session: Session, audience: str | None) -> UUID | None:
    return None if audience is None else find(session, audience).audience_id


def _refuse_lift(session: Session, email: str, left: list[suppressions.Entry]) -> None:
    if not left:
        raise RefusedError(Refusal.SUPPRESS_NOT_OPTED_OUT, address=email)
    raise RefusedError(
        Refusal.SUPPRESS_OTHERWISE, address=email, kinds=", ".join(sorted({_of(session, entry) for entry in left}))
    )


def _of(session: Session, entry: suppressions.Entry) -> str:
    """Say in what way and for whom an entry holds, as the options that lift it."""
    scope = "" if entry.audience is None else f' --audience "{entry.audience}"'
    return f"{session.words.say(f'opt_out_kind.{entry.kind}')} (--kind {entry.kind}{scope})"
