"""Which columns say of a person what is not kept unless somebody asks for it: by their names, and by check digits."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Final

from stdnum import luhn
from stdnum.br import cnpj, cpf

from pipeline.addresses import BLANKS
from pipeline.reading.table.content import cells_of
from pipeline.reading.table.words import comparable

#: In so many cells of a column, and in that part of the filled ones, the check digits must hold.
_MIN_CELLS, _PART = 2, 0.9

#: Words of names that say little alone, and enough beside a number whose check digits hold.
_HINTS: Final = frozenset(
    {"cartao", "card", "tarjeta", "doc", "docto", "documento", "document", "cadastro", "identificacao", "id", "numero"}
)

#: Words that mean a document whatever stands beside them.
_ALWAYS: Final = frozenset({"cpf", "cnpj", "cpfcnpj", "cpf_cnpj"})

_CPF: Final = re.compile(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}")
_CNPJ: Final = re.compile(r"[\dA-Z]{2}\.?[\dA-Z]{3}\.?[\dA-Z]{3}/?[\dA-Z]{4}-?\d{2}")
#: Payment cards begin with 2 to 6 (ISO/IEC 7812: the industries of airlines and banks) and have 13 to 19 digits.
_CARD: Final = re.compile(r"[2-6]\d{3}(?:[ -]?\d){9,15}")


def is_sensitive(column: str, records: Sequence[Sequence[str]], at: int) -> bool:
    """Say whether a column is one of those, by its name or by its cells in the sampled ``records``; ``at`` counts from 0."""
    return names_sensitive(column) or _holds_documents(cells_of(records, at), least=_least(column))


def names_sensitive(column: str) -> bool:
    """Say whether a column is called like a document, a card, or what the law calls sensitive."""
    name = f" {comparable(column)} "
    if not _ALWAYS.isdisjoint(name.split()):
        return True
    phrases, beside = _names()
    return any(phrase in name and set(name.replace(phrase, " ").split()) <= beside for phrase in phrases)


@functools.cache
def _names() -> tuple[tuple[str, ...], frozenset[str]]:
    text = resources.files("pipeline.reading.table").joinpath("sensitive.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text)
    beside = frozenset(lists.pop("beside")["words"])
    phrases = {f" {comparable(name)} " for group in lists.values() for name in group["names"]}
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase))), beside


def _least(column: str) -> int:
    """Return how many cells must show it: one is enough under a name that hints at it."""
    return 1 if _HINTS.intersection(comparable(column).split()) else _MIN_CELLS


def _holds_documents(cells: Sequence[str], *, least: int) -> bool:
    if len(cells) < least:
        return False
    return any(sum(map(check, cells)) >= _PART * len(cells) for check in _CHECKS)


def _is(shape: re.Pattern[str], holds: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda cell: shape.fullmatch(cell.strip(BLANKS)) is not None and holds(cell.strip(BLANKS))


_CHECKS: Final[tuple[Callable[[str], bool], ...]] = (
    _is(_CPF, cpf.is_valid),
    _is(_CNPJ, cnpj.is_valid),
    _is(_CARD, lambda cell: luhn.is_valid(re.sub("[ -]", "", cell))),
)
