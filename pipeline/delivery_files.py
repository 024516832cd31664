"""Files of delivery reports: what each row says that was heard of a mailbox, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum, unique
from itertools import islice
from typing import Final, NamedTuple

from db.deliveries import Event
from pipeline.addresses import BLANKS, judge_cell
from pipeline.deliveries import CLOCK_SKEW, LONGEST_ID, derived_id
from pipeline.delivery_words import COLUMNS, DeliveryField, Unsaid, codes_of, kind_of
from pipeline.problems import RowProblem, Severity
from pipeline.reading import DateOrder, Field, Reading, RecordReader, Surroundings, WholeFile, printable
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.table.words import comparable, spellings
from pipeline.reading.values.kinds import date_order
from pipeline.reading.values.moments import moment

#: Records that decide in what order a column's dates name day, month and year.
_SAMPLED: Final = 1_000
#: Seconds, or milliseconds, since 1970, as programs write moments between 2001 and 2286.
_EPOCH: Final = re.compile(r"([0-9]{10})(?:([0-9]{3})|\.[0-9]{1,9})?")

NEEDED: Final = (DeliveryField.KIND, DeliveryField.OCCURRED_AT)


@unique
class EventProblem(StrEnum):
    """What is wrong with a cell of a report, where it is not the address or the record as a whole."""

    KIND_UNREADABLE = "kind_unreadable"
    MOMENT_UNREADABLE = "moment_unreadable"
    MOMENT_AHEAD = "moment_ahead"  # it has not come yet
    EVENT_ID_TOO_LONG = "event_id_too_long"


class BadRow(NamedTuple):
    """A row that says nothing that could be recorded. ``column`` is None where it is the whole record."""

    part_no: int
    row_number: int
    column: str | None
    problem: EventProblem | RowProblem


class _UnusableError(Exception):
    """What is wrong with a record, and in which column; None: with all of it."""

    def __init__(self, column: str | None, problem: EventProblem | RowProblem) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


class MissingColumnError(Exception):
    """A part of the file has no column for some of the `NEEDED` fields; str() lists the columns that it has."""

    def __init__(self, missing: tuple[DeliveryField, ...], columns: tuple[str, ...]) -> None:
        super().__init__(", ".join(columns))
        self.missing = missing


@dataclass
class DeliveryFile:
    """A file of reports; iterate over `events` once. ``silent``: rows so far that say nothing of a mailbox."""

    whole: WholeFile
    mapping: Mapping[str, DeliveryField]  # what the user said of columns, by their names in the file
    surroundings: Surroundings
    date_order: DateOrder | None
    now: datetime
    rows: int = 0
    silent: int = 0
    _columns: dict[int, _Columns] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in self.whole.reading.parts:
            self._columns[part.part_no] = self._understood(part)

    def events(self) -> Iterator[Event | BadRow]:
        """Yield what the rows say, in file order. Raises FileProblem where the file turns out to be damaged."""
        for part in self.whole.reading.parts:
            reader = RecordReader(self.whole.package, part, file_name=self.whole.file_name)
            columns, before = self._columns[part.part_no], self.whole.blank_rows
            with reader.opened() as records:
                for row_number, cells in records:
                    self.rows += 1
                    try:
                        event = columns.event(cells, self.now)
                    except _UnusableError as unusable:
                        yield BadRow(part.part_no, row_number, unusable.column, unusable.problem)
                        continue
                    if event is None:
                        self.silent += 1
                    else:
                        yield event
            self.whole.blank_rows = before + reader.blank_rows

    def _understood(self, part: Reading) -> _Columns:
        """Give the fields their columns. Raises MissingColumnError."""
        at = {name: number for number, name in enumerate(part.columns)}
        said = {meant: at[name] for name, meant in _as_named(self.mapping, part.columns).items()}
        taken = set(said.values())
        for meant, names in COLUMNS.items():
            if meant not in said and (found := _named(names, part.columns, taken)):
                said[meant] = found[0]
                taken.add(found[0])
        email = said.get(DeliveryField.EMAIL, part.column_of(Field.EMAIL))
        if missing := tuple(needed for needed in NEEDED if needed not in said or said[needed] == email):
            raise MissingColumnError(missing, part.columns)
        said[DeliveryField.EMAIL] = email or 0
        more = [] if DeliveryField.DETAIL in self.mapping.values() else _details(part.columns, said)
        columns = _Columns(part.columns, said, self.surroundings.timezone, more_detail=tuple(more))
        return replace(columns, date_order=self.date_order or self._date_order(part, said[DeliveryField.OCCURRED_AT]))

    def _date_order(self, part: Reading, at: int) -> DateOrder | None:
        reader = RecordReader(self.whole.package, part, file_name=self.whole.file_name)
        with reader.opened() as records:
            cells = [cells[at] for _, cells in islice(records, _SAMPLED) if at < len(cells)]
        return date_order(part.columns[at], cells, locale=self.surroundings.locale)[0]


def _as_named(mapping: Mapping[str, DeliveryField], columns: tuple[str, ...]) -> dict[str, DeliveryField]:
    """Return what was said of columns under the names that they have here."""
    alike = {comparable(name): name for name in columns}
    named = {name if name in columns else alike.get(comparable(name)): meant for name, meant in mapping.items()}
    return {name: meant for name, meant in named.items() if name is not None}


def _details(columns: tuple[str, ...], said: Mapping[DeliveryField, int]) -> list[int]:
    """Return the further columns with what the server answered: some services have one for each kind of event."""
    return _named(COLUMNS[DeliveryField.DETAIL], columns, set(said.values()))


def _named(names: tuple[str, ...], columns: tuple[str, ...], taken: set[int]) -> list[int]:
    """Return the positions of the columns that have one of the names, the best first."""
    ranks = sorted(
        (names.index(name), at)
        for at, column in enumerate(columns)
        if at not in taken
        for name in spellings(column)
        if name in names
    )
    return list(dict.fromkeys(at for _, at in ranks))


@dataclass(frozen=True)
class _Columns:
    """Where in a record what is said stands."""

    names: tuple[str, ...]
    at: Mapping[DeliveryField, int]
    timezone: str
    date_order: DateOrder | None = None
    more_detail: tuple[int, ...] = ()  # columns that are asked where the one of `DETAIL` has no status code

    def event(self, cells: list[str], now: datetime) -> Event | None:
        """Return what a record says; None: nothing of a mailbox. Raises `_UnusableError`."""
        if type(cells) is FlawedRecord and cells.flaw.severity is Severity.ERROR:
            raise _UnusableError(None, cells.flaw)
        detail = self._detail(cells)
        said = self._cell(cells, DeliveryField.KIND)
        kind = kind_of(said, bounce_type=self._cell(cells, DeliveryField.BOUNCE_TYPE), detail=detail)
        if kind is Unsaid.NOTHING:
            return None
        email = self._email(cells)
        if kind is Unsaid.UNREADABLE:
            raise self._unusable(DeliveryField.KIND, EventProblem.KIND_UNREADABLE)
        occurred_at = self._moment(cells, now)
        event_id = printable(self._cell(cells, DeliveryField.EVENT_ID))
        if len(event_id) > LONGEST_ID:
            raise self._unusable(DeliveryField.EVENT_ID, EventProblem.EVENT_ID_TOO_LONG)
        return Event(
            event_id or derived_id(email, kind, occurred_at),
            email,
            kind,
            occurred_at,
            codes_of(detail) or codes_of(said),
        )

    def _email(self, cells: list[str]) -> str:
        judged = judge_cell(self._cell(cells, DeliveryField.EMAIL))
        if judged.several:
            raise self._unusable(DeliveryField.EMAIL, RowProblem.SYNTAX_MULTIPLE_ADDRESSES)
        if judged.normalized is None:
            raise self._unusable(DeliveryField.EMAIL, judged.problem or RowProblem.SYNTAX_EMPTY)
        return judged.normalized

    def _moment(self, cells: list[str], now: datetime) -> datetime:
        """Return the moment that a record names, in UTC; one without a zone is one of the tenant's."""
        text = self._cell(cells, DeliveryField.OCCURRED_AT)
        if found := _EPOCH.fullmatch(text):
            named: datetime | None = datetime.fromtimestamp(float(text) / (1_000 if found[2] else 1), tz=UTC)
        else:
            named = moment(text, date_order=self.date_order, timezone=self.timezone)
        try:
            utc = None if named is None else named.astimezone(UTC)
        except OverflowError:  # the first or the last day that there is
            utc = None
        if utc is None:
            raise self._unusable(DeliveryField.OCCURRED_AT, EventProblem.MOMENT_UNREADABLE)
        if utc > now + CLOCK_SKEW:
            raise self._unusable(DeliveryField.OCCURRED_AT, EventProblem.MOMENT_AHEAD)
        return utc

    def _detail(self, cells: list[str]) -> str:
        """Return what the server answered: of several cells, those with a status code, for they complete each other."""
        said = [self._cell(cells, DeliveryField.DETAIL), *(cells[at] for at in self.more_detail if at < len(cells))]
        return " ".join(cell for cell in said if codes_of(cell))

    def _cell(self, cells: list[str], field: DeliveryField) -> str:
        at = self.at.get(field)
        return cells[at].strip(BLANKS) if at is not None and at < len(cells) else ""

    def _unusable(self, field: DeliveryField, problem: EventProblem | RowProblem) -> _UnusableError:
        return _UnusableError(self.names[self.at[field]], problem)
