"""A campaign over contacts as a marketer has them: three audiences that overlap, opt-outs, Gmail's dots, verdicts of all kinds.

Tables are filled directly: what is measured is reading them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import psycopg

from config.endpoints import database_url
from config.settings import Settings
from db import audiences
from db.unit import Database
from tests.conftest import make_tenant

AUDIENCES: Final = ("Leads do site", "Base comprada", "Evento Março 2026")

#: A quarter at Gmail, one in ten of these written with a dot, and a few of those in another way as well (mailboxes twice).
_CONTACTS: Final = """
    insert into mtrk.contatos (tenant_id, email, name)
    select %(tenant)s, case
        when n %% 4 = 0 and n %% 40 = 0 then 'pessoa.' || n || '@gmail.com'
        when n %% 4 = 0 and n %% 200 = 4 then 'pessoa' || n - 4 || '@gmail.com'
        when n %% 4 = 0 then 'pessoa' || n || '@gmail.com'
        when n %% 4 = 1 then 'pessoa' || n || '@hotmail.com'
        when n %% 4 = 2 then 'contato' || n || '@uol.com.br'
        else 'pessoa' || n || '@empresa' || n %% 30000 || '.com.br' end, 'Pessoa ' || n
    from generate_series(1, %(count)s) n"""
#: Everybody is in one audience; 30 %% in a second one, some of these in all three.
_MEMBERS: Final = """
    insert into mkt.audience_contacts (audience_id, rid, tenant_id, import_job_id, part_no, row_number, legal_basis, consent_source)
    select (%(audiences)s::uuid[])[1 + (h + k) %% 3], c.rid, %(tenant)s, '019a0000-0000-7000-8000-000000000001', 0, c.rid,
           case when h %% 7 > 0 then 'consentimento' end, case (h + k) %% 3 when 1 then 'purchased' else 'web_form' end
    from (select rid, abs(hashint8(rid))::bigint / 7 as h from mtrk.contatos where tenant_id = %(tenant)s) c,
         generate_series(0, case when h %% 100 < 5 then 2 when h %% 100 < 30 then 1 else 0 end) k"""
#: Details as long as those of an import; some verdicts are older than they may be.
_VERDICTS: Final = """
    insert into mkt.email_validations
        (rid, tenant_id, status, reason_code, score, validated_at, validator_version, details_json, next_validation_at)
    select c.rid, %(tenant)s, r.status, r.reason, 50, now() - make_interval(days => case when h %% 100 = 1 then 200 else cast(h %% 7 as int) end), 'v',
           jsonb_build_object(
               'dns', '{"at": "2026-11-28T05:42:27.987517+00:00", "ms": 23, "mx": [[10, "mx1.gmail.com"], [20, "mx2.gmail.com"]],
                   "spf": null, "ttl": 3600, "used": "mx", "hosts": [{"name": "mx1.gmail.com", "outcome": "address", "is_alias": false,
                   "addresses": ["93.184.216.34"]}], "rcode": "NOERROR", "tries": 1, "outcome": "mx", "mx_count": 2, "addresses": []}'::jsonb,
               'norm', c.email, 'rule', '32', 'flags', case when h %% 9 = 0 then '["role_account"]' when h %% 3 = 0 then '["free_provider"]' else '[]' end::jsonb,
               'lists', '{"providers": "2026.11.1"}'::jsonb, 'attempt', 0, 'canonical', mkt.mailbox(c.email), 'suggestion', null),
           case when r.reason = 'not_yet_checked' then now() else now() + interval '30 days' end
    from (select rid, email, abs(hashint8(rid + 1))::bigint / 11 as h from mtrk.contatos where tenant_id = %(tenant)s) c
    join (values (0, 80, 'valid', 'mx_ok'), (80, 84, 'valid', 'delivered_recently'), (84, 87, 'invalid', 'domain_not_found'),
        (87, 89, 'invalid', 'bounced_hard'), (89, 91, 'risky', 'implicit_mx'), (91, 92, 'risky', 'disposable_domain'),
        (92, 94, 'risky', 'possible_typo'), (94, 95, 'risky', 'system_mailbox'), (95, 97, 'unknown', 'dns_timeout'),
        (97, 99, 'unknown', 'not_yet_checked')) r (low, high, status, reason) on h %% 100 >= low and h %% 100 < high"""
_OPT_OUTS: Final = """
    insert into ops.suppressions (tenant_id, email, kind, source)
    select %(tenant)s, c.email, case when n %% 20 = 0 then 'complaint' when n %% 5 = 0 then 'bounce' else 'unsubscribe' end, 'bench'
    from (select email, row_number() over (order by rid) as n from mtrk.contatos where tenant_id = %(tenant)s and hashint8(rid + 2) %% 50 = 0) c"""


class Base(NamedTuple):
    """What is measured over."""

    tenant_id: UUID
    cid: UUID
    audience_ids: list[UUID]


def make_campaign(settings: Settings, database: Database, files: Path, count: int) -> Base:
    """Make a tenant with so many contacts in three audiences, and a campaign that chose them all."""
    tenant = make_tenant(settings, database, files)
    with database.unit(tenant.tenant_id) as unit:
        made = [audiences.create(unit, name, "") for name in AUDIENCES]
    chosen = [audience_id for audience_id in made if audience_id is not None]
    values = {"tenant": tenant.tenant_id, "count": count, "audiences": chosen}
    with psycopg.connect(database_url(settings), autocommit=True) as connection:
        for statement in (_CONTACTS, _MEMBERS, _VERDICTS, _OPT_OUTS):
            connection.execute(statement, values)
        row = connection.execute(
            "insert into mtrk.campanhas (tenant_id, name) values (%(tenant)s, 'Bench') returning cid", values
        ).fetchone()
        assert row is not None
        connection.execute(
            "insert into mkt.campaign_audiences (tenant_id, cid, audience_id) select %(tenant)s, %(cid)s, unnest(%(audiences)s::uuid[])",
            {**values, "cid": row[0]},
        )
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
    return Base(tenant.tenant_id, row[0], chosen)
