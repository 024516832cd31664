-- Members between two ids, counted by all that the rules need to know of them (pipeline.eligibility.counting reads it): in which
-- audiences they are and what these memberships say, the verdict and how many of the moments in `cutoffs` it is younger than, what
-- makes them special. Those who share a mailbox stand for themselves.
-- The pages of each range are read once, as they lie there; that is nearly the order of the ids, so that sorting by these costs little.
select m.links, v.status, v.reason_code, v.flags, v.age, s.said, {capped} as is_capped, s.number,
       case when s.number > 0 then m.rid end as rid, count(*) as contacts
from (
    select l.rid, bit_or(l.bits) as links
    from (
        select l.rid, {bits} as bits
        from mkt.own_memberships l
        where l.audience_id = any(cast(:audiences as uuid[])) and l.removed_at is null {range}
        order by l.rid offset bigint '0'
    ) l
    group by l.rid
) m
left join (
    select v.rid, v.status, v.reason_code, v.details_json -> 'flags' as flags,
           width_bucket(v.validated_at, cast(:cutoffs as timestamptz[])) as age
    from mkt.own_verdicts v where true {range}
    order by v.rid offset bigint '0'
) v on v.rid = m.rid
left join (
    select s.rid, s.said, s.number
    from unnest(cast(:rids as bigint[]), cast(:said as int[]), cast(:numbers as bigint[])) s (rid, said, number)
    where true {range}
) s on s.rid = m.rid
{cap}
where m.links & :chosen <> 0
group by 1, 2, 3, 4, 5, 6, 7, 8, 9
