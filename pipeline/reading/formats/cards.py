"""One vCard: what of its properties makes a contact, as the cells of one record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from pipeline.problems import RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.formats.properties import BINARY, Property, property_of

#: The columns of cards, under names that files of other formats have for the same.
COLUMNS: Final = (
    "name", "email", "email_2", "email_3", "phone", "phone_2", "phone_3", "organization", "job_title", "birthday",
    "street", "city", "state", "postal_code", "country", "website", "categories", "note",
)  # fmt: skip

#: What is read, and how many of each: of the others all values are.
_SINGLE: Final = frozenset({"FN", "ORG", "TITLE", "BDAY", "ADR"})
_SEVERAL: Final = frozenset({"N", "EMAIL", "TEL", "URL", "CATEGORIES", "NOTE"})
#: Properties about the card itself, and labels of others: leaving them out loses nothing of the person.
_ABOUT_THE_CARD: Final = frozenset(
    {"VERSION", "PRODID", "UID", "REV", "SOURCE", "PROFILE", "MAILER", "CLASS", "SORT-STRING", "KIND", "CLIENTPIDMAP",
     "XML", "X-ABLABEL", "X-ABADR", "X-ABUID", "X-ABSHOWAS"}
)  # fmt: skip

_KEPT: Final = 1000
_PLACES: Final = 3  # cells for addresses, and for numbers
_BASIC_DATE: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:T.*)?")
_SCHEME: Final = re.compile(r"(?:mailto|tel):", re.IGNORECASE)


class Line(NamedTuple):
    """A line of a card, unfolded; ``is_cut``: it is longer than a cell may be, and this is its beginning."""

    text: str
    is_cut: bool = False


class Card:
    """The lines of a card without its first and last; ``is_whole``: both were there."""

    def __init__(self, lines: Iterable[Line], *, is_whole: bool) -> None:
        self._lines = tuple(lines)
        self._flaw = None if is_whole else RowProblem.MALFORMED_RECORD
        self._properties: dict[str, list[Property]] = defaultdict(list)
        previous = ""
        for line in self._lines:
            try:
                found = property_of(line.text)
            except ValueError:
                if previous not in BINARY:  # whose lines some programs do not indent
                    self._flaw = RowProblem.MALFORMED_RECORD
                continue
            previous = found.name
            if found.name in BINARY or not line.is_cut:
                self._properties[found.name].append(found)
            else:
                self._flaw = RowProblem.CELL_TOO_LARGE
        for properties in self._properties.values():
            properties.sort(key=lambda found: found.order)  # of equals, the first stays first

    @property
    def left_out(self) -> list[str]:
        """Return the names of properties that are not read; ``ADR 2``: there are several, and only the first is."""
        return [
            name if name not in _SINGLE else f"{name} 2"
            for name, found in self._properties.items()
            if name not in _SEVERAL | _ABOUT_THE_CARD and (name not in _SINGLE or len(found) > 1)
        ]

    def record(self) -> list[str]:
        """Return the cells of `COLUMNS`; a FlawedRecord with the card's text where it breaks the rules."""
        if self._flaw is not None:
            return FlawedRecord(["\n".join(line.text for line in self._lines)[:_KEPT]], self._flaw)
        street, city, state, postal_code, country = self._address()
        return [
            self._first("FN") or self._name(),
            *_placed(_SCHEME.sub("", found.text) for found in self._properties["EMAIL"]),
            *_placed(_SCHEME.sub("", found.text) for found in self._telephones()),
            ", ".join(part for part in self._parts("ORG") if part),
            self._first("TITLE"),
            _BASIC_DATE.sub(r"\1-\2-\3", self._first("BDAY")),
            street,
            city,
            state,
            postal_code,
            country,
            ", ".join(found.text for found in self._properties["URL"]),
            ", ".join(part for found in self._properties["CATEGORIES"] for part in found.parts(",") if part),
            "\n".join(found.text for found in self._properties["NOTE"]),
        ]

    def _first(self, name: str) -> str:
        return next((found.text for found in self._properties[name] if found.text), "")

    def _parts(self, name: str) -> list[str]:
        return self._properties[name][0].parts(";") if self._properties[name] else []

    def _name(self) -> str:
        """Join given, further and family names (RFC 6350, 6.2.2); titles before and behind are no part of the name."""
        family, given, further = ([*self._parts("N"), "", "", ""])[:3]
        return " ".join(" ".join((given, further.replace(",", " "), family)).split())

    def _address(self) -> Sequence[str]:
        """Return street, city, state, postal code and country (RFC 6350, 6.3.1)."""
        box, extended, street, *rest = [*self._parts("ADR"), *[""] * 7][:7]
        return [", ".join(part for part in (street, extended, box) if part), *rest]

    def _telephones(self) -> list[Property]:
        return sorted(self._properties["TEL"], key=lambda found: "FAX" in found.types)


def _placed(values: Iterable[str]) -> list[str]:
    """Spread values over their cells, without blank and repeated ones; what is left over joins the last."""
    distinct: dict[str, str] = {}
    for value in values:
        if value:
            distinct.setdefault(value.casefold(), value)
    cells = [*distinct.values(), *[""] * (_PLACES - len(distinct))]
    return [*cells[: _PLACES - 1], ", ".join(cells[_PLACES - 1 :])]
