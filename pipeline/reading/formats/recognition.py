"""In what form a text holds its records, told by its beginning."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Sequence
from typing import Final

from pipeline.problems import FileProblem
from pipeline.reading.formats.address_items import Item, items
from pipeline.reading.formats.json_records import elements
from pipeline.reading.formats.json_values import DECODER
from pipeline.reading.reading import Format

_BLANKS: Final = " \t\r\n\f\v\u00a0\ufeff"
_VCARD: Final = re.compile(r"\s*BEGIN:VCARD\s", re.IGNORECASE)
#: Lines that are looked at, and the share of them that may be something else: remarks, signatures.
_LINES: Final = 200
_JSON_LINES: Final = 20
_STRAY: Final = 0.1
_ADDRESS: Final = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+\.[^\s@<>()\[\],;:\"]+")


def recognise(text: str) -> Format:
    """Return the form of a text by its first characters, a few hundred KiB at most; what nothing else fits is a table."""
    text = text.lstrip(_BLANKS)
    if _VCARD.match(text):
        return Format.VCARD
    if text.startswith(("{", "[")):
        return _json(text) or Format.DELIMITED
    return Format.ADDRESS_LIST if _is_address_list(text) else Format.DELIMITED


def _json(text: str) -> Format | None:
    lines = [line for line in itertools.islice(text.splitlines(), _JSON_LINES) if line.strip(_BLANKS)]
    values = [value for value in map(_value, lines) if isinstance(value, dict | list)]
    if len(lines) > 1 and 2 * len(values) > len(lines):
        return Format.JSON_LINES
    if len(lines) == 1 and values and isinstance(values[0], dict) and not _wraps(values[0]):
        return Format.JSON_LINES
    try:
        next(elements(io.StringIO(text), ""), None)
    except FileProblem:
        return None
    return Format.JSON_ARRAY


def _value(line: str) -> object:
    try:
        return DECODER.decode(line.strip(_BLANKS))
    except (ValueError, RecursionError):
        return None


def _wraps(value: dict[str, object]) -> bool:
    """Say whether an object is a wrapper around contacts (``{"contacts": [{...}]}``), and not a contact with lists."""
    has_address = any(isinstance(part, str) and "@" in part for part in value.values())
    return not has_address and any(
        isinstance(part, list) and part and isinstance(part[0], dict | list) for part in value.values()
    )


def _is_address_list(text: str) -> bool:
    """Say whether lines hold entries of a mail program, and not the cells of a table.

    Plain addresses, as many in each of several lines, are a table; so are cells without an address, unless they are the first half
    of ``Souza, Ana <ana@x.com>``.
    """
    if "\t" in text:
        return False
    lines = [line for line in text.splitlines()[:_LINES] if line.strip(_BLANKS)]
    entries = [list(items(line)) for line in lines]
    if not entries or not _has_addresses_only(entries[0]):
        return False
    good = [found for found in entries if _has_addresses_only(found)]
    if len(entries) - len(good) > _STRAY * len(entries):
        return False
    found = list(itertools.chain.from_iterable(good))
    if all(item.joined for item in found) and len(found) == len(good) > 1:
        return False
    if any(item.is_named for item in found):
        return True
    counts = {len(line) for line in good}
    return max(counts) > 1 and (len(good) == 1 or len(counts) > 1)


def _has_addresses_only(found: Sequence[Item]) -> bool:
    """Say whether entries have addresses; of several with names beside them, one in three may be broken."""
    good = [item for item in found if _ADDRESS.fullmatch(item.email) and (item.is_named or not item.name)]
    if len(good) < len(found) and not any(item.is_named for item in good):
        return False
    return len(good) > 1 and 3 * len(good) >= 2 * len(found) if len(good) < len(found) else bool(found)
