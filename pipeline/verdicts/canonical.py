"""The one form of a mailbox that has several: to find people who are in a list twice, never to send to.

Sources: Google's help (dots do not matter in Gmail addresses; ``+`` before the @), Apple's (me.com and mac.com are
icloud.com), and the providers' help on plus addressing. Nothing is assumed of a company's own domain, wherever its mail is
kept, and nothing of Yahoo, whose aliases are separate names.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from pipeline.verdicts import lists

#: Where dots in the local part mean nothing.
WITHOUT_DOTS: Final = "gmail.com"


def canonical(address: str) -> str:
    """Return the canonical form of an address in its stored form."""
    local, _, domain = address.rpartition("@")
    domain = _aliases().get(domain, domain)
    if domain in _tagged():
        local = local.partition("+")[0] or local
    if domain == WITHOUT_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def is_own_form(domain: str) -> bool:
    """Whether an address of the domain is its own canonical form when it has no ``+``."""
    return domain != WITHOUT_DOTS and domain not in _aliases()


def domains_of(domain: str) -> tuple[str, ...]:
    """Return the domains under which the mailboxes of this canonical one are written."""
    return (domain, *sorted(alias for alias, meant in _aliases().items() if meant == domain))


def has_tags(domain: str) -> bool:
    """Whether what follows a ``+`` before the @ of this canonical domain means nothing."""
    return domain in _tagged()


def domains_with_forms() -> list[str]:
    """Return the domains at which an address without ``+`` can be one of several of its mailbox, or the form of another."""
    return sorted({WITHOUT_DOTS, *_aliases(), *_aliases().values()})


@cache
def _aliases() -> dict[str, str]:
    found: dict[str, str] = lists.load("canonical")["aliases"]
    return found


@cache
def _tagged() -> frozenset[str]:
    return frozenset(lists.load("canonical")["plus_tags"])
