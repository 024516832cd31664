"""`mkt suppress list`: who is opted out, in what way, who said so, and what was lifted since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Final

import typer

from cli.audiences import find
from cli.command import MOST
from cli.exports import Delimiter, Export, Force, FormatChoice, Output, Wanted, export
from cli.session import Session
from cli.words import help_text
from db import outcomes, suppressions
from db.statuses import OptOutKind
from db.suppressions import Entry
from pipeline.exports import Table

#: Entries on the screen where nobody said how many.
SCREENFUL: Final = 100
#: Columns of the file.
_FILE: Final = (
    "address",
    "kind",
    "audience",
    "source",
    "occurred_at",
    "import_job_id",
    "evidence",
    "lifted_at",
    "lifted_as",
    "lifted_by",
    "lift_evidence",
)


def list_(
    session: Session,
    kind: Annotated[
        OptOutKind | None, typer.Option("--kind", help=help_text("suppress.list_kind"), show_default=False)
    ] = None,
    audience: Annotated[
        str | None, typer.Option("--audience", metavar="NAME", help=help_text("suppress.audience"), show_default=False)
    ] = None,
    lifted: Annotated[bool, typer.Option("--lifted", help=help_text("suppress.list_lifted"))] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=MOST, metavar="N", help=help_text("suppress.list_limit"))
    ] = SCREENFUL,
    output: Output = None,
    format_: FormatChoice = None,
    delimiter: Delimiter = None,
    force: Force = False,
) -> None:
    """List opt-outs, or write all of them into a file."""
    audience_id = None if audience is None else find(session, audience).audience_id
    if output is not None or format_ is not None:
        what = Export(
            name=session.words.say("suppress.file_name"),
            action="opt_outs_exported",
            subject="suppressions",
            details={"kind": kind, "audience_id": None if audience_id is None else str(audience_id), "lifted": lifted},
        )

        def lines() -> Iterator[list[str]]:
            with session.context.database.reading(session.tenant.tenant_id, outcomes.LIMITS) as unit:
                for entry in suppressions.pages(unit, kind=kind, audience_id=audience_id, lifted=lifted):
                    yield _cells(entry)

        export(session, what, Wanted(output, format_, delimiter, force), lambda: Table(_FILE, lines()))
        return
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = suppressions.entries(unit, kind=kind, audience_id=audience_id, lifted=lifted, limit=limit or None)
    if session.asked.json:
        session.screen.document([asdict(entry) for entry in found])
    elif not found:
        session.screen.say("suppress.none")
    else:
        _show(session, found, lifted=lifted)
        if limit and len(found) == limit:
            session.screen.say("suppress.list_cut", n=limit)


def _show(session: Session, found: list[Entry], *, lifted: bool) -> None:
    words = session.words
    rows = [
        (
            entry.email or words.say("suppress.erased", hash=(entry.mailbox_hash or "")[:12]),
            words.say(f"opt_out_kind.{entry.kind}"),
            entry.audience or words.say("suppress.everywhere"),
            entry.source,
            entry.occurred_at,
        )
        for entry in found
    ]
    if not lifted:
        session.screen.table(
            ("suppress.address", "suppress.kind", "audience", "suppress.source", "suppress.occurred_at"), rows
        )
        return
    ends = [
        (entry.lifted_at, words.say(f"lifted_as.{entry.lifted_as}"), entry.lifted_by, _told(entry)) for entry in found
    ]
    session.screen.table(
        (
            *("suppress.address", "suppress.kind", "audience", "suppress.source", "suppress.occurred_at"),
            *("suppress.lifted_at", "suppress.lifted_as", "user", "suppress.evidence"),
        ),
        [(*row, *end) for row, end in zip(rows, ends, strict=True)],
    )


def _told(entry: Entry) -> str:
    """Return the evidence of a lift in the words of whoever lifted it."""
    evidence = entry.lift_evidence or {}
    return str(evidence.get("text") or evidence.get("reason") or json.dumps(evidence, ensure_ascii=False))


def _cells(entry: Entry) -> list[str]:
    cells = asdict(entry) | {"address": entry.email or entry.mailbox_hash}
    return [_cell(cells[name]) for name in _FILE]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
