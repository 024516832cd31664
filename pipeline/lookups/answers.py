"""One question to DNS and what was heard of it, in our own words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pycares
from aiodns import error as dns_error

from pipeline.verdicts import NULL_EXCHANGE, TROUBLE, Outcome

#: A name and the type of its records ("MX", "A", "AAAA", "TXT").
Question = tuple[str, str]

_TYPES: Final = {
    "MX": pycares.QUERY_TYPE_MX,
    "A": pycares.QUERY_TYPE_A,
    "AAAA": pycares.QUERY_TYPE_AAAA,
    "TXT": pycares.QUERY_TYPE_TXT,
}
#: The types that several domains may ask of one name: their mail hosts.
SHARED: Final = frozenset({"A", "AAAA"})


class Answer(NamedTuple):
    """What was heard: ``failure`` is None where the name has such records.

    ``data``: addresses, (preference, exchange), or the bytes of a text. ``ttl``: seconds, the shortest of all records, those
    of aliases included; 0 where there are none. ``is_alias``: a CNAME led to the records, or to their absence.
    """

    failure: Outcome | None
    data: tuple[Any, ...] = ()
    ttl: int = 0
    is_alias: bool = False

    @property
    def is_trouble(self) -> bool:
        """Whether the answer tells nothing about the name."""
        return self.failure in TROUBLE


#: What the library's errors say. Whatever is not here happened on our side of the resolver: no socket, no memory, a
#: resolver that shortens its answers and takes no connection. A known limit: the library gives the response codes 6 to 11
#: (YXDOMAIN to NOTAUTH and others) as "no data", so that they cannot be told from it.
_FAILURES: Final = {
    dns_error.ARES_ENODATA: Answer(Outcome.NO_DATA),
    dns_error.ARES_ENOTFOUND: Answer(Outcome.NOT_FOUND),
    dns_error.ARES_ESERVFAIL: Answer(Outcome.SERVFAIL),
    dns_error.ARES_ETIMEOUT: Answer(Outcome.TIMEOUT),
    dns_error.ARES_EREFUSED: Answer(Outcome.REFUSED),
    dns_error.ARES_EFORMERR: Answer(Outcome.ERROR),
    dns_error.ARES_ENOTIMP: Answer(Outcome.ERROR),
    dns_error.ARES_EBADRESP: Answer(Outcome.ERROR),
    dns_error.ARES_EBADNAME: Answer(Outcome.ERROR),
}
NO_ANSWER: Final = Answer(Outcome.TIMEOUT)
UNHEARD: Final = Answer(Outcome.UNHEARD)
ERROR: Final = Answer(Outcome.ERROR)


def is_askable(name: str) -> bool:
    """Whether the library would ask for this very name: it ends a name at a NUL, and encodes other letters its own way."""
    return name.isascii() and "\0" not in name


def read(question: Question, heard: asyncio.Future[pycares.DNSResult]) -> Answer:
    """Return what a query came to; one that was cancelled has had no answer.

    Records of another class, or of a name that neither was asked for nor stands at the end of its aliases, are no answer.
    """
    if heard.cancelled():
        return NO_ANSWER
    error = heard.exception()
    if error is not None:
        return _FAILURES.get(error.args[0], UNHEARD) if isinstance(error, dns_error.DNSError) else UNHEARD
    name, kind = question
    number, value = _TYPES[kind], _VALUES[kind]
    records = heard.result().answer
    is_alias = any(record.type == pycares.QUERY_TYPE_CNAME for record in records)
    owner = _end_of_aliases(name, records) if is_alias else _plain(name)
    if owner is None:
        return ERROR
    found = [record for record in records if record.type == number and _is_of(record, owner)]
    if found:
        ttls = [record.ttl for record in records if record.type in (number, pycares.QUERY_TYPE_CNAME)]
        return Answer(None, tuple([value(record.data) for record in found]), min(ttls), is_alias)
    # The answer may hold only the aliases that led to a name without such records.
    is_foreign = any(record.type == number for record in records)
    return ERROR if is_foreign else Answer(Outcome.NO_DATA, is_alias=is_alias)


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


def _is_of(record: pycares.DNSRecord, owner: str) -> bool:
    return record.record_class == pycares.QUERY_CLASS_IN and _plain(record.name) == owner


def _mail_exchange(data: pycares.MXRecordData) -> tuple[int, str]:
    # The library writes the exchange of a null MX as an empty string.
    return data.priority, data.exchange.rstrip(".").lower() or NULL_EXCHANGE


_VALUES: Final[dict[str, Any]] = {
    "MX": _mail_exchange,
    "A": lambda data: data.addr,
    "AAAA": lambda data: data.addr,
    "TXT": lambda data: data.data,
}


def _end_of_aliases(name: str, records: Sequence[pycares.DNSRecord]) -> str | None:
    """Return the name that the aliases lead to; None where they go in circles."""
    aliases = {
        _plain(record.name): _plain(record.data.cname)
        for record in records
        if isinstance(record.data, pycares.CNAMERecordData)
    }
    end, seen = _plain(name), set[str]()
    while end in aliases:
        if end in seen:
            return None
        seen.add(end)
        end = aliases[end]
    return end
