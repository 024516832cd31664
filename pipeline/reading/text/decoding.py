"""Bytes become text as they are read: wrong ones survive as lone surrogates, text that was UTF-8 twice is repaired.

Every decoder here is a codec of Python's, or one registered with it, so that `io.TextIOWrapper` does the reading and the
plain case runs at its speed. A byte that is no text becomes a lone surrogate U+DC80..U+DCFF (PEP 383) and costs the
record that it stands in, not the file.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, TextIO

from pipeline.reading.reading import Reading
from pipeline.reading.text.codec import ESCAPE, PRINTABLE, REPAIRED
from pipeline.reading.text.double_encoding import repair

#: The encodings that are read, with the codec of each.
_CODECS: Final = {
    "utf-8": "utf-8",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "cp1252": "cp1252",
    "iso-8859-1": f"{PRINTABLE}iso8859_1",
    "iso-8859-15": f"{PRINTABLE}iso8859_15",
    "mac-roman": "mac_roman",
    "cp850": "cp850",
}
ENCODINGS: Final = tuple(_CODECS)
UTF16: Final = frozenset({"utf-16-le", "utf-16-be"})


def open_text(stream: BinaryIO, reading: Reading) -> io.TextIOWrapper:
    """Return the text of a stream that stands at its first byte, line ends as they are, without its byte order mark.

    The stream stays the caller's: `detach` the text when done, or collecting it closes the stream.
    """
    if reading.has_bom:
        _skip(stream, bom_size(reading.encoding))
    codec = _CODECS[reading.encoding]
    if reading.double_encoded:
        codec = REPAIRED + codec
    return io.TextIOWrapper(stream, codec, errors=_errors(reading.encoding), newline="")


@contextmanager
def text_of(stream: BinaryIO, reading: Reading) -> Iterator[TextIO]:
    """Open the text of ``stream``, which stays open behind it."""
    text = open_text(stream, reading)
    try:
        yield text
    finally:
        if not stream.closed:  # or an abandoned iterator over the text would complain when it is collected
            text.detach()


def decode(
    data: bytes, encoding: str, *, has_bom: bool = False, double_encoded: bool = False, complete: bool = True
) -> str:
    """Return bytes as `open_text` reads them; if they are not ``complete``, without a character that is cut in two."""
    decoder = codecs.getincrementaldecoder(_CODECS[encoding])(_errors(encoding))
    text = decoder.decode(data[bom_size(encoding) :] if has_bom else data, complete)
    return (repair(text) or text) if double_encoded else text


def bom_size(encoding: str) -> int:
    """Return how many bytes a byte order mark has; one before single bytes is that of UTF-8, put there by mistake."""
    return len(codecs.BOM_UTF16) if encoding in UTF16 else len(codecs.BOM_UTF8)


def _errors(encoding: str) -> str:
    return ESCAPE if encoding in UTF16 else "surrogateescape"


def _skip(stream: BinaryIO, size: int) -> None:
    while size and (data := stream.read(size)):
        size -= len(data)
