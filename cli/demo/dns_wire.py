"""The few parts of DNS messages that a server of fixed answers needs (RFC 1035 section 4); far quicker than a library."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable
from typing import Final

TYPES: Final = {"A": 1, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28}
KINDS: Final = {number: kind for kind, number in TYPES.items()}
RCODES: Final = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}

#: One string of a TXT record holds so many bytes; a longer text is several strings.
LONGEST_STRING: Final = 255

_LONGEST: Final = 0xFFFF  # bytes of a message over TCP
_HEADER: Final = struct.Struct("!HHHHHH")
_RESPONSE: Final = 0x8180  # QR, RD and RA
_TRUNCATED: Final = 0x0200  # TC
_IN: Final = 1
_OPT: Final = b"\0\0\x29"  # the root, and type 41: the client says how long a datagram may be (RFC 6891)
_WITHOUT_OPT: Final = 512  # bytes of a datagram
_FARTHEST: Final = 0x4000  # a compression pointer reaches no farther


def question_of(query: bytes) -> bytes:
    """Return the name, type and class asked for, in wire format. Raises ValueError where there is none."""
    return query[_HEADER.size : query.index(0, _HEADER.size) + 5]


def read_question(question: bytes) -> tuple[str, str]:
    """Return the name asked for, in lower case without a trailing dot, and the type ("MX", or a number in text)."""
    number = int.from_bytes(question[-4:-2], "big")
    return _name(question).lower(), KINDS.get(number, str(number))


def write_question(name: str, kind: str) -> bytes:
    """Return the question for a name as it stands in a query."""
    return b"".join(_label(label) for label in name.split(".") if label) + struct.pack("!BHH", 0, TYPES[kind], _IN)


def is_too_long(response: bytes, query: bytes) -> bool:
    """Whether the client has no room for the response in one datagram."""
    if len(response) <= _WITHOUT_OPT:
        return False
    options = query[len(question_of(query)) + _HEADER.size :]
    return options[:3] != _OPT or len(response) > int.from_bytes(options[3:5], "big")


def cut_short(response: bytes, query: bytes) -> bytes:
    """Return the response that says: too long for UDP, ask over TCP."""
    number, flags = struct.unpack_from("!HH", response)
    return _HEADER.pack(number, flags | _TRUNCATED, 1, 0, 0, 0) + question_of(query)


class Response:
    """A response in the making. Its first two bytes, the query's number, are left to the one who sends it."""

    def __init__(self, question: bytes) -> None:
        self._body = bytearray(_HEADER.size) + question
        self._names: dict[str, int] = {}
        self._counts = [0, 0]  # of the answer, of the authority section
        self.write_name(_name(question), into=bytearray(), at=_HEADER.size)

    def add(self, name: str, kind: str, ttl: int, values: Iterable[object]) -> None:
        """Add records to the answer: addresses, (preference, exchange), a name, or a text or its parts.

        What a message has no room for is left out, as real servers leave it out.
        """
        for value in values:
            before = len(self._body)
            self._record(name, kind, ttl, value)
            if len(self._body) > _LONGEST:
                del self._body[before:]
                return
            self._counts[0] += 1

    def add_authority(self, name: str, ttl: int) -> None:
        """Add the SOA record that goes with an answer without records (RFC 2308)."""
        self._record(name, "SOA", ttl, None)
        self._counts[1] += 1

    @property
    def is_empty(self) -> bool:
        """Whether the answer has no records."""
        return self._counts[0] == 0

    def finish(self, rcode: str) -> bytes:
        """Return the whole message."""
        _HEADER.pack_into(self._body, 0, 0, _RESPONSE | RCODES[rcode], 1, *self._counts, 0)
        return bytes(self._body)

    def write_name(self, name: str, *, into: bytearray, at: int) -> None:
        """Write a name that will begin at byte ``at`` of the message; known endings become pointers."""
        rest = name.rstrip(".")
        while rest:
            if (known := self._names.get(rest)) is not None:
                into += struct.pack("!H", 0xC000 | known)
                return
            here = at + len(into)
            if here < _FARTHEST:
                self._names[rest] = here
            label, _, rest = rest.partition(".")
            into += _label(label)
        into.append(0)

    def _record(self, name: str, kind: str, ttl: int, value: object) -> None:
        record = bytearray()
        self.write_name(name, into=record, at=len(self._body))
        record += struct.pack("!HHIH", TYPES[kind], _IN, ttl, 0)
        begin = len(record)
        self._data(record, kind, value)
        struct.pack_into("!H", record, begin - 2, len(record) - begin)
        self._body += record

    def _data(self, record: bytearray, kind: str, value: object) -> None:
        here = len(self._body)
        if kind in {"A", "AAAA"}:
            record += ipaddress.ip_address(str(value)).packed
        elif kind == "CNAME":
            self.write_name(str(value), into=record, at=here)
        elif kind == "MX" and isinstance(value, tuple):
            record += struct.pack("!H", value[0])
            self.write_name(value[1], into=record, at=here)
        elif kind == "TXT":
            for part in value if isinstance(value, tuple) else _strings(value):
                string = part.encode() if isinstance(part, str) else part
                record += bytes([len(string)]) + string
        else:
            # Names of one byte, then serial, refresh, retry, expire and minimum.
            record += struct.pack("!BBIIIII", 0, 0, 1, 3600, 600, 86400, 60)


def _name(question: bytes) -> str:
    labels, at = [], 0
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode("latin-1"))
        at += 1 + length
    return ".".join(labels)


def _label(label: str) -> bytes:
    encoded = label.encode("latin-1")
    return bytes([len(encoded)]) + encoded


def _strings(text: object) -> list[bytes]:
    whole = text if isinstance(text, bytes) else str(text).encode()
    return [whole[at : at + LONGEST_STRING] for at in range(0, len(whole), LONGEST_STRING)] or [b""]
