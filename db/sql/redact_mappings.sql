update mkt.saved_mappings
set name = regexp_replace(name, :pattern, '[erased ' || left(md5(random()::text), 8) || ']', 'gi'), mapping = mkt.redacted(mapping, :pattern)
where tenant_id = :tenant and name || E'\n' || mapping::text ~* :pattern
