-- One lease of the DNS budget for one worker, over all the rows that bound it (everything, and each nameserver), in key
-- order. Tokens flow in with real time, at most half a second's worth of them; what the worker did not use of its last
-- lease comes back. Tenants for whom somebody is asking get equal parts of what there is, however many workers ask for each; the
-- workers of one tenant share its part. The scarcest row decides. A worker of an older release says for nobody: it counts as a tenant.
with bounds as (
    select * from unnest(cast(:servers as text[]), cast(:rates as double precision[]), cast(:caps as int[])) as b (server, rate, cap)
),
locked as materialized (
    select r.server, r.tokens, r.refilled_at, r.shares
    from mkt.resolvers r where r.server = any(cast(:servers as text[]))
    order by r.server
    for update
),
-- The clock is read after the last lock was got: waiting for it is time in which tokens flow in. Nobody waits for the disk:
-- a lease that a crash undoes does no harm.
present as materialized (
    select clock_timestamp() as moment, set_config('synchronous_commit', 'off', true) as committing
    from (select count(*) from locked) waited
),
filled as (
    select l.server, b.rate, b.cap, o.shares as others, (o.tenants + 1) * (o.workers + 1) as alive, o.in_flight,
           case when b.rate > 0 then least(
               greatest(b.rate * :burst, 1),
               l.tokens + :unused + b.rate * greatest(extract(epoch from p.moment - l.refilled_at), 0)) end as tokens
    from locked l
    join bounds b using (server)
    cross join present p
    cross join lateral (
        select coalesce(jsonb_object_agg(s.key, s.value) filter (where s.key is not null), '{}') as shares,
               count(distinct s.tenant) filter (where s.tenant <> :tenant) as tenants,
               count(*) filter (where s.tenant = :tenant) as workers,
               coalesce(sum((s.value ->> 0)::int), 0) as in_flight
        from (select e.key, e.value, coalesce(e.value ->> 2, e.key) as tenant from jsonb_each(l.shares) e) s
        where s.key <> :worker and (s.value ->> 1)::timestamptz > p.moment
    ) o
),
granted as (
    select greatest(0, min(least(:wanted, case when tokens is null then :wanted else floor(tokens / alive) + case when tokens >= 1 and tokens < alive then 1 else 0 end end)))::int as tokens,
           greatest(0, min(least(:in_flight, greatest(cap / alive, 1), cap - in_flight)))::int as in_flight
    from filled
),
written as (
    update mkt.resolvers r
    set tokens = coalesce(f.tokens - g.tokens, 0), refilled_at = p.moment,
        shares = f.others || jsonb_build_object(cast(:worker as text), jsonb_build_array(g.in_flight, p.moment + make_interval(secs => :seconds), cast(:tenant as text)))
    from filled f, granted g, present p
    where r.server = f.server
)
select tokens, in_flight from granted
