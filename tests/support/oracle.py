"""The sequential oracle: what an import must leave behind, worked out row by row, in memory, with nothing shared.

It reads the file with Python's own csv module, decides addresses with email-validator and its own trimming, and
applies the policies cell by cell. Only the names of error codes are not its business.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

#: Invisible characters around an address that people do not mean.
TRIM = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
SPECIAL_USE = ("test", "invalid", "localhost", "local", "onion", "example", "alt", "internal", "arpa")


@dataclass
class Contact:
    name: str | None
    attributes: dict[str, str]
    audiences: dict[str, int] = field(default_factory=dict)  # audience -> row that brought it in


@dataclass
class Expected:
    rows: list[tuple[int, str, str, dict[str, str], str | None, str, int | None]] = field(default_factory=list)
    blank: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    added: int = 0

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


def apply(base: dict[str, Contact], data: bytes, *, delimiter: str, audience: str, on_existing: str) -> Expected:
    """Import the file into ``base``: columns email, name, city; a header in row 1."""
    expected = Expected()
    first: dict[str, int] = {}
    records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))[1:]
    for row_number, cells in enumerate(records, start=2):
        if not any(bare(cell) for cell in cells):
            expected.blank += 1
            continue
        raw_email, raw_name, city = (*cells, "", "", "")[:3]
        attributes = {"city": bare(city)} if bare(city) else {}
        email = address(raw_email) if len(cells) <= 3 or not any(bare(cell) for cell in cells[3:]) else None
        duplicate_of = first.setdefault(email, row_number) if email else None
        duplicate_of = None if duplicate_of == row_number else duplicate_of
        expected.rows.append(
            (row_number, raw_email, raw_name, attributes, email, "ok" if email else "error", duplicate_of)
        )
        if email and duplicate_of is None:
            _merge(
                base,
                expected,
                email,
                row_number,
                " ".join(unicodedata.normalize("NFC", raw_name).split()),
                attributes,
                audience,
                on_existing,
            )
    return expected


def _merge(
    base: dict[str, Contact],
    expected: Expected,
    email: str,
    row: int,
    name: str,
    attributes: dict[str, str],
    audience: str,
    policy: str,
) -> None:
    contact = base.get(email)
    if contact is None:
        contact = base[email] = Contact(name or None, attributes)
        expected.created += 1
    else:
        before = (contact.name, dict(contact.attributes))
        if policy == "fill":
            contact.name, contact.attributes = contact.name or name or None, {**attributes, **contact.attributes}
        elif policy == "overwrite":
            contact.name, contact.attributes = name or contact.name, {**contact.attributes, **attributes}
        changed = before != (contact.name, contact.attributes)
        expected.updated, expected.unchanged = expected.updated + changed, expected.unchanged + (not changed)
    if audience not in contact.audiences:
        contact.audiences[audience] = row
        expected.added += 1
