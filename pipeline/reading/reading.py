"""How a file is read: the decision as plain data, and what a person may say about it beforehand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Any


@unique
class Field(StrEnum):
    """What a column can mean for a contact."""

    EMAIL = "email"
    NAME = "name"
    ATTRIBUTE = "attribute"  # kept under the column's own name


@dataclasses.dataclass(frozen=True)
class ReadingOptions:
    """What the uploader said: ``mapping`` from columns to fields, as in ``--map COLUMN=FIELD``."""

    mapping: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Reading:
    """The decision about one file.

    ``header_row`` counts records from 1, blank ones included; None: the file has no header. ``columns`` are unique and
    not empty, in the order of the file; ``mapping`` gives each its field; ``confidence`` is between 0 and 1.
    """

    encoding: str
    has_bom: bool
    delimiter: str
    quotechar: str
    header_row: int | None
    columns: tuple[str, ...]
    mapping: dict[str, str]
    confidence: float

    def to_json(self) -> dict[str, Any]:
        """Return the decision as JSON values, from which `from_json` makes an equal one."""
        return dataclasses.asdict(self) | {"columns": list(self.columns)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reading:
        """Make the decision from what `to_json` returned. Raises TypeError for other keys."""
        return cls(**{**value, "columns": tuple(value["columns"])})

    def column_of(self, field: Field) -> int | None:
        """Return the position of the column that is mapped to ``field`` (e-mail or name), from 0; None: there is none."""
        return next((at for at, column in enumerate(self.columns) if self.mapping[column] == field), None)
