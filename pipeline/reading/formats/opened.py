"""The text of a part, opened for as long as its records are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, TextIO

from pipeline.reading.reading import Reading
from pipeline.reading.text.decoding import open_text

#: Characters of one record; what is longer is no contact.
MAX_RECORD: Final = 1 << 22


@contextmanager
def text_of(stream: BinaryIO, reading: Reading) -> Iterator[TextIO]:
    """Open the text of ``stream``, which stays open behind it."""
    text = open_text(stream, reading)
    try:
        yield text
    finally:
        if not stream.closed:  # or collecting the text would close the stream
            text.detach()
