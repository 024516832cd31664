"""Which questions lead to a domain's mail hosts, and what the answers come to (RFC 5321 section 5.1).

Written as generators that yield questions and are sent the answers to them, so that nothing here knows how questions
travel, how many are on their way, or that other domains ask the same ones.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from pipeline.lookups.answers import Answer, Question
from pipeline.verdicts import NULL_EXCHANGE, TROUBLE, DomainFacts, MailHost, Outcome, Spf, is_public
from pipeline.verdicts.evidence import MOST_EXCHANGES

T = TypeVar("T")

#: Yields questions, all at once, is sent their answers in the same order, and returns what they come to.
Steps = Generator[Sequence[Question], Sequence[Answer], T]

#: What no host's name holds: colons (addresses), blanks, quotes, and what the library writes with a backslash.
_NEVER_IN_HOSTS: Final = re.compile(r"""[:\s"'\\\x00-\x20\x7f]""")
_SPF: Final = b"v=spf1"
#: Domains share mail hosts, and mail hosts addresses.
_is_public = lru_cache(maxsize=1 << 14)(is_public)


def mail_hosts(domain: str, tries: int = 1) -> Steps[DomainFacts]:
    """Ask for the mail hosts of a domain (an A-label), for the ``tries``-th time."""
    began = time.monotonic()
    if not is_host_name(domain):
        return DomainFacts(domain, Outcome.ERROR, tries=tries)
    (mx,) = yield ((domain, "MX"),)
    spf = None
    hosts: list[MailHost] = []
    addresses: tuple[str, ...] = ()
    best: list[tuple[int, str]] = []
    ttl = mx.ttl
    if mx.failure is None:
        outcome = Outcome.MX
        best, is_cut = _best(mx.data)
        hosts, ttl = yield from _exchanges(best, ttl, is_cut=is_cut)
    elif mx.failure is Outcome.NO_DATA:
        (host,), ttl = yield from _resolve((domain,))
        outcome, addresses = host.outcome, host.addresses
        if any(map(_is_public, addresses)) and outcome is Outcome.ADDRESS:
            (texts,) = yield ((domain, "TXT"),)
            spf = _spf(texts)
    else:
        outcome = mx.failure
    took = round(1000 * (time.monotonic() - began))
    return DomainFacts(domain, outcome, tuple(best), len(mx.data), tuple(hosts), addresses, spf, ttl, tries, took)


def is_host_name(name: str) -> bool:
    """Whether a name can be that of a host: DNS would be asked even for "", "0.0.0.0" and "localhost", in vain."""
    last = name.rpartition(".")[2]
    is_named = bool(last) and last not in ("localhost", "localdomain") and not last.isdigit()
    return is_named and not _NEVER_IN_HOSTS.search(name)


def _best(exchanges: Sequence[tuple[int, str]]) -> tuple[list[tuple[int, str]], bool]:
    """Return the exchanges that are kept, best first, and whether hosts are missing among them.

    Of more than we keep, each counts once, and hosts before what names none.
    """
    ranked = sorted(exchanges)
    if len(ranked) <= MOST_EXCHANGES:
        return ranked, False
    once = {name: preference for preference, name in reversed(ranked)}
    distinct = sorted((preference, name) for name, preference in once.items())
    hosts = [each for each in distinct if is_host_name(each[1])]
    others = [each for each in distinct if not is_host_name(each[1])]
    return sorted([*hosts, *others][:MOST_EXCHANGES]), len(hosts) > MOST_EXCHANGES


def _exchanges(best: Sequence[tuple[int, str]], ttl: int, *, is_cut: bool) -> Steps[tuple[list[MailHost], int]]:
    """Ask for exchanges, from the best on, until one can be reached over IPv4.

    Where there are too many to ask, the last one stands for the others and is not asked: it is UNHEARD, so that nobody
    believes that all of them were heard.
    """
    names = list(dict.fromkeys([name for _, name in best if name != NULL_EXCHANGE and is_host_name(name)]))
    unheard = [names.pop()] if is_cut else []
    hosts: list[MailHost] = []
    width = 1
    while names:
        heard, least = yield from _resolve(names[:width])
        names = names[width:]
        hosts += heard
        ttl = min(ttl, least or ttl)
        if any(":" not in address and is_public(address) for host in heard for address in host.addresses):
            return hosts, ttl
        if any(host.outcome in TROUBLE for host in heard):
            width = MOST_EXCHANGES  # one after the other could take as many time-outs
    return hosts + [MailHost(name, Outcome.UNHEARD) for name in unheard], ttl


def _resolve(names: Sequence[str]) -> Steps[tuple[list[MailHost], int]]:
    """Ask for the addresses of some names: A, and AAAA where there is no public A. Returns the shortest TTL too."""
    fours = yield [(name, "A") for name in names]
    ttls = [four.ttl for four in fours if four.data]
    lacking = [name for name, four in zip(names, fours, strict=True) if _lacks_public(four)]
    sixes: dict[str, Answer] = {}
    if lacking:
        sixes = dict(zip(lacking, (yield [(name, "AAAA") for name in lacking]), strict=True))
        ttls += [six.ttl for six in sixes.values() if six.data]
    hosts = [_host(name, four, sixes.get(name)) for name, four in zip(names, fours, strict=True)]
    return hosts, min(ttls, default=0)


def _lacks_public(four: Answer) -> bool:
    if four.failure is None:
        return not any(map(_is_public, four.data))
    return four.failure is Outcome.NO_DATA


def _host(name: str, four: Answer, six: Answer | None) -> MailHost:
    addresses: tuple[str, ...] = tuple(sorted(four.data))
    outcome = four.failure or Outcome.ADDRESS
    is_alias = four.is_alias
    if six is not None:
        # Some servers deny a name when they only lack its AAAA (RFC 4074): A has the word on whether it exists.
        addresses += tuple(sorted(six.data))
        is_alias = is_alias or six.is_alias
        if six.is_trouble and six.failure is not None:
            outcome = six.failure
        elif addresses:
            outcome = Outcome.ADDRESS
    return MailHost(name, outcome, addresses, is_alias)


def _spf(texts: Answer) -> Spf:
    if texts.is_trouble:
        return Spf.UNKNOWN
    records = [words for words in (text.lower().split() for text in texts.data) if words[:1] == [_SPF]]
    return Spf.NO_MAIL if records == [[_SPF, b"-all"]] else Spf.OTHER
