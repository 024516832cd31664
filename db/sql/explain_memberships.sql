-- Memberships of a few contacts, each with the row of the file that brought the contact in.
select l.rid, a.name as audience, a.status, o.audience_id is not null and not o.excluded as chosen, coalesce(o.excluded, false) as excluded,
       l.added_at, l.removed_at, l.legal_basis, l.consent_source, q.import_job_id is not null as is_quarantined,
       l.import_job_id, l.part_no, l.row_number, j.file_name, u.name as uploaded_by, j.created_at as uploaded_at
from mkt.audience_contacts l
join mkt.audiences a on a.audience_id = l.audience_id
left join mkt.campaign_audiences o on o.cid = :cid and o.audience_id = l.audience_id
left join mkt.quarantines q on q.import_job_id = l.import_job_id and q.released_at is null
left join mkt.import_jobs j on j.import_job_id = l.import_job_id
left join auth.users u on u.user_id = j.uploaded_by_user_id
where l.rid = any(cast(:rids as bigint[]))
order by o.audience_id is null, l.added_at, a.name
