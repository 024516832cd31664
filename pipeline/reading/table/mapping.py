"""Which field each column is, by the first authority that says so.

The uploader's own words; a saved mapping, named or made for this header; a preset; the names of columns and their cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.reading import (
    REPEATABLE,
    DateOrder,
    Field,
    Notice,
    OptOutRule,
    ReadingOptions,
    SavedMapping,
    Surroundings,
)
from pipeline.reading.table.addressing import addresses
from pipeline.reading.table.naming import names, names_by_content
from pipeline.reading.table.optouts import rule_for
from pipeline.reading.table.presets import recognise
from pipeline.reading.table.sensitive import is_sensitive
from pipeline.reading.table.words import comparable, header_fingerprint, listed

_PARTS_OF_NAME: Final = frozenset({Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME})
#: The fields whose columns are read by a rule for opt-outs.
_RULED: Final = frozenset({Field.OPT_OUT, Field.OPT_IN, Field.OPT_OUT_TIME})


#: Fields that a person may give a column; the others are the product's own.
_SAYABLE: Final = tuple(field for field in Field if field not in {Field.REJECTED_ROW, Field.REJECTED_PART})


@dataclass(frozen=True)
class Mapped:
    """Every column's field, and what goes with it. ``email`` is the address column; None: none was found."""

    mapping: Mapping[str, Field]
    opt_outs: tuple[OptOutRule, ...] = ()
    preset: str | None = None
    saved_mapping: str | None = None
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)
    confidence: float = 1.0
    notices: tuple[Notice, ...] = ()

    @property
    def email(self) -> str | None:
        """Return the column of addresses."""
        return next((column for column, is_field in self.mapping.items() if is_field == Field.EMAIL), None)


def map_columns(
    columns: Sequence[str],
    records: Sequence[Sequence[str]],
    *,
    named: bool,
    options: ReadingOptions,
    surroundings: Surroundings,
    file_name: str,
) -> Mapped:
    """Give every column its field. ``records`` are sampled data records; ``named`` is whether the file has a header.

    Raises FileProblem for a column, field or saved mapping that there is not, and for two columns of one field.
    """
    wanted = _wanted(columns, options.mapping, file_name)
    keep = frozenset(_column(asked, columns, file_name) for asked in options.keep)
    saved = _saved(columns, options, surroundings, file_name)
    if saved is not None and options.saved_mapping is not None:
        _refuse_missing(columns, saved, file_name)
    mapped = Mapped({}) if saved is None else _by_saved(columns, saved, asked=options.saved_mapping is not None)
    if saved is None and (found := recognise(columns, records)) is not None:
        notice = Notice(FileNotice.PRESET_RECOGNISED, {"preset": found.preset.title})
        mapped = Mapped(found.mapping, found.opt_outs, found.preset.name, None, found.date_orders, 1.0, (notice,))
    mapped = _overruled(mapped, wanted)
    mapped = _proposed(mapped, columns, records, named=named, closed=saved is not None)
    return _with_rules(_without_sensitive(mapped, columns, records, keep | wanted.keys()), columns)


def _wanted(columns: Sequence[str], asked_for: Mapping[str, str], file_name: str) -> dict[str, Field]:
    wanted: dict[str, Field] = {}
    for asked, name in asked_for.items():
        column = _column(asked, columns, file_name)
        if name not in list(Field):
            raise FileProblem(
                FileProblemCode.UNKNOWN_FIELD, file=file_name, column=asked, field=name, fields=", ".join(_SAYABLE)
            )
        is_field = Field(name)
        if is_field not in REPEATABLE and is_field in wanted.values():
            both = [other for other, taken in wanted.items() if taken == is_field]
            raise FileProblem(
                FileProblemCode.MAPPING_AMBIGUOUS, file=file_name, field=name, columns=listed([*both, column])
            )
        wanted[column] = is_field
    return wanted


def _column(asked: str, columns: Sequence[str], file_name: str) -> str:
    if asked in columns:
        return asked
    alike = [column for column in columns if comparable(column) == comparable(asked)]
    if len(alike) != 1:
        raise FileProblem(FileProblemCode.UNKNOWN_COLUMN, file=file_name, column=asked, columns=listed(columns))
    return alike[0]


def _saved(
    columns: Sequence[str], options: ReadingOptions, surroundings: Surroundings, file_name: str
) -> SavedMapping | None:
    if options.saved_mapping is not None:
        by_name = {saved.name: saved for saved in surroundings.mappings}
        if options.saved_mapping not in by_name:
            names_kept = listed(sorted(by_name)) or "-"
            raise FileProblem(
                FileProblemCode.UNKNOWN_MAPPING, file=file_name, name=options.saved_mapping, names=names_kept
            )
        return by_name[options.saved_mapping]
    header = header_fingerprint(columns)
    return next((saved for saved in surroundings.mappings if saved.header == header), None)


def _refuse_missing(columns: Sequence[str], saved: SavedMapping, file_name: str) -> None:
    """Refuse a file that lacks a column with a meaning in the mapping that was asked for: it may be the opt-outs."""
    for column, is_field in saved.mapping.items():
        if is_field not in {Field.ATTRIBUTE, Field.IGNORED, Field.SENSITIVE}:
            _column(column, columns, file_name)


def _by_saved(columns: Sequence[str], saved: SavedMapping, *, asked: bool) -> Mapped:
    fields = {comparable(column): Field(name) for column, name in saved.mapping.items()}
    exact = {column: Field(name) for column, name in saved.mapping.items()}
    mapping = {
        column: exact.get(column) or fields[comparable(column)]
        for column in columns
        if column in exact or comparable(column) in fields
    }
    notices = () if asked else (Notice(FileNotice.SAVED_MAPPING_USED, {"name": saved.name}),)
    return Mapped(mapping, saved_mapping=saved.name, notices=notices)


def _overruled(mapped: Mapped, wanted: Mapping[str, Field]) -> Mapped:
    """Let the uploader's words replace the proposals for the same columns, and for fields that only one column may have."""
    taken = {is_field for is_field in wanted.values() if is_field not in REPEATABLE}
    if Field.NAME in taken:
        taken |= _PARTS_OF_NAME
    elif taken & _PARTS_OF_NAME:
        taken.add(Field.NAME)
    mapping = {column: is_field for column, is_field in mapped.mapping.items() if is_field not in taken}
    rules = tuple(rule for rule in mapped.opt_outs if wanted.get(rule.column) in (None, mapped.mapping[rule.column]))
    return replace(mapped, mapping=mapping | dict(wanted), opt_outs=rules)


def _proposed(
    mapped: Mapped, columns: Sequence[str], records: Sequence[Sequence[str]], *, named: bool, closed: bool
) -> Mapped:
    """Fill in what no authority has said: addresses, names, and attributes for the rest."""
    mapping = dict(mapped.mapping)
    notices, confidence = mapped.notices, mapped.confidence
    email = mapped.email
    found = addresses(columns, records, email=None if email is None else columns.index(email))
    for column, is_field in found.fields(columns).items():
        if not closed or is_field == Field.EMAIL:
            mapping.setdefault(column, is_field)
    notices, confidence = (*notices, *found.notices), min(confidence, found.confidence)
    if not closed and Field.NAME not in mapping.values():
        proposed = _names(mapping, columns, records, None if named else found.email)
        mapping |= proposed
        notices += () if named else tuple(_by_content(column, is_field) for column, is_field in proposed.items())
    filled = {column: mapping.get(column, Field.ATTRIBUTE) for column in columns}
    return replace(mapped, mapping=filled, confidence=confidence, notices=notices)


def _names(
    mapping: Mapping[str, Field], columns: Sequence[str], records: Sequence[Sequence[str]], email_at: int | None
) -> dict[str, Field]:
    """Propose columns of names, beside parts of names that are known already only further parts.

    They go by their names, or, where the file has none and so ``email_at`` is given, by the addresses beside them.
    """
    free = [column for column in columns if column not in mapping]
    proposed = names(columns, records, free) if email_at is None else names_by_content(columns, records, email_at)
    known = _PARTS_OF_NAME.intersection(mapping.values())
    allowed = _PARTS_OF_NAME - known if known else {Field.NAME, *_PARTS_OF_NAME}
    return {column: is_field for column, is_field in proposed.items() if column in free and is_field in allowed}


def _by_content(column: str, is_field: Field) -> Notice:
    return Notice(FileNotice.COLUMNS_BY_CONTENT, {"column": column, "field": str(is_field)})


def _without_sensitive(
    mapped: Mapped, columns: Sequence[str], records: Sequence[Sequence[str]], keep: frozenset[str]
) -> Mapped:
    mapping = dict(mapped.mapping)
    for at, column in enumerate(columns):
        if mapping[column] == Field.ATTRIBUTE and column not in keep and is_sensitive(column, records, at):
            mapping[column] = Field.SENSITIVE
        elif mapping[column] == Field.SENSITIVE and column in keep and mapped.saved_mapping:
            mapping[column] = Field.ATTRIBUTE
    dropped = [column for column in columns if mapping[column] == Field.SENSITIVE]
    notice = (Notice(FileNotice.SENSITIVE_COLUMNS, {"columns": listed(dropped)}),) if dropped else ()
    return replace(mapped, mapping=mapping, notices=(*mapped.notices, *notice))


def _with_rules(mapped: Mapped, columns: Sequence[str]) -> Mapped:
    """Keep the rules of columns that are still opt-outs, and give the plain one to those that have none."""
    rules = {rule.column: rule for rule in mapped.opt_outs if mapped.mapping[rule.column] in _RULED}
    for column in columns:
        if mapped.mapping[column] in (Field.OPT_OUT, Field.OPT_IN) and column not in rules:
            rules[column] = rule_for(column, mapped.mapping[column])
    return replace(mapped, opt_outs=tuple(rules[column] for column in columns if column in rules))
