"""Erased people in what comes in: their rows become errors whose cells are not kept, and rows of others name them no more.

A tenant knows whom it has erased by keyed hashes alone. So whatever looks like an address in a row is judged, brought to the
form of its mailbox and looked up; where nobody was ever erased none of that is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
    rows = list(picked)
    people = _erased(context, tenant_id, [_texts(row) for _, row in rows])
    left = [(number, _left(row, gone) if gone else row) for (number, row), gone in zip(rows, people, strict=True)]
    return left, any(people)


def cells_without_erased(context: Context, tenant_id: UUID, chunk: bytes, *, whole_rows: Collection[int]) -> bytes:
    """Return a canonical chunk without erased people: empty records for ``whole_rows``, and the others without their addresses."""
    records = list(canonical_chunks.decode(chunk))
    people = _erased(context, tenant_id, [cells for _, cells in records])
    return canonical_chunks.encode(
        (number, [""] * len(cells) if number in whole_rows else _redacted_all(cells, gone))
        for (number, cells), gone in zip(records, people, strict=True)
    )


def texts_without_erased(context: Context, tenant_id: UUID, texts: Sequence[str]) -> list[str]:
    """Return texts that people write beside a file, its name among them, without erased people."""
    with context.database.unit(tenant_id) as unit:
        if not erasures.has_blocks(unit):
            return list(texts)
    (gone,) = _erased(context, tenant_id, [texts])
    return _redacted_all(texts, gone)


def _erased(context: Context, tenant_id: UUID, written: Sequence[Sequence[str]]) -> list[list[Spellings]]:
    """Return for each group of texts the erased people whom it names."""
    named = [_mailboxes(texts) for texts in written]
    with context.database.unit(tenant_id) as unit:
        gone = erasures.erased_among(unit, {mailbox for people in named for mailbox in people})
    found = []
    for texts, people in zip(written, named, strict=True):
        spellings = [Spellings.of(people[mailbox]) for mailbox in sorted(gone & people.keys())]
        # A candidate may be a part of another address.
        found.append([person for person in spellings if any(person.is_in(text) for text in texts)])
    return found


def _mailboxes(texts: Iterable[str]) -> dict[str, str]:
    addresses = {found for text in candidates(texts) if (found := judge(text).normalized) is not None}
    return {canonical(address): address for address in addresses}


def _redacted_all(texts: Iterable[str], gone: Iterable[Spellings]) -> list[str]:
    left = list(texts)
    for person in gone:
        left = [person.redacted(text) for text in left]
    return left


def _texts(row: Picked) -> list[str]:
    found = [row.email or "", row.raw_email, row.raw_name, row.name, row.detail or ""]
    found += [value for value in row.attributes.values() if value is not None]
    return [*found, *(row.consent or {}).values()]


def _left(row: Picked, gone: list[Spellings]) -> Picked:
    own = None if row.email is None else canonical(row.email)
    if row.problem is not None or any(person.mailbox == own for person in gone):
        # Of a row that is rejected anyway nobody can say whose the other cells are.
        return nobody(row)
    for person in gone:
        row = _redacted(row, person)
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
