update mkt.quarantines set release_note = mkt.redacted(release_note, :pattern)
where tenant_id = :tenant and release_note ~* :pattern
