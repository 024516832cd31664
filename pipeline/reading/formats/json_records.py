"""JSON Lines, and JSON arrays of contacts: each line, or each element, is a record; memory holds one at a time."""

from __future__ import annotations

import itertools
import json
from collections.abc import Generator, Iterator
from typing import Any, BinaryIO, Final, NamedTuple, TextIO

from pipeline.problems import FileProblem, FileProblemCode, RowProblem
from pipeline.reading.flaws import FlawedRecord
from pipeline.reading.formats.json_values import DECODER, flattened, record_of
from pipeline.reading.formats.sample import Sample
from pipeline.reading.reading import Format, Reading
from pipeline.reading.text.blocks import MAX_RECORD
from pipeline.reading.text.decoding import text_of

#: Characters read at once.
_BLOCK: Final = 1 << 16
#: How much of a broken line is kept.
_KEPT: Final = 1000
_BLANKS: Final = " \t\n\r\f\v\u00a0\ufeff"


def sample(stream: BinaryIO, reading: Reading, *, file_name: str, limit: int) -> Sample:
    """Return the first ``limit`` records; their columns are the keys of the objects among them, in order of appearance.

    Records that are arrays name no columns: the first of them may be a header. Raises FileProblem where an array breaks off.
    """
    values = list(itertools.islice(_values(stream, reading, file_name), limit))
    columns = dict.fromkeys(name for value in values if isinstance(value, dict) for name in (flattened(value) or {}))
    return Sample([_record(value, tuple(columns)) for value in values], tuple(columns) or None)


def records(stream: BinaryIO, reading: Reading, *, file_name: str) -> Iterator[list[str]]:
    """Yield every record, blank lines as []: the cells in the order of ``reading.columns``.

    A line that is no JSON is a FlawedRecord; an array that is broken or cut off ends in a FileProblem behind the records
    that could be read.
    """
    for value in _values(stream, reading, file_name):
        yield _record(value, reading.columns)


class _Broken(NamedTuple):
    """The beginning of a line that is no JSON, and what is wrong with it."""

    text: str
    flaw: RowProblem


def _record(value: object, columns: tuple[str, ...]) -> list[str]:
    if isinstance(value, _Broken):
        return FlawedRecord([value.text[:_KEPT]], value.flaw)
    return record_of(value, columns)


def _values(stream: BinaryIO, reading: Reading, file_name: str) -> Iterator[Any]:
    """Yield the records as JSON has them; one that is no object among objects, or no array among arrays, is broken."""
    first: type | None = None
    with text_of(stream, reading) as text:
        for value in _lines(text) if reading.format is Format.JSON_LINES else elements(text, file_name):
            shape = next((shape for shape in (dict, list) if isinstance(value, shape)), object)
            if value == [] or isinstance(value, _Broken):
                yield value
                continue
            first = first or shape
            yield value if shape is first else _Broken(json.dumps(value), RowProblem.MALFORMED_RECORD)


def _lines(text: TextIO) -> Iterator[Any]:
    while line := text.readline(MAX_RECORD):
        if len(line) == MAX_RECORD and not line.endswith(("\n", "\r")):
            while (rest := text.readline(MAX_RECORD)) and not rest.endswith(("\n", "\r")):
                pass
            yield _Broken(line, RowProblem.CELL_TOO_LARGE)
        elif not line.strip(_BLANKS):
            yield []
        else:
            try:
                yield DECODER.decode(line.strip(_BLANKS))
            except (ValueError, RecursionError):
                yield _Broken(line, RowProblem.MALFORMED_RECORD)


def elements(text: TextIO, file_name: str) -> Iterator[Any]:
    """Yield the elements of a JSON array, or of the first array of objects or arrays one level down in an object.

    An object without such an array is one record. Raises FileProblem for what is no JSON, or is cut off.
    """
    scanner = _Scanner(text)
    try:
        if scanner.peek() != "{":
            yield from _array(scanner)
        while scanner.peek() == "{":  # several objects, one after the other, each over several lines
            whole = yield from _members(scanner)
            if whole is None:
                return
            yield whole
        if scanner.peek():
            raise _Malformed  # noqa: TRY301 (one way out for all that is wrong)
    except (_Malformed, RecursionError) as error:
        raise FileProblem(FileProblemCode.FILE_DAMAGED, file=file_name) from error


class _Malformed(Exception):  # noqa: N818 (never leaves this module)
    """The text is no JSON from here on, or ends too early."""


def _members(scanner: _Scanner) -> Generator[Any, None, dict[str, Any] | None]:
    """Yield the elements of the first array that holds records; return the whole object where there is none."""
    whole: dict[str, Any] = {}
    scanner.take("{")
    while scanner.peek() != "}":
        key = scanner.value()
        scanner.take(":")
        if scanner.peek() == "[" and scanner.peek_behind() in ("{", "["):
            yield from _array(scanner)
            return None
        whole[str(key)] = scanner.value()
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")
    return whole


def _array(scanner: _Scanner) -> Iterator[Any]:
    scanner.take("[")
    while scanner.peek() != "]":
        yield scanner.value()
        if scanner.peek() != "]":
            scanner.take(",")
    scanner.take("]")


class _Scanner:
    """JSON read from a stream, value by value."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._at_end = False

    def peek(self) -> str:
        """Return the next character that is not blank, "" at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._buffer) or not self._more(_BLOCK):
                return self._buffer[self._at : self._at + 1]

    def peek_behind(self) -> str:
        """Return the character that is not blank behind the next one."""
        while not (rest := self._buffer[self._at + 1 :].lstrip(_BLANKS)) and self._more(_BLOCK):
            pass
        return rest[:1]

    def take(self, character: str) -> None:
        """Go behind the next character. Raises _Malformed where it is another."""
        if self.peek() != character:
            raise _Malformed
        self._at += 1

    def value(self) -> Any:  # noqa: ANN401 (whatever JSON has)
        """Return the next value. Raises _Malformed for what is none, or is longer than a record may be."""
        if not self.peek():
            raise _Malformed
        while True:
            try:
                value, end = DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError:
                end = -1
            if 0 <= end < len(self._buffer) or (end >= 0 and not self._more(_BLOCK)):  # or a number may go on
                self._at = end
                return value
            if end >= 0:
                continue
            held = len(self._buffer) - self._at
            if held > MAX_RECORD or not self._more(max(_BLOCK, held)):
                raise _Malformed

    def _more(self, size: int) -> bool:
        block = self._text.read(size)
        self._buffer = self._buffer[self._at :] + block
        self._at = 0
        return bool(block)
