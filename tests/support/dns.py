"""DNS servers on loopback that say what a test tells them to: the real resolver library asks them over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any, Final

from cli.demo.dns_server import LOOPBACK, MISSING, DnsServer, Host

__all__ = [
    "CANARIES",
    "MISSING",
    "PUBLIC",
    "WORLD",
    "Host",
    "MoodyDns",
    "Script",
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

#: What is said of a name, or of a name and type ("MX", "A", "AAAA", "TXT"); a list is said in turn, its last entry for ever.
Script = Mapping[Any, Host | list[Host]]


class ScriptedDns(DnsServer):
    """A DNS server that follows a script and counts what it is asked. Use it as ``with dns.serving() as address``.

    Mail servers that the script names and says nothing else about have a public address: a test need not repeat it.
    """

    def __init__(self, script: Script, otherwise: Host = MISSING) -> None:
        super().__init__({}, otherwise)
        self.script = {key: list(said) if isinstance(said, list) else [said] for key, said in script.items()}
        self._scripted = {key[0] if isinstance(key, tuple) else key for key in self.script}
        named = (host for said in (*self.script.values(), [otherwise]) for host in said)
        self._exchanges = {name.lower() for host in named for _, name in host.mx} - self._scripted

    def find(self, name: str, kind: str) -> Host:
        if name in self._exchanges:
            return Host(a=(PUBLIC,))
        said = self.script.get((name, kind)) or self.script.get(name) or [self.otherwise]
        return said.pop(0) if len(said) > 1 else said[0]

    def respond(self, question: bytes) -> tuple[Host, bytes]:
        if any(len(said) > 1 for said in self.script.values()):
            return self.encode(question)  # what was said last time need not be said again
        return super().respond(question)


class MoodyDns(ScriptedDns):
    """Follows its script, but while it has a mood: then it says the same to every question."""

    mood: Host | None = None

    def find(self, name: str, kind: str) -> Host:
        return self.mood or super().find(name, kind)

    def respond(self, question: bytes) -> tuple[Host, bytes]:
        return self.encode(question) if self.mood else super().respond(question)


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
