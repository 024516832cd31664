-- Everybody whom the campaign chose, once: those about whom nothing is written down, and those whom a cancelled send has left
-- undecided. The chunk is dealt by the mailbox, so that all contacts of one stand together, whenever they were chosen: the number
-- of chunks of a later send is a multiple of that of the one before.
with chosen as materialized (
    select distinct l.rid
    from mkt.campaign_audiences u
    join mkt.audiences a on a.audience_id = u.audience_id and a.status = 'active'
    join mkt.audience_contacts l on l.audience_id = u.audience_id and l.removed_at is null
    where u.cid = :cid and not u.excluded
),
fresh as materialized (
    select m.rid from chosen m
    where not exists (select from mkt.campaign_contacts k where k.cid = :cid and k.rid = m.rid)
),
left_over as materialized (
    select k.rid from mkt.campaign_contacts k where k.cid = :cid and k.outcome = 'planned'
),
dealing as materialized (
    select coalesce(cast(:dealt as bigint), 1)
           * greatest(1, ceil(n.people / (cast(:chunk_rows as numeric) * coalesce(cast(:dealt as bigint), 1))))::bigint as chunks
    from (select (select count(*) from fresh) + (select count(*) from left_over) as people) n
),
seats as (
    select m.rid, m.is_fresh,
           :first + cast((hashtextextended(coalesce(mkt.mailbox(c.email), ''), 0) & 9223372036854775807) % d.chunks as int) as chunk_no
    from (select rid, true as is_fresh from fresh union all select rid, false from left_over) m
    left join mtrk.contatos c on c.rid = m.rid and c.tenant_id = :tenant
    cross join dealing d
),
frozen as (
    insert into mkt.campaign_contacts (cid, rid, tenant_id, import_job_id, chunk_no)
    select :cid, s.rid, :tenant, :job, s.chunk_no from seats s where s.is_fresh
    order by s.chunk_no, s.rid
    returning chunk_no
),
taken_over as (
    update mkt.campaign_contacts k set import_job_id = :job, chunk_no = s.chunk_no
    from seats s where not s.is_fresh and k.cid = :cid and k.rid = s.rid
    returning k.chunk_no
),
filled as materialized (
    select f.chunk_no, count(*) as people
    from (select chunk_no from frozen union all select chunk_no from taken_over) f group by 1
),
added as (
    insert into mkt.import_chunks (import_job_id, chunk_no, tenant_id, kind, stage, due_at, part_no, first_row, last_row, records_seen)
    select :job, f.chunk_no, :tenant, 'rows', 'send', clock_timestamp(), 0,
           sum(f.people) over before - f.people + 1, sum(f.people) over before, f.people
    from filled f window before as (order by f.chunk_no)
    returning 1
)
select coalesce((select sum(people) from filled), 0)::bigint as people, (select count(*) from added) as chunks,
       (select chunks from dealing) as dealt
