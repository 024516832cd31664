-- Which session of PostgreSQL a claim was made by, and at which attempt: workers of the release before write neither, so what they
-- hold bears the number of another attempt and is given their old patience.
alter table mkt.import_chunks
    add column claimed_pid integer,
    add column claimed_attempt integer,
    add column rests integer default 0 not null,
    add column halvings integer default 0 not null;

-- What is held at this moment: few rows, however many chunks there are.
create index ix_import_chunks_claimed on mkt.import_chunks (tenant_id) where claimed_by is not null;

-- Chunks that are due, and those whose holder's session is gone.
create or replace function mkt.tenants_with_due_chunks()
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select tenant_id from mkt.import_chunks where due_at <= now()
        union
        select tenant_id from mkt.import_chunks
        where claimed_by is not null and due_at is not null and claimed_attempt = attempts
          and claimed_pid <> all (array(select a.pid from pg_stat_activity a))
    $$;

-- A row that no attempt at its chunk survives becomes a problem of the file.
grant update (parse_status, error_code, error_detail) on mkt.import_rows to mkt_worker;
