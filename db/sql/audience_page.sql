-- Contacts of an audience in the order of their ids, one page of them, with their verdicts and opt-outs; all by key.
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
    select string_agg(distinct k.kind, ', ' order by k.kind) as opted_out from ops.suppressions k
    where k.tenant_id = l.tenant_id and k.email = c.email offset 0
) s on true
order by l.rid
