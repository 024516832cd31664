-- Whom people took out of the audience is in it again; in key order, as everybody who writes here. What the row says of consent is
-- written by the statement after this one; how they had been taken out is kept, to be put back. Returns how many came back, and how many of them without a legal basis then.
with said as materialized (
    select c.rid, coalesce(r.consent ->> 'legal_basis', :basis, 'nao_informada') as told
    from mkt.import_rows r
    cross join lateral (
        select k.rid from mtrk.contatos k
        where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
    order by c.rid
),
back as materialized (
    select a.audience_id, a.rid, r.told
    from said r
    cross join lateral (
        select k.audience_id, k.rid, k.removed_by_job_id from mkt.audience_contacts k
        where k.audience_id = :audience and k.rid = r.rid and k.removed_at is not null
        offset 0
        for update
    ) a
    where a.removed_by_job_id is null -- said here, or all whom people took out would be gone through for each contact
),
readmitted as (
    update mkt.audience_contacts m
    set removed_at = null, removed_by_user_id = null, removal_reason = null, readmitted_by_job_id = :job,
        readmitted_before = jsonb_strip_nulls(jsonb_build_object('removed_at', m.removed_at, 'removed_by_user_id', m.removed_by_user_id,
            'removal_reason', m.removal_reason, 'readmitted_by_job_id', m.readmitted_by_job_id, 'readmitted_before', m.readmitted_before))
    from back
    where m.audience_id = back.audience_id and m.rid = back.rid
    returning coalesce(m.legal_basis, 'nao_informada') as legal_basis, back.told
)
select count(*) as added, count(*) filter (where legal_basis = 'nao_informada' and told = 'nao_informada') as unstated from readmitted
