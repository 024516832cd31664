-- The budget of everything as it is now, and the contacts that wait for a resolver that can be believed.
select (select count(*) from mkt.email_validations
        where reason_code = 'not_yet_checked' and next_validation_at <= clock_timestamp() + interval '2 minutes') as waiting,
       coalesce(r.tokens, 0) as tokens, coalesce(s.in_flight, 0)::int as in_flight, coalesce(s.workers, 0)::int as workers
from (values ('*')) as everything (server)
left join mkt.resolvers r using (server)
left join lateral (
    select sum((e.value ->> 0)::int) as in_flight, count(*) as workers
    from jsonb_each(r.shares) e where (e.value ->> 1)::timestamptz > clock_timestamp()
) s on true
