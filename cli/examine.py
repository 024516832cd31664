"""What `mkt doctor` looks at: each look gives findings, each with what is the matter and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from cli.crew import PATIENCE, served_queues
from cli.examine_keeping import kept
from cli.findings import Finding, Level
from cli.waiting import ODD, params
from config import hash_keys
from config.endpoints import broker_url, database_url, is_amqp, store_url
from config.hash_keys import HashKeysError
from config.settings import Settings
from db import health
from db.health import Health
from db.resolvers import DnsState
from db.upgrade import expected_revisions
from pipeline.domains import DomainDesk
from pipeline.domains.bounds import total_rate
from pipeline.hash_keys import findings
from pipeline.store import local_folder
from pipeline.troubles import Trouble, trouble_of
from pipeline.waits import waits_for
from workers.errors import BrokerError, has_answered

#: Entries that a finding names.
_SHOWN: Final = 10
#: Free space, in bytes, below which there is little of it, and below which a disk is called full: four segments of PostgreSQL's log.
LOW_SPACE: Final = 2 * 1024**3
NO_SPACE: Final = 64 * 1024**2
#: What Celery's beat is called among those who answer a ping.
BEAT_NODE: Final = "celerybeat@"


def _broken(check: str, state: str, **params: object) -> Finding:
    return Finding(check, Level.BROKEN, state, params)


def _warning(check: str, state: str, **params: object) -> Finding:
    return Finding(check, Level.WARNING, state, params)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that imports need; starts and changes nothing."""
    yield from database(settings)
    broker = list(broker_findings(settings))
    yield from broker
    if all(finding.level is not Level.BROKEN for finding in broker):
        yield from workers()
    yield from resolver(settings)
    yield from disk(settings)


def database(settings: Settings) -> Iterator[Finding]:
    """Look at PostgreSQL: whether it is there, with the schema and the roles."""
    try:
        found = health.look(database_url(settings))
    except DBAPIError as error:
        state = "embedded_away" if settings.is_embedded_database else "away"
        if health.is_running(database_url(settings)):
            state = "full" if trouble_of(error) is Trouble.DATABASE_FULL else "refuses"
        yield _broken("database", state, error=first_line(error))
        return
    if found.version < health.MINIMUM_VERSION:
        yield _broken("database", "old", version=str(found.version // 10_000))
    elif found.is_read_only:
        yield _broken("database", "read_only")
    else:
        yield Finding("database", Level.OK, params={"version": f"{found.version // 10_000}.{found.version % 10_000}"})
    if expected_revisions()["mkt"] in found.revisions:
        yield Finding("schema", Level.OK, params={"revisions": ", ".join(found.revisions)})
    else:
        yield _broken("schema", "behind", revisions=", ".join(found.revisions) or "-")
    if found.missing_roles:
        yield _broken("roles", "missing", roles=", ".join(found.missing_roles))
    else:
        yield Finding("roles", Level.OK)
    yield from keys(found, settings)
    yield from work(found)
    yield from waiting(found, settings)
    if expected_revisions()["mkt"] in found.revisions:
        yield from kept(settings)
    if found.dns is not None:
        yield from dns(found.dns, settings)


def keys(found: Health, settings: Settings) -> Iterator[Finding]:
    """Look at the keys of hashes: whether the file has those that were used, and who has no hash yet."""
    path = str(settings.hash_keys_path)
    try:
        there = hash_keys.read(settings)
    except HashKeysError as error:
        yield _broken("hash_keys", "damaged", error=str(error))
        return
    troubles = findings(there, found.canaries)
    for each in troubles:
        yield _broken("hash_keys", each.trouble, path=path, version=each.version, tenants=each.tenants)
    if not troubles and there is None:
        yield _broken("hash_keys", "not_made", path=path)
    elif there is not None and not troubles:
        yield Finding("hash_keys", Level.OK, params={"path": path, "version": there.current})
        if settings.hash_keys_path.stat().st_mode & 0o077:
            yield _warning("hash_keys", "open", path=path)
    if found.opt_outs_without_hash:
        yield _warning("hash_keys", "unhashed", n=found.opt_outs_without_hash)
    if found.unreadable_opt_outs:
        ids = ", ".join(map(str, found.unreadable_opt_outs[:_SHOWN]))
        yield _warning("hash_keys", "unreadable", n=len(found.unreadable_opt_outs), ids=ids)


def work(found: Health) -> Iterator[Finding]:
    """Look at the work: whether what is due gets done."""
    silent = [chunk for chunk in found.chunks if chunk.silent]
    if silent:
        first = silent[0]
        yield _broken(
            "due", "silent", n=len(silent), since=first.due_at, id=str(first.import_job_id), stage=first.stage
        )
    else:
        yield Finding("due", Level.OK)
    for chunk in found.chunks:
        if chunk.stage_attempts > 1:
            where: dict[str, object] = {
                "id": str(chunk.import_job_id),
                "chunk": str(chunk.chunk_no),
                "stage": chunk.stage,
            }
            yield _warning("attempts", "retried", n=chunk.stage_attempts, error=chunk.last_error or "-", **where)
    for job in found.jobs:
        held: dict[str, object] = {"by": job.claimed_by or "-", "claimed": job.claimed_at or "-"}
        yield _warning("jobs", "stuck", id=str(job.import_job_id), stage=job.stage, since=job.moved_at, **held)
    if found.rows_outside_partitions:
        yield _warning("partitions", "stray", n=found.rows_outside_partitions)


def waiting(found: Health, settings: Settings) -> Iterator[Finding]:
    """Look at each job that has not ended: who holds what since when, and what it waits for."""
    for each in found.waits:
        state = waits_for(each)
        level = Level.WARNING if state in ODD else Level.OK
        yield Finding("waits", level, str(state), params(each, settings))


def dns(found: DnsState, settings: Settings) -> Iterator[Finding]:
    """Look at what the workers know of DNS: whether they believe it, who waits for that, and how much they ask."""
    for belief in found.broken:
        yield _warning(
            "breaker", "open", since=belief.since, reason=belief.reason, detail=belief.detail, waiting=found.waiting
        )
    if not found.broken:
        yield Finding("breaker", Level.OK, params={"waiting": found.waiting})
    yield Finding(
        "budget",
        Level.OK,
        "ok" if total_rate(settings) else "unbounded",
        params={
            "tokens": int(found.tokens),
            "per_second": total_rate(settings),
            "in_flight": found.in_flight,
            "most": settings.dns_in_flight,
            "processes": found.workers,
        },
    )


def broker_findings(settings: Settings) -> Iterator[Finding]:
    """Look at the broker: whether it is there, and of Redis whether it keeps what it is given."""
    from workers.app import app  # noqa: PLC0415 (slow to import)

    connection = app.connection_for_write(connect_timeout=PATIENCE)
    try:
        with connection:
            if is_amqp(broker_url(settings)):
                connection.connect()  # its queues are durable, and it refuses rather than forgets
                yield Finding("broker", Level.OK)
                return
            client = connection.default_channel.client
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "")
            persistence: dict[str, Any] = client.info("persistence")
    except (BrokerError, RedisError, OSError) as error:
        away = "embedded_away" if settings.is_embedded_broker else "away"
        state = "refuses" if has_answered(error) else away
        yield _broken("broker", state, url=connection.as_uri(), error=first_line(error))
        return
    yield Finding("broker", Level.OK)
    if policy != "noeviction":
        yield _warning("broker", "evicts", policy=policy)
    if not persistence.get("aof_enabled"):
        yield _warning("broker", "forgets")


def workers() -> Iterator[Finding]:
    """Look at the processes: whether somebody reads every queue, and the clock ticks."""
    from workers.app import app  # noqa: PLC0415 (slow to import)

    try:
        served, answers = served_queues(), app.control.ping(timeout=PATIENCE) or []
    except (BrokerError, RedisError, OSError) as error:
        yield _broken("broker", "refuses", error=first_line(error))
        return
    for queue, names in served.items():
        if names:
            yield Finding("queue", Level.OK, params={"queue": queue, "workers": ", ".join(sorted(names))})
        else:
            yield _broken("queue", "unread", queue=queue)
    if any(name.startswith(BEAT_NODE) for answer in answers for name in answer):
        yield Finding("beat", Level.OK)
    else:
        yield _broken("beat", "silent")


def resolver(settings: Settings) -> Iterator[Finding]:
    """Look at DNS: whether it can be believed."""
    with closing(DomainDesk(settings)) as desk:
        report = desk.canaries()
    yield Finding("resolver", Level.OK) if report.ok else _warning("resolver", report.reason, detail=report.detail)


def disk(settings: Settings) -> Iterator[Finding]:
    """Look at each disk that we write to: whether there is room."""
    home = settings.home_path
    folders = [home, home / "postgresql", home / "redis"]
    if (store := local_folder(store_url(settings))) is not None:
        folders.append(store)
    there = [next(each for each in (folder, *folder.parents) if each.exists()) for folder in folders]
    for path in {folder.stat().st_dev: folder for folder in reversed(there)}.values():
        free = shutil.disk_usage(path).free
        params: dict[str, object] = {"free": f"{free / 1024**3:.1f} GiB", "path": str(path)}
        if free < NO_SPACE:
            yield _broken("disk", "full", **params)
        elif free < LOW_SPACE:
            yield _warning("disk", "low", **params)
        else:
            yield Finding("disk", Level.OK, params=params)


def first_line(error: BaseException) -> str:
    """Return the first line of what a driver says, without SQL or bound values."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
