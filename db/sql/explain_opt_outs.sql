-- What was said of a mailbox and holds for the campaign, each with the row of the file that said it.
select s.kind, a.name as audience, s.source, s.occurred_at, s.import_job_id, cast(s.evidence ->> 'part_no' as int) as part_no,
       cast(s.evidence ->> 'row_number' as int) as row_number, j.file_name, u.name as uploaded_by, j.created_at as uploaded_at
from ops.suppressions s
left join mkt.audiences a on a.audience_id = s.audience_id
left join mkt.import_jobs j on j.import_job_id = s.import_job_id
left join auth.users u on u.user_id = j.uploaded_by_user_id
where s.tenant_id = :tenant and s.lifted_at is null
  and (s.mailbox = :mailbox or (s.email is null and s.mailbox_hash = any({hashes})))
  and (s.audience_id is null
       or s.audience_id in (select o.audience_id from mkt.campaign_audiences o where o.cid = :cid and not o.excluded))
order by s.occurred_at, s.suppression_id
