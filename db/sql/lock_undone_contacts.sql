-- Contacts that the import created or changed, in the order of keys, as those who write messages and verdicts go: whoever is about
-- to refer to one of them has done so before we look, or finds it gone.
select c.rid
from (
    select h.rid from mkt.contact_changes h where h.import_job_id = :import and h.rid between :first_rid and :last_rid offset 0
) h
join mtrk.contatos c on c.rid = h.rid and c.tenant_id = :tenant
order by c.rid
for update of c
