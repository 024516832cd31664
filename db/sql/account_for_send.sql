-- Who of a send was decided about, who is a recipient, and who of these has a message: what its chunks have counted must equal.
select count(*) filter (where k.outcome <> 'planned') as decided,
       count(*) filter (where k.outcome = 'recipient') as recipients,
       count(*) filter (where k.outcome = 'recipient' and m.rid is not null) as messages,
       (select ok_rows from mkt.import_jobs where import_job_id = :job) as ok_rows
from mkt.campaign_contacts k
left join mtrk.mensagens m on m.cid = k.cid and m.rid = k.rid
where k.import_job_id = :job
