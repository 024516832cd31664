"""Send: the people of a chunk are judged by what is known at this moment; each has a message or an exclusion afterwards."""

from __future__ import annotations

import time
from typing import Final

from db import opt_outs, sends
from db.chunks import ChunkRef, Claim
from db.jobs import Job
from db.statuses import ChunkStage
from db.unit import Unit
from pipeline.attempts import effects, move_on
from pipeline.context import Context
from pipeline.failpoints import failpoint
from pipeline.opt_outs import TICK, complete_of_tenant
from pipeline.sending import campaign_of

#: Looks at opt-outs that nobody has read yet, before another attempt is made at the chunk.
_LOOKS: Final = 5


class _UnreadError(Exception):
    """There are opt-outs of which it cannot be told yet whom they are about: nobody is judged before it can."""


def run(context: Context, claim: Claim, job: Job) -> None:
    """Judge the chunk's people and make the messages, in one transaction that opt-outs wait for, or that has waited for them."""
    cid = campaign_of(job)

    def work(unit: Unit) -> list[ChunkRef]:
        sends.heed_opt_outs(unit, cid)
        if opt_outs.are_unread(unit):
            raise _UnreadError
        failpoint("send:heeding")
        recipients, excluded = sends.send(unit, claim, cid)
        return move_on(context, unit, claim, ChunkStage.DONE, {"ok_rows": recipients, "error_rows": excluded})

    for look in range(1, _LOOKS + 1):
        # In transactions of its own: whoever completes one holds the opt-outs alone, and the chunk holds them with others.
        complete_of_tenant(context, claim.ref.tenant_id, until=time.monotonic() + TICK)
        try:
            effects(context, claim, work)
        except _UnreadError:
            if look == _LOOKS:
                raise
        else:
            return
