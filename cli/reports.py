"""`mkt report` and `mkt job report`: what an audience or an import is worth, on the terminal, as a page, as a document."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.audiences import find
from cli.command import command, group
from cli.exports import Force, plain_name, spool, stem
from cli.files import STDIN as STDOUT
from cli.find_job import find_job
from cli.paused import show_paused
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import audit
from db.statuses import JobKind
from pipeline import quality
from pipeline.reporting import (
    Advice,
    AudienceReport,
    ImportReport,
    Manner,
    People,
    Source,
    advise,
    document,
    remark,
    render,
    rules,
    sentence,
    state,
)

app = group("mkt")

Html = Annotated[str | None, typer.Option("--html", metavar="FILE", help=help_text("report.html"))]

#: Shares of an import that its line on the terminal has.
SHARES: Final = ("error_rows", "invalid", "typos", "known_bounces")
#: Imports that stand on the terminal.
MOST_SOURCES: Final = 20


@command(app, "report", "report.audience")
def report(
    session: Session,
    audience: Annotated[str, typer.Argument(metavar="AUDIENCE", help=help_text("audience"))],
    html: Html = None,
    force: Force = False,
) -> None:
    """Report on an audience."""
    found = find(session, audience)
    target = _target(session, html, plain_name(found.name), force=force)
    made = quality.of_audience(session.context, session.tenant, found)
    if made is None:
        raise RefusedError(Refusal.QUALITY_EMPTY_AUDIENCE, name=found.name)
    _put_out(session, made, html, target, str(found.audience_id))


def job_report(
    session: Session,
    job: Annotated[str, typer.Argument(metavar="ID", help=help_text("job_id"))],
    html: Html = None,
    force: Force = False,
) -> None:
    """Report on an import."""
    found = find_job(session, job)
    if found.kind not in (JobKind.IMPORT, JobKind.CORRECTION):
        raise RefusedError(Refusal.QUALITY_NO_IMPORT, id=str(found.import_job_id))
    if not found.total_rows:
        raise RefusedError(Refusal.NO_ROWS_YET, id=str(found.import_job_id))
    target = _target(session, html, stem(found.file_name), force=force)
    made = quality.of_import(session.context, session.tenant, find(session, str(found.audience_id)), found)
    if html is None and not session.asked.json:
        show_paused(session, found)
    _put_out(session, made, html, target, str(found.import_job_id))


def _put_out(
    session: Session, made: AudienceReport | ImportReport, html: str | None, target: Path | None, subject: str
) -> None:
    advice = advise(made)
    manner = Manner(session.words.lang, session.words.timezone)
    if html is not None:
        _write(session, render(made, advice, manner), target, subject)
        if html == STDOUT:
            return
    if session.asked.json:
        session.screen.document(document(made, advice))
    elif html is None:
        _show(session, made, advice, manner)


def _target(session: Session, html: str | None, name: str, *, force: bool) -> Path | None:
    """Return where the page will be, in a folder under this name; None: nowhere, or standard output."""
    if html is None:
        return None
    if html == STDOUT:
        if session.asked.json:
            raise RefusedError(Refusal.QUALITY_ONE_STDOUT)
        return None
    target = Path(html)
    if target.is_dir():
        target /= f"{name}-{session.words.say('report.file')}.html"
    if target.exists() and not force:
        raise RefusedError(Refusal.QUALITY_PAGE_EXISTS, file=str(target))
    return target


def _write(session: Session, page: str, target: Path | None, subject: str) -> None:
    """Write the page, whole or not at all, after the audit trail knows of it."""
    with spool(target) as stream:
        stream.write(page.encode("utf-8"))
        with session.context.database.unit(session.tenant.tenant_id) as unit:
            audit.record(
                unit, action="report_exported", subject=subject, user_id=session.user_id, details={"format": "html"}
            )
        if target is None:
            sys.stdout.buffer.write(page.encode("utf-8"))
            sys.stdout.buffer.flush()
    if target is not None and not session.asked.json:
        session.screen.say("report.written", file=str(target))


def _show(session: Session, made: AudienceReport | ImportReport, advice: Sequence[Advice], manner: Manner) -> None:
    screen, people = session.screen, made.people
    sources = made.imports if isinstance(made, AudienceReport) else [made.source]
    screen.facts(_head(made, manner))
    if isinstance(made, ImportReport):
        _show_import(session, made.source, manner)
    if people.contacts:
        if isinstance(made, ImportReport):
            screen.line()
            screen.say("report.joined")
        _show_people(session, people, manner)
        if isinstance(made, AudienceReport):
            _show_reasons(session, people.reasons)
    if made.overlap.audiences:
        screen.line()
        screen.table(
            ("quality.overlap", "contacts", "quality.share"),
            [
                (each.audience, each.contacts, manner.share(each.contacts, people.contacts))
                for each in made.overlap.audiences[:MOST_SOURCES]
            ],
        )
    if isinstance(made, AudienceReport) and made.imports:
        screen.line()
        _show_sources(session, made.imports, manner)
    screen.line()
    screen.say("report.next")
    for each in advice:
        screen.line(f"- {sentence(each, sources, manner)}" + (f" `{each.command}`" if each.command else ""))


def _head(made: AudienceReport | ImportReport, manner: Manner) -> list[tuple[str, object]]:
    people = made.people
    reachable = f"{manner.number(people.reachable)} ({manner.share(people.reachable, people.contacts)})"
    if isinstance(made, AudienceReport):
        return [
            ("audience", made.audience),
            ("description", made.description),
            ("contacts", people.contacts),
            ("quality.reachable", reachable),
            ("quality.in_others", f"{manner.number(made.overlap.contacts)}"),
        ]
    source = made.source
    return [
        ("file", source.file_name),
        ("audience", made.audience),
        ("user", source.uploaded_by),
        ("created_at", source.created_at),
        ("records", source.counts["records"]),
        ("errors", source.counts["error_rows"]),
        ("duplicates", source.counts["duplicate_rows"]),
        ("contacts", source.counts["contacts"]),
        ("new", source.counts["contacts_new"]),
        ("quality.joined", source.counts["joined"]),
        ("quality.reachable", reachable if people.contacts else None),
        ("quality.quarantine", ", ".join(rules(source, manner)) if source.is_held else None),
    ]


def _show_people(session: Session, people: People, manner: Manner) -> None:
    screen = session.screen
    screen.line()
    counted = {"reachable": people.reachable, **people.left_out}
    screen.table(
        ("contacts", "quality.share", "quality.why"),
        [
            (number, manner.share(number, people.contacts), manner.say(f"left_out.{why}"))
            for why, number in counted.items()
            if number
        ],
    )
    found = {name: number for name, number in people.findings.items() if number}
    told = {"basis_not_stated": people.basis_not_stated, **found}
    screen.line()
    screen.table(
        ("contacts", "quality.share", "quality.finding"),
        [
            (number, manner.share(number, people.contacts), manner.say(f"share.{name}"))
            for name, number in told.items()
            if number
        ],
    )


def _show_reasons(session: Session, reasons: Sequence[tuple[str, str, int]]) -> None:
    session.screen.line()
    session.screen.table(
        ("contacts", "verdict", "code", "reason"),
        [
            (number, session.words.say(f"verdict.{status}"), reason, session.words.reason(reason))
            for status, reason, number in sorted(reasons, key=lambda each: -each[2])
        ],
    )


def _show_import(session: Session, source: Source, manner: Manner) -> None:
    _show_reasons(session, source.reasons)
    told: Mapping[str, float | None] = source.shares
    usual = {} if source.usual is None else source.usual.shares
    session.screen.line()
    session.screen.table(
        ("quality.measure", "quality.here", "quality.usual", "quality.remark"),
        [
            (
                manner.say(f"share.{name}"),
                manner.percent(share),
                manner.percent(usual.get(name)),
                remark(name, source, manner),
            )
            for name, share in told.items()
            if share is not None
        ],
    )


def _show_sources(session: Session, sources: Sequence[Source], manner: Manner) -> None:
    session.screen.table(
        ("id", "file", "user", "created_at", "records", "new", *(f"quality.{name}" for name in SHARES), "status"),
        [
            (
                str(source.import_job_id)[-12:],
                source.file_name,
                source.uploaded_by,
                source.created_at,
                source.counts["records"],
                source.counts["contacts_new"],
                *(manner.percent(source.shares[name]) for name in SHARES),
                state(source, manner),
            )
            for source in sources[:MOST_SOURCES]
        ],
    )
