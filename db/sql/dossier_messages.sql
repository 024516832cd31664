-- Campaigns that chose the person: what became of it, and the message if there is one.
select cid, c.name as campaign, coalesce(k.outcome, 'recipient') as outcome, k.rule, k.reason, k.decided_at, m.message_id, m.created_at as sent_at
from (
    select cid, rid from mkt.campaign_contacts where rid = any(cast(:rids as bigint[])) and tenant_id = :tenant
    union
    select cid, rid from mtrk.mensagens where tenant_id = :tenant and rid = any(cast(:rids as bigint[]))
) w
join mtrk.campanhas c using (cid)
left join mkt.campaign_contacts k using (cid, rid)
left join mtrk.mensagens m using (cid, rid)
order by coalesce(m.created_at, k.decided_at), cid
