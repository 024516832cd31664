-- Contacts about whom there is more to say than their memberships and their verdict: opted out (as what: the strongest kind), or one
-- of several whose mailbox is the same (numbered). Only addresses that could have another form are brought into that of their
-- mailbox; all others are looked up by what they are. One row of lists, as text: they go back into the next statement.
with said as materialized (
    select s.mailbox, max(array_position(cast(:kinds as text[]), s.kind)) as said
    from ops.suppressions s
    where s.tenant_id = :tenant and s.mailbox is not null and s.lifted_at is null
      and (s.audience_id is null or s.audience_id = any(cast(:used as uuid[])))
    group by s.mailbox
),
several as materialized (
    select c.email, mkt.mailbox(c.email) as mailbox
    from mtrk.contatos c
    where c.tenant_id = :tenant and (split_part(c.email, '@', 2) = any(cast(:domains as text[])) or strpos(c.email, '+') > 0) {members}
),
shared as materialized (
    select mailbox, row_number() over () as number
    from (
        select mailbox from several group by mailbox having count(*) > 1
        union
        select v.mailbox
        from several v
        cross join lateral (select from mtrk.contatos c where c.tenant_id = :tenant and c.email = v.mailbox offset 0) plain
        where v.email <> v.mailbox and split_part(v.mailbox, '@', 2) <> all(cast(:domains as text[]))
    ) m
),
found as (
    select mailbox as email, said, null::bigint as number from said
    union all
    select v.email, s.said, null from several v join said s on s.mailbox = v.mailbox where v.email <> v.mailbox
    union all
    select v.email, null, h.number from several v join shared h on h.mailbox = v.mailbox
    union all
    select h.mailbox, null, h.number from shared h
    {hashed}
)
select cast(coalesce(array_agg(rid), '{}') as text) as rids, cast(coalesce(array_agg(said), '{}') as text) as said,
       cast(coalesce(array_agg(number), '{}') as text) as numbers
from (
    select c.rid, coalesce(max(f.said), 0) as said, coalesce(max(f.number), 0) as number
    from found f
    cross join lateral (select o.rid from mtrk.contatos o where o.tenant_id = :tenant and o.email = f.email offset 0) c
    group by c.rid
    order by c.rid
) special
