"""What a file consists of: itself, what a compressed file holds, or the members of an archive."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Final, cast

from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.reading import Notice
from pipeline.reading.unpacking.containers import kind_of_container
from pipeline.reading.unpacking.kinds import COMPRESSED, HEAD_BYTES, PACKED, WORKBOOKS, Kind, kind_of
from pipeline.reading.unpacking.members import Member, listed, members_of, select
from pipeline.reading.unpacking.streams import Guarded, Source, Unpacked, as_problems

#: A packed workbook is unpacked to a place where one can go back and forth: memory up to this size, then a file.
_SPOOL_BYTES: Final = 16 << 20
#: A workbook, itself compressed, that no program could open any more; what is larger inside of a package is none.
_MAX_PACKED_WORKBOOK: Final = 512 << 20
_BLOCK: Final = 1 << 17
#: What members of an archive may be beside those that are read: they are left out, and named.
_LEFT_OUT: Final = frozenset({FileProblemCode.FILE_BINARY, FileProblemCode.FILE_HTML})


@dataclasses.dataclass(frozen=True)
class UnpackLimits:
    """Bounds for what comes out of a packed file.

    ``max_bytes`` of one part, and of all members of an archive as its directory states them; ``max_ratio`` of the bytes
    that come out to those that went in, from `streams.RATIO_FROM` bytes on; ``max_members`` of an archive.
    """

    max_bytes: int = 64 << 30
    max_ratio: float = 200.0
    max_members: int = 1000


@dataclasses.dataclass(frozen=True)
class Part:
    """One file to be read: the whole, or a member of an archive with its name. Parts are numbered from 0."""

    part_no: int
    name: str | None
    kind: Kind
    opener: Callable[[], AbstractContextManager[BinaryIO]] = dataclasses.field(repr=False, compare=False)

    def open(self) -> AbstractContextManager[BinaryIO]:
        """Open the part's bytes, from their start each time; only one part of a package may be open at a time.

        The stream of a workbook is seekable. Reading raises FileProblem where the archive is damaged or a trap.
        """
        return self.opener()


@dataclasses.dataclass(frozen=True)
class Package:
    """How a file is packed, outermost first (``("gzip",)``), and what is in it, in the order of the archive."""

    packing: tuple[str, ...]
    parts: tuple[Part, ...]
    notices: tuple[Notice, ...] = ()


def unpack(stream: BinaryIO, *, file_name: str, limits: UnpackLimits, wanted: tuple[str, ...] = ()) -> Package:
    """Look into the file in ``stream``, which is seekable and stays open; only the beginnings of parts are unpacked yet.

    ``wanted`` selects members of an archive by their names, with or without folders; a name that no member has is
    left to be the name of a sheet where a workbook is among them. Raises FileProblem for what cannot be read.
    """
    stream.seek(0)
    kind = kind_of(stream.read(HEAD_BYTES), file_name=file_name)
    if kind is Kind.ZIP or kind in WORKBOOKS:
        kind = kind_of_container(stream, kind, file_name=file_name, max_members=limits.max_members)
    if kind is Kind.ZIP:
        return _Archive(stream, file_name, limits).package(wanted)
    if kind in COMPRESSED:
        part = _packed_part(
            0, None, functools.partial(_decompressed, stream, kind, file_name, limits), file_name, limits
        )
        return Package((kind,), (part,))
    return Package((), (Part(0, None, kind, functools.partial(_whole, stream)),))


@contextlib.contextmanager
def _whole(stream: BinaryIO) -> Iterator[BinaryIO]:
    stream.seek(0)
    yield stream


@contextlib.contextmanager
def _decompressed(stream: BinaryIO, kind: Kind, name: str, limits: UnpackLimits) -> Iterator[BinaryIO]:
    source = Source(stream)
    source.seek(0)
    with _guarded(Unpacked(source, kind), source, name, limits) as unpacked:
        yield unpacked


@contextlib.contextmanager
def _guarded(
    stream: io.RawIOBase | io.BufferedIOBase, source: Source, name: str, limits: UnpackLimits
) -> Iterator[BinaryIO]:
    guarded = Guarded(stream, source, file_name=name, max_bytes=limits.max_bytes, max_ratio=limits.max_ratio)
    with io.BufferedReader(guarded, _BLOCK) as buffered:
        yield buffered


@contextlib.contextmanager
def _spooled(opener: Callable[[], AbstractContextManager[BinaryIO]], name: str) -> Iterator[BinaryIO]:
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spool:
        with opener() as stream:
            while block := stream.read(_BLOCK):
                spool.write(block)
                if spool.tell() > _MAX_PACKED_WORKBOOK:
                    raise FileProblem(FileProblemCode.UNPACKED_TOO_LARGE, file=name, limit=_MAX_PACKED_WORKBOOK)
        spool.seek(0)
        yield cast("BinaryIO", spool)  # it has every method of one


def _packed_part(
    part_no: int,
    member_name: str | None,
    opener: Callable[[], AbstractContextManager[BinaryIO]],
    name: str,
    limits: UnpackLimits,
) -> Part:
    """Say what a packed file is, by its beginning. Raises FileProblem for what cannot be read, and for a package in it."""
    with opener() as stream:
        kind = kind_of(stream.read(HEAD_BYTES), file_name=name)
    if kind is Kind.ZIP or kind in WORKBOOKS:
        opener = functools.partial(_spooled, opener, name)
        with opener() as stream:
            kind = kind_of_container(stream, kind, file_name=name, max_members=limits.max_members)
    if kind in PACKED:
        raise FileProblem(FileProblemCode.ARCHIVE_NESTED, file=name)
    return Part(part_no, member_name, kind, opener)


class _Archive:
    """A ZIP archive of files."""

    def __init__(self, stream: BinaryIO, file_name: str, limits: UnpackLimits) -> None:
        self._source = Source(stream)
        self._file_name = file_name
        self._limits = limits
        with as_problems(file_name):
            self._archive = zipfile.ZipFile(cast("BinaryIO", self._source))
        self._members = members_of(self._archive)

    def package(self, wanted: tuple[str, ...]) -> Package:
        """Return the members that can be read. Raises FileProblem where there is none, or one is a package itself."""
        if sum(member.info.file_size for member in self._members) > self._limits.max_bytes:
            raise FileProblem(FileProblemCode.UNPACKED_TOO_LARGE, file=self._file_name, limit=self._limits.max_bytes)
        chosen, missing = select(self._members, wanted)
        parts: list[Part] = []
        refused: list[tuple[Member, FileProblem]] = []
        for member in chosen or self._members:
            try:
                parts.append(self._part(len(parts), member))
            except FileProblem as problem:
                if problem.code not in _LEFT_OUT:
                    raise
                refused.append((member, problem))
        if missing and not any(part.kind in WORKBOOKS for part in parts):
            names = listed(member.name for member in self._members)
            raise FileProblem(FileProblemCode.PART_MISSING, file=self._file_name, part=missing[0], parts=names)
        if not parts:
            raise (
                refused[0][1] if len(refused) == 1 else FileProblem(FileProblemCode.ARCHIVE_EMPTY, file=self._file_name)
            )
        notice = Notice(FileNotice.MEMBERS_NOT_READ, {"members": listed(member.name for member, _ in refused)})
        return Package((Kind.ZIP,), tuple(parts), (notice,) if refused else ())

    def _part(self, part_no: int, member: Member) -> Part:
        name = f"{self._file_name}: {member.name}"
        if member.is_encrypted:
            raise FileProblem(FileProblemCode.FILE_ENCRYPTED, file=name)
        opener = functools.partial(self._opened, member, name)
        return _packed_part(part_no, member.name, opener, name, self._limits)

    @contextlib.contextmanager
    def _opened(self, member: Member, name: str) -> Iterator[BinaryIO]:
        with as_problems(name):
            opened = cast("io.BufferedIOBase", self._archive.open(member.info))
        with _guarded(opened, self._source, name, self._limits) as stream:
            yield stream
