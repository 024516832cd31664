"""The file store: original files and canonical chunks, in a local folder or in S3, behind one small face.

Objects are written under a name that says what they are, and are complete as soon as they can be seen. On a local
disk they are also flushed before the caller goes on: a chunk row must never commit before its bytes are safe.
"""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.store import LocalStore, from_url

#: Size of the pieces in which files are read and written.
PIECE = 1 << 20


class TooLargeError(Exception):
    """The stream has more bytes than it may."""


@dataclass(frozen=True)
class StoredFile:
    """A file in the store: its key, SHA-256 (hex) and size in bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True)
class StoredObject:
    """What is in the store under a key: its size in bytes, and when it was written."""

    key: str
    size: int
    written_at: datetime


class FileStore:
    """Objects by key. Raises FileNotFoundError for a key that is not there, OSError for trouble of the store."""

    def __init__(self, url: str, *, s3_endpoint: str | None = None) -> None:
        self._store = open_store(url, s3_endpoint=s3_endpoint)

    def add_file(self, tenant_id: UUID, stream: BinaryIO, *, limit: int) -> StoredFile:
        """Store a stream under its content's address, once per tenant, reading it once.

        Raises TooLargeError when it has more than ``limit`` bytes; nothing of it stays.
        """
        incoming = f"incoming/{uuid.uuid4()}"
        digest, size = hashlib.sha256(), 0
        try:
            with obstore.open_writer(self._store, incoming, buffer_size=8 * PIECE) as writer:
                for piece in _pieces(stream, limit):
                    size += len(piece)
                    digest.update(piece)
                    writer.write(piece)
        except BaseException:
            self._remove(incoming)
            raise
        key = f"files/{tenant_id}/{digest.hexdigest()}"
        if self.exists(key):
            self._remove(incoming)
        else:
            self._flush(incoming)
            obstore.rename(self._store, incoming, key, overwrite=True)
            self._flush_folder(key)
        return StoredFile(key, digest.hexdigest(), size)

    def put(self, key: str, data: bytes) -> None:
        """Write an object; a reader sees all of it or nothing."""
        obstore.put(self._store, key, data)
        self._flush(key)
        self._flush_folder(key)

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        return bytes(obstore.get(self._store, key).bytes())

    def exists(self, key: str) -> bool:
        """Say whether the object is there."""
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there stays so."""
        self._remove(key)

    def listed(self, prefix: str) -> list[StoredObject]:
        """Return what lies below a prefix of whole folders, in the order of keys."""
        found = (each for page in obstore.list(self._store, prefix) for each in page)
        return sorted(
            (StoredObject(each["path"], each["size"], each["last_modified"]) for each in found),
            key=lambda each: each.key,
        )

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """Open an object for sequential reading; what is in memory does not grow with it."""
        with open_object(self._store, key) as stream:
            yield stream

    def _remove(self, key: str) -> None:
        with suppress(FileNotFoundError):  # the writer had not made it yet
            obstore.delete(self._store, key)

    def _flush(self, key: str) -> None:
        if isinstance(self._store, LocalStore):
            _fsync(_local_root(self._store) / key)

    def _flush_folder(self, key: str) -> None:
        if isinstance(self._store, LocalStore):
            _fsync((_local_root(self._store) / key).parent)


def _pieces(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    left = limit
    while piece := stream.read(PIECE):
        left -= len(piece)
        if left < 0:
            raise TooLargeError
        yield piece


def local_folder(url: str) -> Path | None:
    """Return the folder of a store on this machine; None: it is elsewhere."""
    return Path(unquote(urlsplit(url).path)) if url.startswith("file://") else None


def open_store(url: str, *, s3_endpoint: str | None = None, create: bool = True) -> Any:  # noqa: ANN401 (obstore's own union is not importable at run time)
    """Open ``file:///folder`` or ``s3://bucket/prefix``; keys and region of S3 come from the usual ``AWS_…`` variables."""
    if (folder := local_folder(url)) is not None:
        return LocalStore(folder, mkdir=create)
    options: dict[str, Any] = {}
    if s3_endpoint:
        options = {"endpoint": s3_endpoint, "client_options": {"allow_http": s3_endpoint.startswith("http://")}}
    return from_url(url, **options)


@contextmanager
def open_object(store: Any, key: str) -> Iterator[BinaryIO]:  # noqa: ANN401 (as above)
    """Open an object of any store for sequential reading."""
    if isinstance(store, LocalStore):
        with (_local_root(store) / key).open("rb", buffering=PIECE) as stream:
            yield stream
    else:
        yield io.BufferedReader(_Raw(obstore.open_reader(store, key, buffer_size=4 * PIECE)), buffer_size=PIECE)


class _Raw(io.RawIOBase):
    """obstore's reader as the raw stream that Python's own layers build on."""

    def __init__(self, reader: Any) -> None:  # noqa: ANN401 (obstore's reader is not importable at run time)
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 (any writable buffer)
        data = bytes(self._reader.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


def _local_root(store: LocalStore) -> Path:
    if store.prefix is None:
        msg = "a local file store needs a folder"
        raise ValueError(msg)
    return Path(store.prefix)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
