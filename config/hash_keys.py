"""The keys that mailboxes are hashed with: read from a file that lies outside the database and outside its dumps.

A block that outlives a person's erasure knows nobody but a hash (HMAC-SHA256). Without a key, whoever has a dump could
try addresses until one fits; with another key, no block would be found any more. So the file is as precious as the
database, and is kept apart from it (decision 16).

The file is JSON: ``{"1": "<64 hexadecimal digits>", "2": …}``. The highest version makes new hashes; all of them are
tried when a mailbox is looked for. Every tenant has a key of its own, derived from the version's.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from config.settings import Settings

#: The name of the custom setting by which sessions of PostgreSQL have the keys.
SESSION_SETTING: Final = "mkt.hash_secrets"
#: Bytes of a key.
KEY_BYTES: Final = 32
#: The text whose hash shows which key a tenant's hashes were made with. No mailbox: it has no @.
CANARY: Final = "canary"
#: The largest smallint: the version stands beside every hash.
_LAST_VERSION: Final = 32_767


class HashKeysError(Exception):
    """The key file is not there or not as it should be; the text is one sentence that names it."""


class HashKeys:
    """The keys by version. They are shown by nothing but `as_setting`: not in a log, not in a traceback."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._keys = dict(sorted(keys.items()))

    def __repr__(self) -> str:
        return f"HashKeys(versions={self.versions})"

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that there are, the oldest first."""
        return tuple(self._keys)

    @property
    def current(self) -> int:
        """The version that new hashes are made with: the highest."""
        return self.versions[-1]

    def tenant_key(self, tenant_id: UUID, version: int) -> bytes:
        """Return the tenant's own key of that version. Raises KeyError where there is no such version."""
        return hmac.digest(self._keys[version], tenant_id.bytes, "sha256")

    def hash(self, tenant_id: UUID, version: int, mailbox: str) -> bytes:
        """Return the keyed hash by which a mailbox is known (`mkt.mailbox_hash` says the same in the database)."""
        return hmac.digest(self.tenant_key(tenant_id, version), mailbox.encode(), "sha256")

    def canary(self, tenant_id: UUID, version: int) -> bytes:
        """Return what `mkt.hash_keys` has to hold for that tenant and version, if this is the key that was used."""
        return self.hash(tenant_id, version, CANARY)

    def as_file(self) -> bytes:
        """Return the content of the file; to be written there and nowhere else."""
        return json.dumps({str(version): key.hex() for version, key in self._keys.items()}).encode() + b"\n"

    def as_setting(self) -> str:
        """Return the keys as PostgreSQL takes them: ``1:<hexadecimal digits>,2:…``; to be handed to it and to nobody else."""
        return ",".join(f"{version}:{key.hex()}" for version, key in self._keys.items())


def read(settings: Settings) -> HashKeys | None:
    """Return the keys of the file; None where there is no file. Raises HashKeysError for one that cannot be used."""
    path = settings.hash_keys_path
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        msg = f"the key file {path} cannot be read: {error.strerror}"
        raise HashKeysError(msg) from None
    try:
        return HashKeys({_version(name): _key(value) for name, value in json.loads(text).items()} or _nothing())
    except (ValueError, AttributeError, TypeError):
        msg = (
            f'the key file {path} is damaged: it must be a JSON object like {{"1": "<{2 * KEY_BYTES} hexadecimal digits>"}};'
            " bring back the copy that was kept of it"
        )
        raise HashKeysError(msg) from None  # what stands in the file must not stand in a traceback


def make(settings: Settings) -> HashKeys:
    """Return the keys of the file, and make it with a key of version 1 where there is none: for whoever sets mkt up.

    Nowhere else: in the place of a file that was lost, another key would be as good as none. Raises HashKeysError.
    """
    path = settings.hash_keys_path
    found = read(settings)
    if found is not None:
        return found
    new = HashKeys({1: secrets.token_bytes(KEY_BYTES)})
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Under another name first, then linked: whoever makes one at the same moment finds this file whole, or has won.
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(new.as_file())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
        _keep(path.parent)
    except OSError as error:
        msg = f"the key file {path} cannot be made: {error.strerror}"
        raise HashKeysError(msg) from None
    return read(settings) or new


def _keep(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _version(name: str) -> int:
    version = int(name)
    if not (name.isascii() and name.isdigit() and 1 <= version <= _LAST_VERSION):
        raise ValueError
    return version


def _key(value: str) -> bytes:
    key = bytes.fromhex(value)
    if len(key) != KEY_BYTES:
        raise ValueError
    return key


def _nothing() -> dict[int, bytes]:
    raise ValueError
