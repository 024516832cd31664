-- Partitions, and the few functions that have to reach across tenants: each of those runs with the owner's rights and
-- gives back keys or counts, never rows. `pg_temp` is named last in their search path: unnamed it would come first, and
-- a caller's own temporary type would run with the owner's rights.

create table mkt.import_rows_default partition of mkt.import_rows default;
create table mkt.email_validation_history_default partition of mkt.email_validation_history default;

create function mkt.tenant_by_slug(wanted text)
    returns table (tenant_id uuid, locale text, timezone text)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select t.tenant_id, t.locale, t.timezone from core.tenants t where t.slug = wanted $$;

create function mkt.tenants_with_due_chunks()
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select distinct tenant_id from mkt.import_chunks where due_at <= now() $$;

create function mkt.tenants_with_due_validations()
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select distinct tenant_id from mkt.email_validations where next_validation_at <= now() $$;

-- The smallest uuidv7 of a moment: 48 bits of milliseconds since 1970, then zeros (RFC 9562, section 5.7).
create function mkt.uuid_floor(moment timestamptz)
    returns uuid
    language sql immutable set search_path = pg_catalog, pg_temp
    as $$ select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$;

create function mkt.month_suffix(moment timestamptz)
    returns text
    language sql immutable set search_path = pg_catalog, pg_temp
    as $$ select to_char(moment at time zone 'UTC', 'YYYY_MM') $$;

-- The worker's bulk path: COPY is refused on a table with row level security, so rows are copied into the partition,
-- whose tenant_id column the worker may not name: it is always that of the session.
create function mkt.grant_bulk_insert(partition text)
    returns void
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
        execute format(
            'grant insert (import_job_id, part_no, row_number, raw_email, raw_name, attributes, normalized_email,'
            ' normalized_name, parse_status, error_code, error_detail) on mkt.%I to mkt_worker', partition);
    end $$;

-- Makes the partitions of this month and of the months ahead; called by the upgrade and by the sweep.
create function mkt.ensure_partitions(months_ahead int)
    returns int
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        made int := 0;
        from_month timestamptz;
        to_month timestamptz;
        suffix text;
    begin
        perform pg_advisory_xact_lock(hashtext('mkt.ensure_partitions'));
        for n in 0..months_ahead loop
            from_month := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => n)) at time zone 'UTC';
            to_month := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => n + 1)) at time zone 'UTC';
            suffix := mkt.month_suffix(from_month);
            if to_regclass('mkt.import_rows_' || suffix) is null then
                execute format('create table mkt.%I partition of mkt.import_rows for values from (%L) to (%L)',
                    'import_rows_' || suffix, mkt.uuid_floor(from_month), mkt.uuid_floor(to_month));
                perform mkt.grant_bulk_insert('import_rows_' || suffix);
                made := made + 1;
            end if;
            if to_regclass('mkt.email_validation_history_' || suffix) is null then
                execute format('create table mkt.%I partition of mkt.email_validation_history for values from (%L) to (%L)',
                    'email_validation_history_' || suffix, from_month, to_month);
                made := made + 1;
            end if;
        end loop;
        return made;
    end $$;

-- The partition that holds a job's rows: that of its month, or the default one (which the sweep reports).
create function mkt.rows_partition(job uuid)
    returns text
    language sql stable set search_path = pg_catalog, pg_temp
    as $$
        select case when to_regclass('mkt.import_rows_' || mkt.month_suffix(uuid_extract_timestamp(job))) is null
            then 'import_rows_default'
            else 'import_rows_' || mkt.month_suffix(uuid_extract_timestamp(job)) end
    $$;

-- Rows that no month was made for: more than none is an alarm.
create function mkt.rows_outside_partitions()
    returns bigint
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select (select count(*) from mkt.import_rows_default) + (select count(*) from mkt.email_validation_history_default) $$;

-- The import policies, cell by cell: `fill` fills what is empty, `overwrite` replaces; an empty cell changes nothing.
-- Names are compared in NFC: the same name in another normal form is the same name.
create function mkt.merged_name(old text, new text, overwrite boolean)
    returns text
    language sql immutable
    as $$ select case
        when new is null then old
        when old is null or btrim(old) = '' then new
        when overwrite and normalize(old, nfc) <> new then new
        else old end $$;

create function mkt.merged_attributes(old jsonb, new jsonb, overwrite boolean)
    returns jsonb
    language sql immutable
    as $$ select case
        when old @> new then old
        when overwrite then old || new
        else old || new || coalesce(
            (select jsonb_object_agg(key, value) from jsonb_each(old) where value not in ('null'::jsonb, '""'::jsonb)),
            '{}'::jsonb) end $$;

revoke execute on all functions in schema mkt from public;
grant execute on function mkt.tenant_by_slug, mkt.tenants_with_due_chunks, mkt.tenants_with_due_validations,
    mkt.uuid_floor, mkt.month_suffix, mkt.ensure_partitions, mkt.rows_partition, mkt.rows_outside_partitions, mkt.merged_name, mkt.merged_attributes
    to mkt_worker;
grant execute on function mkt.tenant_by_slug, mkt.uuid_floor, mkt.month_suffix, mkt.rows_partition, mkt.rows_outside_partitions to mkt_reader;

select mkt.grant_bulk_insert('import_rows_default');
select mkt.ensure_partitions(2);
