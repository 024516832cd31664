"""Looking for somebody everywhere: every column of every table as text, and every byte of every file of a home."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg

from config.endpoints import database_url
from config.settings import Settings

SCHEMAS = ["core", "auth", "mtrk", "ops", "audit", "mkt"]
#: What the server needs to be one: pages of its tables, whose dead rows are its own affair, and the log of its writes.
NOT_SEARCHED = ("postgresql/data",)


def rows(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield every row of every table of the database, as text."""
    with psycopg.connect(database_url(settings)) as connection:
        tables = connection.execute(
            "select format('%%I.%%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind = 'r' and n.nspname = any(%s) order by 1",
            [SCHEMAS],
        ).fetchall()
        for (table,) in tables:
            for (text,) in connection.execute(f"select t::text from {table} t"):
                yield table, text


def files(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the home."""
    for path in sorted(settings.home_path.rglob("*")):
        name = str(path.relative_to(settings.home_path))
        if path.is_file() and not name.startswith(NOT_SEARCHED):
            yield name, path.read_bytes()


def found(settings: Settings, *spellings: str) -> list[str]:
    """Return where one of the spellings stands, whatever its capitals."""
    pattern = re.compile("|".join(map(re.escape, spellings)), re.IGNORECASE)
    places = [f"{table}: {text}" for table, text in rows(settings) if pattern.search(text)]
    for name, data in files(settings):
        texts = (data.decode("utf-8", "replace"), data.replace(b"\0", b"").decode("latin-1"))
        if any(map(pattern.search, texts)):
            places.append(name)
    return places
