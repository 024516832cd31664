-- What upsert would do with the chunk, now: how many contacts it would create, and how many it would change.
select count(*) filter (where c.rid is null) as created,
       count(*) filter (where c.rid is not null and not :skip and (
           mkt.merged_name(c.name, r.normalized_name, :name_policy) is distinct from c.name
           or mkt.merged_attributes(c.attributes, r.attributes, :policy, cast(:policies as jsonb)) is distinct from c.attributes)) as updated
from mkt.import_rows r
left join lateral (
    select k.rid, k.name, k.attributes from mtrk.contatos k
    where k.tenant_id = r.tenant_id and k.email = r.normalized_email offset 0
) c on true
where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
  and r.parse_status = 'ok' and r.duplicate_of_row is null
