-- The columns by which an opt-out is known, whom it holds for, who said it, and why it holds no longer. Rows that are there
-- get their mailbox from the migration of mkt, which knows the rules of providers; until then it is the address itself.
alter table ops.suppressions
    alter column email drop not null,
    add column audience_id uuid,
    add column mailbox text collate "C",
    add column mailbox_hash bytea,
    add column key_version smallint,
    add column import_job_id uuid,
    add column occurred_at timestamp with time zone default now() not null,
    add column lifted_at timestamp with time zone,
    add column lifted_as text,
    add column lifted_by_user_id uuid,
    add column lift_evidence jsonb;
update ops.suppressions
set mailbox = email, occurred_at = created_at,
    import_job_id = case when source = 'import' then (evidence ->> 'import_job_id')::uuid end;
alter table ops.suppressions
    add constraint ck_suppressions_lifted_as check (lifted_as in ('reconsent', 'retracted')),
    add constraint ck_suppressions_known check (email is not null or mailbox_hash is not null),
    add constraint ck_suppressions_mailbox check ((email is null) = (mailbox is null)),
    add constraint ck_suppressions_key_version check ((mailbox_hash is null) = (key_version is null)),
    add constraint ck_suppressions_lifted check ((lifted_at is null) = (lifted_as is null));
create index ix_suppressions_tenant_id_mailbox on ops.suppressions (tenant_id, mailbox);
-- By their hash only erased people are looked for; without a hash, only what other services added and nobody has completed yet.
create index ix_suppressions_tenant_id_mailbox_hash on ops.suppressions (tenant_id, mailbox_hash) where email is null;
create index ix_suppressions_incomplete on ops.suppressions (tenant_id) where mailbox_hash is null;
create index ix_suppressions_import_job_id on ops.suppressions (import_job_id) where import_job_id is not null;

-- How often somebody was written to lately.
create index ix_mensagens_tenant_id_rid_created_at on mtrk.mensagens (tenant_id, rid, created_at);
-- Alone, mkt makes the campaigns; and everywhere the messages of its simulated sends.
grant insert on mtrk.campanhas, mtrk.mensagens to mkt_worker;
