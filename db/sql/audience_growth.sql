-- Who joined an audience and who left it, month by month. Somebody who left and came back counts as having joined once.
select month, sum(joined)::bigint as joined, sum(gone)::bigint as gone
from (
    select date_trunc('month', added_at at time zone :timezone)::date as month, 1 as joined, 0 as gone
    from mkt.audience_contacts where audience_id = :audience
    union all
    select date_trunc('month', removed_at at time zone :timezone)::date, 0, 1
    from mkt.audience_contacts where audience_id = :audience and removed_at is not null
) moves
group by month
order by month
