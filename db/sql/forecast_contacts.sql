-- What upsert would do with each contact of the chunk, now, in file order: c(reate), u(pdate), n(othing).
select coalesce(string_agg(
    case when c.rid is null then 'c'
         when not :skip and (
             mkt.merged_name(c.name, r.normalized_name, :name_policy) is distinct from c.name
             or mkt.merged_attributes(c.attributes, r.attributes, :policy, cast(:policies as jsonb)) is distinct from c.attributes)
         then 'u' else 'n' end, '' order by r.row_number), '')
from mkt.import_rows r
left join lateral (
    select k.rid, k.name, k.attributes from mtrk.contatos k
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c on true
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
