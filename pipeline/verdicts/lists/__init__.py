"""Short lists of our own: names of mailboxes, domains and mail servers that mean something for a verdict.

Each is a TOML file of this package with a ``version``, and says what it holds.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def load(name: str) -> dict[str, Any]:
    """Return the list called ``name``. Raises FileNotFoundError for one that there is not."""
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def version(name: str) -> str:
    """Return the version of a list. Raises FileNotFoundError for one that there is not."""
    return str(load(name)["version"])


def names() -> tuple[str, ...]:
    """Return the names of all lists."""
    files = (file.name for file in resources.files(__name__).iterdir())
    return tuple(sorted(file.removesuffix(".toml") for file in files if file.endswith(".toml")))


def fingerprint() -> str:
    """Return eight hexadecimal digits that change when any list does, whether or not somebody thought of its version."""
    digest = hashlib.sha256()
    for name in names():
        digest.update(resources.files(__name__).joinpath(f"{name}.toml").read_bytes())
    return digest.hexdigest()[:8]
