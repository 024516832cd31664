-- Contacts of an audience in the order of their ids, one page of them, with their verdicts and opt-outs; all by key. Mailbox
-- and hash are worked out before they are looked up: what is not leakproof may not come before the conditions of row security.
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
    select k.email, k.name, k.attributes, mkt.mailbox(k.email) as mailbox from mtrk.contatos k where k.rid = l.rid and k.tenant_id = l.tenant_id offset 0
) c
left join lateral (
    select k.status, k.reason_code from mkt.email_validations k where k.rid = l.rid offset 0
) v on true
left join lateral (
    select string_agg(distinct f.kind, ', ' order by f.kind) as opted_out
    from (
        select k.kind from ops.suppressions k
        where k.tenant_id = l.tenant_id and k.mailbox = c.mailbox and k.lifted_at is null
          and (k.audience_id is null or k.audience_id = l.audience_id)
        union all
        select k.kind from pads p
        cross join lateral (select mkt.keyed_hash(p.inner_pad, p.outer_pad, c.mailbox) as hash offset 0) h
        cross join lateral (
            select s.kind from ops.suppressions s
            where s.tenant_id = l.tenant_id and s.email is null and s.mailbox_hash = h.hash and s.lifted_at is null
              and (s.audience_id is null or s.audience_id = l.audience_id) offset 0
        ) k
    ) f
) s on true
order by l.rid
