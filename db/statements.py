"""Long statements live in ``.sql`` files of their own, under the name of what they do."""

from __future__ import annotations

import functools
from pathlib import Path

_FOLDER = Path(__file__).with_name("sql")


@functools.cache
def statement(name: str) -> str:
    """Return the text of ``db/sql/<name>.sql``; its parameters are bound as ``:name``."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
