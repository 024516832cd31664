-- What failed or never ran is due again, each at the stage where it stood. The attempt numbers only ever rise.
update mkt.import_chunks
set stage = case when kind = 'settle' then 'waiting' else stage end,
    stage_attempts = 0,
    rests = 0,
    failed_at = null,
    failure_code = null,
    failure_detail = null,
    last_error = null,
    hints = 0,
    hinted_at = null,
    due_at = case when stage in ('waiting', 'parsed', 'done') or kind = 'settle' then null else clock_timestamp() end,
    updated_at = now()
where import_job_id = :job and (stage <> 'done' or kind = 'settle')
