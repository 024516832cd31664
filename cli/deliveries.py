"""`mkt delivery record`: what the platform heard of its messages, from the reports of whatever sent them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, BinaryIO, Final

import typer

from cli.command import command, group
from cli.files import name_of, opened, understood
from cli.reading_options import READING, with_options
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import Words, help_text
from db import audit
from db.deliveries import Event, Recorded
from pipeline.deliveries import record_all
from pipeline.delivery_files import BadRow, DeliveryFile, EventProblem, MissingColumnError
from pipeline.delivery_words import DeliveryField
from pipeline.options import ImportOptions
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading import Surroundings

app = group("delivery_group")

#: Rows with problems that are shown one by one; all are counted.
SHOWN: Final = 1_000

#: The options that concern how the file is read, and not what becomes of contacts.
_READING: Final[dict[str, tuple[Any, Any]]] = {
    "map": (
        Annotated[list[str], typer.Option("--map", metavar="COLUMN=FIELD", help=help_text("delivery_map"))],
        [],
    ),
    **{name: READING[name] for name in ("encoding", "delimiter", "quote", "header_row", "sheets", "date_order")},
}


@dataclass
class _Bad:
    """The rows with problems: the first ones, and how many there are of each kind."""

    first: list[BadRow] = field(default_factory=list)
    by_problem: Counter[str] = field(default_factory=Counter)

    def add(self, row: BadRow) -> None:
        self.by_problem[str(row.problem)] += 1
        if len(self.first) < SHOWN:
            self.first.append(row)


@command(app, "record", "delivery_record")
@with_options(_READING)
def record_(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help=help_text("file"))],
    options: ImportOptions,
) -> None:
    """Record a file of delivery reports."""
    name = name_of(file, None)
    mapping = _mapping(options, name)
    tenant, user_id, bad = session.tenant, session.user_id, _Bad()
    with opened(file) as stream:
        reports = _reports(session, stream, name, options, mapping)
        total = record_all(session.context, tenant.tenant_id, _sound(reports, bad))
    if total.new:
        with session.context.database.unit(tenant.tenant_id) as unit:
            audit.record(
                unit,
                action="deliveries_recorded",
                subject=audit.masked(name),
                user_id=user_id,
                details={"events": total.new, "suppressions": total.suppressions_added},
            )
    _tell(session, name, reports, bad, total)


def _reports(
    session: Session, stream: BinaryIO, name: str, options: ImportOptions, mapping: dict[str, DeliveryField]
) -> DeliveryFile:
    """Decide how the file is read. Raises FileProblem, and RefusedError for a file without a column that it takes."""
    # What the reader has no field for is an attribute to it: so it is the one to say that there is no such column.
    fields = {column: "email" if said is DeliveryField.EMAIL else "attribute" for column, said in mapping.items()}
    surroundings = Surroundings(session.tenant.locale, session.tenant.timezone)
    whole = understood(session, stream, name, options.model_copy(update={"map": fields}), surroundings)
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        now = session.context.clock(unit)
    try:
        return DeliveryFile(whole, mapping, surroundings, options.date_order, now)
    except MissingColumnError as lacking:
        raise RefusedError(
            Refusal.NO_DELIVERY_COLUMN,
            file=name,
            fields=", ".join(lacking.missing),
            columns=str(lacking),
            options=" ".join(session.words.say("delivery.map", field=field) for field in lacking.missing),
        ) from None


def _sound(reports: DeliveryFile, bad: _Bad) -> Iterator[Event]:
    for row in reports.events():
        if isinstance(row, Event):
            yield row
        else:
            bad.add(row)


def _mapping(options: ImportOptions, name: str) -> dict[str, DeliveryField]:
    """Return what the user said of columns. Raises RefusedError for what is no field of reports, FileProblem for two of one."""
    said: dict[str, DeliveryField] = {}
    for column, meant in options.map.items():
        if meant not in list(DeliveryField):
            raise RefusedError(Refusal.NO_DELIVERY_FIELD, pair=f"{column}={meant}", fields=", ".join(DeliveryField))
        if meant in said.values():
            both = ", ".join([*(other for other, taken in said.items() if taken == meant), column])
            raise FileProblem(FileProblemCode.MAPPING_AMBIGUOUS, file=name, field=meant, columns=both)
        said[column] = DeliveryField(meant)
    return said


def _tell(session: Session, name: str, reports: DeliveryFile, bad: _Bad, total: Recorded) -> None:
    screen, words = session.screen, session.words
    problems = sum(bad.by_problem.values())
    blank = reports.whole.blank_rows
    if session.asked.json:
        screen.document(
            {
                "file_name": name,
                "records": reports.rows + blank,
                "blank_rows": blank,
                "error_rows": problems,
                "silent_rows": reports.silent,
                "events": total.new + total.repeated + total.erased,
                "new": total.new,
                "repeated": total.repeated,
                "unknown_contacts": total.unknown_contacts,
                "suppressions_added": total.suppressions_added,
                "erased": total.erased,
                "errors_by_code": dict(bad.by_problem),
                "errors": [_document(row) for row in bad.first],
            }
        )
        return
    if bad.first:
        parts = {part.part_no: part.part_name for part in reports.whole.reading.parts}
        screen.table(
            ("file", "row", "column", "problem", "remedy"),
            [
                (_place(name, parts[row.part_no]), str(row.row_number), row.column, *_said(words, row))
                for row in bad.first
            ],
        )
        if problems > len(bad.first):
            screen.say("delivery.cut", n=len(bad.first), all=problems)
        screen.line()
    screen.say(
        "delivery.sum",
        records=words.count("record", reports.rows + blank),
        blank=blank,
        errors=problems,
        silent=reports.silent,
        events=words.count("event", total.new + total.repeated + total.erased),
    )
    if total.new:
        screen.say("delivery.events", new=total.new, repeated=total.repeated)
        suppressed = words.count("address", total.suppressions_added)
        screen.say("delivery.effects", suppressed=suppressed, unknown=total.unknown_contacts)
    else:
        screen.say("delivery.nothing_new")


def _place(name: str, part: str | None) -> str:
    return f"{name} ({part})" if part else name


def _said(words: Words, row: BadRow) -> tuple[str, str]:
    if isinstance(row.problem, EventProblem):
        return words.say(f"delivery_problem.{row.problem}.title"), words.say(f"delivery_problem.{row.problem}.remedy")
    return words.problem(row.problem), words.remedy(row.problem)


def _document(row: BadRow) -> dict[str, Any]:
    return {"part_no": row.part_no, "row_number": row.row_number, "column": row.column, "code": str(row.problem)}
