"""Which columns hold the contact's addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.problems import FileNotice
from pipeline.reading.reading import Field, Notice
from pipeline.reading.table.content import Content, content_of
from pipeline.reading.table.synonyms import (
    is_somebody_elses,
    names_email,
    names_other_email,
    rank,
    resembles_email,
    synonyms,
)
from pipeline.reading.table.words import spellings

#: From this part of addresses among its filled cells on, a column is one of addresses, whatever it is called.
_ADDRESSES: Final = 0.5
#: Up to this part, a column called e-mail holds something else, if there is a column of addresses.
_SOMETHING_ELSE: Final = 0.1

#: How sure we are of the address column: by a listed name, by one that resembles them, by its cells alone.
_LISTED, _RESEMBLING, _BY_CONTENT, _SOMEBODY_ELSES = 1.0, 0.9, 0.6, 0.4


@dataclass(frozen=True)
class Addresses:
    """The columns of addresses by position, from 0; ``email`` None: there is none."""

    email: int | None
    others: tuple[int, ...] = ()
    confidence: float = 1.0
    notices: tuple[Notice, ...] = ()

    def fields(self, columns: Sequence[str]) -> dict[str, Field]:
        """Return them as a mapping from columns to fields."""
        fields = {columns[at]: Field.OTHER_EMAIL for at in self.others}
        return fields if self.email is None else fields | {columns[self.email]: Field.EMAIL}


def addresses(columns: Sequence[str], records: Sequence[Sequence[str]], *, email: int | None = None) -> Addresses:
    """Choose the address column by name, against its name where only another column holds addresses, and the further ones.

    ``records`` are sampled data records; ``email`` is the position of the address column where it is decided already.
    """
    contents = {at: content_of(records, at) for at in range(len(columns))}
    chosen = Addresses(email) if email is not None else _email(columns, contents)
    is_other = _is_other if email is None else names_other_email
    others = tuple(
        at
        for at, column in enumerate(columns)
        if at != chosen.email and is_other(column) and _may_hold_addresses(contents[at])
    )
    return Addresses(chosen.email, others, chosen.confidence, chosen.notices)


def _email(columns: Sequence[str], contents: Mapping[int, Content]) -> Addresses:
    ranks = synonyms().email
    listed = sorted(
        (at for at, column in enumerate(columns) if names_email(column)),
        key=lambda at: (_holds_nothing_like_it(contents[at]), rank(ranks, columns[at]) or 0, at),
    )
    by_content = _by_content(columns, contents)
    if listed and not _is_outdone(contents[listed[0]], None if by_content is None else columns[by_content]):
        return Addresses(listed[0], confidence=_LISTED)
    if by_content is None:
        return Addresses(next((at for at, column in enumerate(columns) if resembles_email(column)), None), (), 0.5)
    column = columns[by_content]
    if not listed and (resembles_email(column) or names_other_email(column)):
        return Addresses(by_content, confidence=_RESEMBLING)
    sure = _SOMEBODY_ELSES if is_somebody_elses(column) else _BY_CONTENT
    notice = Notice(FileNotice.COLUMNS_BY_CONTENT, {"column": column, "field": str(Field.EMAIL)})
    return Addresses(by_content, (), sure, (notice,))


def _is_outdone(listed: Content, holder: str | None) -> bool:
    """Say whether the column ``holder`` is the one of addresses, and not that with the name: it is blank, or holds others."""
    if holder is None or listed.share > _SOMETHING_ELSE:
        return False
    return listed.filled > 0 or not _is_other(holder)


def _by_content(columns: Sequence[str], contents: Mapping[int, Content]) -> int | None:
    """Return the column that holds addresses, of several the one whose name speaks for it most, and then the fullest."""
    found = [at for at, content in contents.items() if content.share >= _ADDRESSES]
    return min(
        found,
        key=lambda at: (
            not resembles_email(columns[at]),
            is_somebody_elses(columns[at]),
            not names_other_email(columns[at]),
            -contents[at].addresses,
            at,
        ),
        default=None,
    )


def _is_other(column: str) -> bool:
    return names_other_email(column) or (
        names_email(column) and synonyms().described_email.isdisjoint(spellings(column))
    )


def _may_hold_addresses(content: Content) -> bool:
    return not content.filled or content.share >= _ADDRESSES


def _holds_nothing_like_it(content: Content) -> bool:
    return content.filled > 0 and content.share <= _SOMETHING_ELSE
