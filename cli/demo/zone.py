"""The piece of the Internet's DNS that the demonstration lives in: well-known providers and invented companies.

Run as ``python -m cli.demo.zone --domains 30000`` it serves in a process of its own, with room for a benchmark's
domains, prints its address, and ends with its standard input or a signal. Each line on standard input is answered by how
many queries have come, by type, as one line of JSON; the line ``names`` by of how many different names.
``--delay 0.03 --silent 0.02`` gives the numbered domains the Internet's manners: answers come after a while, half of them
within 30 ms, and one domain in fifty never answers.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import sys
from contextlib import AbstractContextManager
from typing import Final

from cli.demo.dns_server import DnsServer, Host

#: Mail providers that Brazilian lists are full of, each with its share of the demonstration's contacts.
PROVIDERS: Final[dict[str, int]] = {
    "gmail.com": 44, "hotmail.com": 15, "outlook.com": 8, "yahoo.com.br": 8, "uol.com.br": 5, "icloud.com": 4, "bol.com.br": 3,
    "live.com": 3, "terra.com.br": 2, "yahoo.com": 2, "msn.com": 1, "ig.com.br": 1, "globo.com": 1, "r7.com": 1, "outlook.com.br": 1,
}  # fmt: skip

_TRADES: Final = (
    "padaria",
    "oficina",
    "clinica",
    "papelaria",
    "transportes",
    "moveis",
    "tecidos",
    "farmacia",
    "grafica",
    "mercado",
)
_COINED: Final = (
    "ipevale", "serramansa", "lumarte", "verdanorte", "solpoente", "brisaleve", "pedrazul", "novahorta", "rioclarim", "tamarante",
    "jacarunda", "mirassul", "ventaura", "campoleste", "orvalhina", "caminhar", "estrelim", "pontealta", "florabela", "trigomar",
)  # fmt: skip
_SUFFIXES: Final = ("com.br", "com.br", "com.br", "com", "com.br", "ind.br", "com.br", "org.br")

#: Two hundred invented companies.
COMPANIES: Final = tuple(
    f"{trade}-{word}.{suffix}"
    for (word, trade), suffix in zip(itertools.product(_COINED, _TRADES), itertools.cycle(_SUFFIXES), strict=False)
)

#: A company with an accent in its domain, as people write it and as DNS knows it (RFC 5891).
ACCENTED: Final = "pães-do-trigomar.com.br"

#: An address that counts as reachable over the Internet; nothing here ever connects to it.
_ADDRESS: Final = "93.184.216.34"

#: How far delays spread: one in twenty is four times the median or more.
_SKEW: Final = 0.85

#: Slips of the finger; what stands in DNS for them, if anything, only waits for visitors who mistype.
TYPOS: Final[dict[str, Host | None]] = {
    "gmial.com": None, "gmail.con": None, "gmail.com.b": None, "yaho.com.br": None, "hotmal.con": None,
    "hotmial.com": Host(a=(_ADDRESS,)), "outlok.com": Host(a=(_ADDRESS,)), "gmail.com.br": Host(),
}  # fmt: skip


def demo_zone() -> dict[str, Host]:
    """Return the zone; most companies have mail servers, about thirty of them show what else there is."""
    zone: dict[str, Host] = {}
    for name in (*PROVIDERS, *COMPANIES, ACCENTED.encode("idna").decode()):
        zone |= _mail(name)
    zone |= {name: host for name, host in TYPOS.items() if host is not None}
    companies = iter(COMPANIES[::5])  # one in five, so that no trade has all the trouble
    for count, host in (
        (8, Host(a=(_ADDRESS,), ttl=3600)),  # a web site, and no mail server
        (6, Host(mx=((0, "."),))),  # declares that it takes no mail
        (4, Host()),  # registered, and nothing else
        (2, Host(a=("192.168.0.10",))),  # an address of somebody's office
        (2, Host(rcode="SERVFAIL")),  # broken delegation
        (1, Host(silent=True)),  # nameservers that are switched off
        (1, Host(mx=((10, "mx1.terra.com.br"),), delay=0.15)),  # slow
    ):
        for name in itertools.islice(companies, count):
            zone[name] = host
    for name in itertools.islice(companies, 8):
        del zone[name]  # the registration has lapsed
    return zone


def numbered_domains(count: int) -> list[str]:
    """Return as many invented domains as a benchmark wants."""
    return [f"empresa{number:06}.com.br" for number in range(count)]


def numbered_zone(count: int, *, delay: float = 0.0, silent: float = 0.0) -> dict[str, Host]:
    """Return the zone of the numbered domains, each with its own mail servers.

    ``delay``: seconds, the median of a skewed distribution. ``silent``: the share of domains that never answer. Both are
    the same in every run.
    """
    zone: dict[str, Host] = {}
    chance = random.Random(count)  # noqa: S311 - a schedule, not a secret
    for name in numbered_domains(count):
        if chance.random() < silent:
            zone[name] = Host(silent=True)
        else:
            zone |= _mail(name, delay=delay and chance.lognormvariate(math.log(delay), _SKEW))
    return zone


def demo_zone_server(extra_domains: int = 0) -> AbstractContextManager[str]:
    """Serve the zone, and so many numbered domains with it, in a thread; yields ``127.0.0.1:port``."""
    return DnsServer(demo_zone() | numbered_zone(extra_domains)).serving()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(
        prog="python -m cli.demo.zone", description="Serve the demonstration's DNS zone on loopback."
    )
    parser.add_argument("--domains", type=int, default=0, help="how many numbered domains to serve besides")
    parser.add_argument("--delay", type=float, default=0.0, help="median delay of their answers, in seconds")
    parser.add_argument("--silent", type=float, default=0.0, help="share of them that never answers, 0 to 1")
    parser.add_argument("--port", type=int, default=0, help="port to serve on; 0: a free one")
    wanted = parser.parse_args()
    server = DnsServer(demo_zone() | numbered_zone(wanted.domains, delay=wanted.delay, silent=wanted.silent))
    with server.serving(wanted.port) as address:
        _say(address)
        for line in sys.stdin:
            _say(json.dumps(server.names() if line.strip() == "names" else server.totals()))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _mail(name: str, *, delay: float = 0.0) -> dict[str, Host]:
    exchanges = ((10, f"mx1.{name}"), (20, f"mx2.{name}"))
    server = Host(a=(_ADDRESS,), ttl=3600, delay=delay)
    return {name: Host(mx=exchanges, ttl=3600, delay=delay), **{exchange: server for _, exchange in exchanges}}


if __name__ == "__main__":
    main()
