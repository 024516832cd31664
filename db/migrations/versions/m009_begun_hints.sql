-- How many hints of large jobs are on their way over all tenants: sent, and nobody has taken the chunk yet. What somebody has begun
-- is not among them: its hint goes ahead of these, in another queue.
create or replace function mkt.hints_under_way()
    returns bigint
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select count(*)
        from mkt.import_chunks c
        join mkt.import_jobs j using (import_job_id)
        where c.due_at is not null and c.hinted_at is not null and c.claimed_by is null and c.stage_attempts = 0
          and j.lane is distinct from 'express'
    $$;
