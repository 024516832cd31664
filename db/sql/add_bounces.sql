-- One entry per address and kind, with the first event that says so; what is there already stays as it is, and neither a
-- soft bounce nor a delivery is an opt-out, or ends one.
insert into ops.suppressions (tenant_id, email, kind, source, evidence)
select :tenant, said.email, said.kind, 'delivery', jsonb_build_object('event_id', said.event_id, 'at', said.occurred_at)
from (
    select distinct on (e.email, e.kind)
           e.email collate "C" as email, case e.kind when 'bounce_hard' then 'bounce' else e.kind end as kind, e.event_id, e.occurred_at
    from jsonb_to_recordset(cast(:events as jsonb)) as e (event_id text, email text, kind text, occurred_at timestamptz)
    where e.kind in ('bounce_hard', 'complaint')
    order by e.email, e.kind, e.occurred_at, e.event_id
) said
where not exists (select from ops.suppressions s where s.tenant_id = :tenant and s.email = said.email and s.kind = said.kind)
order by said.email, said.kind
