-- Every new column may be null or has a constant default, so that no table is rewritten and old code goes on beside it.

alter table mkt.import_jobs drop constraint ck_import_jobs_kind;
alter table mkt.import_jobs add constraint ck_import_jobs_kind check (kind in ('import', 'dry_run'));

alter table mkt.import_rows
    add column warnings jsonb,
    add column opt_out text,
    add column consent jsonb,
    add column mends_part integer,
    add column mends_row integer,
    add constraint ck_import_rows_opt_out check (opt_out in ('unsubscribe', 'bounce', 'complaint')),
    add constraint ck_import_rows_mends check ((mends_row is null) = (mends_part is null));

alter table mkt.import_chunks
    add column opt_outs_said bigint default 0 not null,
    add column opt_outs_added bigint default 0 not null,
    add column opt_outs_protected bigint default 0 not null,
    add column foreseen text;

create table mkt.saved_mappings (
    tenant_id uuid not null,
    name text not null,
    header text not null,
    mapping jsonb not null,
    saved_by_user_id uuid not null,
    saved_at timestamp with time zone default now() not null,
    constraint pk_saved_mappings primary key (tenant_id, name),
    constraint ck_saved_mappings_name check (btrim(name) <> ''),
    constraint fk_saved_mappings_tenant_id_saved_by_user_id foreign key (tenant_id, saved_by_user_id) references auth.users (tenant_id, user_id)
);
alter table mkt.saved_mappings enable row level security;
create policy tenant on mkt.saved_mappings to mkt_worker, mkt_reader
    using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select on mkt.saved_mappings to mkt_worker, mkt_reader;
grant insert, update, delete on mkt.saved_mappings to mkt_worker;

-- Under `--duplicates merge` the first row of an address takes what it lacks from the later ones.
grant update (normalized_name, attributes, consent) on mkt.import_rows to mkt_worker;

-- The worker's bulk path, with the new columns.
create or replace function mkt.grant_bulk_insert(partition text)
    returns void
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
        execute format(
            'grant insert (import_job_id, part_no, row_number, raw_email, raw_name, attributes, normalized_email,'
            ' normalized_name, parse_status, error_code, error_detail, warnings, opt_out, consent, mends_part, mends_row) on mkt.%I to mkt_worker', partition);
    end $$;
do $$
declare partition text;
begin
    for partition in select relid::regclass::text from pg_partition_tree('mkt.import_rows') where isleaf loop
        perform mkt.grant_bulk_insert(split_part(partition, '.', 2));
    end loop;
end $$;

-- The import policies, cell by cell: `keep` changes nothing, `fill` fills what is empty, `overwrite` replaces; an empty
-- cell changes nothing. Names are compared in NFC: the same name in another normal form is the same name. A name of one space
-- stands for the job's clear token.
create function mkt.merged_name(old text, new text, policy text)
    returns text
    language sql immutable
    as $$ select case
        when new is null or policy = 'keep' then old
        when new = ' ' then null
        when old is null or btrim(old) = '' then new
        when policy = 'overwrite' and normalize(old, nfc) <> new then new
        else old end $$;

-- `policies` has those of single attributes, `policy` is that of all others; null stands for the clear token.
create function mkt.merged_attributes(old jsonb, new jsonb, policy text, policies jsonb)
    returns jsonb
    language sql immutable
    as $$ select case
        when old @> new then old
        when policies <> '{}' or new @? '$.* ? (@ == null)' then (
            select coalesce(jsonb_object_agg(key, value), '{}')
            from (
                select key, case
                    when n.value is null or p.policy = 'keep' then o.value
                    when n.value = 'null' then null
                    when p.policy = 'overwrite' or o.value is null or o.value in ('null', '""') then n.value
                    else o.value end as value
                from jsonb_each(old) o full join jsonb_each(new) n using (key)
                cross join lateral (select coalesce(policies ->> key, merged_attributes.policy) as policy) p
            ) merged
            where value is not null)
        when policy = 'keep' then old
        when policy = 'overwrite' then old || new
        else old || new || coalesce(
            (select jsonb_object_agg(key, value) from jsonb_each(old) where value not in ('null'::jsonb, '""'::jsonb)),
            '{}'::jsonb) end $$;

revoke execute on function mkt.merged_name(text, text, text), mkt.merged_attributes(jsonb, jsonb, text, jsonb) from public;
grant execute on function mkt.merged_name(text, text, text), mkt.merged_attributes(jsonb, jsonb, text, jsonb) to mkt_worker;
