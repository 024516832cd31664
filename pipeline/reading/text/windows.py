"""Samples of a large file from all over it: its beginning may be plain ASCII and the first name with an accent far behind."""

from __future__ import annotations

from typing import BinaryIO, Final

from pipeline.reading.text.encoding import SAMPLE_BYTES

_BEGINNING: Final = SAMPLE_BYTES // 2
_WINDOWS: Final = 16
_WINDOW: Final = (SAMPLE_BYTES - _BEGINNING) // _WINDOWS


def windows(stream: BinaryIO, total: int) -> bytes:
    """Return what `encoding.decide` looks at, at most `SAMPLE_BYTES` of a seekable stream of ``total`` bytes.

    That is the whole of a small file; else its beginning and windows spread evenly up to its end, made of whole lines.
    The bytes of UTF-16, and files without lines in reach, are not taken apart. The stream is left at its first byte.
    """
    stream.seek(0)
    beginning = _read(stream, min(total, SAMPLE_BYTES))
    whole_lines = beginning[: _after_last_line_end(beginning[:_BEGINNING])]
    if total > SAMPLE_BYTES and whole_lines and b"\0" not in beginning:
        room = total - _BEGINNING - _WINDOW
        starts = (_BEGINNING + room * number // _WINDOWS for number in range(1, _WINDOWS + 1))
        beginning = whole_lines + b"".join(_lines(stream, start) for start in starts)
    stream.seek(0)
    return beginning


def _lines(stream: BinaryIO, start: int) -> bytes:
    stream.seek(start)
    window = _read(stream, _WINDOW)
    first = next((at for at, byte in enumerate(window) if byte in b"\r\n"), len(window)) + 1
    return window[first : max(first, _after_last_line_end(window))]


def _after_last_line_end(data: bytes) -> int:
    return max(data.rfind(b"\n"), data.rfind(b"\r")) + 1


def _read(stream: BinaryIO, size: int) -> bytes:
    """Read as much as there is, also from a stream that returns less than it is asked for."""
    data = b""
    while len(data) < size and (more := stream.read(size - len(data))):
        data += more
    return data
