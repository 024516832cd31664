"""Objects and arrays of JSON become cells: numbers keep their digits, what is nested gets a name with dots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord


class Ambiguous(dict[str, Any]):
    """An object in which one key has two values: which is meant, nobody can say."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else Ambiguous(plain)


#: Numbers are text as they stand in the file: 11987654321, 0.10, 1E5.
DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=lambda name: "" if name == "NaN" else name
)


def flattened(value: dict[str, Any]) -> dict[str, str] | None:
    """Return the cells of an object by their names, in its order; None where two have the same name.

    An object inside gives ``address.city``, a list of objects ``phones.1.number``; a list of plain values is one cell
    (``a; b``, for addresses ``a@x.com, b@x.com``), null an empty one, true and false are words.
    """
    cells: dict[str, str] = {}
    for name, cell in _cells("", value):
        if name in cells:
            return None
        cells[name] = cell
    return cells


def record_of(value: object, columns: Sequence[str]) -> list[str]:
    """Return the cells of a record in the order of ``columns``; what has none of them stands behind the last.

    An array is a record as it stands, any other value that is no object a record of one cell.
    """
    match value:
        case dict():
            cells = flattened(value)
            if cells is None:
                return FlawedRecord([_text(part) for part in value.values()], RowProblem.MALFORMED_RECORD)
            record = [cells.pop(column, "") for column in columns]
            return record + [cell for cell in cells.values() if cell]
        case list():
            return [_text(part) for part in value]
        case _:
            return [_text(value)]


def _cells(prefix: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (whatever JSON has)
    if isinstance(value, Ambiguous):
        yield from ((prefix, ""), (prefix, ""))
    elif isinstance(value, dict):
        for key, part in value.items():
            name = " ".join(key.split()) or "_"
            yield from _cells(f"{prefix}.{name}" if prefix else name, part)
    elif isinstance(value, list) and any(isinstance(part, dict) for part in value):
        for number, part in enumerate(value, 1):
            yield from _cells(f"{prefix}.{number}", part)
    else:
        yield prefix, _text(value)


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() if not any(isinstance(part, dict | list) for part in value):
            parts = [text for text in map(_text, value) if text]
            return (", " if any("@" in part for part in parts) else "; ").join(parts)
        case _:
            return json.dumps(value, ensure_ascii=False)
