"""The forms in which files hold records: which one a text has, and the records of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final, Protocol

from pipeline.reading.formats import address_list, json_records, vcard, workbook
from pipeline.reading.formats.recognition import recognise
from pipeline.reading.formats.sample import Sample
from pipeline.reading.reading import Format, Reading
from pipeline.reading.text import records as delimited

__all__ = ["Sample", "recognise", "records_of", "sampled"]


class _Format(Protocol):
    def sample(self, stream: BinaryIO, reading: Reading, *, file_name: str, limit: int) -> Sample: ...
    def records(self, stream: BinaryIO, reading: Reading, *, file_name: str) -> Iterator[list[str]]: ...


_FORMATS: Final[dict[Format, _Format]] = {
    Format.WORKBOOK: workbook,
    Format.JSON_LINES: json_records,
    Format.JSON_ARRAY: json_records,
    Format.VCARD: vcard,
    Format.ADDRESS_LIST: address_list,
}


def sampled(stream: BinaryIO, reading: Reading, *, file_name: str, limit: int) -> Sample:
    """Return the first ``limit`` records of a part that is no delimited text; its format and encoding are decided.

    Raises FileProblem for what cannot be read, and KeyError for delimited text.
    """
    return _FORMATS[reading.format].sample(stream, reading, file_name=file_name, limit=limit)


def records_of(stream: BinaryIO, reading: Reading, *, file_name: str) -> Iterator[list[str]]:
    """Return every record of a part from the first, header and blank ones included; ``stream`` stands at its start.

    Raises FileProblem, also while they are read, where the file turns out to be damaged.
    """
    if reading.format is Format.DELIMITED:
        return delimited.records(stream, reading, file_name=file_name)
    return _FORMATS[reading.format].records(stream, reading, file_name=file_name)
