"""The sequential oracle: what an import must leave behind, worked out row by row, in memory, with nothing shared.

It reads the file with Python's own csv module, decides addresses with email-validator and its own trimming, and
applies the policies cell by cell. Only the names of error codes are not its business.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

#: Invisible characters around an address that people do not mean.
TRIM = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
SPECIAL_USE = ("test", "invalid", "localhost", "local", "onion", "example", "alt", "internal", "arpa")
#: Words of the column that says who opted out; any other word is refused.
OPTED_OUT = {"": False, "sim": True, "x": True, "não": False}
#: A cell with nothing but this empties the field.
CLEAR = "LIMPAR"
#: Columns of a file: email, name, city, and whether the person opted out.
COLUMNS = 4


@dataclass
class Contact:
    name: str | None
    attributes: dict[str, str]
    audiences: dict[str, int] = field(default_factory=dict)  # audience -> row that brought it in


@dataclass(frozen=True)
class Row:
    """A record as it was read: a value of None is a cell that clears; ``email`` None: an error, or nothing to opt out."""

    number: int
    raw_email: str
    raw_name: str
    email: str | None
    name: str | None
    attributes: Mapping[str, str | None]
    ok: bool
    opted_out: bool = False


@dataclass(frozen=True)
class How:
    """The options of the job."""

    on_existing: str = "fill"
    duplicates: str = "first"
    policies: Mapping[str, str] = field(default_factory=dict)

    def policy(self, name: str) -> str:
        return self.policies.get(name, "keep" if self.on_existing == "skip" else self.on_existing)


@dataclass
class Expected:
    rows: list[tuple[int, str, str, Mapping[str, str | None], str | None, str, int | None]] = field(
        default_factory=list
    )
    blank: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    added: int = 0
    opt_outs: set[str] = field(default_factory=set)

    def count(self, status: str, *, duplicate: bool = False) -> int:
        return sum(1 for row in self.rows if row[5] == status and (row[6] is not None) == duplicate)


def bare(text: str) -> str:
    return text.strip(TRIM)


def address(raw: str) -> str | None:
    try:
        found = validate_email(bare(raw), check_deliverability=False, allow_smtputf8=True, test_environment=True)
    except EmailNotValidError:
        return None
    local = unicodedata.normalize("NFC", found.local_part.lower())
    domain = (found.ascii_domain or "").lower()
    return None if domain.rpartition(".")[2] in SPECIAL_USE or "." not in domain else f"{local}@{domain}"


def rows_of(data: bytes, delimiter: str, columns: int = COLUMNS) -> tuple[list[Row], int]:
    """Read a file that has the first so many of the columns, with a header in row 1; rows, and how many are blank."""
    records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))[1:]
    filled = [(number, cells) for number, cells in enumerate(records, 2) if any(map(bare, cells))]
    ordinary = {columns} | _other_widths([cells for _, cells in filled], columns)
    return [_row(number, cells, ordinary, columns) for number, cells in filled], len(records) - len(filled)


def _other_widths(records: list[list[str]], columns: int) -> set[int]:
    """Widths that three records and one in a hundred have, each with an address in its place and nothing surplus."""
    widths = Counter(
        len(cells) for cells in records if address(cells[0]) is not None and not any(map(bare, cells[columns:]))
    )
    return {width for width, count in widths.items() if count >= 3 and 100 * count >= len(records)}


def _row(number: int, cells: list[str], ordinary: set[int], columns: int) -> Row:
    raw_email, raw_name, city, out = (*cells[:columns], "", "", "", "")[:COLUMNS]
    name = " ".join(unicodedata.normalize("NFC", raw_name).split())
    email = address(raw_email)
    opted_out = OPTED_OUT.get(bare(out).casefold())
    sound = len(cells) in ordinary and not any(map(bare, cells[columns:]))
    ok = sound and email is not None and opted_out is not None
    return Row(
        number,
        raw_email,
        raw_name,
        email if ok or opted_out else None,
        None if bare(raw_name) == CLEAR else name,
        {"city": None if bare(city) == CLEAR else bare(city)} if bare(city) else {},
        ok,
        bool(opted_out and email),
    )


def apply(base: dict[str, Contact], rows: Iterable[Row], *, blank: int, audience: str, how: How) -> Expected:
    """Import the rows into ``base``."""
    expected = Expected(blank=blank)
    rows = list(rows)
    same: dict[str, list[Row]] = {}
    for row in rows:
        if row.opted_out and row.email:
            expected.opt_outs.add(row.email)
        if row.ok and row.email:
            same.setdefault(row.email, []).append(row)
    winners = {email: _winner(group, how.duplicates) for email, group in same.items()}
    for row in rows:
        winner = winners[row.email] if row.ok and row.email else row
        counts = row.number == winner.number
        shown = winner if counts else row
        expected.rows.append(
            (
                row.number, row.raw_email, row.raw_name, shown.attributes, row.email, "ok" if row.ok else "error",
                None if counts else winner.number,
            )
        )  # fmt: skip
        if counts and row.ok:
            _merge(base, expected, winner, audience, how)
    return expected


def _winner(group: list[Row], mode: str) -> Row:
    if mode == "last":
        return group[-1]
    if mode == "first" or len(group) == 1:
        return group[0]
    attributes: dict[str, str | None] = {}
    for row in group:
        attributes = {**row.attributes, **attributes}
    name = next((row.name for row in group if row.name != ""), "")
    first = group[0]
    return Row(first.number, first.raw_email, first.raw_name, first.email, name, attributes, ok=True)


def _merge(base: dict[str, Contact], expected: Expected, row: Row, audience: str, how: How) -> None:
    assert row.email is not None
    contact = base.get(row.email)
    if contact is None:
        contact = base[row.email] = Contact(
            row.name or None, {key: value for key, value in row.attributes.items() if value is not None}
        )
        expected.created += 1
    else:
        before = (contact.name, dict(contact.attributes))
        contact.name = _field(contact.name, row.name, how.policy("name"))
        for key, value in row.attributes.items():
            merged = _field(contact.attributes.pop(key, None), value, how.policy(key))
            if merged is not None:
                contact.attributes[key] = merged
        changed = before != (contact.name, contact.attributes)
        expected.updated, expected.unchanged = expected.updated + changed, expected.unchanged + (not changed)
    if audience not in contact.audiences:
        contact.audiences[audience] = row.number
        expected.added += 1


def _field(old: str | None, new: str | None, policy: str) -> str | None:
    """What becomes of a field: a new value of None clears it, an empty one leaves it."""
    if policy == "keep" or new == "":
        return old
    if new is None:
        return None
    return new if policy == "overwrite" or not old else old
