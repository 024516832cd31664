-- How many recipients of the chunk have a message of the campaign, whoever made it.
select count(*)
from mkt.campaign_contacts k
cross join lateral (select o.rid from mtrk.mensagens o where o.cid = k.cid and o.rid = k.rid offset 0) m
where k.import_job_id = :job and k.chunk_no = :chunk_no and k.outcome = 'recipient' and k.cid = :cid
