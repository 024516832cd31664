"""Where in a record the parts of a contact stand, and what is wrong with the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pipeline.addresses import BLANKS, JudgedCell, judge
from pipeline.problems import RowProblem, Severity, sentence
from pipeline.reading.cells import (
    MAX_NAME,
    NO_NAME,
    NOTHING,
    contact_name,
    is_encodable,
    is_odd,
    meant,
    printable,
    troubles,
)
from pipeline.reading.contact import (
    MAX_ATTRIBUTE,
    MAX_ATTRIBUTES,
    Attribute,
    OptOutColumn,
    Told,
    address_of,
    attributes_of,
    consent_of,
    name_of,
    opt_out_of,
)
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.picked import Picked, RowWarning
from pipeline.reading.reading import Field, OptOut, Reading
from pipeline.reading.table.header import is_header
from pipeline.reading.table.optouts import reader_of
from pipeline.reading.values.cleaning import Cleaned, cleaner
from pipeline.spreadsheets import unescaped

#: The attribute that holds the other addresses of a row.
OTHER_EMAILS: Final = "other_emails"
#: What stands between them there; no normalised address has a comma.
BETWEEN_EMAILS: Final = ", "

_REMARK: Final = "# "


@dataclass(frozen=True)
class Layout:
    """Where in a record the parts of a contact are; positions count from 0."""

    reading: Reading
    clear_token: str | None
    emails_at: tuple[int, ...]
    names_at: tuple[int, ...]
    parts_of_name_at: tuple[int, ...]
    attributes_at: tuple[Attribute, ...]
    opt_outs_at: tuple[OptOutColumn, ...]
    consent_at: tuple[tuple[int, Field], ...]
    rejected_at: tuple[int | None, int] | None
    width: int
    widths: frozenset[int]
    is_plain: bool  # one column of addresses, one of names at most, and attributes that are taken as they are

    @classmethod
    def of(cls, reading: Reading, *, clear_token: str | None = None, until: dt.date | None = None) -> Layout:
        """Make the layout of a part; years of two digits reach up to ``until`` (None: today).

        Raises ValueError for a reading without an e-mail column: `detect` makes none.
        """
        emails_at = (*reading.columns_of(Field.EMAIL), *reading.columns_of(Field.OTHER_EMAIL))
        if not emails_at:
            msg = "a reading without an e-mail column"
            raise ValueError(msg)
        rejected_row = reading.column_of(Field.REJECTED_ROW)
        width = len(reading.columns)
        return cls(
            reading=reading,
            clear_token=clear_token,
            emails_at=emails_at,
            names_at=reading.columns_of(Field.NAME),
            parts_of_name_at=tuple(
                at for part in (Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME) for at in reading.columns_of(part)
            ),
            attributes_at=tuple(_attributes(reading, until)),
            opt_outs_at=tuple((reading.columns.index(rule.column), reader_of(rule)) for rule in reading.opt_outs),
            consent_at=tuple(
                (at, part)
                for part in (Field.CONSENT_SOURCE, Field.LEGAL_BASIS, Field.OPT_IN_TIME, Field.OPT_IN_IP)
                for at in reading.columns_of(part)
            ),
            rejected_at=None if rejected_row is None else (reading.column_of(Field.REJECTED_PART), rejected_row),
            width=width,
            widths=frozenset({width, *reading.widths}),
            is_plain=_is_plain(reading) and clear_token is None,
        )

    @property
    def has_name(self) -> bool:
        """Whether the file has a column of names, or of parts of names."""
        return bool(self.names_at or self.parts_of_name_at)

    def pick(self, cells: list[str]) -> Picked:
        """Pick a record's parts; cells that it lacks at its end are empty."""
        text = "".join(cells)
        is_sound = text.isascii() or is_encodable(text)
        if (
            self.is_plain
            and is_sound
            and type(cells) is list
            and len(cells) == self.width
            and len(text) <= MAX_ATTRIBUTE
        ):
            picked = None if is_odd(text) else self._pick_plain(cells)
            if picked is not None:
                return picked
        return self._pick_any(cells, text, is_sound=is_sound)

    def _pick_plain(self, cells: list[str]) -> Picked | None:
        """Pick a record in which nothing needs a second look; None: something does. Most records of most files."""
        raw_email = cells[self.emails_at[0]]
        normalized, problem, _ = judge(raw_email)  # what it accepts comes to the same in `judge_cell`, but for:
        raw_name = cells[self.names_at[0]] if self.names_at else ""
        if problem is not None or raw_email[0] == "'" or len(raw_name) > MAX_NAME or not NO_NAME.isdisjoint(cells):
            return None
        attributes: dict[str, str] = {}
        for at, column, _ in self.attributes_at:
            if value := cells[at].strip(BLANKS):
                attributes[column] = value
        return Picked(raw_email, raw_name, normalized, contact_name(raw_name), attributes, None, None)

    def _pick_any(self, cells: list[str], text: str, *, is_sound: bool) -> Picked:
        record = self._record(cells, text)
        raw_email, judged = address_of(record, self.emails_at)
        raw_name, name = name_of(record, self.names_at, self.parts_of_name_at, self.clear_token)
        attributes, warnings, broken_limit = attributes_of(record, self.attributes_at, self.clear_token)
        if len(" ".join(raw_name.split())) > MAX_NAME:
            broken_limit = RowProblem.ATTRIBUTE_TOO_LONG, sentence(RowProblem.ATTRIBUTE_TOO_LONG, limit=MAX_NAME)
        if judged.others:
            attributes[OTHER_EMAILS] = BETWEEN_EMAILS.join(judged.others)
        opt_out, unreadable = opt_out_of(record, self.opt_outs_at)
        mends = self._mends(record)
        not_rejected = _told(RowProblem.NOT_REJECTED) if self.rejected_at is not None and mends is None else None
        problem, detail = (
            (None if is_sound else _told(RowProblem.UNDECODABLE))
            or self._wrong_form(cells, text)
            or self._wrong_address(record, judged)
            or broken_limit
            or unreadable
            or not_rejected
            or (None, None)
        )
        consent, unclear = consent_of(record, self.consent_at, self.reading) if problem is None else (None, [])
        return Picked(
            raw_email,
            raw_name,
            judged.normalized,
            name or contact_name(judged.name or ""),
            attributes,
            problem,
            detail,
            (*warnings, *unclear, *self._warnings(cells, several=judged.several)) if problem is None else (),
            OptOut.NONE if opt_out is OptOut.UNREADABLE or judged.normalized is None else opt_out,
            consent,
            mends,
        )

    def _record(self, cells: list[str], text: str) -> list[str]:
        """Return the cells as they are meant, one for each column at least."""
        record = cells
        if self.rejected_at is not None:
            record = [unescaped(cell) for cell in record]
        if is_odd(text):
            record = [meant(cell) for cell in record]
        if _is_quoted(record):
            record = [cell.strip(BLANKS)[1:-1].replace("''", "'") for cell in record]
        return record if len(record) >= self.width else [*record, *[""] * (self.width - len(record))]

    def _wrong_form(self, cells: list[str], text: str) -> Told | None:
        """Name what is wrong with the record as a whole, before its cells are looked at."""
        if type(cells) is FlawedRecord and cells.flaw.severity is Severity.ERROR:
            return _told(cells.flaw)
        if cells[0].startswith(_REMARK) or (cells[0].startswith("#") and "@" not in text):
            return _told(RowProblem.COMMENT_LINE)
        count = len(cells)
        if count > self.width and ("".join(cells[self.width :]).strip(BLANKS) or count not in self.widths):
            return _told(RowProblem.TOO_MANY_CELLS)
        return None if count in self.widths else _told(RowProblem.TOO_FEW_CELLS)

    def _wrong_address(self, record: list[str], judged: JudgedCell) -> Told | None:
        problem, detail = judged.problem, judged.detail
        if judged.several and judged.normalized is not None and self.reading.several == "reject":
            problem, detail = _told(RowProblem.SYNTAX_MULTIPLE_ADDRESSES)
        if problem is None:
            return None
        if is_header(record, self.reading.columns):
            return _told(RowProblem.REPEATED_HEADER)
        return problem, detail or sentence(problem)

    def _warnings(self, cells: list[str], *, several: bool) -> list[RowWarning]:
        warnings = []
        if type(cells) is FlawedRecord:
            warnings.append(RowWarning(cells.flaw))
        elif _is_quoted(cells):
            warnings.append(RowWarning(RowProblem.QUOTE_REPAIRED))
        if len(cells) < self.width:
            warnings.append(RowWarning(RowProblem.SHORT_ROW))
        if several:
            warnings.append(RowWarning(RowProblem.SEVERAL_ADDRESSES))
        for column, cell in zip(self.reading.columns, cells, strict=False):
            warnings += [RowWarning(trouble, column) for trouble in troubles(cell)]
        for at in (*self.names_at, *self.parts_of_name_at):
            if at < len(cells) and contact_name(cells[at]) in NO_NAME - NOTHING:
                warnings.append(RowWarning(RowProblem.PLACEHOLDER, self.reading.columns[at]))
        return warnings

    def _mends(self, record: list[str]) -> tuple[int, int] | None:
        if self.rejected_at is None:
            return None
        part_at, row_at = self.rejected_at
        part = record[part_at].strip() if part_at is not None else "0"
        row = record[row_at].strip()
        if not (_is_number(part) and _is_number(row)):
            return None
        return int(part), int(row)


def _told(problem: RowProblem) -> Told:
    return problem, sentence(problem)


def _is_quoted(cells: list[str]) -> bool:
    """Say whether every filled cell, and more than one, stands in apostrophes: a record of another program's making."""
    filled = [text for cell in cells if (text := cell.strip(BLANKS))]
    return len(filled) > 1 and all(text[0] == text[-1] == "'" and len(text) > 1 for text in filled)


def _is_plain(reading: Reading) -> bool:
    meant = [field for field in reading.mapping.values() if field not in _AS_THEY_ARE]
    return meant in ([Field.EMAIL], [Field.EMAIL, Field.NAME], [Field.NAME, Field.EMAIL]) and not (
        reading.kinds or reading.opt_outs or len(reading.columns) > MAX_ATTRIBUTES
    )


_AS_THEY_ARE: Final = frozenset({Field.ATTRIBUTE, Field.IGNORED, Field.SENSITIVE})


def _attributes(reading: Reading, until: dt.date | None) -> list[Attribute]:
    kept: set[str] = {Field.ATTRIBUTE}
    if reading.columns_of(Field.NAME):  # its parts stand in for it only where it is empty
        kept |= {Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME}
    return [
        (at, printable(column), _cleaner(reading, column, until))
        for at, column in enumerate(reading.columns)
        if reading.mapping[column] in kept
    ]


def _cleaner(reading: Reading, column: str, until: dt.date | None) -> Callable[[str], Cleaned] | None:
    kind = reading.kinds.get(column)
    if kind is None:
        return None
    return cleaner(kind, date_order=reading.date_orders.get(column), timezone=reading.timezone, until=until)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 (fits the column)
