"""Which columns hold the address and the name, by what they are called, and by what stands in them where that says more."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from pipeline.reading.table.words import comparable, spellings


@dataclass(frozen=True)
class Synonyms:
    """The names of ``synonyms.toml`` as they are compared; in a mapping, each with its rank, the best one's 0."""

    email: Mapping[str, int]
    described_email: frozenset[str]
    other_email: tuple[re.Pattern[str], ...]
    not_email: frozenset[str]
    not_theirs: frozenset[str]
    name: Mapping[str, int]
    weak_name: Mapping[str, int]
    first_name: Mapping[str, int]
    beside_last_name: frozenset[str]
    middle_name: Mapping[str, int]
    last_name: Mapping[str, int]
    known: frozenset[str]


_EMAIL_WORD: Final = re.compile(r"\b(?:e ?mails?|mail|correos?)\b")
#: A longer text is a sentence in a cell, not the name of a column.
_LONGEST: Final = 80
#: What every name of a column of addresses has in it: most cells are told from one at once.
_HINT: Final = re.compile("mail|corr|cour|ele", re.IGNORECASE)


@functools.cache
def synonyms() -> Synonyms:
    """Return the list, read once in a process."""
    text = resources.files("pipeline.reading.table").joinpath("synonyms.toml").read_text(encoding="utf-8")
    lists: dict[str, dict[str, Any]] = tomllib.loads(text)
    email = _ranks([*lists["email"]["names"], *lists["email"]["described"]])
    names = [_ranks(lists[field]["names"]) for field in ("name", "first_name", "middle_name", "last_name")]
    weak = _ranks(lists["name"]["weak"])
    known = [email, weak, *names, _ranks(lists["ordinary"]["names"])]
    return Synonyms(
        email=email,
        described_email=frozenset(map(comparable, lists["email"]["described"])),
        other_email=tuple(map(_numbered, lists["other_email"]["names"])),
        not_email=frozenset(lists["not_email"]["words"]),
        not_theirs=frozenset(lists["not_theirs"]["words"]),
        name=names[0],
        weak_name=weak,
        first_name=names[1],
        beside_last_name=frozenset(map(comparable, lists["first_name"]["beside_last_name"])),
        middle_name=names[2],
        last_name=names[3],
        known=frozenset().union(*known),
    )


def _ranks(names: Iterable[str]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for rank, name in enumerate(names):
        ranks.setdefault(comparable(name), rank)
    return ranks


def _numbered(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(comparable(name.replace("#", "0"))).replace("0", "0?(?:[2-9]|[1-9][0-9])"))


def rank(ranks: Mapping[str, int], column: str) -> int | None:
    """Return the rank of a column's name in one of the lists, the best one's 0; None: it is not there."""
    return next((ranks[name] for name in spellings(column) if name in ranks), None)


def names_email(cell: str) -> bool:
    """Say whether a cell is one of the names of e-mail columns."""
    return _may_name_email(cell) and rank(synonyms().email, cell) is not None


def _may_name_email(cell: str) -> bool:
    return len(cell) <= _LONGEST and _HINT.search(cell) is not None


def names_other_email(cell: str) -> bool:
    """Say whether a cell is a name for a further address of the same person: ``E-mail 2``, ``Email secundário``."""
    if not _may_name_email(cell):
        return False
    return any(pattern.fullmatch(name) for name in spellings(cell) for pattern in synonyms().other_email)


def resembles_email(cell: str) -> bool:
    """Say whether a name of a column speaks of the contact's address, in words that are in no list."""
    if not _may_name_email(cell):
        return False
    name = spellings(cell)[-1]
    words = set(name.split())
    return _EMAIL_WORD.search(name) is not None and words.isdisjoint(synonyms().not_email | synonyms().not_theirs)


def is_somebody_elses(cell: str) -> bool:
    """Say whether a name of a column speaks of another person than the contact: an owner, a seller, a mother."""
    return not synonyms().not_theirs.isdisjoint(comparable(cell).split())


def is_known(cell: str) -> bool:
    """Say whether a cell is an ordinary name of a column, or a phrase with one: ``Telefone residencial``."""
    if len(cell) > _LONGEST:
        return False
    name = comparable(cell)
    known = synonyms().known
    return name in known or any(word in known for word in name.split())
