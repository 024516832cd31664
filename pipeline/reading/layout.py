"""What a record says about a contact: address, name, attributes, opt-out and consent, and what is wrong with it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from pipeline.addresses import BLANKS, JudgedCell, judge, judge_cell
from pipeline.problems import RowProblem, Severity, sentence
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.reading import Field, OptOut, Reading
from pipeline.reading.table.header import is_header
from pipeline.reading.table.optouts import reader_of
from pipeline.reading.text.double_encoding import repair
from pipeline.reading.values.cleaning import Cleaned, cleaner
from pipeline.reading.values.moments import moment
from pipeline.spreadsheets import unescaped

#: Characters of a contact's name. It bounds the time of normalising, which is quadratic in a run of accents.
MAX_NAME: Final = 300
#: Characters of an attribute, and attributes of a contact.
MAX_ATTRIBUTE: Final = 10_000
MAX_ATTRIBUTES: Final = 500
#: The attribute that holds the other addresses of a row.
OTHER_EMAILS: Final = "other_emails"
#: What stands between them there; no normalised address has a comma.
BETWEEN_EMAILS: Final = ", "
#: Ending of the attribute that holds a phone number of that column in E.164.
E164: Final = "_e164"
#: What the name of a contact is where the cell has the job's clear token.
CLEARED_NAME: Final = " "

#: What a spreadsheet shows in a cell that it could not calculate, in English, Portuguese and Spanish.
_CELL_ERRORS: Final = frozenset(
    {
        *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"),
        *(
            "#N/D",
            "#VALOR!",
            "#NOME?",
            "#NULO!",
            "#NÚM!",
            "#DESPEJAR!",
            "#¡REF!",
            "#¡VALOR!",
            "#¿NOMBRE?",
            "#¡DIV/0!",
            "#¡NUM!",
        ),
    }
)
#: What MySQL and PostgreSQL write for nothing.
_NULL: Final = r"\N"
#: How text begins that was UTF-8 twice, read as Windows-1252, Mac Roman or code page 850 in between.
_TWICE: Final = re.compile(r"[ÂÃâ√├][^\x00-\x7f]")
#: What makes a record need a second look.
_ODD: Final = re.compile(r'[\x00\ufffd#]|="|\\N|[ÂÃâ√├][^\x00-\x7f]')
_FORMULA_TEXT: Final = re.compile('\\s*="([^"]*)"\\s*')

_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")
_LOST: Final = "\ufffd"
_REMARK: Final = "# "


class RowWarning(NamedTuple):
    """What was made of a row's cells, where that needs saying; of one column, or of the whole row (None)."""

    code: RowProblem
    column: str | None = None


class Picked(NamedTuple):
    """What a record comes to. ``raw_email`` and ``raw_name`` are as in the file; attributes are trimmed and not empty.

    ``email`` is there also with a problem, if the address itself could be read: opt-outs count all the same. An attribute
    of None, or a name of `CLEARED_NAME`, is a cell with the job's clear token.
    """

    raw_email: str
    raw_name: str
    email: str | None
    name: str
    attributes: Mapping[str, str | None]
    problem: RowProblem | None
    detail: str | None
    warnings: tuple[RowWarning, ...] = ()
    opt_out: OptOut = OptOut.NONE
    consent: dict[str, str] | None = None
    mends: tuple[int, int] | None = None


@dataclass(frozen=True)
class Layout:
    """Where in a record the parts of a contact are; positions count from 0."""

    reading: Reading
    clear_token: str | None
    emails_at: tuple[int, ...]
    names_at: tuple[int, ...]
    parts_of_name_at: tuple[int, ...]
    attributes_at: tuple[tuple[int, str, Callable[[str], Cleaned] | None], ...]
    opt_outs_at: tuple[tuple[int, Callable[[str], OptOut]], ...]
    consent_at: tuple[tuple[int, Field], ...]
    rejected_at: tuple[int | None, int] | None
    width: int
    widths: frozenset[int]
    is_plain: bool  # one column of addresses, one of names at most, and attributes that are taken as they are

    @classmethod
    def of(cls, reading: Reading, *, clear_token: str | None = None, until: dt.date | None = None) -> Layout:
        """Make the layout of a part; years of two digits reach up to ``until`` (None: today). Raises ValueError for a reading without an e-mail column: `detect` makes none."""
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
        is_sound = text.isascii() or _is_encodable(text)
        if (
            self.is_plain
            and is_sound
            and type(cells) is list
            and len(cells) == self.width
            and len(text) <= MAX_ATTRIBUTE
        ):
            picked = None if _ODD.search(text) else self._pick_plain(cells)
            if picked is not None:
                return picked
        return self._pick_any(cells, text, is_sound=is_sound)

    def _pick_plain(self, cells: list[str]) -> Picked | None:
        """Pick a record in which nothing needs a second look; None: something does. Most records of most files."""
        raw_email = cells[self.emails_at[0]]
        normalized, problem, _ = judge(raw_email)  # what it accepts comes to the same in `judge_cell`, but for:
        if problem is not None or raw_email.startswith("'"):
            return None
        attributes: dict[str, str] = {}
        for at, column, _ in self.attributes_at:
            if value := cells[at].strip(BLANKS):
                attributes[column] = value
        raw_name = cells[self.names_at[0]] if self.names_at else ""
        return Picked(raw_email, raw_name, normalized, contact_name(raw_name), attributes, None, None)

    def _pick_any(self, cells: list[str], text: str, *, is_sound: bool) -> Picked:
        record = cells
        if self.rejected_at is not None:
            record = [unescaped(cell) for cell in cells]
        if _ODD.search(text):
            record = [_meant(cell) for cell in record]
        if len(record) < self.width:
            record = [*record, *[""] * (self.width - len(record))]
        problem = self._problem(cells, text) if is_sound else RowProblem.UNDECODABLE
        raw_email, judged, several = self._address(record)
        raw_name, name = self._name(record)
        attributes, warnings, worst = self._attributes(record)
        warnings += self._warnings(cells, several=several)
        opt_out = self._opt_out(record) if self.opt_outs_at else OptOut.NONE
        if judged.others:
            attributes[OTHER_EMAILS] = BETWEEN_EMAILS.join(judged.others)
        detail = None
        if problem is None and judged.problem is not None:
            problem, detail = judged.problem, judged.detail
            if is_header(record, self.reading.columns):
                problem, detail = RowProblem.REPEATED_HEADER, None
        if problem is None:
            problem, detail = worst or (None, None)
        if problem is None and opt_out is OptOut.UNREADABLE:
            problem, detail = self._unreadable_opt_out(record)
        mends = self._mends(record) if self.rejected_at is not None else None
        if problem is None and self.rejected_at is not None and mends is None:
            problem = RowProblem.NOT_REJECTED
        return Picked(
            raw_email,
            raw_name,
            judged.normalized,
            name or contact_name(judged.name or ""),
            attributes,
            problem,
            detail or (sentence(problem) if problem is not None else None),
            tuple(warnings) if problem is None else (),
            OptOut.NONE if opt_out is OptOut.UNREADABLE or judged.normalized is None else opt_out,
            self._consent(record) if self.consent_at and problem is None else None,
            mends,
        )

    def _problem(self, cells: list[str], text: str) -> RowProblem | None:
        """Name what is wrong with the record as a whole, before its cells are looked at."""
        if type(cells) is FlawedRecord and cells.flaw.severity is Severity.ERROR:
            return cells.flaw
        if cells[0].startswith(_REMARK) or (cells[0].startswith("#") and "@" not in text):
            return RowProblem.COMMENT_LINE
        count = len(cells)
        if count == self.width:
            return None
        if count > self.width and ("".join(cells[self.width :]).strip(BLANKS) or count not in self.widths):
            return RowProblem.TOO_MANY_CELLS
        return None if count in self.widths else RowProblem.TOO_FEW_CELLS

    def _warnings(self, cells: list[str], *, several: bool) -> list[RowWarning]:
        warnings = []
        if type(cells) is FlawedRecord:
            warnings.append(RowWarning(cells.flaw))
        if len(cells) < self.width:
            warnings.append(RowWarning(RowProblem.SHORT_ROW))
        if several:
            warnings.append(RowWarning(RowProblem.SEVERAL_ADDRESSES))
        return [*warnings, *self._warnings_of_cells(cells)]

    def _warnings_of_cells(self, cells: list[str]) -> Iterator[RowWarning]:
        for column, cell in zip(self.reading.columns, cells, strict=False):
            if cell.strip(BLANKS).upper() in _CELL_ERRORS:
                yield RowWarning(RowProblem.CELL_ERROR, column)
            if cell.isascii():
                continue
            if _LOST in cell:
                yield RowWarning(RowProblem.CHARACTER_LOST, column)
            if _TWICE.search(cell) and repair(cell) is not None:
                yield RowWarning(RowProblem.TEXT_DOUBLE_ENCODED, column)

    def _address(self, record: list[str]) -> tuple[str, JudgedCell, bool]:
        """Return the cell that the address was taken from, the judgement, and whether the row has several addresses."""
        first = record[self.emails_at[0]]
        judged = judge_cell(first)
        if len(self.emails_at) == 1:
            return first, self._unless_several(judged), judged.several
        cells = [(record[at], judged if at == self.emails_at[0] else judge_cell(record[at])) for at in self.emails_at]
        found = [address for _, each in cells if each.normalized for address in (each.normalized, *each.others)]
        if not found:
            raw, judged = next(((raw, each) for raw, each in cells if raw.strip(BLANKS)), cells[0])
            return raw, judged, False
        raw, judged = next((raw, each) for raw, each in cells if each.normalized)
        others = tuple(dict.fromkeys(address for address in found if address != found[0]))
        several = bool(others) or judged.several
        return raw, self._unless_several(judged._replace(others=others, several=several)), several

    def _unless_several(self, judged: JudgedCell) -> JudgedCell:
        if not judged.several or judged.normalized is None or self.reading.several != "reject":
            return judged
        problem = RowProblem.SYNTAX_MULTIPLE_ADDRESSES
        return judged._replace(problem=problem, detail=sentence(problem))

    def _name(self, record: list[str]) -> tuple[str, str]:
        """Return the name as it stands in the file and as contacts carry it; the parts where there is no whole one."""
        for at in self.names_at:
            if name := contact_name(record[at]):
                return record[at], CLEARED_NAME if self._clears(record[at]) else name
        parts = [record[at] for at in self.parts_of_name_at]
        if len(parts) == 1 or not any(parts):
            raw = parts[0] if parts else "".join(record[at] for at in self.names_at[:1])
            return raw, CLEARED_NAME if self._clears(raw) else contact_name(raw)
        raw = " ".join(part for part in parts if part.strip(BLANKS))
        return raw, contact_name(raw)

    def _clears(self, cell: str) -> bool:
        return self.clear_token is not None and cell.strip(BLANKS) == self.clear_token

    def _attributes(
        self, record: list[str]
    ) -> tuple[dict[str, str | None], list[RowWarning], tuple[RowProblem, str] | None]:
        attributes: dict[str, str | None] = {}
        warnings: list[RowWarning] = []
        worst: tuple[RowProblem, str] | None = None
        for at, column, clean in self.attributes_at:
            value = record[at].strip(BLANKS)
            if not value:
                continue
            if value == self.clear_token:
                attributes[column] = None
                continue
            if clean is not None:
                value, also, problem = clean(value)
                if also is not None:
                    attributes[column + E164] = also
                if problem is not None:
                    warnings.append(RowWarning(problem, column))
            if len(value) > MAX_ATTRIBUTE:
                code = RowProblem.ATTRIBUTE_TOO_LONG
                worst = worst or (code, sentence(code, limit=MAX_ATTRIBUTE, column=column))
                value = value[:MAX_ATTRIBUTE]
            attributes[column] = value
        if len(attributes) > MAX_ATTRIBUTES:
            code = RowProblem.TOO_MANY_ATTRIBUTES
            worst = worst or (code, sentence(code, limit=MAX_ATTRIBUTES))
        return attributes, warnings, worst

    def _opt_out(self, record: list[str]) -> OptOut:
        return max((read(record[at]) for at, read in self.opt_outs_at), key=_STRENGTH.index)

    def _unreadable_opt_out(self, record: list[str]) -> tuple[RowProblem, str]:
        found = next(record[at] for at, read in self.opt_outs_at if read(record[at]) is OptOut.UNREADABLE)
        code = RowProblem.OPT_OUT_UNREADABLE
        return code, sentence(code, found=printable(found.strip(BLANKS)[:60]))

    def _consent(self, record: list[str]) -> dict[str, str] | None:
        consent: dict[str, str] = {}
        for at, part in self.consent_at:
            value = printable(record[at].strip(BLANKS))[:MAX_NAME]
            if not value:
                continue
            key, read = value, value
            if part is Field.OPT_IN_TIME:
                order = self.reading.date_orders.get(self.reading.columns[at])
                when = moment(value, date_order=order, timezone=self.reading.timezone)
                key, read = ("consented_at", when.isoformat()) if when else ("consented_at_unread", value)
            elif part is Field.OPT_IN_IP:
                key = "ip" if _is_ip(value) else "ip_unread"
            else:
                key = "legal_basis" if part is Field.LEGAL_BASIS else "source"
            consent.setdefault(key, read)
        return consent or None

    def _mends(self, record: list[str]) -> tuple[int, int] | None:
        if self.rejected_at is None:
            return None
        part_at, row_at = self.rejected_at
        part = record[part_at].strip() if part_at is not None else "0"
        row = record[row_at].strip()
        if not (_is_number(part) and _is_number(row)):
            return None
        return int(part), int(row)


#: What two opt-out columns of one row come to: the stronger. A word that cannot be read outweighs a silence only.
_STRENGTH: Final = (OptOut.NONE, OptOut.UNREADABLE, OptOut.UNSUBSCRIBE, OptOut.BOUNCE, OptOut.COMPLAINT)


def _meant(cell: str) -> str:
    r"""Return what a program means by a cell: nothing by an error, ``\N`` or NUL, the text by the formula ``="0123"``."""
    cell = cell.replace("\0", "")
    if (text := _FORMULA_TEXT.fullmatch(cell)) is not None:
        return text[1]
    value = cell.strip(BLANKS)
    return "" if value == _NULL or value.upper() in _CELL_ERRORS else cell


def _is_plain(reading: Reading) -> bool:
    meant = [field for field in reading.mapping.values() if field not in _AS_THEY_ARE]
    return meant in ([Field.EMAIL], [Field.EMAIL, Field.NAME], [Field.NAME, Field.EMAIL]) and not (
        reading.kinds or reading.opt_outs or len(reading.columns) > MAX_ATTRIBUTES
    )


_AS_THEY_ARE: Final = frozenset({Field.ATTRIBUTE, Field.IGNORED, Field.SENSITIVE})


def _attributes(reading: Reading, until: dt.date | None) -> list[tuple[int, str, Callable[[str], Cleaned] | None]]:
    kept: set[str] = {Field.ATTRIBUTE}
    if reading.columns_of(Field.NAME):  # its parts stand in for it only where it is empty
        kept |= {Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME}
    return [
        (at, column, _cleaner(reading, column, until))
        for at, column in enumerate(reading.columns)
        if reading.mapping[column] in kept
    ]


def _cleaner(reading: Reading, column: str, until: dt.date | None) -> Callable[[str], Cleaned] | None:
    kind = reading.kinds.get(column)
    if kind is None:
        return None
    return cleaner(kind, date_order=reading.date_orders.get(column), timezone=reading.timezone, until=until)


def contact_name(raw_name: str) -> str:
    """Return a name as contacts carry it: one space between words, no control characters, NFC, at most `MAX_NAME` long."""
    words = " ".join(raw_name.split())[:MAX_NAME]
    if words.isascii() and words.isprintable():
        return words.rstrip()
    if not words.isprintable():
        words = "".join(character for character in words if unicodedata.category(character) not in ("Cc", "Cs"))
    return " ".join(unicodedata.normalize("NFC", words)[:MAX_NAME].strip(BLANKS).split())


def printable(text: str) -> str:
    """Return ``text`` with U+FFFD for what PostgreSQL cannot store: NUL and lone surrogates."""
    if "\x00" not in text and (text.isascii() or _is_encodable(text)):
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 (fits the column)


def stored(warnings: Sequence[RowWarning]) -> list[dict[str, str]]:
    """Return warnings as they are stored."""
    return [
        {"code": str(warning.code)} | ({"column": printable(warning.column)} if warning.column is not None else {})
        for warning in warnings
    ]
