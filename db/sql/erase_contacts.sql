-- The row stays for the keys that point at it; nothing in it is anybody's any more.
update mtrk.contatos
set email = 'erased+' || rid || '@erased.invalid', name = null, attributes = '{}', updated_at = now()
where tenant_id = :tenant and rid = any(cast(:rids as bigint[]))
