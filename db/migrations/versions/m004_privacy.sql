-- Rows that may name somebody beside the one whose address theirs is (decision 18): few in most files, so that whoever asks what
-- is kept of them need not wait until every row was read.
create index ix_import_rows_names_others on mkt.import_rows (import_job_id, tenant_id)
    where normalized_email is null or parse_status = 'error' or mends_row is not null or raw_email like '%@%@%' or raw_name like '%@%'
        or attributes <> '{}' and (attributes::text like '%@%' or attributes::text like '%＠%' or attributes::text like '%﹫%' or strpos(attributes::text, '%40') > 0)
        or consent::text like '%@%' or warnings::text like '%@%';

-- The states of contacts have an index that begins with the tenant, for the clock. Of a tenant that is not in the statistics yet the
-- planner expects one row there, and looked every contact of a chunk up among all states of the tenant (measured: a chunk of 5,000
-- took more than two minutes). Without statistics of this column it expects as many as of any tenant, and takes the key.
alter table mkt.email_validations alter column tenant_id set statistics 0;
do $$ begin
    perform pg_clear_attribute_stats('mkt', 'email_validations', 'tenant_id', false);
end $$;

-- Erasing a person (decision 19). The worker may not change or delete what is written once; these functions do, with the
-- owner's rights, and only for the tenant that the session is bound to, while an erasure of it is at work.
--
-- `pattern` finds the person in any text. Looking for it in every row takes minutes, so both `needles` (its longest pieces,
-- in small letters and without dots) are looked for first; `case` holds that order, which the planner would turn round.
-- What is the person's own is emptied; from texts about others the address is cut out, and `[erased]` stands in its place.

-- The tenant of an erasure that is at work; an error where there is none.
create function mkt.erasing(job uuid)
    returns uuid
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid;
    begin
        select j.tenant_id into tenant from mkt.import_jobs j
        where j.import_job_id = job and j.kind = 'erasure' and j.status = 'processing'
          and j.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
        if tenant is null then
            raise exception 'no erasure % is at work for this tenant', job using errcode = 'insufficient_privilege';
        end if;
        return tenant;
    end $$;

create function mkt.redacted(said text, pattern text)
    returns text
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
    as $$ select regexp_replace(said, pattern, '[erased]', 'gi') $$;

create function mkt.redacted(said jsonb, pattern text)
    returns jsonb
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
    as $$ select regexp_replace(said::text, pattern, '[erased]', 'gi')::jsonb $$;

-- Everything that a row of the ledger has in words. One plain expression, which PostgreSQL writes into the statement.
create function mkt.row_text(raw_email text, raw_name text, attributes jsonb, normalized_email text, error_detail text, consent jsonb, warnings jsonb)
    returns text
    language sql immutable parallel safe
    as $$ select raw_email || E'\n' || coalesce(raw_name, '') || E'\n' || coalesce(normalized_email, '') || E'\n' || coalesce(error_detail, '')
        || case when attributes = '{}' then '' else attributes::text end || coalesce(consent::text, '') || coalesce(warnings::text, '') $$;

-- The ledger, all of it. A row of the person, and a rejected one that names the person anywhere, keep nothing but their place
-- and what became of them, so that totals stay. `stand_ins`: what the addresses of the person's contacts become.
-- Returns the jobs whose rows these are, and how many.
create function mkt.erase_rows(job uuid, mailbox text, pattern text, needles text[], stand_ins jsonb)
    returns table (held_by uuid, rows bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := mkt.erasing(job);
    begin
        return query
        with erased as (
            update mkt.import_rows r
            set raw_email = case when o.own then '[erased]' else mkt.redacted(r.raw_email, pattern) end,
                raw_name = case when o.own then null else mkt.redacted(r.raw_name, pattern) end,
                normalized_name = case when o.own then null else mkt.redacted(r.normalized_name, pattern) end,
                attributes = case when o.own then '{}' else mkt.redacted(r.attributes, pattern) end,
                normalized_email = case when o.own and r.normalized_email is not null
                    then coalesce(stand_ins ->> r.normalized_email, 'erased@erased.invalid') else r.normalized_email end,
                error_detail = case when o.own and r.error_detail is not null
                    then 'The row is about a person who was erased.' else mkt.redacted(r.error_detail, pattern) end,
                consent = case when o.own then null else mkt.redacted(r.consent, pattern) end,
                warnings = mkt.redacted(r.warnings, pattern)
            from mkt.import_rows k
            cross join lateral (
                select k.parse_status = 'error' or mkt.mailbox(k.normalized_email) = erase_rows.mailbox as own
            ) o
            where k.tenant_id = tenant
              and case when strpos(replace(lower(mkt.row_text(k.raw_email, k.raw_name, k.attributes, k.normalized_email, k.error_detail, k.consent, k.warnings) collate "C"), '.', ''), needles[1]) > 0
                  and strpos(replace(lower(mkt.row_text(k.raw_email, k.raw_name, k.attributes, k.normalized_email, k.error_detail, k.consent, k.warnings) collate "C"), '.', ''), needles[2]) > 0
                  then mkt.row_text(k.raw_email, k.raw_name, k.attributes, k.normalized_email, k.error_detail, k.consent, k.warnings) ~* pattern else false end
              and r.import_job_id = k.import_job_id and r.part_no = k.part_no and r.row_number = k.row_number
            returning r.import_job_id
        )
        select e.import_job_id, count(*) from erased e group by e.import_job_id;
    end $$;

-- Verdicts of the person's contacts, their history, and what imports changed in them; and where those of others name the person.
create function mkt.erase_verdicts(job uuid, rids bigint[], pattern text, needles text[])
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := mkt.erasing(job);
    begin
        delete from mkt.email_validations where tenant_id = tenant and rid = any(rids);
        delete from mkt.email_validation_history where tenant_id = tenant and rid = any(rids);
        -- Of another address than its own, details have nothing but the one that was probably meant.
        update mkt.email_validations set details_json = mkt.redacted(details_json, pattern)
        where tenant_id = tenant and details_json ? 'suggestion' and details_json ->> 'suggestion' ~* pattern;
        update mkt.email_validation_history set details_json = mkt.redacted(details_json, pattern)
        where tenant_id = tenant and details_json ? 'suggestion' and details_json ->> 'suggestion' ~* pattern;
        update mkt.contact_changes
        set before = case when rid = any(rids) then jsonb_build_object('name', null, 'attributes', '{}'::jsonb) else mkt.redacted(before, pattern) end
        where tenant_id = tenant and before is not null
          and (rid = any(rids)
               or case when strpos(replace(lower(before::text collate "C"), '.', ''), needles[1]) > 0 then before::text ~* pattern else false end);
    end $$;

-- What the platform was told of the mailbox goes. Opt-outs stay, known by the keyed hash alone.
create function mkt.erase_mailbox(job uuid, mailbox text, pattern text)
    returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := mkt.erasing(job);
    begin
        if not exists (select from mkt.current_pads(tenant)) then
            raise exception 'there is no key to hash mailboxes with' using errcode = 'config_file_error';
        end if;
        delete from ops.deliveries d where d.tenant_id = tenant and mkt.mailbox(d.email) = erase_mailbox.mailbox;
        delete from ops.mailboxes m where m.tenant_id = tenant and mkt.mailbox(m.email) = erase_mailbox.mailbox;
        perform set_config('mkt.opt_outs_by', 'mkt', true);
        update ops.suppressions s
        set email = null, mailbox = null, evidence = mkt.redacted(s.evidence, pattern), lift_evidence = mkt.redacted(s.lift_evidence, pattern),
            mailbox_hash = coalesce(s.mailbox_hash, p.hash), key_version = coalesce(s.key_version, p.key_version)
        from (select c.key_version, mkt.keyed_hash(c.inner_pad, c.outer_pad, erase_mailbox.mailbox) as hash from mkt.current_pads(tenant) c) p
        where s.tenant_id = tenant and (s.mailbox = erase_mailbox.mailbox or s.email ~* pattern);
        update ops.suppressions s
        set evidence = mkt.redacted(s.evidence, pattern), lift_evidence = mkt.redacted(s.lift_evidence, pattern)
        where s.tenant_id = tenant and (s.evidence::text ~* pattern or s.lift_evidence::text ~* pattern);
        perform set_config('mkt.opt_outs_by', '', true);
        -- Where another module makes campaigns, their names may not be ours to change.
        if has_column_privilege('mtrk.campanhas', 'name', 'update') then
            update mtrk.campanhas k
            set name = regexp_replace(k.name, pattern, '[erased ' || left(md5(k.cid::text), 8) || ']', 'gi')
            where k.tenant_id = tenant and k.name ~* pattern;
        end if;
    end $$;

-- What other services went on saying of erased people loses its name, too; asked for by the hourly upkeep, for all tenants. (A trigger
-- would look every new entry up, by a plan from when the table was empty.) Returns how many entries.
create function mkt.unname_erased()
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        unnamed bigint;
    begin
        perform set_config('mkt.opt_outs_by', 'mkt', true);
        update ops.suppressions s
        set email = null, mailbox = null, evidence = case when s.evidence::text like '%@%' then '{}' else s.evidence end
        from (select distinct k.tenant_id, k.mailbox_hash from ops.suppressions k where k.email is null and k.kind = 'erasure' and k.lifted_at is null) e
        where s.tenant_id = e.tenant_id and s.mailbox_hash = e.mailbox_hash and s.email is not null;
        get diagnostics unnamed = row_count;
        perform set_config('mkt.opt_outs_by', '', true);
        return unnamed;
    end $$;

revoke execute on function mkt.erasing, mkt.redacted(text, text), mkt.redacted(jsonb, text), mkt.row_text, mkt.erase_rows, mkt.erase_verdicts, mkt.erase_mailbox,
    mkt.unname_erased from public;
grant execute on function mkt.redacted(text, text), mkt.redacted(jsonb, text) to mkt_worker;
grant execute on function mkt.row_text to mkt_worker, mkt_reader;
grant execute on function mkt.erase_rows, mkt.erase_verdicts, mkt.erase_mailbox, mkt.unname_erased to mkt_worker;

-- Retention. Files go job by job, rows by the month. The tenants that have files whose time is over, whose deletion was begun, or
-- that name people who had been erased before; a job that has not ended keeps its files.
create function mkt.tenants_with_files_to_delete(finished_before timestamptz, cleansed_before timestamptz)
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$
        select distinct tenant_id from mkt.import_jobs
        where file_key <> '' and kind not in ('send', 'erasure') and finished_at is not null
          and (finished_at < finished_before or erased_at is not null or files_deleted_at is not null
               or finished_at < cleansed_before and options ? 'names_erased' and not options ? 'cleansed')
    $$;

-- The partitions of rows and of history that lie wholly before the months that are kept. A month of rows stays while one of its
-- jobs has not ended or still has its files: it could be taken up again.
create function mkt.old_partitions(keep_months int)
    returns table (partition text, before_month timestamptz, held_up boolean)
    language sql stable security definer set search_path = pg_catalog, pg_temp set timezone = 'UTC'
    as $$
        select c.relname::text, m.next_month,
               c.relname like 'import\_rows\_%' and exists (
                   select from mkt.import_jobs j
                   where j.import_job_id >= mkt.uuid_floor(m.next_month - interval '1 month') and j.import_job_id < mkt.uuid_floor(m.next_month)
                     and (j.finished_at is null or j.file_key <> '' and j.kind not in ('send', 'erasure')))
        from pg_class c
        join pg_inherits i on i.inhrelid = c.oid
            and i.inhparent in ('mkt.import_rows'::regclass, 'mkt.email_validation_history'::regclass)
        cross join lateral (
            select (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month')::timestamptz as next_month
        ) m
        where c.relname ~ '_\d{4}_\d{2}$'
          and m.next_month <= date_trunc('month', now()) - make_interval(months => keep_months)
    $$;

-- Drops one of them that nothing holds up; false: none is left. Whoever reads the tables is not waited for longer than a moment:
-- everybody else would wait behind us.
create function mkt.drop_old_partition(keep_months int)
    returns text
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '2s'
    as $$
    declare
        oldest text;
    begin
        if keep_months < 1 then
            raise exception 'rows of the current month are not dropped' using errcode = 'invalid_parameter_value';
        end if;
        select o.partition into oldest from mkt.old_partitions(keep_months) o where not o.held_up order by o.before_month, o.partition limit 1;
        if oldest is not null then
            execute format('drop table mkt.%I', oldest);
        end if;
        return oldest;
    end $$;

revoke execute on function mkt.tenants_with_files_to_delete, mkt.old_partitions, mkt.drop_old_partition from public;
grant execute on function mkt.tenants_with_files_to_delete, mkt.old_partitions, mkt.drop_old_partition to mkt_worker;
grant execute on function mkt.old_partitions to mkt_reader;
