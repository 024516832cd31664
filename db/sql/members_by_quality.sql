-- Members of an audience in groups that are alike; with a job, those whom it brought in.
select status, reason_code, left_out_as, opted_out_as, basis, source, count(*) as contacts,
       count(*) filter (where is_role) as role_accounts, count(*) filter (where is_disposable) as disposable,
       count(*) filter (where is_typo) as typos, count(*) filter (where is_known_bounce) as known_bounces,
       count(*) filter (where is_quarantined) as quarantined
from mkt.audience_members
where audience_id = :audience and (cast(:job as uuid) is null or import_job_id = :job)
group by status, reason_code, left_out_as, opted_out_as, basis, source
order by contacts desc, status, reason_code, left_out_as, opted_out_as, basis, source
