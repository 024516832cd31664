-- The schema of mkt. Row level security from the first day: mkt_worker and mkt_reader see the tenant they are bound to.

do $$ begin
    -- Roles belong to the whole cluster: another database of it may have made them already.
    if not exists (select from pg_roles where rolname = 'mkt_worker') then create role mkt_worker nologin; end if;
    if not exists (select from pg_roles where rolname = 'mkt_reader') then create role mkt_reader nologin; end if;
exception when duplicate_object or unique_violation then null; -- made by a concurrent upgrade of another database
end $$;
grant mkt_worker, mkt_reader to current_user;

CREATE TABLE mkt.audiences (
    audience_id UUID DEFAULT uuidv7() NOT NULL,
    tenant_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT DEFAULT ''::text NOT NULL,
    status TEXT DEFAULT 'active'::text NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_audiences PRIMARY KEY (audience_id),
    CONSTRAINT ck_audiences_status CHECK (status in ('active', 'archived')),
    CONSTRAINT ck_audiences_name CHECK (btrim(name) <> ''),
    CONSTRAINT uq_audiences_tenant_id_name UNIQUE (tenant_id, name),
    CONSTRAINT uq_audiences_tenant_id_audience_id UNIQUE (tenant_id, audience_id)
);

CREATE TABLE mkt.contact_changes (
    import_job_id UUID NOT NULL,
    rid BIGINT NOT NULL,
    tenant_id UUID NOT NULL,
    part_no INTEGER NOT NULL,
    row_number INTEGER NOT NULL,
    change TEXT NOT NULL,
    before JSONB,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_contact_changes PRIMARY KEY (import_job_id, rid),
    CONSTRAINT ck_contact_changes_change CHECK (change in ('created', 'updated')),
    CONSTRAINT ck_contact_changes_before CHECK ((change = 'created') = (before is null))
);

CREATE TABLE mkt.domain_checks (
    domain TEXT COLLATE "C" NOT NULL,
    outcome TEXT,
    facts JSONB DEFAULT '{}'::jsonb NOT NULL,
    status TEXT,
    reason_code TEXT,
    score SMALLINT,
    revalidate_after INTEGER,
    validator_version TEXT,
    checked_at TIMESTAMP WITH TIME ZONE,
    changed_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    claimed_by TEXT,
    claimed_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_domain_checks PRIMARY KEY (domain),
    CONSTRAINT ck_domain_checks_status CHECK (status in ('valid', 'invalid', 'risky', 'unknown')),
    CONSTRAINT ck_domain_checks_score CHECK (score between 0 and 100),
    CONSTRAINT ck_domain_checks_answered CHECK ((outcome is null) = (expires_at is null))
);

CREATE TABLE mkt.email_validation_history (
    validation_id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID NOT NULL,
    rid BIGINT NOT NULL,
    status TEXT NOT NULL,
    score SMALLINT NOT NULL,
    reason_code TEXT NOT NULL,
    validated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    validator_version TEXT NOT NULL,
    details_json JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT pk_email_validation_history PRIMARY KEY (rid, validated_at, validation_id),
    CONSTRAINT ck_email_validation_history_status CHECK (status in ('valid', 'invalid', 'risky', 'unknown')),
    CONSTRAINT ck_email_validation_history_score CHECK (score between 0 and 100)
)
 PARTITION BY RANGE (validated_at);

CREATE TABLE mkt.import_rows (
    import_job_id UUID NOT NULL,
    part_no INTEGER NOT NULL,
    row_number INTEGER NOT NULL,
    import_row_id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid NOT NULL,
    raw_email TEXT NOT NULL,
    raw_name TEXT,
    attributes JSONB DEFAULT '{}'::jsonb NOT NULL,
    normalized_email TEXT COLLATE "C",
    normalized_name TEXT,
    parse_status TEXT NOT NULL,
    error_code TEXT,
    error_detail TEXT,
    duplicate_of_part INTEGER,
    duplicate_of_row INTEGER,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_import_rows PRIMARY KEY (import_job_id, part_no, row_number),
    CONSTRAINT ck_import_rows_parse_status CHECK (parse_status in ('ok', 'error')),
    CONSTRAINT ck_import_rows_outcome CHECK (case parse_status when 'ok' then normalized_email is not null and error_code is null else error_code is not null and error_detail is not null and duplicate_of_row is null end),
    CONSTRAINT ck_import_rows_duplicate CHECK ((duplicate_of_row is null) = (duplicate_of_part is null))
)
 PARTITION BY RANGE (import_job_id);

CREATE TABLE mkt.audience_contacts (
    audience_id UUID NOT NULL,
    rid BIGINT NOT NULL,
    tenant_id UUID NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    import_job_id UUID,
    part_no INTEGER,
    row_number INTEGER,
    consent_source TEXT,
    legal_basis TEXT,
    consented_at TIMESTAMP WITH TIME ZONE,
    consent_ip INET,
    consent_form TEXT,
    consent_evidence JSONB,
    CONSTRAINT pk_audience_contacts PRIMARY KEY (audience_id, rid),
    CONSTRAINT fk_audience_contacts_tenant_id_audience_id FOREIGN KEY(tenant_id, audience_id) REFERENCES mkt.audiences (tenant_id, audience_id),
    CONSTRAINT fk_audience_contacts_tenant_id_rid FOREIGN KEY(tenant_id, rid) REFERENCES mtrk.contatos (tenant_id, rid)
);

CREATE INDEX ix_audience_contacts_rid ON mkt.audience_contacts (rid);

CREATE TABLE mkt.campaign_audiences (
    tenant_id UUID NOT NULL,
    cid UUID NOT NULL,
    audience_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_campaign_audiences PRIMARY KEY (cid, audience_id),
    CONSTRAINT fk_campaign_audiences_tenant_id_cid FOREIGN KEY(tenant_id, cid) REFERENCES mtrk.campanhas (tenant_id, cid),
    CONSTRAINT fk_campaign_audiences_tenant_id_audience_id FOREIGN KEY(tenant_id, audience_id) REFERENCES mkt.audiences (tenant_id, audience_id)
);

CREATE TABLE mkt.email_validations (
    rid BIGINT NOT NULL,
    tenant_id UUID NOT NULL,
    status TEXT NOT NULL,
    reason_code TEXT NOT NULL,
    score SMALLINT NOT NULL,
    validated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    validator_version TEXT NOT NULL,
    details_json JSONB DEFAULT '{}'::jsonb NOT NULL,
    next_validation_at TIMESTAMP WITH TIME ZONE NOT NULL,
    domain_changed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_email_validations PRIMARY KEY (rid),
    CONSTRAINT ck_email_validations_status CHECK (status in ('valid', 'invalid', 'risky', 'unknown')),
    CONSTRAINT ck_email_validations_score CHECK (score between 0 and 100),
    CONSTRAINT fk_email_validations_tenant_id_rid FOREIGN KEY(tenant_id, rid) REFERENCES mtrk.contatos (tenant_id, rid)
);

CREATE INDEX ix_email_validations_next_validation_at ON mkt.email_validations (next_validation_at);

CREATE TABLE mkt.import_jobs (
    import_job_id UUID DEFAULT uuidv7() NOT NULL,
    tenant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    audience_id UUID NOT NULL,
    uploaded_by_user_id UUID NOT NULL,
    parent_job_id UUID,
    request_id TEXT,
    file_name TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    file_bytes BIGINT NOT NULL,
    file_key TEXT NOT NULL,
    options JSONB DEFAULT '{}'::jsonb NOT NULL,
    options_hash TEXT NOT NULL,
    repeat_no INTEGER DEFAULT 0 NOT NULL,
    chunk_rows INTEGER NOT NULL,
    reading JSONB,
    status TEXT NOT NULL,
    stage TEXT NOT NULL,
    total_rows BIGINT DEFAULT 0 NOT NULL,
    ok_rows BIGINT DEFAULT 0 NOT NULL,
    error_rows BIGINT DEFAULT 0 NOT NULL,
    duplicate_rows BIGINT DEFAULT 0 NOT NULL,
    records_seen BIGINT DEFAULT 0 NOT NULL,
    blank_rows BIGINT DEFAULT 0 NOT NULL,
    pause_requested_at TIMESTAMP WITH TIME ZONE,
    cancel_requested_at TIMESTAMP WITH TIME ZONE,
    failure_code TEXT,
    failure_detail TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_import_jobs PRIMARY KEY (import_job_id),
    CONSTRAINT ck_import_jobs_status CHECK (status in ('queued', 'processing', 'done', 'failed', 'cancelled')),
    CONSTRAINT ck_import_jobs_kind CHECK (kind in ('import')),
    CONSTRAINT ck_import_jobs_balance CHECK (total_rows = ok_rows + error_rows + duplicate_rows),
    CONSTRAINT ck_import_jobs_finished CHECK ((status in ('cancelled', 'done', 'failed')) = (finished_at is not null)),
    CONSTRAINT ck_import_jobs_accounted CHECK (status <> 'done' or total_rows = records_seen - blank_rows),
    CONSTRAINT ck_import_jobs_failure CHECK (status <> 'failed' or failure_code is not null),
    CONSTRAINT ck_import_jobs_failure_detail CHECK ((failure_code is null) = (failure_detail is null)),
    CONSTRAINT ck_import_jobs_file_hash CHECK (file_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT uq_import_jobs_tenant_id_import_job_id UNIQUE (tenant_id, import_job_id),
    CONSTRAINT uq_import_jobs_tenant_id_request_id UNIQUE (tenant_id, request_id),
    CONSTRAINT fk_import_jobs_tenant_id_audience_id FOREIGN KEY(tenant_id, audience_id) REFERENCES mkt.audiences (tenant_id, audience_id),
    CONSTRAINT fk_import_jobs_tenant_id_uploaded_by_user_id FOREIGN KEY(tenant_id, uploaded_by_user_id) REFERENCES auth.users (tenant_id, user_id),
    CONSTRAINT fk_import_jobs_tenant_id_parent_job_id FOREIGN KEY(tenant_id, parent_job_id) REFERENCES mkt.import_jobs (tenant_id, import_job_id)
);

CREATE UNIQUE INDEX uq_import_jobs_same_content ON mkt.import_jobs (tenant_id, audience_id, kind, file_hash, options_hash, repeat_no) WHERE status not in ('failed', 'cancelled') and cancel_requested_at is null and failure_code is null;

CREATE TABLE mkt.import_chunks (
    import_job_id UUID NOT NULL,
    chunk_no INTEGER NOT NULL,
    tenant_id UUID NOT NULL,
    kind TEXT NOT NULL,
    stage TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    stage_attempts INTEGER DEFAULT 0 NOT NULL,
    claimed_by TEXT,
    claimed_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE,
    hinted_at TIMESTAMP WITH TIME ZONE,
    hints INTEGER DEFAULT 0 NOT NULL,
    last_error TEXT,
    failed_at TIMESTAMP WITH TIME ZONE,
    failure_code TEXT,
    failure_detail TEXT,
    chunk_key TEXT,
    part_no INTEGER,
    first_row INTEGER,
    last_row INTEGER,
    records_seen BIGINT DEFAULT 0 NOT NULL,
    blank_rows BIGINT DEFAULT 0 NOT NULL,
    ok_rows BIGINT DEFAULT 0 NOT NULL,
    error_rows BIGINT DEFAULT 0 NOT NULL,
    duplicate_rows BIGINT DEFAULT 0 NOT NULL,
    contacts_created BIGINT,
    contacts_updated BIGINT,
    contacts_unchanged BIGINT,
    links_added BIGINT,
    links_existing BIGINT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_import_chunks PRIMARY KEY (import_job_id, chunk_no),
    CONSTRAINT ck_import_chunks_kind CHECK (kind in ('split', 'mark', 'settle', 'rows')),
    CONSTRAINT ck_import_chunks_stage CHECK (stage in ('waiting', 'split', 'parse', 'parsed', 'mark', 'upsert', 'link', 'validate', 'settle', 'done')),
    CONSTRAINT ck_import_chunks_contacts CHECK (contacts_created + contacts_updated + contacts_unchanged = ok_rows),
    CONSTRAINT ck_import_chunks_links CHECK (links_added + links_existing = ok_rows),
    CONSTRAINT ck_import_chunks_rows CHECK (kind <> 'rows' or (chunk_key is not null and part_no is not null and first_row <= last_row)),
    CONSTRAINT ck_import_chunks_failure CHECK ((failed_at is null) = (failure_code is null)),
    CONSTRAINT ck_import_chunks_failed_rests CHECK (failed_at is null or due_at is null),
    CONSTRAINT fk_import_chunks_tenant_id_import_job_id FOREIGN KEY(tenant_id, import_job_id) REFERENCES mkt.import_jobs (tenant_id, import_job_id)
);

CREATE INDEX ix_import_chunks_due ON mkt.import_chunks (tenant_id, due_at) WHERE due_at is not null;

-- A session that is bound to no tenant sees and writes nothing: the setting reads '' after a transaction, hence nullif.
do $$
declare name text;
begin
    foreach name in array array['mkt.audiences', 'mkt.contact_changes', 'mkt.email_validation_history', 'mkt.import_rows', 'mkt.audience_contacts', 'mkt.campaign_audiences', 'mkt.email_validations', 'mkt.import_jobs', 'mkt.import_chunks'] loop
        execute format('alter table %s enable row level security', name);
        execute format('create policy tenant on %s to mkt_worker, mkt_reader'
            ' using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)'
            ' with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
        execute format('grant select on %s to mkt_worker, mkt_reader', name);
    end loop;
end $$;

grant usage on schema mkt to mkt_worker, mkt_reader;
grant select on mkt.domain_checks to mkt_worker, mkt_reader;
grant insert, update on mkt.domain_checks to mkt_worker;
grant insert, update on mkt.audiences, mkt.audience_contacts, mkt.import_jobs, mkt.import_chunks, mkt.email_validations to mkt_worker;
grant insert on mkt.contact_changes, mkt.email_validation_history to mkt_worker; -- append-only
grant insert, delete on mkt.campaign_audiences to mkt_worker;
grant update (duplicate_of_part, duplicate_of_row) on mkt.import_rows to mkt_worker; -- the rest of a row never changes
