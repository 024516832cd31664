-- Names of files and whatever else people wrote. The erasure's own request keeps the address until its end.
update mkt.import_jobs
set file_name = mkt.redacted(file_name, :pattern), request_id = mkt.redacted(request_id, :pattern),
    options = case when import_job_id = :job then options else mkt.redacted(options, :pattern) end,
    reading = mkt.redacted(reading, :pattern), failure_detail = mkt.redacted(failure_detail, :pattern)
where tenant_id = :tenant
  and file_name || E'\n' || coalesce(request_id, '') || E'\n' || case when import_job_id = :job then '' else options::text end
      || coalesce(reading::text, '') || coalesce(failure_detail, '') ~* :pattern
