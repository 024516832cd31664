-- Campaigns of the tenant. Sent is one whose send was asked for and was neither cancelled nor has failed; of one that is frozen a send
-- has written down whom it chose, whatever became of that.
select k.cid, k.name, k.created_at,
       (select count(*) from mkt.campaign_audiences o where o.cid = k.cid and not o.excluded) as audiences,
       exists (select from mkt.campaign_contacts f where f.cid = k.cid) as is_frozen,
       exists (select from mkt.import_jobs j
               where j.tenant_id = k.tenant_id and j.cid = k.cid and j.kind = 'send' and j.status not in ('failed', 'cancelled')) as is_sent
from mtrk.campanhas k
