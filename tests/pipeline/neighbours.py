"""What other modules do with the tables that mkt writes to, in a test: their own tables, and triggers that refuse, aloud or in silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

import psycopg

from config.endpoints import database_url
from config.settings import Settings
from tests.conftest import Tenant

#: How a trigger answers: it passes over the row, or raises an error, of this class or that.
IN_SILENCE = "return null"
ALOUD = ("raise 'no'", "raise sqlstate '45000'", "perform 'x'::int")


class Moment(Enum):
    """When a trigger answers: how it is made, and when it is checked."""

    BEFORE = "trigger {name} before", ""
    AT_COMMIT = "constraint trigger {name} after", "deferrable initially deferred"


@contextmanager
def another_module(settings: Settings, tenant: Tenant, does: str, undoes: str) -> Iterator[None]:
    """Have another module do something with the schema as its owner, in which ``{name}`` is one that nobody else has."""
    name = f"other_{tenant.slug.replace('-', '_')}"
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        connection.execute(does.replace("{name}", name))
        try:
            yield
        finally:
            connection.execute(undoes.replace("{name}", name))


@contextmanager
def guarded(
    settings: Settings,
    tenant: Tenant,
    deed: str,
    answer: str,
    *,
    table: str = "mtrk.contatos",
    which: str = "true",
    moment: Moment = Moment.BEFORE,
) -> Iterator[None]:
    """Answer every deed to such rows of the tenant by a trigger; ``which`` calls them ``old`` or ``new``."""
    row = "new" if deed == "insert" else "old"
    returned = "old" if deed == "delete" else "new"
    how, when = moment.value
    does = (
        "create function public.{name}() returns trigger language plpgsql as $$ begin"
        f" if {row}.tenant_id = '{tenant.tenant_id}' and {which} then {answer}; end if; return {returned}; end $$;"
        f" create {how} {deed} on {table} {when} for each row execute function public.{{name}}()"
    )
    with another_module(settings, tenant, does, "drop function public.{name} cascade"):
        yield
