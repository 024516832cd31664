"""Whether the key file holds the keys that were used: nobody may import, suppress or send by others.

With another key, blocks of erased people would not be found, and a new canary would hide it. So whoever is about to do
something refuses, in one sentence; whoever only looks goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from uuid import UUID

from config.hash_keys import HashKeys
from db import hash_keys
from db.hash_keys import Canary
from pipeline import texts
from pipeline.context import Context


@unique
class KeyTrouble(StrEnum):
    """What is wrong; the sentence is ``cli.refused.hash_keys.<code>``, the doctor's ``cli.doctor.hash_keys.<code>``."""

    NO_FILE = "no_file"
    NO_VERSION = "no_version"  # hashes were made with a version that the file does not have
    OTHER_KEY = "other_key"  # the file has another key under that version


@dataclass(frozen=True)
class KeyFinding:
    """One thing that is wrong, of how many tenants."""

    trouble: KeyTrouble
    version: int
    tenants: int


class HashKeysRefusedError(Exception):
    """The keys are not those that were used; the text is the English sentence, ``key`` and ``params`` make another."""

    def __init__(self, finding: KeyFinding, path: Path) -> None:
        self.key = f"refused.hash_keys.{finding.trouble}"
        self.params = {"path": str(path), "version": finding.version, "tenants": finding.tenants}
        super().__init__(texts.text(f"cli.{self.key}", "en", **self.params))


def findings(keys: HashKeys | None, canaries: Iterable[Canary]) -> list[KeyFinding]:
    """Return what is wrong with the keys, by what the database has kept of those that were used; the worst first."""
    found: dict[tuple[KeyTrouble, int], int] = {}
    for canary in canaries:
        trouble = _trouble(keys, canary)
        if trouble is not None:
            found[trouble, canary.version] = found.get((trouble, canary.version), 0) + 1
    order = list(KeyTrouble)
    return [
        KeyFinding(trouble, version, tenants)
        for (trouble, version), tenants in sorted(found.items(), key=lambda each: (order.index(each[0][0]), each[0][1]))
    ]


def _trouble(keys: HashKeys | None, canary: Canary) -> KeyTrouble | None:
    if keys is None:
        return KeyTrouble.NO_FILE
    if canary.version not in keys.versions:
        return KeyTrouble.NO_VERSION
    same = keys.canary(canary.tenant_id, canary.version) == canary.canary
    return None if same else KeyTrouble.OTHER_KEY


def require(context: Context, tenant_id: UUID | None = None) -> None:
    """See that hashes of the tenant (None: of all) can be found. Raises HashKeysRefusedError.

    Where there is no key at all, none must have been used yet, and whoever sets mkt up makes one.
    """
    with context.database.reading(tenant_id) as unit:
        canaries = hash_keys.canaries(unit, tenant_id)
    found = findings(context.keys, canaries)
    if not found and context.keys is None:
        found = [KeyFinding(KeyTrouble.NO_FILE, 0, 0)]
    if found:
        raise HashKeysRefusedError(found[0], context.settings.hash_keys_path)
