"""Running PostgreSQL for root: it refuses to run as root, and no user is to be made for it.

Two ways, tried in turn by what they must be able to do: start the binary and write to the data's folder.

1. A user namespace in which root is called ``nobody``. Nothing on the disk changes hands; folders that only root can
   pass are passed. Not to be had in most containers, nor below a folder that is another user's own.
2. The user ``nobody`` itself, with the one capability (CAP_DAC_OVERRIDE) that lets it pass the folders above binaries
   and data. Containers have it, and neither has to be copied elsewhere.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.servers.daemons import clean_environment
from workers.servers.errors import ServersError

#: What ``nobody`` is on practically every Linux, where the user database does not say.
NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """Who a program runs as: what stands in front of its command, and the uid that its files have on the disk."""

    prefix: tuple[str, ...]
    uid: int


def find_identity(binary: Path, folder: Path) -> Identity:
    """Return an identity that may run ``binary`` as PostgreSQL in ``folder``. Raises ServersError if there is none."""
    for identity in _identities():
        if _works(identity, binary, folder):
            return identity
    msg = (
        f"PostgreSQL cannot be started in {folder}: it refuses to run as this user, and neither user namespaces nor "
        "setpriv are to be had here; run mkt as an ordinary user, or set MKT_DATABASE_URL"
    )
    raise ServersError(msg)


def give(tree: Path, uid: int) -> None:
    """Make all of a data folder belong to ``uid``, after the way to run PostgreSQL has changed."""
    if tree.stat().st_uid == uid:
        return
    for folder, _folders, files in os.walk(tree, topdown=False):
        for path in (*(Path(folder, name) for name in files), Path(folder)):
            os.chown(path, uid, -1, follow_symlinks=False)


def _identities() -> Iterator[Identity]:
    is_root = os.geteuid() == 0
    if not is_root and _has_name(os.geteuid()):
        yield Identity((), os.geteuid())
        return
    nobody = _nobody()
    yield Identity(("unshare", "-U", f"--map-user={nobody}", f"--map-group={nobody}"), os.geteuid())
    if is_root:
        options = (
            "--clear-groups",
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=+dac_override",
            "--bounding-set=-all,+dac_override",
        )
        yield Identity(("setpriv", f"--reuid={nobody}", f"--regid={nobody}", *options), nobody)


def _has_name(uid: int) -> bool:
    # initdb asks for it; a container may run under any number.
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return NOBODY


def _works(identity: Identity, binary: Path, folder: Path) -> bool:
    # By doing it: what access(2) says leaves capabilities out.
    script = '"$0" --version && : >"$1/.probe" && rm -f "$1/.probe"'
    try:
        probe = subprocess.run(  # noqa: S603 (the script is fixed; paths go in as arguments)
            [*identity.prefix, "/bin/sh", "-c", script, str(binary), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
            cwd="/",
            check=False,
        )
    except FileNotFoundError:
        return False
    return probe.returncode == 0
