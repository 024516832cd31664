-- Whether another job with the same content has done the work since, or is about to.
select exists (
    select from mkt.import_jobs o
    join mkt.import_jobs j on j.import_job_id = :job
    where o.import_job_id <> j.import_job_id and o.audience_id is not distinct from j.audience_id and o.kind = j.kind
      and o.file_hash = j.file_hash and o.options_hash = j.options_hash
      and (o.status = 'done' or o.status in ('queued', 'processing') and o.cancel_requested_at is null and o.failure_code is null)
      and o.created_at > j.created_at and o.undo_requested_at is null
)
