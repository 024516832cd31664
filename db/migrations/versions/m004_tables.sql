-- Every new column may be null or has a constant default, so that no table is rewritten and old code goes on beside it.

alter table mkt.import_jobs
    alter column audience_id drop not null,
    add column cid uuid,
    add column erased_at timestamp with time zone,
    add column files_deleted_at timestamp with time zone,
    drop constraint ck_import_jobs_kind,
    add constraint ck_import_jobs_kind check (kind in ('import', 'dry_run', 'correction', 'suppression', 'send', 'erasure')),
    add constraint ck_import_jobs_audience check (audience_id is not null or kind not in ('correction', 'dry_run', 'import')),
    add constraint ck_import_jobs_campaign check ((kind = 'send') = (cid is not null)),
    add constraint fk_import_jobs_tenant_id_cid foreign key (tenant_id, cid) references mtrk.campanhas (tenant_id, cid);
create unique index uq_import_jobs_send on mkt.import_jobs (cid) where kind = 'send' and status <> 'cancelled';
drop index mkt.uq_import_jobs_same_content;
create unique index uq_import_jobs_same_content on mkt.import_jobs (tenant_id, audience_id, kind, file_hash, options_hash, repeat_no)
    nulls not distinct where status not in ('failed', 'cancelled') and cancel_requested_at is null and failure_code is null;

alter table mkt.import_rows
    drop constraint ck_import_rows_opt_out,
    add constraint ck_import_rows_opt_out check (opt_out in ('unsubscribe', 'bounce', 'complaint', 'manual', 'erasure'));

alter table mkt.import_chunks
    add column links_kept_out bigint default 0 not null,
    add column consents_unstated bigint default 0 not null,
    add column quality jsonb,
    drop constraint ck_import_chunks_links,
    add constraint ck_import_chunks_links check (links_added + links_existing + links_kept_out = ok_rows),
    drop constraint ck_import_chunks_rows,
    add constraint ck_import_chunks_rows check (kind <> 'rows' or (part_no is not null and first_row <= last_row)),
    drop constraint ck_import_chunks_stage,
    add constraint ck_import_chunks_stage check (stage in ('waiting', 'split', 'parse', 'parsed', 'mark', 'upsert', 'link', 'validate', 'plan', 'send', 'erase', 'purge', 'settle', 'done'));

alter table mkt.audiences
    add column default_legal_basis text,
    add column default_consent_source text,
    add constraint ck_audiences_default_legal_basis check (default_legal_basis in ('consentimento', 'obrigacao_legal', 'politica_publica', 'pesquisa', 'execucao_de_contrato', 'exercicio_de_direitos', 'protecao_da_vida', 'tutela_da_saude', 'legitimo_interesse', 'protecao_do_credito', 'nao_informada')),
    add constraint ck_audiences_default_consent_source check (default_consent_source in ('web_form', 'event', 'customer', 'referral', 'partner', 'purchased', 'public', 'other'));

alter table mkt.audience_contacts
    add column removed_by_user_id uuid,
    add column removal_reason text,
    add column consent_job_id uuid;

alter table mkt.campaign_audiences add column excluded boolean default false not null;

create table mkt.hash_keys (
    tenant_id uuid not null,
    key_version smallint not null,
    canary bytea not null,
    created_at timestamp with time zone default now() not null,
    constraint pk_hash_keys primary key (tenant_id, key_version)
);

create table mkt.tenant_policies (
    tenant_id uuid not null,
    policy jsonb default '{}'::jsonb not null,
    updated_at timestamp with time zone default now() not null,
    constraint pk_tenant_policies primary key (tenant_id)
);

create table mkt.campaign_policies (
    cid uuid not null,
    tenant_id uuid not null,
    policy jsonb default '{}'::jsonb not null,
    updated_at timestamp with time zone default now() not null,
    constraint pk_campaign_policies primary key (cid),
    constraint fk_campaign_policies_tenant_id_cid foreign key (tenant_id, cid) references mtrk.campanhas (tenant_id, cid)
);

create table mkt.campaign_contacts (
    cid uuid not null,
    rid bigint not null,
    tenant_id uuid not null,
    import_job_id uuid not null,
    chunk_no integer not null,
    outcome text default 'planned'::text not null,
    rule text,
    reason text,
    decided_at timestamp with time zone,
    constraint pk_campaign_contacts primary key (cid, rid),
    constraint ck_campaign_contacts_outcome check (outcome in ('planned', 'recipient', 'excluded')),
    constraint ck_campaign_contacts_rule check ((outcome = 'excluded') = (rule is not null)),
    constraint ck_campaign_contacts_decided check ((outcome = 'planned') = (decided_at is null)),
    constraint fk_campaign_contacts_tenant_id_cid foreign key (tenant_id, cid) references mtrk.campanhas (tenant_id, cid)
);
create index ix_campaign_contacts_import_job_id_chunk_no on mkt.campaign_contacts (import_job_id, chunk_no);

create table mkt.quarantines (
    import_job_id uuid not null,
    tenant_id uuid not null,
    rules jsonb not null,
    quarantined_at timestamp with time zone default now() not null,
    released_at timestamp with time zone,
    released_by_user_id uuid,
    release_note text,
    constraint pk_quarantines primary key (import_job_id),
    constraint ck_quarantines_released check ((released_at is null) = (released_by_user_id is null)),
    constraint fk_quarantines_tenant_id_import_job_id foreign key (tenant_id, import_job_id) references mkt.import_jobs (tenant_id, import_job_id),
    constraint fk_quarantines_tenant_id_released_by_user_id foreign key (tenant_id, released_by_user_id) references auth.users (tenant_id, user_id)
);

do $$
declare name text;
begin
    foreach name in array array['mkt.hash_keys', 'mkt.tenant_policies', 'mkt.campaign_policies', 'mkt.campaign_contacts', 'mkt.quarantines'] loop
        execute format('alter table %s enable row level security', name);
        execute format('create policy tenant on %s to mkt_worker, mkt_reader'
            ' using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)'
            ' with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
        execute format('grant select on %s to mkt_worker, mkt_reader', name);
        execute format('grant insert on %s to mkt_worker', name);
    end loop;
end $$;
grant update on mkt.tenant_policies, mkt.campaign_policies, mkt.campaign_contacts, mkt.quarantines to mkt_worker;

-- Who is this, in every file: the look-up by address over all jobs (decision 18). The tenant stands last: an index that begins with
-- it would be taken for every other look-up of a tenant that is not in the statistics yet.
create index ix_import_rows_normalized_email_tenant_id on mkt.import_rows (normalized_email, tenant_id);
