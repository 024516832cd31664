-- How far a job is, in records and contacts, by step. What a step has done is what its chunks say they wrote.
select j.status, j.kind,
       coalesce(bool_or(c.kind = 'split' and c.stage = 'done'), false) as split,
       coalesce(bool_or(c.kind = 'mark' and c.stage = 'done'), false) as marked,
       coalesce(sum(c.records_seen - c.blank_rows) filter (where c.kind = 'rows'), 0)::bigint as records,
       coalesce(sum(c.ok_rows + c.error_rows + c.duplicate_rows), 0)::bigint as parsed,
       coalesce(sum(c.ok_rows), 0)::bigint as contacts,
       coalesce(sum(c.ok_rows) filter (where c.contacts_created is not null), 0)::bigint as upserted,
       coalesce(sum(c.ok_rows) filter (where c.links_added is not null), 0)::bigint as linked,
       coalesce(sum(c.ok_rows) filter (where c.kind = 'rows' and c.stage = 'done'), 0)::bigint as judged,
       coalesce(sum(c.stage_attempts - 1) filter (where c.stage_attempts > 1 and c.stage <> 'done'), 0)::bigint as retries
from mkt.import_jobs j
left join mkt.import_chunks c on c.import_job_id = j.import_job_id
where j.import_job_id = :job
group by j.status, j.kind
