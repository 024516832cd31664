"""Running PostgreSQL for root: it refuses to run as root, and no user is to be made for it.

Two ways, tried in turn by what they must be able to do: start the binary and write to the data's folder.

1. A user namespace in which root is called ``nobody``. Nothing on the disk changes hands; folders that only root can
   pass are passed. Not to be had in most containers, nor below a folder that is another user's own.
2. The user ``nobody`` itself, with the one capability (CAP_DAC_OVERRIDE) that lets it pass the folders above the data.
   Containers have it. PostgreSQL asks access(2) about its own binary, which leaves capabilities out: below a folder
   that is closed to others the binaries are copied once to a place of root's that is not.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.servers.daemons import clean_environment
from workers.servers.errors import ServersError

#: What ``nobody`` is on practically every Linux, where the user database does not say.
NOBODY = 65534
#: Where copies of binaries lie that nobody else could reach; only root writes there.
COPIES = Path("/var/cache/mkt")


@dataclass(frozen=True)
class Identity:
    """Who PostgreSQL runs as: what stands before its command, the uid of its files on the disk, the binary to use."""

    prefix: tuple[str, ...]
    uid: int
    binary: Path


def find_identity(binary: Path, folder: Path) -> Identity:
    """Return an identity that may run ``binary`` as PostgreSQL in ``folder``. Raises ServersError if there is none."""
    for identity in _identities(binary):
        if _works(identity, folder):
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


def _identities(binary: Path) -> Iterator[Identity]:
    is_root = os.geteuid() == 0
    if not is_root and _has_name(os.geteuid()):
        yield Identity((), os.geteuid(), binary)
        return
    nobody = _nobody()
    yield Identity(("unshare", "-U", f"--map-user={nobody}", f"--map-group={nobody}"), os.geteuid(), binary)
    if is_root:
        options = (
            "--clear-groups",
            "--inh-caps=-all,+dac_override",
            "--ambient-caps=+dac_override",
            "--bounding-set=-all,+dac_override",
        )
        yield Identity(("setpriv", f"--reuid={nobody}", f"--regid={nobody}", *options), nobody, _within_reach(binary))


def _within_reach(binary: Path) -> Path:
    """Return the binary, or a copy of its package, at a place that every user may pass to."""
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in binary.parents):
        return binary
    package = binary.parents[2]
    state = binary.stat()
    copies = COPIES / f"postgresql-{state.st_size}-{state.st_mtime_ns}"
    if not copies.exists():
        COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=COPIES))
        made.chmod(0o755)
        for part in (package, package.with_name(f"{package.name}.libs")):  # beside it, as its libraries expect
            if part.exists():
                shutil.copytree(part, made / part.name, symlinks=True)
        try:
            made.rename(copies)
        except OSError:  # another start was quicker
            shutil.rmtree(made)
    return copies / package.name / binary.relative_to(package)


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


def _works(identity: Identity, folder: Path) -> bool:
    # By doing it: what access(2) says leaves capabilities out.
    script = '"$0" --version && : >"$1/.probe" && rm -f "$1/.probe"'
    try:
        probe = subprocess.run(  # noqa: S603 (the script is fixed; paths go in as arguments)
            [*identity.prefix, "/bin/sh", "-c", script, str(identity.binary), str(folder)],
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
