"""Where a process finds what it talks to: worked out from the settings alone, the same in every process.

What has no URL in the settings is embedded: PostgreSQL and Redis listen on unix sockets, in a short folder outside
the home because a socket's path is limited to 107 bytes, and files are kept in the home.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from config.settings import Settings

#: The embedded PostgreSQL: its superuser, its database, and the port that gives its socket its name.
OWNER = "mkt_owner"
DATABASE = "mkt"
PORT = 5432
REDIS_SOCKET = "redis.sock"
WORKER_ROLE = "mkt_worker"
READER_ROLE = "mkt_reader"

#: Bytes of a socket's path without the final NUL (unix(7)), and the longest name that is put into the folder.
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET_NAME = len(f"/.s.PGSQL.{PORT}")


def home_mark(settings: Settings) -> str:
    """Return the name that tells this home's servers from those of other homes, in folders and process titles."""
    return hashlib.sha256(os.fsencode(os.path.realpath(settings.home_path))).hexdigest()[:12]


def socket_record(settings: Settings) -> Path:
    """Return the link in the home that leads to the socket folder while servers run."""
    return settings.home_path / "sockets"


def socket_folder(settings: Settings) -> Path:
    """Return the folder of the sockets: the one that running servers use, else where they would be started.

    Servers outlive the shell that started them, and another one may have another XDG_RUNTIME_DIR: so the home's
    record of a start wins.
    """
    try:
        return socket_record(settings).readlink()
    except OSError:
        return new_socket_folder(settings)


def new_socket_folder(settings: Settings) -> Path:
    """Return where servers that start now put their sockets: below XDG_RUNTIME_DIR, else the temporary folder."""
    name = f"mkt-{os.geteuid()}-{home_mark(settings)}"
    for base in (Path(os.environ.get("XDG_RUNTIME_DIR", "")), Path(tempfile.gettempdir())):
        is_short = len(os.fsencode(base / name)) + LONGEST_SOCKET_NAME <= SOCKET_PATH_LIMIT
        is_one_host = "," not in str(base)  # libpq takes a comma for the beginning of another host
        if base.is_absolute() and is_short and is_one_host and os.access(base, os.W_OK | os.X_OK):
            return base / name
    return Path("/tmp", name)  # noqa: S108 (the folder is made private, and refused if it is somebody else's)


def database_url(settings: Settings) -> str:
    """Return PostgreSQL's URL as the owner of the schema."""
    # The port is named, so that a PGPORT in somebody's environment changes nothing.
    host = quote(str(socket_folder(settings)), safe="")
    return settings.database_url or f"postgresql://{OWNER}@:{PORT}/{DATABASE}?host={host}"


def worker_database_url(settings: Settings) -> str:
    """Return PostgreSQL's URL for the pipeline: sessions start as ``mkt_worker``, bound by row level security."""
    return settings.worker_database_url or _as_role(database_url(settings), WORKER_ROLE)


def reader_database_url(settings: Settings) -> str:
    """Return PostgreSQL's URL for looking only: sessions start as ``mkt_reader``."""
    return settings.reader_database_url or _as_role(database_url(settings), READER_ROLE)


def broker_url(settings: Settings) -> str:
    """Return the broker's URL in kombu's spelling: Redis, or where the settings say so, RabbitMQ."""
    path = quote(str(socket_folder(settings) / REDIS_SOCKET))
    return settings.broker_url or f"redis+socket://{path}?virtual_host=0"


def is_amqp(url: str) -> bool:
    """Whether the broker at this URL is RabbitMQ."""
    return urlsplit(url).scheme in ("amqp", "amqps")


def store_url(settings: Settings) -> str:
    """Return the URL of the folder or bucket that keeps files and chunks."""
    return settings.store_url or (settings.home_path / "store").as_uri()


def _as_role(url: str, role: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["options"] = f"{query.get('options', '')} -c role={role}".strip()
    # libpq takes a plus sign for itself, so a space is %20.
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote, safe="")))
