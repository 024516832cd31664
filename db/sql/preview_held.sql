-- Imports that are held back, with the memberships of the campaign that they brought.
select q.import_job_id, j.file_name, q.quarantined_at, q.rules, l.contacts
from (
    select import_job_id, count(*) as contacts
    from mkt.audience_contacts
    where tenant_id = :tenant and audience_id = any(cast(:audiences as uuid[])) and removed_at is null and import_job_id = any(cast(:quarantined as uuid[]))
    group by import_job_id
) l
join mkt.quarantines q on q.import_job_id = l.import_job_id
join mkt.import_jobs j on j.import_job_id = l.import_job_id
order by l.contacts desc, j.import_job_id
