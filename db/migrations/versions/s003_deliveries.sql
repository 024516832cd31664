-- One row for every event that the platform heard of a message; a repeated event_id changes nothing.
create table ops.deliveries (
    tenant_id uuid not null,
    event_id text not null,
    email text collate "C" not null,
    kind text not null,
    occurred_at timestamp with time zone not null,
    detail text,
    recorded_at timestamp with time zone default now() not null,
    constraint pk_deliveries primary key (tenant_id, event_id),
    constraint ck_deliveries_kind check (kind in ('delivered', 'bounce_hard', 'bounce_soft', 'complaint'))
);
create index ix_deliveries_tenant_id_email_occurred_at on ops.deliveries (tenant_id, email, occurred_at);

-- What the events of a mailbox come to; always recomputed from them, so that their order does not matter.
-- `domain` is part of the address, kept for sums over it.
create table ops.mailboxes (
    tenant_id uuid not null,
    email text collate "C" not null,
    domain text collate "C" not null,
    delivered_at timestamp with time zone,
    bounced_hard_at timestamp with time zone,
    soft_bounces integer default 0 not null,
    updated_at timestamp with time zone default now() not null,
    constraint pk_mailboxes primary key (tenant_id, email)
);
create index ix_mailboxes_domain_tenant_id on ops.mailboxes (domain, tenant_id);

do $$
declare name text;
begin
    foreach name in array array['ops.deliveries', 'ops.mailboxes'] loop
        execute format('alter table %s enable row level security', name);
        execute format('create policy tenant on %s to mkt_worker, mkt_reader'
            ' using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)'
            ' with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
        execute format('grant select on %s to mkt_worker, mkt_reader', name);
    end loop;
end $$;
grant insert on ops.deliveries to mkt_worker; -- append-only
grant insert, update on ops.mailboxes to mkt_worker;
