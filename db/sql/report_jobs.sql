-- Jobs as people read them: the job, who asked, for which audience, and what its chunks say about contacts and links.
select j.import_job_id, j.kind, j.status, j.stage, j.file_name, j.file_hash, j.file_bytes, j.audience_id, a.name as audience, j.cid,
       u.name as uploaded_by, j.options, j.reading, j.request_id, j.repeat_no, j.records_seen, j.blank_rows, j.total_rows, j.ok_rows,
       j.error_rows, j.duplicate_rows, c.contacts_created, c.contacts_updated, c.contacts_unchanged, c.links_added, c.links_existing, c.links_kept_out, c.consents_unstated, c.opt_outs_said, c.opt_outs_added, c.opt_outs_protected, j.parent_job_id,
       j.lane, j.pause_requested_at as paused_at, p.name as paused_by, j.cancel_requested_at, j.failure_code, j.failure_detail, j.created_at, j.started_at, j.finished_at,
       j.erased_at, j.files_deleted_at
from mkt.import_jobs j
left join mkt.audiences a on a.audience_id = j.audience_id
left join auth.users u on u.user_id = j.uploaded_by_user_id
left join auth.users p on p.user_id = j.pause_requested_by_user_id
cross join lateral (
    select coalesce(sum(contacts_created), 0)::bigint as contacts_created,
           coalesce(sum(contacts_updated), 0)::bigint as contacts_updated,
           coalesce(sum(contacts_unchanged), 0)::bigint as contacts_unchanged,
           coalesce(sum(links_added), 0)::bigint as links_added,
           coalesce(sum(links_existing), 0)::bigint as links_existing,
           coalesce(sum(links_kept_out), 0)::bigint as links_kept_out,
           coalesce(sum(consents_unstated), 0)::bigint as consents_unstated,
           coalesce(sum(opt_outs_said), 0)::bigint as opt_outs_said,
           coalesce(sum(opt_outs_added), 0)::bigint as opt_outs_added,
           coalesce(sum(opt_outs_protected), 0)::bigint as opt_outs_protected
    from mkt.import_chunks
    where import_job_id = j.import_job_id
) c
where cast(:job as uuid) is null or j.import_job_id = :job
order by j.import_job_id desc
limit :limit
