-- What linking the chunk would do, now: who would join the audience (who is not in it, who does not exist yet, and where the job
-- readmits, who was taken out of it), who would stay out, and who would join without a legal basis.
select count(*) filter (where f.joins) as added, count(*) filter (where not f.joins and f.taken_out) as kept_out,
    count(*) filter (where f.joins and f.told = 'nao_informada' and f.known = 'nao_informada') as unstated
from (
    select a.there is null or (a.taken_out and :readmit) as joins, coalesce(a.taken_out, false) as taken_out,
        coalesce(r.consent ->> 'legal_basis', :basis, 'nao_informada') as told, coalesce(a.legal_basis, 'nao_informada') as known
    from mkt.import_rows r
    left join lateral (
        select k.rid from mtrk.contatos k
        where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
    ) c on true
    left join lateral (
        select true as there, k.removed_at is not null and k.removed_by_job_id is null as taken_out, k.legal_basis
        from mkt.audience_contacts k where k.audience_id = :audience and k.rid = c.rid offset 0
    ) a on true
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
) f
