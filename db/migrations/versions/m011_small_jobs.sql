-- Whether a job is a large one, and a small one of any tenant is young and has not ended. Asked before every step of a job.
create index ix_import_jobs_express on mkt.import_jobs (created_at) where finished_at is null and lane = 'express';

create function mkt.gives_way(job uuid, young double precision)
    returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select exists (
                select from mkt.import_jobs
                where finished_at is null and lane = 'express'
                  and pause_requested_at is null and cancel_requested_at is null and failure_code is null
                  and created_at > now() - make_interval(secs => young))
            and exists (select from mkt.import_jobs where import_job_id = job and lane is distinct from 'express')
    $$;
revoke execute on function mkt.gives_way from public;
grant execute on function mkt.gives_way to mkt_worker;
