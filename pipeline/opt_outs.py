"""What has to be done to opt-outs that other services added: their address in its stored form, and the hash of the mailbox.

The database does it at once where it can: not for addresses in other scripts, or that are written oddly, and not in a
session that has no key. The clock's tick does the rest, and so does every chunk of a send before it judges anybody.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote
from uuid import UUID

import structlog

from db import opt_outs
from pipeline.addresses import judge_cell
from pipeline.context import Context

log = structlog.get_logger()

#: Entries that are completed in one transaction.
BATCH: Final = 5_000
#: Seconds for which one tick goes on.
TICK: Final = 60.0

_MAILTO: Final = re.compile(r"^\s*mailto:", re.IGNORECASE)
#: What RFC 5322 lets stand beside an address: comments, blanks around its marks, quotation marks that are not needed.
_COMMENT: Final = re.compile(r"\([^()]*\)")
_AROUND_MARKS: Final = re.compile(r"\s*([@.])\s*")
_QUOTED: Final = re.compile(r'"([\w.+-]+)"@')


def complete_opt_outs(context: Context) -> int:
    """Complete what lacks its hash, tenant by tenant; returns how many entries were. Safe to run anywhere, twice."""
    if context.keys is None:
        return 0
    with context.database.unit(None) as unit:
        tenants = opt_outs.tenants_with_incomplete(unit)
    until = time.monotonic() + TICK
    completed = sum(complete_of_tenant(context, tenant_id, until=until) for tenant_id in tenants)
    if completed:
        log.info("opt_outs_completed", entries=completed, tenants=len(tenants))
    return completed


def complete_of_tenant(context: Context, tenant_id: UUID, *, until: float) -> int:
    """Complete one tenant's entries, batch by batch, until that moment of the monotonic clock."""
    completed, after = 0, 0
    while time.monotonic() < until:
        with context.database.unit(tenant_id) as unit:
            found = opt_outs.incomplete(unit, after=after, limit=BATCH)
            if not found:
                break
            read = [(number, stored_form(address)) for number, address in found]
            completed += opt_outs.complete(unit, read)
        after = found[-1][0]
        if unreadable := [number for number, address in read if address is None]:
            log.warning("opt_outs_unreadable", suppression_ids=unreadable[:20], entries=len(unreadable))
    return completed


def stored_form(said: str) -> str | None:
    """Return the address that somebody wanted to opt out, as contacts have it; None: there is none to be read.

    More generous than with a file, whose rows people mend: nobody is asked here, and who wanted out must be out.
    """
    return next((found for each in _readings(said) if (found := judge_cell(each).normalized)), None)


def _readings(said: str) -> Iterator[str]:
    yield said
    plain = unicodedata.normalize("NFKC", unquote(said))
    yield plain
    bare = _MAILTO.sub("", plain).partition("?")[0]
    yield bare
    yield _QUOTED.sub(r"\1@", _AROUND_MARKS.sub(r"\1", _COMMENT.sub(" ", bare)).strip())
