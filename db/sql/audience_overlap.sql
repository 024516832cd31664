-- The other audiences that members are in, and (first, without an audience) how many members that are.
with own as (
    select rid from mkt.audience_contacts
    where audience_id = :audience and removed_at is null and (cast(:job as uuid) is null or import_job_id = :job)
),
others as (
    select l.rid, l.audience_id from mkt.audience_contacts l
    join own using (rid)
    where l.audience_id <> :audience and l.removed_at is null
)
select null::uuid as audience_id, null as name, count(distinct rid) as contacts from others
union all
select o.audience_id, a.name, o.contacts
from (select audience_id, count(*) as contacts from others group by audience_id) o
join mkt.audiences a using (audience_id)
order by contacts desc, name nulls first
