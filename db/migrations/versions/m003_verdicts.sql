-- Every new column may be null or has a constant default, so that no table is rewritten and old code goes on beside it.

alter table mkt.import_jobs drop constraint ck_import_jobs_kind;
alter table mkt.import_jobs add constraint ck_import_jobs_kind check (kind in ('import', 'dry_run', 'correction'));

-- `facts` is what DNS said, `details` what an address about which there is nothing else to say gets to read of it.
-- `attempt`: answers in a row that told nothing, as the clock counts them; `retry_at`: when the next one is due.
alter table mkt.domain_checks
    add column details jsonb default '{}'::jsonb not null,
    add column attempt smallint default 0 not null,
    add column retry_at timestamp with time zone;
update mkt.domain_checks set details = facts, facts = facts -> 'dns' where outcome is not null;

-- A membership that a job ended, so that the job can be taken back.
alter table mkt.audience_contacts add column removed_by_job_id uuid;

-- What a tenant decided about an address or a domain.
create table mkt.verdict_overrides (
    tenant_id uuid not null,
    entry text collate "C" not null,
    decision text not null,
    note text default ''::text not null,
    decided_by_user_id uuid not null,
    decided_at timestamp with time zone default now() not null,
    constraint pk_verdict_overrides primary key (tenant_id, entry),
    constraint ck_verdict_overrides_decision check (decision in ('allow', 'deny')),
    constraint fk_verdict_overrides_tenant_id_decided_by_user_id foreign key (tenant_id, decided_by_user_id) references auth.users (tenant_id, user_id)
);

-- What a tenant chose where the rules leave a choice; no row: the defaults.
create table mkt.verdict_policies (
    tenant_id uuid not null,
    risky_roles boolean default false not null,
    smtputf8 boolean default false not null,
    updated_at timestamp with time zone default now() not null,
    constraint pk_verdict_policies primary key (tenant_id)
);

do $$
declare name text;
begin
    foreach name in array array['mkt.verdict_overrides', 'mkt.verdict_policies'] loop
        execute format('alter table %s enable row level security', name);
        execute format('create policy tenant on %s to mkt_worker, mkt_reader'
            ' using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)'
            ' with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
        execute format('grant select on %s to mkt_worker, mkt_reader', name);
        execute format('grant insert, update, delete on %s to mkt_worker', name);
    end loop;
end $$;

-- How fast DNS may be asked by all workers together, and whether it can be believed: one row per nameserver, and '*' for
-- all of them. Belongs to the installation, not to a tenant. `tokens`: queries that may be sent now, as of `refilled_at`.
-- `shares`: queries in flight that each worker was granted, {worker: [number, until]}.
create table mkt.resolvers (
    server text not null,
    tokens double precision default 0 not null,
    refilled_at timestamp with time zone default now() not null,
    shares jsonb default '{}'::jsonb not null,
    believed boolean default true not null,
    reason text default 'ok'::text not null,
    detail text default ''::text not null,
    since timestamp with time zone default now() not null,
    asked_at timestamp with time zone,
    constraint pk_resolvers primary key (server)
);
grant select on mkt.resolvers to mkt_worker, mkt_reader;
grant insert, update on mkt.resolvers to mkt_worker;

-- The clock is the caller's, so that time can be moved in a test: contacts that are due at that moment.
drop function mkt.tenants_with_due_validations();
create function mkt.tenants_with_due_validations(moment timestamptz)
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select distinct tenant_id from mkt.email_validations where next_validation_at <= moment $$;
revoke execute on function mkt.tenants_with_due_validations(timestamptz) from public;
grant execute on function mkt.tenants_with_due_validations(timestamptz) to mkt_worker;

-- The beat takes what is due tenant by tenant; across tenants only the minute counts.
create index ix_email_validations_tenant_id_next_validation_at on mkt.email_validations (tenant_id, next_validation_at);

-- A suggestion as people accept it: one domain for another, or one address for another where the domain is right.
create function mkt.suggested_pair(email text, suggestion text, out written text, out meant text)
    language sql immutable
    as $$ select case when same then email else split_part(email, '@', 2) end, case when same then suggestion else split_part(suggestion, '@', 2) end
          from (select split_part(email, '@', 2) = split_part(suggestion, '@', 2) as same) s $$;
revoke execute on function mkt.suggested_pair(text, text) from public;
grant execute on function mkt.suggested_pair(text, text) to mkt_worker, mkt_reader;
