"""The keys of `config.hash_keys` for sessions of the embedded PostgreSQL that bring none of their own, such as `psql`.

They lie in a file beside the cluster, not in it: no dump and no copy of the data folder has them. They are no setting of
the server (a reload would write them into its log) and no argument (every user of the machine could see them).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from config.hash_keys import HashKeys

#: Where the function `mkt.any_secrets` looks for it, seen from the data folder: `../mkt_hash_keys`.
FILE_NAME: Final = "mkt_hash_keys"


def hand_over(data: Path, keys: HashKeys | None) -> None:
    """See to it that the server of the cluster in ``data`` has these keys, whether it runs or not.

    Where the keys are lost, what the server has is left as it is.
    """
    if keys is None:
        return
    path, wanted, owner = data.parent / FILE_NAME, keys.as_setting().encode(), data.stat().st_uid
    try:
        is_there = path.read_bytes() == wanted and path.stat().st_uid == owner
    except FileNotFoundError:
        is_there = False
    if not is_there:
        _write(path, wanted, owner=owner)


def _write(path: Path, content: bytes, *, owner: int) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    if owner != os.geteuid():
        os.chown(draft, owner, -1)  # of root, who runs PostgreSQL as somebody else
    Path(draft).replace(path)
