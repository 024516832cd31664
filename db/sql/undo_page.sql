-- Lines of an undo behind one of them, with the address: the contact's, or, where it is gone, that of the row that brought it in.
select i.rid, coalesce(c.email, r.normalized_email) as email, i.part_no, i.row_number, i.thing, i.outcome, i.reason, i.fields
from (
    select * from mkt.undo_items k
    where k.import_job_id = :job and (k.rid, k.thing) > (:rid, :thing) and (cast(:outcome as text) is null or k.outcome = :outcome)
    order by k.rid, k.thing
    limit :size
) i
left join lateral (select k.email from mtrk.contatos k where k.rid = i.rid and k.tenant_id = :tenant offset 0) c on true
left join lateral (
    select k.normalized_email from mkt.import_rows k
    where k.import_job_id = :import and k.part_no = i.part_no and k.row_number = i.row_number offset 0
) r on true
order by i.rid, i.thing
