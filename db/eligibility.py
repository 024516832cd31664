"""Whom a campaign reaches, and what keeps the others from it: asked of the functions in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from db.unit import Unit


class Judgement(NamedTuple):
    """What became of one contact: the first rule that matched, and what it found; ``rule`` None: a recipient."""

    rid: int
    rule: str | None
    reason: str | None


def judge(unit: Unit, cid: UUID, rids: Sequence[int] | None = None) -> list[Judgement]:
    """Return what the rules say, now, of everybody whom the campaign chose; with ``rids`` of exactly these contacts.

    Of a mailbox that several of them share the smallest ``rid`` counts, among those that are asked about.
    """
    if rids is not None:
        unit.look_up_by_key()
    found = unit.execute(
        "select rid, rule, reason from mkt.judge_campaign(:cid, cast(:rids as bigint[])) order by rid",
        {"cid": cid, "rids": None if rids is None else list(rids)},
    ).all()
    return [Judgement(*row) for row in found]


def may_receive(unit: Unit, cid: UUID, rid: int) -> bool:
    """Whether a contact that was frozen as a recipient may still receive the campaign."""
    return bool(unit.execute("select mkt.may_receive(:cid, :rid)", {"cid": cid, "rid": rid}).scalar_one())
