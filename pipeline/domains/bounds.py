"""What bounds the questions of an installation, and under which names its processes share that."""

from __future__ import annotations

from config.settings import Settings
from db.resolvers import Bound
from pipeline.lookups.channels import server_address

#: The row that bounds everything.
EVERYTHING = "*"
#: Queries per second to a nameserver of which nothing else is said. Google Public DNS takes 1,500 from one address, and
#: AWS 1,024 packets from one interface; what is more is dropped, and looks like a time-out.
POLITE = 1_000
#: Queries per second of all processes to all nameservers, where nothing else is said of them.
TOGETHER = 5_000
#: Where the nameservers are those of the system.
_SYSTEM = ("system",)


def bounds(settings: Settings, host: str) -> list[Bound]:
    """Return what bounds the questions of a process on the machine ``host``.

    A query is charged to every nameserver, because the library may send it to any of them: none gets too many.
    """
    given = settings.dns_server_queries_per_second
    made = [Bound(EVERYTHING, total_rate(settings), settings.dns_in_flight)]
    for server in settings.dns_nameservers or _SYSTEM:
        is_ours = _is_ours(server)
        rate = (0 if is_ours else POLITE) if given is None else given
        # On loopback every machine has a nameserver of its own, and so has "the system".
        is_shared = server not in _SYSTEM and not is_ours
        made.append(Bound(server if is_shared else f"{server}@{host}", rate, settings.dns_server_in_flight))
    return made


def total_rate(settings: Settings) -> int:
    """Return how many queries a second all processes together may send; 0: as many as there are."""
    given = settings.dns_queries_per_second
    if given is not None:
        return given
    return 0 if all(map(_is_ours, settings.dns_nameservers or _SYSTEM)) else TOGETHER


def _is_ours(server: str) -> bool:
    return server not in _SYSTEM and server_address(server).is_loopback


def resolver_name(settings: Settings, host: str) -> str:
    """Return the name under which the processes of a machine share what they believe of their nameservers."""
    return f"{','.join(settings.dns_nameservers or _SYSTEM)}@{host}"
