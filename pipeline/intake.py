"""Intake: bytes come in, a job comes out; the same request twice is the same job.

Bytes enter through `intake` (a stream or a path, for this process's own callers) or from a storage URL within the
configured roots (`intake_url`, for other services). They are stored once per tenant under their SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit
from uuid import UUID

from db import audiences, jobs
from db.chunks import ChunkRef
from db.jobs import NewJob
from db.statuses import AudienceStatus, OnExisting
from db.unit import Unit
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.store import StoredFile, TooLargeError, open_object, open_store


class IntakeRefusedError(Exception):
    """The request cannot be taken: an audience or a user that is not there, or is archived. The text is for people."""


@dataclass(frozen=True)
class ImportOptions:
    """What was asked of an import; two requests with equal options and bytes are the same request."""

    on_existing: OnExisting = OnExisting.FILL
    mapping: Mapping[str, str] = field(default_factory=dict)  # column of the file -> field of the contact

    def to_json(self) -> dict[str, object]:
        """Return the options as they are kept with the job."""
        return {"on_existing": str(self.on_existing), "map": dict(sorted(self.mapping.items()))}

    def fingerprint(self) -> str:
        """Return the SHA-256 of the options in canonical form."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class ImportRequest:
    """Who wants what imported into which audience. ``request_id`` is the caller's own key for the request."""

    tenant_id: UUID
    user_id: UUID
    audience: str  # name or id
    file_name: str
    options: ImportOptions = field(default_factory=ImportOptions)
    request_id: str | None = None
    again: bool = False


@dataclass(frozen=True)
class Receipt:
    """The answer to a request; ``reused``: the job was there already and nothing was written."""

    import_job_id: UUID
    reused: bool


def intake(context: Context, request: ImportRequest, source: BinaryIO | Path) -> Receipt:
    """Store the bytes and create the job; its first hint is sent.

    Raises FileProblem for a path that is no readable file or too large, IntakeRefusedError for an audience that
    cannot take an import.
    """
    known = _known_request(context, request)
    if known is not None:
        return known
    audience_id = _audience(context, request)
    with opened(source, request.file_name) as stream:
        stored = _store(context, request, stream)
    return _create(context, request, audience_id, stored)


def intake_url(context: Context, request: ImportRequest, url: str) -> Receipt:
    """Like `intake`, from ``file://`` or ``s3://`` within ``MKT_IMPORT_ROOTS``.

    Raises FileProblem for a URL outside of them or without a file.
    """
    root, key = _within_roots(url, context.settings.import_roots)
    store = open_store(root, s3_endpoint=context.settings.s3_endpoint, create=False)
    known = _known_request(context, request)
    if known is not None:
        return known
    audience_id = _audience(context, request)
    try:
        with open_object(store, key) as stream:
            stored = _store(context, request, stream)
    except IsADirectoryError:
        raise FileProblem(FileProblemCode.FILE_IS_DIRECTORY, file=url) from None
    except FileNotFoundError:
        raise FileProblem(FileProblemCode.FILE_MISSING, file=url) from None
    return _create(context, request, audience_id, stored)


def _known_request(context: Context, request: ImportRequest) -> Receipt | None:
    if request.request_id is None:
        return None
    with context.database.unit(request.tenant_id) as unit:
        job = jobs.find_by_request(unit, request.request_id)
    return None if job is None else Receipt(job, reused=True)


def _audience(context: Context, request: ImportRequest) -> UUID:
    with context.database.unit(request.tenant_id) as unit:
        audience = audiences.find(unit, request.audience)
    if audience is None:
        msg = f"there is no audience {request.audience!r}; `mkt audience list` shows those there are, `mkt audience create` makes one"
        raise IntakeRefusedError(msg)
    if audience.status != AudienceStatus.ACTIVE:
        msg = f"the audience {audience.name!r} is archived and takes no contacts; `mkt audience reactivate` brings it back"
        raise IntakeRefusedError(msg)
    return audience.audience_id


@contextmanager
def opened(source: BinaryIO | Path, name: str) -> Iterator[BinaryIO]:
    """Open a path that must be a regular file; a stream is passed on. Raises FileProblem, speaking of ``name``."""
    if not isinstance(source, Path):
        yield source
        return
    try:
        # Without blocking: a named pipe without a writer would wait for ever.
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise FileProblem(FileProblemCode.FILE_MISSING, file=name) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise FileProblem(FileProblemCode.FILE_UNREADABLE, file=name, reason=reason) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise FileProblem(FileProblemCode.FILE_IS_DIRECTORY, file=name)
        raise FileProblem(FileProblemCode.FILE_UNREADABLE, file=name, reason="it is not a regular file")
    with os.fdopen(descriptor, "rb") as stream:
        yield stream


def _store(context: Context, request: ImportRequest, stream: BinaryIO) -> StoredFile:
    limit = context.settings.max_file_bytes
    try:
        return context.store.add_file(request.tenant_id, stream, limit=limit)
    except TooLargeError:
        raise FileProblem(FileProblemCode.FILE_TOO_LARGE, file=request.file_name, limit=limit) from None


def _create(context: Context, request: ImportRequest, audience_id: UUID, stored: StoredFile) -> Receipt:
    new = NewJob(
        kind="import",
        audience_id=audience_id,
        uploaded_by_user_id=request.user_id,
        request_id=request.request_id,
        file_name=request.file_name,
        file_hash=stored.sha256,
        file_bytes=stored.size,
        file_key=stored.key,
        options=request.options.to_json(),
        options_hash=request.options.fingerprint(),
        chunk_rows=context.settings.chunk_rows,
    )

    def work(unit: Unit) -> tuple[UUID, ChunkRef | None]:
        existing = None if request.again else jobs.find_same_content(unit, new)
        return (
            (existing, None)
            if existing is not None
            else jobs.create(unit, new, again=request.again, hints=context.hints)
        )

    job_id, hint = context.database.in_unit(request.tenant_id, work)
    failpoint("intake:committed")
    if hint is not None:
        context.dispatch([hint])
    return Receipt(job_id, reused=hint is None)


def _within_roots(url: str, roots: tuple[str, ...]) -> tuple[str, str]:
    """Return (root, key below it) of a URL, or refuse it: ``..``, links out of the root and other hosts included."""
    parts = urlsplit(url)
    for root in roots:
        base = urlsplit(root)
        if parts.scheme != base.scheme or parts.netloc != base.netloc:
            continue
        if parts.scheme == "file":
            folder, path = Path(unquote(base.path)).resolve(), Path(unquote(parts.path)).resolve()
            if path.is_relative_to(folder) and path != folder:
                return folder.as_uri(), str(path.relative_to(folder))
        elif parts.scheme == "s3":
            prefix, key = base.path.strip("/"), unquote(parts.path).lstrip("/")
            inside = key.startswith(f"{prefix}/") if prefix else bool(key)
            if inside and ".." not in key.split("/"):
                return root, key.removeprefix(f"{prefix}/") if prefix else key
    raise FileProblem(FileProblemCode.URL_NOT_ALLOWED, file=url)
