-- What was said against writing to the mailbox, by whatever it is known.
select s.kind, a.name as audience, s.source, s.import_job_id, j.status as job_status, j.file_name, u.name as said_by, s.occurred_at, s.created_at,
       s.lifted_at, s.lifted_as, l.name as lifted_by, s.lift_evidence
from ops.suppressions s
left join mkt.audiences a on a.audience_id = s.audience_id
left join mkt.import_jobs j on j.import_job_id = s.import_job_id
left join auth.users u on u.user_id = j.uploaded_by_user_id
left join auth.users l on l.user_id = s.lifted_by_user_id
where s.tenant_id = :tenant
  and (s.mailbox = :mailbox or s.email is null and s.mailbox_hash = any(mkt.mailbox_hashes(:tenant, :mailbox)))
order by s.created_at, s.suppression_id
