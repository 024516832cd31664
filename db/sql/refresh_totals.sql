update mkt.import_jobs j
set total_rows = s.total_rows,
    ok_rows = s.ok_rows,
    error_rows = s.error_rows,
    duplicate_rows = s.duplicate_rows,
    records_seen = s.records_seen,
    blank_rows = s.blank_rows
from (
    select coalesce(sum(ok_rows + error_rows + duplicate_rows), 0) as total_rows,
           coalesce(sum(ok_rows), 0) as ok_rows,
           coalesce(sum(error_rows), 0) as error_rows,
           coalesce(sum(duplicate_rows), 0) as duplicate_rows,
           coalesce(sum(records_seen), 0) as records_seen,
           coalesce(sum(blank_rows), 0) as blank_rows
    from mkt.import_chunks
    where import_job_id = :job
) s
where j.import_job_id = :job
