-- Who is in the audience under the mended address leaves it under the old one; in key order, as everybody who writes here.
with mistyped as materialized (
    select c.rid
    from mkt.import_rows r
    cross join lateral (
        select k.tenant_id, k.normalized_email from mkt.import_rows k
        where k.import_job_id = :parent and k.part_no = r.mends_part and k.row_number = r.mends_row offset 0
    ) p
    cross join lateral (
        select k.rid from mtrk.contatos k where k.tenant_id = p.tenant_id and k.email = p.normalized_email offset 0
    ) c
    where r.import_job_id = :job and r.part_no = :part_no and r.row_number between :first_row and :last_row
      and r.parse_status = 'ok' and p.normalized_email <> r.normalized_email
    order by c.rid
),
old as materialized (
    select a.audience_id, a.rid
    from mistyped r
    cross join lateral (
        select k.audience_id, k.rid from mkt.audience_contacts k
        where k.audience_id = :audience and k.rid = r.rid and k.removed_at is null
        offset 0
        for update
    ) a
)
update mkt.audience_contacts m
set removed_at = now(), removed_by_job_id = :job
from old
where m.audience_id = old.audience_id and m.rid = old.rid and m.removed_at is null
