-- What all events of the touched addresses come to, whatever the order in which they were heard, and the contacts whose
-- verdict that can change: a hard bounce that was not known, the last soft bounce of too many in a row, a delivery to an
-- address that is not valid. These are judged again as soon as can be.
with touched as materialized (
    select distinct t.email collate "C" as email from unnest(cast(:emails as text[])) as t (email)
),
summary as materialized (
    select t.email, f.delivered_at, f.bounced_hard_at, s.soft_bounces
    from touched t
    cross join lateral (
        select max(d.occurred_at) filter (where d.kind = 'delivered') as delivered_at,
               max(d.occurred_at) filter (where d.kind = 'bounce_hard') as bounced_hard_at
        from ops.deliveries d where d.tenant_id = :tenant and d.email = t.email offset 0
    ) f
    cross join lateral (
        select count(*) as soft_bounces from ops.deliveries d
        where d.tenant_id = :tenant and d.email = t.email and d.kind = 'bounce_soft'
          and d.occurred_at > coalesce(f.delivered_at, '-infinity') offset 0
    ) s
),
changed as (
    insert into ops.mailboxes as m (tenant_id, email, domain, delivered_at, bounced_hard_at, soft_bounces, updated_at)
    select :tenant, email, split_part(email, '@', 2), delivered_at, bounced_hard_at, soft_bounces, :now
    from summary
    order by email
    on conflict (tenant_id, email) do update
    set delivered_at = excluded.delivered_at, bounced_hard_at = excluded.bounced_hard_at, soft_bounces = excluded.soft_bounces,
        updated_at = excluded.updated_at
    where (m.delivered_at, m.bounced_hard_at, m.soft_bounces)
          is distinct from (excluded.delivered_at, excluded.bounced_hard_at, excluded.soft_bounces)
    returning new.email, new.bounced_hard_at is distinct from old.bounced_hard_at as bounced,
              new.delivered_at is distinct from old.delivered_at as delivered,
              (new.soft_bounces >= :repeated) <> (coalesce(old.soft_bounces, 0) >= :repeated) as crossed
),
concerned as materialized (
    select c.rid, changed.bounced or changed.crossed as certainly
    from changed
    cross join lateral (
        select k.rid from mtrk.contatos k where k.tenant_id = :tenant and k.email = changed.email offset 0
    ) c
    where changed.bounced or changed.crossed or changed.delivered
    order by c.rid
),
-- One by one and by their keys, in key order, as by everybody who writes verdicts.
locked as materialized (
    select v.rid
    from concerned
    cross join lateral (
        select o.rid from mkt.email_validations o
        where o.rid = concerned.rid and o.next_validation_at > :now and (concerned.certainly or o.status <> 'valid')
        offset 0 for update
    ) v
)
update mkt.email_validations v
set next_validation_at = :now
where v.rid = any(array(select rid from locked))
