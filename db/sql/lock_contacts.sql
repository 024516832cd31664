-- Locks, in key order, the contacts that the chunk would change; after a wait the condition is judged anew. They are locked where they
-- are looked up: a join would leave it to the planner by which key.
select c.rid
from (
    select r.tenant_id, r.normalized_email, r.normalized_name, r.attributes
    from mkt.import_rows r
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
    order by r.normalized_email
    offset 0
) r
cross join lateral (
    select o.rid from mtrk.contatos o
    where o.tenant_id = r.tenant_id and o.email = r.normalized_email
      and (mkt.merged_name(o.name, r.normalized_name, :name_policy) is distinct from o.name
           or mkt.merged_attributes(o.attributes, r.attributes, :policy, cast(:policies as jsonb)) is distinct from o.attributes)
    for no key update of o
    offset 0
) c
