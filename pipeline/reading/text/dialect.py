"""Which characters take a text apart: the dialect under which its lines look most like records of contacts.

Every dialect that the text suggests is tried on its beginning, and is worth: how regular the widths of its records are, times how
much its cells look like values (addresses, numbers, dates, words) and how steadily one column holds addresses. This is
the idea of van den Burg, Nazábal and Sutton (2019), with the one thing added that a list of contacts always has.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final, NamedTuple

from pipeline.problems import FileNotice, RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.reading import Notice
from pipeline.reading.text.blocks import SEP_LINE
from pipeline.reading.text.evidence import Worth, worth_of
from pipeline.reading.text.marks import GAP
from pipeline.reading.text.records import sample

#: In order of preference where nothing tells them apart. A space stands for a run of spaces, two for a run of two or more.
DELIMITERS: Final = (",", ";", "\t", "|", ":", " ", GAP)
QUOTECHARS: Final = ('"', "'")
_ESCAPECHAR: Final = "\\"

#: How much of the sample is compared: characters (all of it if they have too few lines) and records.
_COMPARED: Final = 1 << 15
_LINES: Final = 50
_RECORDS: Final = 200

#: The worth of the second best dialect, as a share of that of the best, from which on the choice is uncertain; and the
#: confidence below which that is said.
_CLEAR: Final = 0.5
UNCERTAIN: Final = 0.8

#: Delimiters that ordinary text is full of: they need a column of addresses and records of one width.
_DOUBTFUL: Final = frozenset({":", " ", GAP})
_NAMES: Final = {"\t": "tab", " ": "space", GAP: "spaces"}


@dataclasses.dataclass(frozen=True)
class Dialect:
    """The characters that take a text apart, how sure we are of them (0 to 1), and what is to be said about it.

    Delimiter " " means a run of spaces, two of them a run of two or more. A text of one column has the delimiter ",".
    """

    delimiter: str
    quotechar: str
    escapechar: str | None = None
    confidence: float = 1.0
    notices: tuple[Notice, ...] = ()


class _Candidate(NamedTuple):
    dialect: Dialect
    worth: Worth


def decide(
    text: str, *, file_name: str, complete: bool, delimiter: str | None = None, quotechar: str | None = None
) -> Dialect:
    """Decide the dialect of a text of which ``text`` is the beginning, or all of it if ``complete``.

    What the caller says (``delimiter``, ``quotechar``) holds. A first line ``sep=;`` is obeyed, as Excel does.
    """
    del file_name  # every decision about a file is called alike; nothing can fail here
    head, whole = _head(text, complete=complete)
    sep = SEP_LINE.match(head)
    given = delimiter or (sep[1] if sep else None)
    candidates = [
        _Candidate(dialect, _worth(head, dialect, complete=whole))
        for dialect in (
            Dialect(between, around)
            for around in ((quotechar,) if quotechar else _quotechars(head))
            for between in (DELIMITERS if given is None else dict.fromkeys((given, *DELIMITERS)))
            if between in head or between == (given or ",")
        )
    ]
    fitting = [candidate for candidate in candidates if given in {None, candidate.dialect.delimiter}]
    best = max(fitting, key=lambda candidate: candidate.worth.total)
    dialect = _with_escapes(head, best, complete=whole)
    if delimiter is not None:
        return dialect
    return _with_confidence(dialect, best, candidates)


def _head(text: str, *, complete: bool) -> tuple[str, bool]:
    """Return the part of a sample that is compared, and whether it is the whole text."""
    head = text[:_COMPARED]
    if len(head) == len(text) or head.count("\n") + head.count("\r") < _LINES:
        return text, complete
    return head, False


def _worth(head: str, dialect: Dialect, *, complete: bool) -> Worth:
    found = worth_of(sample(head, dialect, limit=_RECORDS, complete=complete), dialect.delimiter)
    if dialect.escapechar is None and _ESCAPECHAR + dialect.quotechar in head:
        escaping = dataclasses.replace(dialect, escapechar=_ESCAPECHAR)
        found = max(found, _worth(head, escaping, complete=complete), key=lambda worth: worth.total)
    if dialect.delimiter == GAP and not _has_gaps(head):
        return found._replace(addresses=0.0, values=0.0)
    if dialect.delimiter in _DOUBTFUL and (found.addresses < _STEADY or found.regularity < _STEADY):
        return found._replace(addresses=0.0, values=0.0)
    return found


def _has_gaps(head: str) -> bool:
    """Say whether columns are padded: nearly every line has runs of two or more spaces between words."""
    lines = [line for line in map(str.strip, head.splitlines()) if line]
    return 10 * sum(GAP in line for line in lines) >= 9 * len(lines)


#: The least share of records of one width, and of those with an address, for a delimiter that ordinary text is full of.
_STEADY: Final = 0.75


def _quotechars(head: str) -> tuple[str, ...]:
    """Return the quotation marks that may quote here: an apostrophe only where it stands around whole cells.

    In d'Ávila and O'Brien it is a letter of the name.
    """
    around = _IN_APOSTROPHES.findall(head)
    opening = len(_BEHIND_DELIMITER.findall(head))
    if not around or 10 * len(around) < 8 * opening or (len(around) == 1 and not _QUOTABLE.search(around[0][1:-1])):
        return QUOTECHARS[:1]
    return QUOTECHARS if _IN_QUOTES.search(head) else QUOTECHARS[1:]


_IN_APOSTROPHES: Final = re.compile(r"(?:^|(?<=[,;\t|:\r\n]))'(?:[^']|'')*+'(?=[,;\t|:\r\n]|\Z)", re.MULTILINE)
#: What one quoted cell alone must have inside to be believed: a reason to be quoted, or an address.
_QUOTABLE: Final = re.compile(r"''|[,;\t|\r\n@]")
_BEHIND_DELIMITER: Final = re.compile(r"(?:^|(?<=[,;\t|:\r\n]))'", re.MULTILINE)
_IN_QUOTES: Final = re.compile(r'(?:^|(?<=[,;\t|:\r\n]))"(?:[^"\r\n]|"")*"(?=[,;\t|:\r\n]|\Z)', re.MULTILINE)


def _with_escapes(head: str, best: _Candidate, *, complete: bool) -> Dialect:
    """Let backslashes escape where fewer records are flawed then, or where every quotation mark in a cell has one."""
    dialect = best.dialect
    escaping = dataclasses.replace(dialect, escapechar=_ESCAPECHAR)
    if _ESCAPECHAR + dialect.quotechar not in head and _ESCAPECHAR + dialect.delimiter not in head:
        return dialect
    plain, escaped = (sample(head, tried, limit=_RECORDS, complete=complete) for tried in (dialect, escaping))
    if _unfit(escaped) != _unfit(plain):
        return escaping if _unfit(escaped) < _unfit(plain) else dialect
    quoting = [cell for cells in plain for cell in cells if dialect.quotechar in cell]
    behind_backslash = _ESCAPECHAR + dialect.quotechar
    bare = any(dialect.quotechar in cell.replace(behind_backslash, "") for cell in quoting)
    return escaping if quoting and not bare else dialect


def _unfit(records: list[list[str]]) -> int:
    """Count the records that are flawed or have another width than most."""
    widths = [len(cells) for cells in records if not isinstance(cells, FlawedRecord)]
    usual = max(set(widths), key=widths.count, default=0)
    malformed = sum(isinstance(cells, FlawedRecord) and cells.flaw is RowProblem.MALFORMED_QUOTES for cells in records)
    return len(records) - widths.count(usual) + malformed


def _with_confidence(dialect: Dialect, best: _Candidate, candidates: list[_Candidate]) -> Dialect:
    # A delimiter that splits nothing gives the records of a single column, like every other that splits nothing.
    others = [
        candidate
        for candidate in candidates
        if candidate.dialect.delimiter != dialect.delimiter and (candidate.worth.width > 1 or best.worth.width > 1)
    ]
    if not others:
        return dialect
    second = max(others, key=lambda candidate: candidate.worth.total)
    share = second.worth.total / best.worth.total if best.worth.total else 1.0
    confidence = round(max(0.0, 1.0 - max(0.0, share - _CLEAR)), 2)
    if not best.worth.addresses:  # a list of contacts would show some
        confidence = min(confidence, _CLEAR)
    if confidence >= UNCERTAIN:
        return dataclasses.replace(dialect, confidence=confidence)
    named = {
        "delimiter": _NAMES.get(dialect.delimiter, dialect.delimiter),
        "alternative": _NAMES.get(second.dialect.delimiter, second.dialect.delimiter),
    }
    notice = Notice(FileNotice.DIALECT_UNCERTAIN, named)
    return dataclasses.replace(dialect, confidence=confidence, notices=(notice,))
