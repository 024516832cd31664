-- Contacts about whom there is more to say than their memberships and their verdict: opted out (as what: the strongest kind), or one
-- of several whose mailbox is the same (numbered). All addresses are looked through once; only those that may have another form are
-- brought into it. For each range of ids lists of them, as text: they go back into the next statement.
with scanned as materialized (
    select c.rid, c.mailbox, c.email <> c.mailbox as is_form, s.said
    from (
        select c.rid, c.email, case
            when split_part(c.email, '@', 2) = any(cast(:domains as text[])) or strpos(c.email, '+') > 0 then mkt.mailbox(c.email)
            else c.email end as mailbox
        from mtrk.contatos c
        where c.tenant_id = :tenant {members}
        offset bigint '0'
    ) c
    left join (
        select s.mailbox, max(array_position(cast(:kinds as text[]), s.kind)) as said
        from ops.suppressions s
        where s.tenant_id = :tenant and s.mailbox is not null and s.lifted_at is null
          and (s.audience_id is null or s.audience_id = any(cast(:used as uuid[])))
        group by s.mailbox
    ) s on s.mailbox = c.mailbox
    where s.said is not null or c.email <> c.mailbox
),
shared as materialized (
    select f.mailbox, plain.rid as plain, row_number() over () as number
    from (
        -- Look-ups side by side find their pages at hand.
        select mailbox, count(*) as forms from scanned where is_form group by mailbox order by mailbox offset 0
    ) f
    left join lateral (
        select o.rid from mtrk.contatos o where o.tenant_id = :tenant and o.email = f.mailbox offset 0
    ) plain on true
    where f.forms > 1 or plain.rid is not null
),
found as (
    select rid, said, null::bigint as number from scanned where said is not null
    union all
    select s.rid, null, h.number from scanned s join shared h on h.mailbox = s.mailbox where s.is_form
    union all
    select plain, null, number from shared where plain is not null
    {hashed}
)
select width_bucket(rid, cast(:bounds as bigint[])) - 1 as range, cast(array_agg(rid) as text) as rids, cast(array_agg(said) as text) as said,
       cast(array_agg(number) as text) as numbers
from (select rid, coalesce(max(said), 0) as said, coalesce(max(number), 0) as number from found group by rid) special
group by 1
