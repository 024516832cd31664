-- One entry per address and kind, with the first event that says so, unless messages have said it before: evidence of its own
-- beside that of files and people. Neither a soft bounce nor a delivery is an opt-out, or ends one. Counted are those whom
-- nobody had said it of.
with said as materialized (
    select distinct on (e.email, e.kind)
           e.email collate "C" as email, mkt.mailbox(e.email collate "C") as mailbox,
           case e.kind when 'bounce_hard' then 'bounce' else e.kind end as kind, e.event_id, e.occurred_at
    from jsonb_to_recordset(cast(:events as jsonb)) as e (event_id text, email text, kind text, occurred_at timestamptz)
    where e.kind in ('bounce_hard', 'complaint')
    order by e.email, e.kind, e.occurred_at, e.event_id
),
judged as materialized (
    select said.*,
           exists (select from ops.suppressions s where s.tenant_id = :tenant and s.mailbox = said.mailbox and s.kind = said.kind
               and s.lifted_at is null and s.audience_id is null) as there,
           exists (select from ops.suppressions s where s.tenant_id = :tenant and s.email = said.email and s.kind = said.kind
               and s.lifted_at is null and s.audience_id is null and s.source = 'delivery') as told
    from said
),
added as (
    insert into ops.suppressions (tenant_id, email, mailbox, key_version, mailbox_hash, kind, source, occurred_at, evidence)
    select :tenant, j.email, j.mailbox, p.key_version, mkt.keyed_hash(p.inner_pad, p.outer_pad, j.mailbox), j.kind, 'delivery', j.occurred_at,
           jsonb_build_object('event_id', j.event_id, 'at', j.occurred_at)
    from judged j left join mkt.current_pads(:tenant) p on true
    where not j.told
    order by j.email, j.kind
    returning 1
)
select count(*) filter (where not there) as new, count(*) filter (where not told) as asked, (select count(*) from added) as written from judged
