-- Jobs that have begun and in which nothing has moved for five minutes, with who holds a chunk of theirs since when.
select j.import_job_id, j.stage, max(c.updated_at) as moved_at,
       (array_agg(c.claimed_by order by c.claimed_at) filter (where c.claimed_by is not null))[1] as claimed_by,
       min(c.claimed_at) as claimed_at
from mkt.import_jobs j
join mkt.import_chunks c on c.import_job_id = j.import_job_id
where j.status = 'processing' and j.pause_requested_at is null
group by j.import_job_id
having max(greatest(c.updated_at, coalesce(c.claimed_at, c.updated_at))) < clock_timestamp() - interval '5 minutes'
order by moved_at
limit 100
