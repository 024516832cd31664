-- Others, whose fields name the person. `case` has the quick search come first.
update mtrk.contatos
set name = mkt.redacted(name, :pattern), attributes = mkt.redacted(attributes, :pattern), updated_at = now()
where tenant_id = :tenant
  and case when strpos(replace(lower(coalesce(name, '') || attributes::text collate "C"), '.', ''), (cast(:needles as text[]))[1]) > 0
      then coalesce(name, '') || E'\n' || attributes::text ~* :pattern else false end
