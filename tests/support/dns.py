"""DNS servers on loopback that say what a test tells them to: the real resolver library asks them over real sockets."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from dnslib import DNSRecord

from cli.demo.dns_server import LOOPBACK, MISSING, DnsServer, Host

__all__ = [
    "CANARIES",
    "MISSING",
    "PUBLIC",
    "WORLD",
    "Host",
    "ScriptedDns",
    "address_to_everything",
    "closed_port",
    "nxdomain_to_everything",
    "silent",
]

#: An address that counts as reachable over the Internet; nothing in the tests ever connects to it.
PUBLIC: Final = "93.184.216.34"

#: The canaries of the default settings, and what they say.
CANARIES: Final = ("gmail.com", "outlook.com", "uol.com.br")
WORLD: Final[dict[str, Host]] = {name: Host(mx=((10, f"mx.{name}"),)) for name in CANARIES}

#: What is said of a name, or of a name and type ("MX", "A", "AAAA"); a list is said in turn, its last entry for ever.
Script = Mapping[Any, Host | list[Host]]


class ScriptedDns(DnsServer):
    """A DNS server that follows a script and counts what it is asked. Use it as ``with dns.serving() as address``."""

    def __init__(self, script: Script, otherwise: Host = MISSING) -> None:
        super().__init__({}, otherwise)
        self.script = {key: list(said) if isinstance(said, list) else [said] for key, said in script.items()}
        self._asked: Counter[bytes] = Counter()

    def asked(self, name: str, kind: str) -> int:
        """Return how many queries for this name and type have come, repeated ones included."""
        return self._asked[_question(DNSRecord.question(name, kind).pack())]

    def find(self, name: str, kind: str) -> Host:
        said = self.script.get((name, kind)) or self.script.get(name) or [self.otherwise]
        return said.pop(0) if len(said) > 1 else said[0]

    def respond(self, query: bytes) -> tuple[Host, bytes]:
        question = _question(query)
        self._asked[question] += 1
        if any(len(said) > 1 for said in self.script.values()):
            return self.encode(query)  # what was said last time need not be said again
        return super().respond(query)


def nxdomain_to_everything() -> ScriptedDns:
    """Return a resolver that denies every name, as filtering networks do."""
    return ScriptedDns({})


def address_to_everything() -> ScriptedDns:
    """Return a resolver that gives every name the same address, as captive portals do."""
    return ScriptedDns({}, otherwise=Host(a=(PUBLIC,)))


def silent() -> ScriptedDns:
    """Return a resolver that never answers."""
    return ScriptedDns({}, otherwise=Host(silent=True))


def closed_port() -> str:
    """Return ``address:port`` where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        return f"{LOOPBACK}:{probe.getsockname()[1]}"


def _question(query: bytes) -> bytes:
    return bytes(query[12 : query.index(0, 12) + 5]).lower()
