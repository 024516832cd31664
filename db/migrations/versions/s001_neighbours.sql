-- The neighbours' tables, for an installation that stands alone. On the owner's platform they exist already.

do $$ begin
    -- Roles belong to the whole cluster: another database of it may have made them already.
    if not exists (select from pg_roles where rolname = 'mkt_worker') then create role mkt_worker nologin; end if;
    if not exists (select from pg_roles where rolname = 'mkt_reader') then create role mkt_reader nologin; end if;
exception when duplicate_object or unique_violation then null; -- made by a concurrent upgrade of another database
end $$;
grant mkt_worker, mkt_reader to current_user;

create schema core;
create schema auth;
create schema mtrk;
create schema ops;
create schema audit;

CREATE TABLE audit.events (
    event_id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID NOT NULL,
    user_id UUID,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    details JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (event_id)
);

CREATE INDEX ix_events_tenant_id_created_at ON audit.events (tenant_id, created_at);

CREATE TABLE core.tenants (
    tenant_id UUID DEFAULT uuidv7() NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    locale TEXT DEFAULT 'pt-BR'::text NOT NULL,
    timezone TEXT DEFAULT 'America/Sao_Paulo'::text NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_tenants PRIMARY KEY (tenant_id),
    CONSTRAINT ck_tenants_slug CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    CONSTRAINT uq_tenants_slug UNIQUE (slug)
);

CREATE TABLE mtrk.campanhas (
    cid UUID DEFAULT uuidv7() NOT NULL,
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_campanhas PRIMARY KEY (cid),
    CONSTRAINT uq_campanhas_tenant_id_cid UNIQUE (tenant_id, cid)
);

CREATE TABLE mtrk.contatos (
    rid BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT,
    attributes JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_contatos PRIMARY KEY (rid),
    CONSTRAINT uq_contatos_tenant_id_email UNIQUE (tenant_id, email),
    CONSTRAINT uq_contatos_rid_tenant_id UNIQUE (rid, tenant_id)
);

CREATE TABLE ops.suppressions (
    suppression_id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence JSONB DEFAULT '{}'::jsonb NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_suppressions PRIMARY KEY (suppression_id),
    CONSTRAINT ck_suppressions_kind CHECK (kind in ('unsubscribe', 'bounce', 'complaint', 'manual', 'erasure'))
);

CREATE INDEX ix_suppressions_tenant_id_email ON ops.suppressions (tenant_id, email);

CREATE TABLE auth.users (
    user_id UUID DEFAULT uuidv7() NOT NULL,
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (user_id),
    CONSTRAINT fk_users_tenant_id FOREIGN KEY(tenant_id) REFERENCES core.tenants (tenant_id),
    CONSTRAINT uq_users_tenant_id_name UNIQUE (tenant_id, name),
    CONSTRAINT uq_users_tenant_id_user_id UNIQUE (tenant_id, user_id)
);

CREATE TABLE mtrk.mensagens (
    message_id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID NOT NULL,
    cid UUID NOT NULL,
    rid BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_mensagens PRIMARY KEY (message_id),
    CONSTRAINT fk_mensagens_tenant_id_cid FOREIGN KEY(tenant_id, cid) REFERENCES mtrk.campanhas (tenant_id, cid),
    CONSTRAINT fk_mensagens_tenant_id_rid FOREIGN KEY(tenant_id, rid) REFERENCES mtrk.contatos (tenant_id, rid),
    CONSTRAINT uq_mensagens_cid_rid UNIQUE (cid, rid)
);

-- A session that is bound to no tenant sees and writes nothing: the setting reads '' after a transaction, hence nullif.
do $$
declare name text;
begin
    foreach name in array array['audit.events', 'core.tenants', 'mtrk.campanhas', 'mtrk.contatos', 'ops.suppressions', 'auth.users', 'mtrk.mensagens'] loop
        execute format('alter table %s enable row level security', name);
        execute format('create policy tenant on %s to mkt_worker, mkt_reader'
            ' using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)'
            ' with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
        execute format('grant select on %s to mkt_worker, mkt_reader', name);
    end loop;
end $$;

grant usage on schema core, auth, mtrk, ops, audit to mkt_worker, mkt_reader;
grant insert, update on mtrk.contatos to mkt_worker;
grant insert on core.tenants, auth.users, audit.events to mkt_worker;
