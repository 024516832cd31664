"""Which columns hold the contact's name: whole, or in parts that are joined."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.addresses import BLANKS
from pipeline.reading.reading import Field
from pipeline.reading.table.content import Content, cells_of, content_of, holds_address
from pipeline.reading.table.synonyms import rank, synonyms
from pipeline.reading.table.words import comparable, spellings

#: In what part of the records one column must repeat the other to be believed to contain it.
_REPEATS: Final = 0.5
#: What makes a column of a file without a header one of names: so many of its cells, differing in so many of them.
_NAMES, _DIFFERING, _WHOLE_WORDS = 0.7, 0.5, 1.5
#: How many of its cells must share a word with the address beside them.
_AGREEING: Final = 0.3


@dataclass(frozen=True)
class _Columns:
    names: Sequence[str]
    records: Sequence[Sequence[str]]
    free: Collection[str]

    def best(self, ranks: Mapping[str, int], *, besides: Collection[str] = ()) -> str | None:
        """Return the column with the best of the ranked names; of two that are alike, the first one."""
        known = [
            (at, name)
            for name in self.names
            if name in self.free and name not in besides and (at := rank(ranks, name)) is not None
        ]
        return min(known, key=lambda found: found[0], default=(0, None))[1]

    def repeats(self, whole: str, part: str) -> bool:
        """Say whether the cells of ``whole`` contain, as words, those of ``part`` beside them."""
        at, other = self.names.index(whole), self.names.index(part)
        pairs = [
            (f" {comparable(record[at])} ", f" {comparable(record[other])} ")
            for record in self.records
            if max(at, other) < len(record) and record[at].strip(BLANKS) and record[other].strip(BLANKS)
        ]
        return bool(pairs) and sum(b in a and a != b for a, b in pairs) >= _REPEATS * len(pairs)

    def has_words(self, name: str) -> bool:
        """Say whether most cells are words: not codes, numbers or addresses."""
        cells = cells_of(self.records, self.names.index(name))
        words = [cell for cell in cells if any(map(str.isalpha, cell)) and not holds_address(cell)]
        return 2 * len(words) >= len(cells)


def names(columns: Sequence[str], records: Sequence[Sequence[str]], free: Collection[str]) -> dict[str, Field]:
    """Map the ``free`` columns that are called after names.

    Parts stand in where a whole name is empty, if there are a first and a last one. "Nome" and "Name" are whole names, but first
    names beside a column of last names, and last names beside one of first names, unless their cells contain those.
    """
    table = _Columns(columns, records, free)
    lists = synonyms()
    whole = table.best(lists.name)
    first, middle, last = map(table.best, (lists.first_name, lists.middle_name, lists.last_name))
    is_part = whole is not None and not lists.beside_last_name.isdisjoint(spellings(whole))
    if whole is not None and is_part and (first is None) != (last is None):
        part = first or last
        if part is not None and not table.repeats(whole, part):
            first, last = (whole, last) if first is None else (first, whole)
            whole = table.best(lists.name, besides=(whole,))
    parts = ((first, Field.FIRST_NAME), (middle, Field.MIDDLE_NAME), (last, Field.LAST_NAME))
    if whole is not None:
        beside = parts if first is not None and last is not None else ()
        return {whole: Field.NAME} | {column: field for column, field in beside if column is not None}
    if first is not None or last is not None:
        return {column: field for column, field in parts if column is not None}
    weak = table.best(lists.weak_name, besides=[name for name in columns if not table.has_words(name)])
    return {} if weak is None else {weak: Field.NAME}


def names_by_content(columns: Sequence[str], records: Sequence[Sequence[str]], email_at: int) -> dict[str, Field]:
    """Map the columns of a file without a header that hold names: one of whole names, or two of first and last ones."""
    found = {at: content_of(records, at) for at in range(len(columns)) if at != email_at}
    likely = {at: content for at, content in found.items() if _holds_names(content)}
    agreeing = [at for at in likely if _agreement(records, at, email_at) >= _AGREEING]
    whole = [at for at in agreeing or likely if likely[at].words >= _WHOLE_WORDS * likely[at].names]
    if whole:
        return {columns[whole[0]]: Field.NAME}
    match agreeing:
        case [only]:
            return {columns[only]: Field.NAME}
        case [first, last, *_] if last == first + 1:
            return {columns[first]: Field.FIRST_NAME, columns[last]: Field.LAST_NAME}
        case _:
            return {}


def _holds_names(content: Content) -> bool:
    return (
        content.filled > 0
        and content.names >= _NAMES * content.filled
        and content.distinct >= _DIFFERING * content.filled
    )


def _agreement(records: Sequence[Sequence[str]], at: int, email_at: int) -> float:
    """Return in what part of the records a word of the cell occurs before the @ of the address beside it."""
    pairs = [
        (record[at], comparable(record[email_at].partition("@")[0]))
        for record in records
        if max(at, email_at) < len(record) and record[at].strip(BLANKS) and "@" in record[email_at]
    ]
    return sum(_shares_word(cell, local) for cell, local in pairs) / len(pairs) if pairs else 0.0


def _shares_word(cell: str, local_part: str) -> bool:
    long_enough: Callable[[str], bool] = lambda word: len(word) > 2  # noqa: E731, PLR2004 (a particle: de, da, dos)
    return any(word in local_part for word in filter(long_enough, comparable(cell).split()))
