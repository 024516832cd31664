"""The faults of the random mix, by name. Each does its harm, lasts a few seconds where it lasts, and mends what it broke.

The number is the fault's in docs/reliability.md. Which process, how long: drawn from the schedule's seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psutil

from tests.chaos.stand import Stand
from tests.support.dns import Host
from tests.support.waiting import until


@dataclass(frozen=True)
class Fault:
    """``number``: of docs/reliability.md. ``inject`` returns when the fault is over."""

    number: int
    inject: Callable[[Stand, random.Random], None]


def kill_child(stand: Stand, chance: random.Random) -> None:
    """SIGKILL a process that does the work, as the memory killer would."""
    _kill(chance.choice(until(stand.crew.children, timeout=60, what="a child")))


def kill_main(stand: Stand, chance: random.Random) -> None:
    """SIGKILL a whole worker."""
    _kill(chance.choice(until(stand.crew.mains, timeout=60, what="a worker")))


def kill_stopped_main(stand: Stand, chance: random.Random) -> None:
    """Stop a worker while messages come, and kill it: what it had taken from the broker is lost without a trace."""
    main = chance.choice(until(stand.crew.mains, timeout=60, what="a worker"))
    with suppress(psutil.NoSuchProcess):
        main.suspend()
        stand.last(0.7)
        main.kill()


def stop_child(stand: Stand, chance: random.Random) -> None:
    """Stop a process for longer than anybody waits for it, and let it go on: a zombie."""
    child = chance.choice(until(stand.crew.children, timeout=60, what="a child"))
    stand.stop_for(child, chance.uniform(2.5, 5.0))


def deploy(stand: Stand, chance: random.Random) -> None:
    """Restart one worker after the other with SIGTERM."""
    del chance
    stand.restart_workers()


def deploy_without_grace(stand: Stand, chance: random.Random) -> None:
    """SIGTERM, and SIGKILL long before the worker can have ended."""
    main = chance.choice(until(stand.crew.mains, timeout=60, what="a worker"))
    with suppress(psutil.NoSuchProcess):
        main.terminate()
        stand.last(chance.uniform(0.2, 1.0))
        main.kill()


def cut_broker(stand: Stand, chance: random.Random) -> None:
    """Break every connection to the broker, once a second."""
    for _ in range(chance.randrange(1, 4)):
        stand.broker.cut()
        stand.last(1.0)


def kill_broker(stand: Stand, chance: random.Random) -> None:
    """SIGKILL the broker and start it again at once."""
    del chance
    stand.broker.kill()
    stand.broker.start()


def purge_broker(stand: Stand, chance: random.Random) -> None:
    """Lose every message."""
    del chance
    stand.broker.purge()


def broker_away(stand: Stand, chance: random.Random) -> None:
    """Have no broker for some seconds."""
    stand.broker.kill()
    stand.last(chance.uniform(2.0, 5.0))
    stand.broker.start()


def broker_silent(stand: Stand, chance: random.Random) -> None:
    """A black hole before the broker: connections are taken, and nothing is answered."""
    stand.broker_net.swallow()
    stand.last(chance.uniform(2.0, 5.0))
    stand.broker_net.heal()


def broker_slow(stand: Stand, chance: random.Random) -> None:
    """Delay all that goes to and from the broker."""
    stand.broker_net.delay(chance.uniform(0.1, 0.5))
    stand.last(3.0)
    stand.broker_net.heal()


def broker_reset(stand: Stand, chance: random.Random) -> None:
    """Reset the connections to the broker on their way."""
    del chance
    stand.broker_net.reset()


def terminate_backends(stand: Stand, chance: random.Random) -> None:
    """End every session of PostgreSQL."""
    del chance
    stand.terminate_backends()


def database_silent(stand: Stand, chance: random.Random) -> None:
    """A black hole before PostgreSQL."""
    stand.database_net.swallow()
    stand.last(chance.uniform(2.0, 5.0))
    stand.database_net.heal()


def database_slow(stand: Stand, chance: random.Random) -> None:
    """Delay all that goes to and from PostgreSQL."""
    stand.database_net.delay(chance.uniform(0.02, 0.1))
    stand.last(3.0)
    stand.database_net.heal()


def database_reset(stand: Stand, chance: random.Random) -> None:
    """Reset the connections to PostgreSQL on their way."""
    del chance
    stand.database_net.reset()


def restart_database(stand: Stand, chance: random.Random) -> None:
    """Stop PostgreSQL at once, in the middle of everything, and start it again."""
    stand.restart_postgres(chance.uniform(0.0, 2.0))


def dns_silent(stand: Stand, chance: random.Random) -> None:
    """A resolver that never answers."""
    _mood(stand, Host(silent=True), chance.uniform(2.0, 5.0))


def dns_servfail(stand: Stand, chance: random.Random) -> None:
    """A resolver that says SERVFAIL to everything."""
    _mood(stand, Host(rcode="SERVFAIL"), chance.uniform(2.0, 5.0))


def kill_clock(stand: Stand, chance: random.Random) -> None:
    """SIGKILL beat: until it is back nobody asks for a sweep."""
    del chance
    pid = until(lambda: stand.crew.supervisor.pids().get("beat"), timeout=60, what="the clock")
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()


def _mood(stand: Stand, mood: Host, seconds: float) -> None:
    stand.dns.mood = mood
    stand.last(seconds)
    stand.dns.mood = None


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):  # it was quicker
        process.kill()


#: All that any broker and any machine can suffer.
FAULTS: Final[Mapping[str, Fault]] = {
    "a child is killed": Fault(1, kill_child),
    "a worker is killed": Fault(2, kill_main),
    "a worker is stopped, then killed": Fault(3, kill_stopped_main),
    "a worker is given too little time to stop": Fault(4, deploy_without_grace),
    "a child is stopped and goes on later": Fault(5, stop_child),
    "workers are restarted in turn": Fault(6, deploy),
    "connections to the broker are cut": Fault(7, cut_broker),
    "the broker is killed and starts again": Fault(8, kill_broker),
    "the broker loses every message": Fault(9, purge_broker),
    "the broker is away": Fault(10, broker_away),
    "the broker does not answer": Fault(11, broker_silent),
    "the network to the broker is slow": Fault(11, broker_slow),
    "connections to the broker are reset": Fault(11, broker_reset),
    "sessions of PostgreSQL are ended": Fault(13, terminate_backends),
    "PostgreSQL does not answer": Fault(13, database_silent),
    "the network to PostgreSQL is slow": Fault(13, database_slow),
    "connections to PostgreSQL are reset": Fault(13, database_reset),
    "PostgreSQL stops at once and starts again": Fault(14, restart_database),
    "DNS does not answer": Fault(25, dns_silent),
    "DNS says SERVFAIL": Fault(25, dns_servfail),
    "the clock is killed": Fault(27, kill_clock),
}
