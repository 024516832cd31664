"""What a contact is made of, each part taken from the cells of one record where a `Layout` says that they stand."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pipeline.addresses import BLANKS, JudgedCell, judge_cell
from pipeline.problems import RowProblem, sentence
from pipeline.reading.cells import MAX_NAME, NO_NAME, NOTHING, contact_name, printable
from pipeline.reading.consent_words import NOT_STATED, OTHER, consent_source, legal_basis
from pipeline.reading.picked import CLEARED_NAME, RowWarning
from pipeline.reading.reading import Field, OptOut, Reading, strength
from pipeline.reading.values.cleaning import Cleaned
from pipeline.reading.values.moments import moment

#: Characters of an attribute, and attributes of a contact.
MAX_ATTRIBUTE: Final = 10_000
MAX_ATTRIBUTES: Final = 500
#: Ending of the attribute that holds a phone number of that column in E.164.
E164: Final = "_e164"

#: A problem, and the sentence that tells it.
Told = tuple[RowProblem, str]
#: A column of attributes: its position, its name, and what cleans its values.
Attribute = tuple[int, str, Callable[[str], Cleaned] | None]
#: A column of opt-outs: its position, and what reads its cells.
OptOutColumn = tuple[int, Callable[[str], OptOut]]


def address_of(record: Sequence[str], emails_at: Sequence[int]) -> tuple[str, JudgedCell]:
    """Return the cell that the address is taken from, and what it comes to: one of the row's addresses, and the others."""
    first = record[emails_at[0]]
    judged = judge_cell(first)
    if len(emails_at) == 1:
        return first, judged
    cells = [(first, judged), *((record[at], judge_cell(record[at])) for at in emails_at[1:])]
    found = [address for _, each in cells if each.normalized for address in (each.normalized, *each.others)]
    if not found:
        return next(((raw, each) for raw, each in cells if raw.strip(BLANKS)), cells[0])
    raw, judged = next((raw, each) for raw, each in cells if each.normalized)
    others = tuple(dict.fromkeys(address for address in found if address != found[0]))
    return raw, judged._replace(others=others, several=bool(others) or judged.several)


def name_of(
    record: Sequence[str], names_at: Sequence[int], parts_at: Sequence[int], clear_token: str | None
) -> tuple[str, str]:
    """Return the name as it stands in the file and as contacts carry it; the parts where there is no whole one."""
    for at in names_at:
        if _clears(record[at], clear_token):
            return record[at], CLEARED_NAME
        if (name := contact_name(record[at])) and name not in NO_NAME:
            return record[at], name
    parts = ["" if contact_name(record[at]) in NO_NAME else record[at] for at in parts_at]
    if not parts:
        return "".join(record[at] for at in names_at[:1]), ""
    if len(parts) == 1:
        return parts[0], CLEARED_NAME if _clears(parts[0], clear_token) else contact_name(parts[0])
    raw = " ".join(part for part in parts if part.strip(BLANKS))
    return raw, contact_name(raw)


def _clears(cell: str, clear_token: str | None) -> bool:
    return clear_token is not None and cell.strip(BLANKS) == clear_token


def attributes_of(
    record: Sequence[str], columns: Iterable[Attribute], clear_token: str | None
) -> tuple[dict[str, str | None], list[RowWarning], Told | None]:
    """Return the attributes, what was made of their cells, and the first limit that they break."""
    attributes: dict[str, str | None] = {}
    warnings: list[RowWarning] = []
    worst: Told | None = None
    for at, column, clean in columns:
        value = record[at].strip(BLANKS)
        if value and value == clear_token:
            attributes[column] = None
            continue
        if not value or value in NOTHING:
            continue
        if clean is not None:
            value, also, problem = clean(value)
            if also is not None:
                attributes.setdefault(column + E164, also)
            if problem is not None:
                warnings.append(RowWarning(problem, column))
        if len(value) > MAX_ATTRIBUTE:
            code = RowProblem.ATTRIBUTE_TOO_LONG
            worst = worst or (code, sentence(code, limit=MAX_ATTRIBUTE))
            value = value[:MAX_ATTRIBUTE]
        attributes[column] = value
    if len(attributes) > MAX_ATTRIBUTES:
        code = RowProblem.TOO_MANY_ATTRIBUTES
        worst = worst or (code, sentence(code, limit=MAX_ATTRIBUTES))
    return attributes, warnings, worst


def opt_out_of(record: Sequence[str], columns: Iterable[OptOutColumn]) -> tuple[OptOut, Told | None]:
    """Return the strongest of what the opt-out columns say, and the problem where that cannot be read."""
    said = [(read(record[at]), record[at]) for at, read in columns]
    opt_out, cell = max(said, key=lambda each: strength(each[0]), default=(OptOut.NONE, ""))
    if opt_out is not OptOut.UNREADABLE:
        return opt_out, None
    code = RowProblem.OPT_OUT_UNREADABLE
    return opt_out, (code, sentence(code, found=printable(cell.strip(BLANKS)[:60])))


def consent_of(
    record: Sequence[str], columns: Iterable[tuple[int, Field]], reading: Reading
) -> tuple[dict[str, str] | None, list[RowWarning]]:
    """Return what the row says about when, where and on what grounds the person agreed (None: nothing), and what is unclear.

    Beside what was understood stands what was said, where that is something else.
    """
    consent: dict[str, str] = {}
    warnings: list[RowWarning] = []
    for at, part in columns:
        value = printable(record[at].strip(BLANKS))[:MAX_NAME]
        if not value:
            continue
        key, read = value, value
        if part is Field.OPT_IN_TIME:
            order = reading.date_orders.get(reading.columns[at])
            when = moment(value, date_order=order, timezone=reading.timezone)
            key, read = ("consented_at", when.isoformat()) if when else ("consented_at_unread", value)
        elif part is Field.OPT_IN_IP:
            key = "ip" if _is_ip(value) else "ip_unread"
        elif value in NOTHING:
            continue
        else:
            is_basis = part is Field.LEGAL_BASIS
            key, understood = ("legal_basis", legal_basis(value)) if is_basis else ("source", consent_source(value))
            if key in consent:
                continue
            read = understood or (NOT_STATED if is_basis else OTHER)
            if understood is None:
                warnings.append(RowWarning(RowProblem.CONSENT_UNREAD, reading.columns[at]))
            if read != value:
                consent[f"{key}_said"] = value  # the file's own words stay as evidence
        consent.setdefault(key, read)
    return consent or None, warnings


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
