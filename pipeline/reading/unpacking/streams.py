"""Streams that unpack while they are read, and that stop where an archive is damaged or a trap."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.unpacking.kinds import Kind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: What the unpacking libraries raise for bytes that are not as they should be; OSError is what bz2 raises.
UNPACKING_ERRORS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    zstd.ZstdError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)

#: The ratio says nothing about a small file: so many bytes may come out of any.
RATIO_FROM: Final = 16 << 20
#: An xz file may ask for a dictionary of 4 GiB; its strongest preset needs 65 MiB.
_XZ_MEMORY: Final = 256 << 20
_BLOCK: Final = 1 << 17
#: Behind the last member there may be padding, and rests shorter than any member with content could be.
_PADDING: Final = b"\x00\t\n\r \x1a"
_SHORTEST_MEMBER: Final = 18  # a gzip header and trailer (RFC 1952); those of the others with content are no shorter


class SourceError(Exception):
    """The packed bytes themselves could not be read: what the store or the operating system raised is its cause."""


@contextmanager
def as_problems(file_name: str) -> Iterator[None]:
    """Turn what the unpacking libraries raise into a FileProblem, and a `SourceError` into its cause."""
    try:
        yield
    except SourceError as error:
        raise (error.__cause__ or error) from None
    except UNPACKING_ERRORS as error:
        raise FileProblem(FileProblemCode.FILE_DAMAGED, file=file_name) from error


class Source(io.RawIOBase):
    """The packed bytes: counts those that were read, and marks errors of the store, which are no damage of the file."""

    def __init__(self, stream: BinaryIO) -> None:
        self.bytes_read = 0
        self._stream = stream

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a byte."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the number of the next byte."""
        return self._stream.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and count. Raises SourceError for whatever the stream raises."""
        try:
            block = self._stream.read(-1 if size is None else size)
        except Exception as error:
            raise SourceError from error
        self.bytes_read += len(block)
        return block


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Inflate:
    """One member of a gzip file, with the interface of the decompressors of the other formats."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail and not self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


_FORMATS: Final[dict[Kind, tuple[Callable[[], _Decompressor], tuple[bytes, ...]]]] = {
    Kind.GZIP: (_Inflate, (b"\x1f\x8b\x08",)),
    Kind.BZIP2: (bz2.BZ2Decompressor, (b"BZh",)),
    Kind.XZ: (lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY), (b"\xfd7zXZ\x00",)),
    Kind.ZSTD: (
        zstd.ZstdDecompressor,
        (b"\x28\xb5\x2f\xfd", *(bytes([first]) + b"\x2a\x4d\x18" for first in range(0x50, 0x60))),
    ),
}


class Unpacked(io.RawIOBase):
    """What a compressed stream holds: all of its members, one after the other, as the format's own tool gives them.

    Reading raises EOFError where the stream is cut off, and the format's own errors where it is damaged: also where more
    than padding follows its last member, because that may be a member whose first bytes are damaged.
    """

    def __init__(self, source: Source, kind: Kind) -> None:
        self._source = source
        self._make, self._magics = _FORMATS[kind]
        self._member = self._make()
        self._data = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Unpack into a buffer; return how many bytes, 0 at the end."""
        room = memoryview(buffer).cast("B")
        while room:
            if self._member.eof and not self._next_member():
                return 0
            if self._member.needs_input and not self._data:
                self._data = self._source.read(_BLOCK)
                if not self._data:
                    raise EOFError
            data, self._data = self._data, b""
            block = self._member.decompress(data, len(room))
            if block:
                room[: len(block)] = block
                return len(block)
        return 0

    def _next_member(self) -> bool:
        rest = self._member.unused_data.lstrip(b"\x00")
        while len(rest) < _SHORTEST_MEMBER and (block := self._source.read(_BLOCK)):
            rest = (rest + block).lstrip(b"\x00")
        if rest.startswith(self._magics):
            self._member, self._data = self._make(), rest
            return True
        if len(rest.strip(_PADDING)) >= _SHORTEST_MEMBER:
            raise EOFError
        return False


class Guarded(io.RawIOBase):
    """A stream that unpacks, made safe: whatever goes wrong is a FileProblem, and a trap is left before it fills anything.

    Raises FileProblem `unpacked_too_large` after ``max_bytes``, `archive_bomb` where more than ``max_ratio`` bytes come
    out for each that went in, and `file_damaged`.
    """

    def __init__(
        self,
        stream: io.RawIOBase | io.BufferedIOBase,
        source: Source,
        *,
        file_name: str,
        max_bytes: int,
        max_ratio: float,
    ) -> None:
        self._stream = stream
        self._source = source
        self._bytes_before = source.bytes_read
        self._bytes_out = 0
        self._file_name = file_name
        self._max_bytes = max_bytes
        self._max_ratio = max_ratio

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Unpack into a buffer; return how many bytes, 0 at the end."""
        with as_problems(self._file_name):
            count = self._stream.readinto(buffer) or 0
        self._bytes_out += count
        if self._bytes_out > self._max_bytes:
            raise FileProblem(FileProblemCode.UNPACKED_TOO_LARGE, file=self._file_name, limit=self._max_bytes)
        bytes_in = self._source.bytes_read - self._bytes_before
        if self._bytes_out > max(RATIO_FROM, self._max_ratio * bytes_in):
            raise FileProblem(FileProblemCode.ARCHIVE_BOMB, file=self._file_name, limit=int(self._max_ratio))
        return count

    def close(self) -> None:
        """Close what unpacks; the packed stream stays open."""
        if not self.closed:
            self._stream.close()
        super().close()
