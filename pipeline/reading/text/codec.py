"""Codecs that Python lacks, registered with it so that `io.TextIOWrapper` can use them at its own speed.

* ``mkt_printable_…``: ISO 8859 without the control characters in 80..9F, which no contact has: such a byte is wrong.
* ``mkt_repaired_…``: any other codec, and what was UTF-8 twice is repaired.
* The error handler ``mkt_escape``: like "surrogateescape", which refuses bytes below 80; half a UTF-16 character may have one.
"""

from __future__ import annotations

import codecs
import functools
from typing import Final

from pipeline.reading.text.double_encoding import repair

PRINTABLE: Final = "mkt_printable_"
REPAIRED: Final = "mkt_repaired_"
ESCAPE: Final = "mkt_escape"

#: What `codecs.charmap_decode` takes for a byte that is no character.
_NO_CHARACTER: Final = "\ufffe"
_CONTROLS: Final = range(0x80, 0xA0)

#: Where text can be cut without cutting a word that may have to be repaired, and how long it may wait for such a place.
_CUTS: Final = '\n\r,;\t| "'
_MAX_PENDING: Final = 1 << 12


class _PrintableDecoder(codecs.IncrementalDecoder):
    """Reads single bytes by a table."""

    def __init__(self, table: str, errors: str = "strict") -> None:
        super().__init__(errors)
        self._table = table

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]  # noqa: ARG002, FBT001, FBT002 (Python's interface)
        return codecs.charmap_decode(data, self.errors, self._table)[0]


class _RepairingDecoder(codecs.IncrementalDecoder):
    """Repairs what another decoder returns, word by word."""

    def __init__(self, inner: codecs.IncrementalDecoder) -> None:
        super().__init__(inner.errors)
        self._inner = inner
        self._pending = ""

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]  # noqa: FBT001, FBT002 (Python's interface)
        text = self._pending + self._inner.decode(data, final)
        cut = max(map(text.rfind, _CUTS)) + 1
        if final or len(text) - cut > _MAX_PENDING:
            cut = len(text)
        text, self._pending = text[:cut], text[cut:]
        return repair(text) or text

    def reset(self) -> None:
        self._inner.reset()
        self._pending = ""


def _search(name: str) -> codecs.CodecInfo | None:
    for prefix, make in ((PRINTABLE, _printable), (REPAIRED, _repaired)):
        if name.startswith(prefix):
            return make(name, codecs.lookup(name.removeprefix(prefix)))
    return None


def _printable(name: str, known: codecs.CodecInfo) -> codecs.CodecInfo:
    table = "".join(_NO_CHARACTER if byte in _CONTROLS else known.decode(bytes([byte]))[0] for byte in range(256))
    return codecs.CodecInfo(
        known.encode,
        lambda data, errors="strict": codecs.charmap_decode(data, errors, table),
        incrementaldecoder=functools.partial(_PrintableDecoder, table),
        incrementalencoder=known.incrementalencoder,
        name=name,
    )


def _repaired(name: str, known: codecs.CodecInfo) -> codecs.CodecInfo:
    return codecs.CodecInfo(
        known.encode,
        known.decode,
        incrementaldecoder=lambda errors="strict": _RepairingDecoder(known.incrementaldecoder(errors)),
        incrementalencoder=known.incrementalencoder,
        name=name,
    )


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(0xDC80 | byte) for byte in wrong), error.end


codecs.register(_search)
codecs.register_error(ESCAPE, _escape)
