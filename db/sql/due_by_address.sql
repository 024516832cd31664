-- The contact of an address is judged again as soon as can be.
update mkt.email_validations v
set next_validation_at = :now
from mtrk.contatos c
where c.tenant_id = :tenant and c.email = :entry and v.rid = c.rid and v.next_validation_at > :now
