update mkt.import_chunks
set last_error = mkt.redacted(last_error, :pattern), failure_detail = mkt.redacted(failure_detail, :pattern)
where tenant_id = :tenant and last_error is not null and last_error || E'\n' || coalesce(failure_detail, '') ~* :pattern
