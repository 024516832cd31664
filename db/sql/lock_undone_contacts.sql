-- Contacts that the import created or changed, in the order of keys, as those who write messages and verdicts go: whoever is about
-- to refer to one of them has done so before we look, or finds it gone.
select c.rid
from (
    select h.rid from mkt.contact_changes h where h.import_job_id = :import and h.rid between :first_rid and :last_rid order by h.rid offset 0
) h
cross join lateral (
    select k.rid from mtrk.contatos k where k.rid = h.rid and k.tenant_id = :tenant for update of k offset 0
) c
