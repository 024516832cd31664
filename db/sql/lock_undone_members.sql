-- Memberships that the import made, ended, renewed, or gave a reason; in key order, as everybody who writes here.
select m.rid
from mkt.audience_contacts m
where m.audience_id = :audience and m.rid between :first_rid and :last_rid
  and (m.import_job_id = :import or m.consent_job_id = :import or m.readmitted_by_job_id = :import or m.removed_by_job_id = :import)
order by m.rid
for update of m
