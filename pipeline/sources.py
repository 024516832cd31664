"""Where bytes come from: a regular file of this machine, or a URL within the configured roots."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from pipeline.problems import FileProblem, FileProblemCode


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


def within_roots(url: str, roots: tuple[str, ...]) -> tuple[str, str]:
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
