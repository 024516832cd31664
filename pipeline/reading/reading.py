"""How a file is read: the decision as plain data, and what a person may say about it beforehand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Any, Final


@unique
class Field(StrEnum):
    """What a column can mean for a contact. Of a column that means nothing here, the cells become an attribute."""

    EMAIL = "email"
    OTHER_EMAIL = "other_email"  # used where the first has no address, else kept as the attribute `other_emails`
    NAME = "name"
    FIRST_NAME = "first_name"  # joined with the last name where the file has no column of whole names
    MIDDLE_NAME = "middle_name"
    LAST_NAME = "last_name"
    ATTRIBUTE = "attribute"  # kept under the column's own name
    IGNORED = "ignored"  # in the file, never in the base
    SENSITIVE = "sensitive"  # like ignored, because of what it is: a document, a card, health, religion
    OPT_OUT = "opt_out"  # whether the person has opted out
    OPT_IN = "opt_in"  # whether the person has opted in: a no is an opt-out
    OPT_OUT_TIME = "opt_out_time"
    OPT_IN_TIME = "opt_in_time"
    OPT_IN_IP = "opt_in_ip"
    LEGAL_BASIS = "legal_basis"  # LGPD art. 7, in the file's own words
    CONSENT_SOURCE = "consent_source"
    REJECTED_ROW = "rejected_row"  # in a mended rejects file: the row of the parent job that the record mends
    REJECTED_PART = "rejected_part"


#: Fields that several columns of one file may have.
REPEATABLE: Final = frozenset(
    {Field.OTHER_EMAIL, Field.ATTRIBUTE, Field.IGNORED, Field.SENSITIVE, Field.OPT_OUT, Field.OPT_IN}
)


@unique
class Format(StrEnum):
    """In what form a part holds its records."""

    DELIMITED = "delimited"  # CSV, TSV and their kin
    WORKBOOK = "workbook"  # a sheet of XLSX, XLS or ODS
    JSON_LINES = "json_lines"
    JSON_ARRAY = "json_array"
    VCARD = "vcard"
    ADDRESS_LIST = "address_list"  # Ana <ana@example.com>, bia@example.com


@unique
class ColumnKind(StrEnum):
    """What kind of values a column holds, where that decides how a cell is read. Decided once per file."""

    PHONE = "phone"
    CPF = "cpf"
    CNPJ = "cnpj"
    CEP = "cep"
    DATE = "date"  # a day, or a moment
    WHOLE = "whole"  # whole numbers that a program wrote with ".0"


@unique
class DateOrder(StrEnum):
    """In what order a date written in digits names day, month and year."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


@unique
class OptOut(StrEnum):
    """What an opt-out column says of a person; ordered by strength in `db`. The words are those of ops.suppressions."""

    NONE = "none"
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"  # in no file, but said of a whole one
    UNREADABLE = "unreadable"  # a word that is in no list: the row is refused rather than guessed at


#: What two opt-outs of one row come to: the stronger. A word that cannot be read outweighs a silence only.
_STRENGTH: Final = (
    OptOut.NONE,
    OptOut.UNREADABLE,
    OptOut.UNSUBSCRIBE,
    OptOut.BOUNCE,
    OptOut.COMPLAINT,
    OptOut.MANUAL,
)


def strength(opt_out: OptOut) -> int:
    """Return how much an opt-out weighs beside others."""
    return _STRENGTH.index(opt_out)


@dataclasses.dataclass(frozen=True)
class OptOutRule:
    """How the cells of one column are read as opt-outs.

    ``values`` maps words, compared by `table.words.comparable`, to what they mean; ``otherwise`` is what any other
    word means. A blank cell always means `OptOut.NONE`.
    """

    column: str
    values: Mapping[str, OptOut]
    otherwise: OptOut = OptOut.UNREADABLE

    def to_json(self) -> dict[str, Any]:
        """Return the rule as JSON values."""
        return dataclasses.asdict(self) | {"values": dict(self.values)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> OptOutRule:
        """Make the rule from what `to_json` returned."""
        return cls(
            value["column"],
            {word: OptOut(meaning) for word, meaning in value["values"].items()},
            OptOut(value["otherwise"]),
        )


@dataclasses.dataclass(frozen=True)
class Notice:
    """Something to be said aloud about how a file is read; ``code`` is one of `pipeline.problems.FileNotice`."""

    code: str
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class SavedMapping:
    """A mapping that a tenant has kept under a name, with the header that it was made for."""

    name: str
    header: str  # `table.words.header_fingerprint`
    mapping: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class ReadingOptions:
    """What the uploader said about reading; None and empty: decide by the file.

    ``mapping`` goes from columns to fields, as in ``--map COLUMN=FIELD``; ``header_row`` 0 means that there is none;
    ``sheets`` names the sheets (or members of an archive) that are wanted; ``keep`` the sensitive columns to be kept.
    """

    mapping: Mapping[str, str] = dataclasses.field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    header_row: int | None = None
    sheets: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    date_order: DateOrder | None = None
    saved_mapping: str | None = None
    several: str = "first"  # one cell, several addresses: the first valid one wins, or "reject"


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What the tenant brings to the reading of its files: language, time zone, mappings it has saved."""

    locale: str = "pt-BR"
    timezone: str = "America/Sao_Paulo"
    mappings: tuple[SavedMapping, ...] = ()


@dataclasses.dataclass(frozen=True)
class Reading:
    """The decision about one part: a file, a member of an archive, or a sheet.

    ``header_row`` is the number of the (last) record of the header, counted from 1, blank records included; None: there
    is none. Records before it are not data. ``columns`` are unique and not empty, in the order of the file; ``mapping`` gives
    each its field. ``widths``: how many cells a record may have besides ``len(columns)``. ``confidence`` is between 0 and 1, the
    least of ``confidences`` (encoding, dialect, header, mapping).
    """

    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    header_row: int | None
    part_no: int = 0
    part_name: str | None = None  # of the sheet, or of the member of an archive
    member: int = 0  # number of the member of an archive that the part lies in
    format: Format = Format.DELIMITED
    encoding: str = "utf-8"
    has_bom: bool = False
    double_encoded: bool = False  # text that was UTF-8 twice is repaired while it is read
    delimiter: str = ","
    quotechar: str = '"'
    escapechar: str | None = None
    widths: tuple[int, ...] = ()
    kinds: Mapping[str, ColumnKind] = dataclasses.field(default_factory=dict)
    date_orders: Mapping[str, DateOrder] = dataclasses.field(default_factory=dict)
    timezone: str = "America/Sao_Paulo"
    opt_outs: tuple[OptOutRule, ...] = ()
    preset: str | None = None
    saved_mapping: str | None = None
    several: str = "first"
    confidences: Mapping[str, float] = dataclasses.field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    @property
    def confidence(self) -> float:
        """Return how sure we are of the whole."""
        return min(self.confidences.values(), default=1.0)

    def columns_of(self, field: Field) -> tuple[int, ...]:
        """Return the positions of the columns that are mapped to ``field``, from 0."""
        return tuple(at for at, column in enumerate(self.columns) if self.mapping[column] == field)

    def column_of(self, field: Field) -> int | None:
        """Return the position of the first column that is mapped to ``field``, from 0; None: there is none."""
        return next(iter(self.columns_of(field)), None)

    def to_json(self) -> dict[str, Any]:
        """Return the decision as JSON values, from which `from_json` makes an equal one."""
        plain = dataclasses.asdict(self)
        return plain | {
            "columns": list(self.columns),
            "mapping": dict(self.mapping),
            "widths": list(self.widths),
            "opt_outs": [rule.to_json() for rule in self.opt_outs],
            "notices": [dataclasses.asdict(notice) for notice in self.notices],
            "confidence": self.confidence,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reading:
        """Make the decision from what `to_json` returned. Raises TypeError for other keys."""
        plain = {key: part for key, part in value.items() if key != "confidence"}
        return cls(
            **plain
            | {
                "columns": tuple(value["columns"]),
                "format": Format(value["format"]),
                "widths": tuple(value["widths"]),
                "kinds": {column: ColumnKind(kind) for column, kind in value["kinds"].items()},
                "date_orders": {column: DateOrder(order) for column, order in value["date_orders"].items()},
                "opt_outs": tuple(OptOutRule.from_json(rule) for rule in value["opt_outs"]),
                "notices": tuple(Notice(notice["code"], notice["params"]) for notice in value["notices"]),
            }
        )


@dataclasses.dataclass(frozen=True)
class FileReading:
    """The decision about a whole file: how it was unpacked, and how each part is read, in order of their numbers."""

    parts: tuple[Reading, ...]
    packing: tuple[str, ...] = ()  # ("gzip",), ("zip",), outermost first
    notices: tuple[Notice, ...] = ()

    def part(self, part_no: int) -> Reading:
        """Return the reading of a part. Raises LookupError for a number that no part has."""
        for part in self.parts:
            if part.part_no == part_no:
                return part
        raise LookupError(part_no)

    def to_json(self) -> dict[str, Any]:
        """Return the decision as JSON values, from which `from_json` makes an equal one."""
        return {
            "parts": [part.to_json() for part in self.parts],
            "packing": list(self.packing),
            "notices": [dataclasses.asdict(notice) for notice in self.notices],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FileReading:
        """Make the decision from what `to_json` returned."""
        return cls(
            tuple(map(Reading.from_json, value["parts"])),
            tuple(value["packing"]),
            tuple(Notice(notice["code"], notice["params"]) for notice in value["notices"]),
        )
