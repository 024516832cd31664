-- Who came in by these rows of the parent job, and what is known of them now. Whom the tenant denies in person is left alone.
select w.part_no, w.row_number, c.email, c.name, c.attributes, a.consent_evidence
from unnest(cast(:parts as int[]), cast(:numbers as int[])) as w (part_no, row_number)
cross join lateral (
    select k.normalized_email, k.tenant_id from mkt.import_rows k
    where k.import_job_id = :parent and k.part_no = w.part_no and k.row_number = w.row_number offset 0
) r
cross join lateral (
    select k.* from mtrk.contatos k where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c
cross join lateral (
    select k.consent_evidence from mkt.audience_contacts k
    where k.audience_id = :audience and k.rid = c.rid and (k.removed_at is null or k.removed_by_job_id = :job) offset 0
) a
where not exists (
    select from mkt.verdict_overrides o where o.tenant_id = c.tenant_id and o.entry = c.email and o.decision = 'deny')
