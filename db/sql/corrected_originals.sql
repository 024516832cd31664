-- Who came in by these rows of the parent job, and what is known of them now. Whom the tenant denies in person is left alone.
select w.part_no, w.row_number, c.email, c.name, c.attributes, a.consent
from unnest(cast(:parts as int[]), cast(:numbers as int[])) as w (part_no, row_number)
cross join lateral (
    select k.normalized_email, k.tenant_id from mkt.import_rows k
    where k.import_job_id = :parent and k.part_no = w.part_no and k.row_number = w.row_number offset 0
) r
cross join lateral (
    select k.* from mtrk.contatos k where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c
cross join lateral (
    select nullif((coalesce(k.consent_evidence, '{}') - 'before') || jsonb_strip_nulls(jsonb_build_object('legal_basis', k.legal_basis,
        'source', k.consent_source, 'consented_at', k.consented_at, 'ip', host(k.consent_ip), 'form', k.consent_form)), '{}') as consent
    from mkt.audience_contacts k
    where k.audience_id = :audience and k.rid = c.rid and (k.removed_at is null or k.removed_by_job_id = :job) offset 0
) a
where not exists (
    select from mkt.verdict_overrides o where o.tenant_id = c.tenant_id and o.entry = c.email and o.decision = 'deny')
