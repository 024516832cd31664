"""A file of the corpus and what must become of it: plain data, so that bytes and expectation can be read side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.reading.reading import ReadingOptions, Surroundings

#: Stands for every code: any reason will do.
ANY_CODE: Final = frozenset({"*"})
NO_CODE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class Row:
    """What one record must become.

    With ``problems``, the row must carry one of these codes, and nothing else of it is looked at; with `ANY_CODE` it may also
    be a contact that owns up to a repair. ``warnings`` must be there; others may be.
    """

    number: int
    email: str | None = None
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    problems: frozenset[str] = NO_CODE
    warnings: frozenset[str] = NO_CODE
    opt_out: str = "none"
    consent: Mapping[str, str] | None = None  # None: not looked at
    part: int = 0
    or_refused: bool = False  # to refuse the row is as right


@dataclass(frozen=True)
class Case:
    """One file. Every record that is not blank has its `Row`; ``fails`` lists the codes one of which the whole file must fail with.

    Of ``mapping``, ``encoding``, ``delimiter``, ``preset`` and ``blank_rows`` only what is given is looked at; each of ``notices`` must
    be said of the file or of one of its parts.
    """

    name: str
    file_name: str
    data: bytes
    rows: Sequence[Row] = ()
    options: ReadingOptions = field(default_factory=ReadingOptions)
    surroundings: Surroundings = field(default_factory=Surroundings)
    mapping: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    preset: str | None = None
    blank_rows: int | None = None
    notices: frozenset[str] = NO_CODE
    fails: frozenset[str] = NO_CODE
    parts: int | None = None
    loose: bool = False  # of the attributes, only those that are expected are looked at
    known: str = ""  # why the reader does not manage this file and says so: a refusal is no fault then
    topic: str = ""

    @property
    def id(self) -> str:
        """Return what the case is called in reports."""
        return f"{self.topic}/{self.name}"

    @property
    def plain(self) -> bool:
        """Whether nothing was said about how to read it, so that its rows count for the measure."""
        return self.options == ReadingOptions() and not self.fails

    def under(self, topic: str) -> Case:
        """Return the case as one of a topic."""
        return dataclasses.replace(self, topic=topic)

    def to_json(self) -> dict[str, Any]:
        """Return the expectation as JSON values: what stands beside the file when the corpus is written out."""
        plain = {
            item.name: getattr(self, item.name) for item in dataclasses.fields(self) if item.name not in _NOT_WRITTEN
        }
        plain |= {"rows": [_jsonable(dataclasses.asdict(row)) for row in self.rows]}
        plain |= {"options": _jsonable(dataclasses.asdict(self.options))}
        return _jsonable(plain)


_NOT_WRITTEN: Final = frozenset({"data", "surroundings"})


def _jsonable(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: sorted(each) if isinstance(each, frozenset) else each
        for key, each in value.items()
        if each not in (None, "", {}, NO_CODE) or key == "email"
    }


def codes(*names: str) -> frozenset[str]:
    """Return the codes as a set."""
    return frozenset(names)


def ok(
    number: int,
    email: str,
    name: str = "",
    attributes: Mapping[str, str] | None = None,
    *,
    warns: Sequence[str] = (),
    opt_out: str = "none",
    consent: Mapping[str, str] | None = None,
    part: int = 0,
    or_refused: bool = False,
) -> Row:
    """Expect a contact."""
    return Row(number, email, name, attributes or {}, NO_CODE, frozenset(warns), opt_out, consent, part, or_refused)


def bad(number: int, *problems: str, part: int = 0) -> Row:
    """Expect a row that is refused with one of these codes; none named: with any."""
    return Row(number, problems=frozenset(problems) or ANY_CODE, part=part)


def lines(*texts: str, end: str = "\r\n", last: bool = True) -> str:
    """Join lines as a file has them."""
    return end.join(texts) + (end if last else "")


def utf8(*texts: str, end: str = "\r\n") -> bytes:
    """Return the lines as a UTF-8 file without BOM."""
    return lines(*texts, end=end).encode()
