-- Contacts of an audience in the order of their ids, one page of them, with their verdicts and opt-outs; all by key.
with pads as materialized (
    select p.* from mkt.hash_pads(:tenant) p
    where exists (select from ops.suppressions where tenant_id = :tenant and email is null and lifted_at is null)
)
select l.rid, c.email, c.name, c.attributes, l.added_at, l.consent_source, l.legal_basis, l.consented_at,
       v.status as verdict, v.reason_code as verdict_reason, s.opted_out
from (
    select * from mkt.audience_contacts
    where audience_id = :audience and rid > :after and removed_at is null
    order by rid limit :size
) l
cross join lateral (
    select k.email, k.name, k.attributes from mtrk.contatos k where k.rid = l.rid and k.tenant_id = l.tenant_id offset 0
) c
left join lateral (
    select k.status, k.reason_code from mkt.email_validations k where k.rid = l.rid offset 0
) v on true
left join lateral (
    select string_agg(distinct f.kind, ', ' order by f.kind) as opted_out
    from (
        select k.kind from ops.suppressions k
        where k.tenant_id = l.tenant_id and k.mailbox = mkt.mailbox(c.email) and k.lifted_at is null
          and (k.audience_id is null or k.audience_id = l.audience_id)
        union all
        select k.kind from pads p
        join ops.suppressions k on k.tenant_id = l.tenant_id and k.email is null
            and k.mailbox_hash = mkt.keyed_hash(p.inner_pad, p.outer_pad, mkt.mailbox(c.email))
        where k.lifted_at is null and (k.audience_id is null or k.audience_id = l.audience_id)
    ) f
) s on true
order by l.rid
