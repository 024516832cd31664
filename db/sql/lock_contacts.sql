-- Locks, in key order, the contacts that the chunk would change; after a wait the condition is judged anew.
select c.rid
from (
    select k.rid, r.normalized_name, r.attributes
    from mkt.import_rows r
    cross join lateral (
        select o.rid from mtrk.contatos o
        where o.tenant_id = r.tenant_id and o.email = r.normalized_email offset 0
    ) k
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and r.duplicate_of_row is null
    offset 0
) r
join mtrk.contatos c on c.rid = r.rid
where mkt.merged_name(c.name, r.normalized_name, :name_policy) is distinct from c.name
   or mkt.merged_attributes(c.attributes, r.attributes, :policy, cast(:policies as jsonb)) is distinct from c.attributes
order by c.email
for no key update of c
