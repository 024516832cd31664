"""Exports of systems that we know: recognised by their columns, with what each column says of consent and opt-outs."""

from __future__ import annotations

import functools
import itertools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from pipeline.reading.reading import REPEATABLE, DateOrder, Field, OptOut, OptOutRule
from pipeline.reading.table.content import cells_of, content_of
from pipeline.reading.table.optouts import rule_for
from pipeline.reading.table.words import comparable

_NAMES_BY_PARTS: Final = frozenset({Field.FIRST_NAME, Field.MIDDLE_NAME, Field.LAST_NAME})


@dataclass(frozen=True)
class _Rule:
    columns: frozenset[str]
    field: Field
    values: Mapping[str, OptOut]
    otherwise: OptOut


@dataclass(frozen=True)
class Preset:
    """One system. All names are as `comparable` leaves them."""

    name: str
    title: str
    requires: tuple[frozenset[str], ...]
    fields: Mapping[Field, tuple[str, ...]]
    rules: tuple[_Rule, ...]
    orders: Mapping[str, DateOrder]

    def fit(self, names: frozenset[str]) -> int:
        """Return how many columns of the best-fitting variant there are; 0: none fits."""
        return max((len(required) for required in self.requires if required <= names), default=0)


@dataclass(frozen=True)
class Recognised:
    """What a preset says about the columns of one file."""

    preset: Preset
    mapping: Mapping[str, Field]
    opt_outs: tuple[OptOutRule, ...]
    date_orders: Mapping[str, DateOrder]


def recognise(columns: Sequence[str], records: Sequence[Sequence[str]]) -> Recognised | None:
    """Return the preset whose columns are there, the one with the most of them; None: it is no export that we know.

    ``records`` are sampled data records.
    """
    names = frozenset(map(comparable, columns))
    best = max(presets(), key=lambda preset: preset.fit(names))
    if not best.fit(names):
        return None
    mapping = _mapping(best, columns, records)
    rules = {column: rule for column in columns for rule in best.rules if _stem(column) in rule.columns}
    for column, rule in rules.items():
        mapping[column] = rule.field
    opt_outs = tuple(OptOutRule(column, rule.values, rule.otherwise) for column, rule in rules.items())
    orders = {column: best.orders[comparable(column)] for column in columns if comparable(column) in best.orders}
    return Recognised(best, mapping, opt_outs, orders)


def _stem(column: str) -> str:
    """Return a name without the number that a repeated one gets: exports have columns of the same name."""
    stem, _, number = column.rpartition("_")
    return comparable(stem if stem and number.isdecimal() else column)


def _mapping(preset: Preset, columns: Sequence[str], records: Sequence[Sequence[str]]) -> dict[str, Field]:
    by_name = {comparable(column): column for column in reversed(columns)}
    mapping: dict[str, Field] = {}
    for field, names in preset.fields.items():
        found = [by_name[name] for name in names if name in by_name and by_name[name] not in mapping]
        if field in REPEATABLE:
            mapping.update(dict.fromkeys(found, field))
        elif field is Field.EMAIL:  # without an address in any of them, the names and cells of all columns decide
            holding = (column for column in found if content_of(records, columns.index(column)).addresses)
            mapping.update(dict.fromkeys(itertools.islice(holding, 1), field))
        elif found:
            filled = (column for column in found if cells_of(records, columns.index(column)))
            mapping[next(filled, found[0])] = field
    if Field.NAME in mapping.values():
        mapping = {column: field for column, field in mapping.items() if field not in _NAMES_BY_PARTS}
    return mapping


@functools.cache
def presets() -> tuple[Preset, ...]:
    """Return all presets, read once in a process."""
    text = resources.files("pipeline.reading.table").joinpath("presets.toml").read_text(encoding="utf-8")
    return tuple(_preset(entry) for entry in tomllib.loads(text)["preset"])


def _preset(entry: Mapping[str, Any]) -> Preset:
    return Preset(
        entry["name"],
        entry["title"],
        tuple(frozenset(map(comparable, names)) for names in entry["requires"]),
        {Field(field): tuple(map(comparable, names)) for field, names in entry["fields"].items()},
        tuple(_rule(rule) for rule in entry.get("opt_outs", ())),
        {comparable(column): DateOrder(order) for column, order in entry.get("date_orders", {}).items()},
    )


def _rule(entry: Mapping[str, Any]) -> _Rule:
    values = dict(rule_for("", Field(entry["yes_no"])).values) if "yes_no" in entry else {}
    for meaning in OptOut:
        values |= {comparable(word): meaning for word in entry.get(meaning, ())}
    return _Rule(
        frozenset(map(comparable, entry["columns"])),
        Field(entry.get("field", Field.OPT_OUT)),
        values,
        OptOut(entry.get("otherwise", OptOut.UNREADABLE)),
    )
