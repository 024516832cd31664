"""Addresses whose verdict is that of their domain, and about which there is something to remark all the same."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.verdicts import mailboxes
from pipeline.verdicts.canonical import canonical
from pipeline.verdicts.evidence import Policy
from pipeline.verdicts.typos import is_doubtful


class Remarks(NamedTuple):
    """What is to be said of an address beside the verdict on its domain."""

    canonical: str
    flags: tuple[str, ...]


def remarks(address: str, policy: Policy) -> Remarks | None:
    """Return what `judge` would add to the verdict on the address's domain, without own facts and overrides; None: more.

    A list of companies has a quarter of such addresses (contato@, ana.souza@gmail.com): they need not be judged one by one.
    """
    local_part, _, domain = address.rpartition("@")
    if is_doubtful(domain):  # then the suggestion is an address
        return None
    found = mailboxes.read(local_part, domain, policy)
    if found.reasons or found.local_part is not None:
        return None
    return Remarks(canonical(address), tuple(str(flag) for flag in found.flags))
