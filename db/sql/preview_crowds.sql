-- Members between two ids, counted by all that the rules need to know of them (pipeline.eligibility.counting reads it): in which
-- audiences they are and what these memberships say, the verdict and how many of the moments in `cutoffs` it is younger than, what
-- makes them special. Those who share a mailbox are named besides, each with the number of the mailbox.
-- All are read by indexes in the order of their ids, side by side: the verdicts by one that has all that is asked of most, without
-- their details. The tenant is named although row security adds it: so it is compared once, and not with the session's at every row.
-- What is known of a verdict is hashed once, instead of comparing each of its texts for every contact.
select m.links, any_value(v.status) as status, any_value(v.reason_code) as reason_code, any_value(v.age) as age,
       any_value(coalesce(d.flags, case when r.rid is not null then jsonb '["role_account"]' end)) as flags,
       s.said, {capped} as is_capped,
       hashtextextended(v.status || v.reason_code, v.age)
           # coalesce(jsonb_hash_extended(d.flags, 1), case when r.rid is not null then 1 else 0 end) as likeness,
       string_agg(case when s.number > 0 then s.number || ':' || m.rid end, ',') as sharers, count(*) as contacts
from (
    select l.rid, bit_or({bits}) as links
    from mkt.audience_contacts l
    where l.tenant_id = :tenant and l.audience_id = any(cast(:audiences as uuid[])) and l.removed_at is null {range}
    group by l.rid
) m
left join (
    select v.rid, v.status, v.reason_code, width_bucket(v.validated_at, cast(:cutoffs as timestamptz[])) as age
    from mkt.email_validations v where v.tenant_id = :tenant {range}
) v on v.rid = m.rid
left join (
    select v.rid from mkt.email_validations v where v.tenant_id = :tenant and {of_role} {range}
) r on r.rid = m.rid
left join (
    select v.rid, v.details_json -> 'flags' as flags from mkt.email_validations v where v.tenant_id = :tenant and ({in_doubt}) {range}
) d on d.rid = m.rid
left join unnest(cast({rids} as bigint[]), cast({said} as int[]), cast({numbers} as bigint[])) s (rid, said, number) on s.rid = m.rid
{cap}
where m.links & :chosen <> 0
group by 1, 6, 7, 8
