"""A base of contacts as it looks after an import whose domains have all been asked, and nobody has been judged."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg

from cli.demo.zone import PROVIDERS, numbered_domains
from config.endpoints import database_url
from config.settings import Settings
from db import domain_checks
from db.unit import Unit
from db.validations import Contact
from pipeline.context import Context
from pipeline.domains import DomainDesk, Search
from tests.bench.zone import DOMAINS
from tests.conftest import Tenant, make_tenant

_ROLES: Final = ("contato", "vendas", "financeiro")
#: One contact in so many writes a tag into its address.
_TAGS: Final = 20


def addresses(count: int) -> Iterator[str]:
    """Yield different addresses as they are stored: half at providers, by their shares, half at companies.

    About a quarter of them are not plain: mailboxes of roles at companies, tags behind a plus, dots at Gmail.
    """
    chance = random.Random(count)
    providers = chance.choices(list(PROVIDERS), weights=list(PROVIDERS.values()), k=count)
    companies = numbered_domains(DOMAINS)
    for number in range(count):
        turn, company = divmod(number // 2, DOMAINS)
        is_company = number % 2 == 0
        local_part = f"ana.silva{number}" if chance.random() < 0.5 else f"pessoa{number}"
        if is_company and turn < len(_ROLES):
            local_part = _ROLES[turn]
        elif chance.randrange(_TAGS) == 0:
            local_part += "+loja"
        yield f"{local_part}@{companies[company] if is_company else providers[number]}"


def make_base(settings: Settings, context: Context, files: Path, count: int) -> tuple[Tenant, list[Contact]]:
    """Make a tenant with so many contacts; returns them in the order in which they came."""
    tenant = make_tenant(settings, context.database, files)
    with psycopg.connect(database_url(settings)) as connection, connection.cursor() as cursor:
        with cursor.copy("copy mtrk.contatos (tenant_id, email) from stdin") as copy:
            for address in addresses(count):
                copy.write_row((tenant.tenant_id, address))
        connection.commit()
        cursor.execute("analyze mtrk.contatos")
        cursor.execute("select rid, email from mtrk.contatos where tenant_id = %s order by rid", (tenant.tenant_id,))
        return tenant, [Contact(rid, email) for rid, email in cursor]


def ask_for(settings: Settings, context: Context, domains: list[str]) -> float:
    """Have the domains asked, judged and stored by a desk in this process, as an import has it; returns the seconds."""

    def missing() -> list[str]:
        def look(unit: Unit) -> list[str]:
            return domain_checks.without_fresh_check(unit, domains, now=context.clock(unit))

        return context.database.in_unit(None, look)

    desk = DomainDesk(settings)
    begin = time.monotonic()
    desk.answer(context.database, Search(missing, lambda: None, begin + settings.dns_chunk_deadline))
    seconds = time.monotonic() - begin
    desk.close()
    return seconds
