"""Erased people in what comes in: their rows become errors whose cells are not kept, and rows of others name them no more.

A tenant knows whom it has erased by keyed hashes alone. So whatever looks like an address in a row is judged, brought to the
form of its mailbox and looked up; where nobody was ever erased none of that is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final
from uuid import UUID

from db import erasures
from pipeline.addresses import judge
from pipeline.context import Context
from pipeline.problems import RowProblem, sentence
from pipeline.reading import OptOut, Picked
from pipeline.reading import canonical as canonical_chunks
from pipeline.reading.layout import BETWEEN_EMAILS, OTHER_EMAILS
from pipeline.spellings import ERASED, Spellings, candidates
from pipeline.verdicts.canonical import canonical

#: A row with the number under which it stands in its part.
Numbered = tuple[int, Picked]


def without_erased(context: Context, tenant_id: UUID, picked: Iterable[Numbered]) -> tuple[Iterable[Numbered], bool]:
    """Return the rows without erased people, and whether there was one of them.

    Raises sqlalchemy.exc.DBAPIError where a key of theirs is missing.
    """
    with context.database.unit(tenant_id) as unit:
        if not erasures.has_blocks(unit):
            return picked, False
    rows = [(number, row, _people(row)) for number, row in picked]
    with context.database.unit(tenant_id) as unit:
        gone = erasures.erased_among(unit, {mailbox for _, _, people in rows for mailbox in people})
    left = [(number, _left(row, people, gone) if gone & people.keys() else row) for number, row, people in rows]
    return left, bool(gone)


def cells_without_erased(context: Context, tenant_id: UUID, chunk: bytes, *, whole_rows: Collection[int]) -> bytes:
    """Return a canonical chunk without erased people: empty records for ``whole_rows``, and the others without their addresses."""
    records = list(canonical_chunks.decode(chunk))
    named = [_mailboxes(cells) for _, cells in records]
    with context.database.unit(tenant_id) as unit:
        gone = erasures.erased_among(unit, {mailbox for people in named for mailbox in people})
    return canonical_chunks.encode(
        (number, [""] * len(cells) if number in whole_rows else _cells(cells, people, gone))
        for (number, cells), people in zip(records, named, strict=True)
    )


def _cells(cells: list[str], people: dict[str, str], gone: set[str]) -> list[str]:
    if not gone & people.keys():
        return cells
    for mailbox in gone & people.keys():
        person = Spellings.of(people[mailbox])
        cells = [person.redacted(cell) for cell in cells]
    return cells


def _mailboxes(texts: Iterable[str]) -> dict[str, str]:
    addresses = {found for text in candidates(texts) if (found := judge(text).normalized) is not None}
    return {canonical(address): address for address in addresses}


def _people(row: Picked) -> dict[str, str]:
    """Return the mailboxes that the row names, each with one address of it."""
    own = {} if row.email is None else {canonical(row.email): row.email}
    return own | _mailboxes(text for text in _texts(row) if text.lower() != row.email)


def _texts(row: Picked) -> Iterator[str]:
    yield from (row.raw_email, row.raw_name, row.name, row.detail or "")
    yield from (value for value in row.attributes.values() if value is not None)
    yield from (row.consent or {}).values()


def _left(row: Picked, people: dict[str, str], gone: set[str]) -> Picked:
    if row.problem is not None or (row.email is not None and canonical(row.email) in gone):
        # Of a row that is rejected anyway nobody can say whose the other cells are.
        return nobody(row)
    for mailbox in gone & people.keys():
        row = _redacted(row, Spellings.of(people[mailbox]))
    return row


def nobody(row: Picked) -> Picked:
    """Return the row as one about whom nothing is kept."""
    problem: Final = RowProblem.ERASED_PERSON
    return Picked(
        raw_email=ERASED,
        raw_name="",
        email=None,
        name="",
        attributes={},
        problem=problem,
        detail=sentence(problem),
        opt_out=OptOut.NONE,
        mends=row.mends,
    )


def _redacted(row: Picked, person: Spellings) -> Picked:
    attributes = {name: value if value is None else person.redacted(value) for name, value in row.attributes.items()}
    if others := row.attributes.get(OTHER_EMAILS):
        left = [each for each in others.split(BETWEEN_EMAILS) if canonical(each) != person.mailbox]
        attributes.pop(OTHER_EMAILS)
        attributes |= {OTHER_EMAILS: BETWEEN_EMAILS.join(left)} if left else {}
    return row._replace(
        raw_email=person.redacted(row.raw_email),
        raw_name=person.redacted(row.raw_name),
        name=person.redacted(row.name),
        attributes=attributes,
        consent=row.consent and {name: person.redacted(value) for name, value in row.consent.items()},
    )
