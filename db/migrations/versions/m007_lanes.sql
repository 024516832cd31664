-- Every new column may be null: no table is rewritten, and old code, which names none of them, goes on beside it.
alter table mkt.import_jobs
    add column lane text,
    add column pause_requested_by_user_id uuid,
    add constraint ck_import_jobs_lane check (lane in ('express', 'bulk')),
    add constraint fk_import_jobs_tenant_id_pause_requested_by_user_id foreign key (tenant_id, pause_requested_by_user_id) references auth.users (tenant_id, user_id);
-- The few jobs that have not ended, of a tenant with thousands that have: for its limit, and for its window.
create index ix_import_jobs_open on mkt.import_jobs (tenant_id) where finished_at is null;

-- How many hints of large jobs are on their way over all tenants: sent, and nobody has taken the chunk yet.
create function mkt.hints_under_way()
    returns bigint
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select count(*)
        from mkt.import_chunks c
        join mkt.import_jobs j using (import_job_id)
        where c.due_at is not null and c.hinted_at is not null and c.claimed_by is null and j.lane is distinct from 'express'
    $$;
revoke execute on function mkt.hints_under_way from public;
grant execute on function mkt.hints_under_way to mkt_worker;

create table mkt.tenant_limits (
    tenant_id uuid not null,
    weight double precision,
    max_jobs integer,
    max_rows_per_day bigint,
    max_file_bytes bigint,
    updated_at timestamp with time zone default now() not null,
    constraint pk_tenant_limits primary key (tenant_id),
    constraint ck_tenant_limits_weight check (weight between 0.01 and 100),
    constraint ck_tenant_limits_max_jobs check (max_jobs >= 0),
    constraint ck_tenant_limits_max_rows_per_day check (max_rows_per_day >= 0),
    constraint ck_tenant_limits_max_file_bytes check (max_file_bytes > 0)
);
alter table mkt.tenant_limits enable row level security;
create policy tenant on mkt.tenant_limits to mkt_worker, mkt_reader
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on mkt.tenant_limits to mkt_worker, mkt_reader;
grant insert, update on mkt.tenant_limits to mkt_worker;
