-- Two names must not become one.
update mkt.audiences
set name = regexp_replace(name, :pattern, '[erased ' || left(md5(audience_id::text), 8) || ']', 'gi'),
    description = mkt.redacted(description, :pattern), updated_at = now()
where tenant_id = :tenant and name || E'\n' || description ~* :pattern
