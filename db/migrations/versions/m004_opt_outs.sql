-- Keyed hashes of mailboxes. The keys come with the session (setting mkt.hash_secrets, '1:<hex>,2:<hex>') and are in no
-- table; HMAC-SHA256 is made of sha256() alone (RFC 2104), so that no extension is needed.

-- The key, filled up to the block of the hash, xor a byte: 54 inside, 92 outside.
create function mkt.hmac_pad(key bytea, fill int)
    returns bytea
    language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp
    as $$
    declare
        pad bytea := decode(repeat(lpad(to_hex(fill), 2, '0'), 64), 'hex');
    begin
        for n in 0..length(key) - 1 loop
            pad := set_byte(pad, n, get_byte(key, n) # fill);
        end loop;
        return pad;
    end $$;

-- The hash of a text under a key that is given by its two pads. One plain expression, which PostgreSQL writes into the statement.
create function mkt.keyed_hash(inner_pad bytea, outer_pad bytea, message text)
    returns bytea
    language sql stable parallel safe
    as $$ select sha256(outer_pad || sha256(inner_pad || convert_to(message, 'UTF8'))) $$;

-- The tenant's own keys, as pads, of all versions among these secrets; of none where there are none.
create function mkt.pads_of(secrets text, tenant uuid)
    returns table (key_version smallint, inner_pad bytea, outer_pad bytea)
    language sql immutable set search_path = pg_catalog, pg_temp
    as $$
        select split_part(e, ':', 1)::smallint, mkt.hmac_pad(k.key, 54), mkt.hmac_pad(k.key, 92)
        from string_to_table(secrets, ',') e
        cross join lateral (select decode(split_part(e, ':', 2), 'hex') as secret offset 0) s
        cross join lateral (
            select sha256(mkt.hmac_pad(s.secret, 92) || sha256(mkt.hmac_pad(s.secret, 54) || uuid_send(tenant))) as key offset 0
        ) k
    $$;

create function mkt.session_pads(tenant uuid)
    returns table (key_version smallint, inner_pad bytea, outer_pad bytea)
    language sql stable set search_path = pg_catalog, pg_temp
    as $$ select * from mkt.pads_of(nullif(current_setting('mkt.hash_secrets', true), ''), tenant) $$;

-- What a session without keys of its own works with: the file that the embedded server has beside its data (workers.servers),
-- so that a row of any session is hashed at once. No setting of the server: a reload would write its value into the log. Nobody
-- but our own functions may ask; elsewhere there is no such file, or no right to read one.
create function mkt.any_secrets()
    returns text
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        secrets text := nullif(current_setting('mkt.hash_secrets', true), '');
    begin
        if secrets is null and has_function_privilege('pg_read_file(text, boolean)', 'execute') then
            secrets := nullif(btrim(pg_read_file('../mkt_hash_keys', true), E' \n'), '');
        end if;
        return secrets;
    exception when others then
        return null; -- a file that cannot be read is none: whoever adds an opt-out must not fail for it
    end $$;

-- For whoever looks for hashes: the keys of all versions that hashes of the tenant were made with. Fails where one is missing or is
-- another key: without it, blocks would not be found, and people be written to who must not be.
create function mkt.checked_pads(secrets text, tenant uuid)
    returns table (key_version smallint, inner_pad bytea, outer_pad bytea)
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
    declare
        unusable smallint;
    begin
        select k.key_version into unusable
        from mkt.hash_keys k left join mkt.pads_of(secrets, tenant) p using (key_version)
        where k.tenant_id = tenant and k.canary is distinct from mkt.keyed_hash(p.inner_pad, p.outer_pad, 'canary')
        order by k.key_version limit 1;
        if unusable is not null then
            raise exception 'key version % is not the one that hashes of tenant % were made with', unusable, tenant
                using errcode = 'config_file_error', hint = 'Bring back the key file; mkt doctor names it.';
        end if;
        return query select p.* from mkt.pads_of(secrets, tenant) p where exists (
            select from mkt.hash_keys k where k.tenant_id = tenant and k.key_version = p.key_version);
    end $$;

-- With the keys of the session: for statements of workers and readers.
create function mkt.hash_pads(tenant uuid)
    returns table (key_version smallint, inner_pad bytea, outer_pad bytea)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select * from mkt.checked_pads(nullif(current_setting('mkt.hash_secrets', true), ''), tenant) $$;

-- Also with those of the server: for our own functions that answer other services.
create function mkt.known_pads(tenant uuid)
    returns table (key_version smallint, inner_pad bytea, outer_pad bytea)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select * from mkt.checked_pads(mkt.any_secrets(), tenant) $$;

-- The newest key, for a hash that is to be made now; its canary is kept from the first use on. No row: there is no key, or not the
-- one that was used before.
create function mkt.current_pads(tenant uuid)
    returns table (key_version smallint, inner_pad bytea, outer_pad bytea)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        known bytea;
    begin
        select p.* into key_version, inner_pad, outer_pad from mkt.pads_of(mkt.any_secrets(), tenant) p order by p.key_version desc limit 1;
        if key_version is null then
            return;
        end if;
        select k.canary into known from mkt.hash_keys k where k.tenant_id = tenant and k.key_version = current_pads.key_version;
        if known is null then
            insert into mkt.hash_keys as k (tenant_id, key_version, canary)
            values (tenant, current_pads.key_version, mkt.keyed_hash(inner_pad, outer_pad, 'canary'))
            on conflict on constraint pk_hash_keys do nothing;
            select k.canary into known from mkt.hash_keys k where k.tenant_id = tenant and k.key_version = current_pads.key_version;
        end if;
        if known = mkt.keyed_hash(inner_pad, outer_pad, 'canary') then
            return next;
        end if;
    end $$;

-- The hash of one mailbox under one version; NULL where the session does not have it.
create function mkt.mailbox_hash(tenant uuid, version smallint, mailbox text)
    returns bytea
    language sql stable set search_path = pg_catalog, pg_temp
    as $$ select mkt.keyed_hash(p.inner_pad, p.outer_pad, mailbox) from mkt.session_pads(tenant) p where p.key_version = version $$;

-- How each key of each tenant is recognised, for those who start and for the doctor.
create function mkt.hash_canaries()
    returns table (tenant_id uuid, key_version smallint, canary bytea)
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select tenant_id, key_version, canary from mkt.hash_keys $$;

-- All hashes that a mailbox may be known by, one for each version that hashes of the tenant were made with.
create function mkt.mailbox_hashes(tenant uuid, mailbox text)
    returns bytea[]
    language sql stable set search_path = pg_catalog, pg_temp
    as $$ select coalesce(array_agg(mkt.keyed_hash(p.inner_pad, p.outer_pad, mailbox)), '{}') from mkt.hash_pads(tenant) p $$;

revoke insert on mkt.hash_keys from mkt_worker;
revoke execute on function mkt.hmac_pad, mkt.keyed_hash, mkt.pads_of, mkt.session_pads, mkt.any_secrets, mkt.checked_pads, mkt.hash_pads, mkt.known_pads, mkt.current_pads, mkt.mailbox_hash,
    mkt.mailbox_hashes, mkt.hash_canaries from public;
grant execute on function mkt.hmac_pad, mkt.keyed_hash, mkt.pads_of, mkt.session_pads, mkt.hash_pads, mkt.mailbox_hash, mkt.mailbox_hashes, mkt.hash_canaries to mkt_worker, mkt_reader;
grant execute on function mkt.current_pads to mkt_worker;

-- Rows that were there before get their mailbox by the rules of providers; their hash they get by and by (mkt.complete_opt_outs).
update ops.suppressions set mailbox = mkt.mailbox(email) where email is not null and mailbox is distinct from mkt.mailbox(email);

-- Characters that come along when an address is copied and that nobody sees, or sees as a space (pipeline.addresses.BLANKS).
create function mkt.blanks()
    returns text
    language sql immutable parallel safe
    as $$ select E' \t\n\x0b\f\r\x1c\x1d\x1e\x1f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff' $$;

-- An address in the form that is stored, as far as SQL can tell: trimmed, lower case, NFC, without mailto: and a name beside it.
-- What it cannot (domains in other scripts) is done by whoever completes the rows.
create function mkt.stored_form(address text)
    returns text
    language sql immutable parallel safe set search_path = pg_catalog, pg_temp
    as $$
        select normalize(lower(case when bare ~ '<' then bare else rtrim(bare, mkt.blanks() || ';,.>') end collate pg_unicode_fast), nfc) collate "C"
        from regexp_replace(
            regexp_replace(btrim(address, mkt.blanks()), '^[^<>]*<([^<>@]+@[^<>@]+)>$', '\1'),
            '^mailto:[' || mkt.blanks() || ']*(//)?', '', 'i') as bare
    $$;

-- Whether an address is plain enough to be in its stored form already: a dot-atom and a domain, in ASCII and lower case.
create function mkt.is_stored_form(address text)
    returns boolean
    language sql immutable parallel safe
    as $$ select address ~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+$' $$;

-- Whoever adds an opt-out, also another service: the address in its stored form, the mailbox that it belongs to, and its hash.
-- Whoever adds one holds the tenant's opt-outs until the commit: a send that waits for that sees it. A session without the key
-- leaves the hash to be filled in later, and so does an address that SQL cannot bring into its form.
create function mkt.complete_suppression()
    returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$ begin
        perform pg_advisory_xact_lock(hashtext('mkt.opt_outs'), hashtext(new.tenant_id::text));
        if new.lifted_at is not null or new.lifted_as is not null or new.lifted_by_user_id is not null or new.lift_evidence is not null then
            raise exception 'an opt-out is lifted by mkt.lift_opt_outs or mkt.retract_opt_outs, never added as lifted'
                using errcode = 'restrict_violation';
        end if;
        new.evidence := coalesce(new.evidence, '{}');
        new.created_at := coalesce(new.created_at, now());
        new.occurred_at := coalesce(new.occurred_at, new.created_at);
        if new.email is null then
            return new; -- of an erased person: known by the hash alone
        end if;
        if not mkt.is_stored_form(new.email) then
            new.email := mkt.stored_form(new.email);
        end if;
        new.mailbox := mkt.mailbox(new.email);
        if new.mailbox_hash is null and mkt.is_stored_form(new.email) then
            select p.key_version, mkt.keyed_hash(p.inner_pad, p.outer_pad, new.mailbox)
            into new.key_version, new.mailbox_hash from mkt.current_pads(new.tenant_id) p;
        end if;
        return new;
    end $$;
create trigger complete before insert on ops.suppressions for each row execute function mkt.complete_suppression();

-- What was said stays on record, for everybody and for ever. Our own functions, which say so while they change rows (by a setting:
-- a clause SET of the function would take a superuser), lift entries, fill in
-- what was missing, and take away by what an erased person was known; whoever else has the right to change rows runs into this.
create function mkt.guard_suppression()
    returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
        if tg_op = 'UPDATE' and current_setting('mkt.opt_outs_by', true) = 'mkt'
            and (new.suppression_id, new.tenant_id, new.kind, new.source, new.occurred_at, new.created_at)
                = (old.suppression_id, old.tenant_id, old.kind, old.source, old.occurred_at, old.created_at)
            and new.audience_id is not distinct from old.audience_id and new.import_job_id is not distinct from old.import_job_id
            and (old.mailbox_hash is null or (new.mailbox_hash, new.key_version) = (old.mailbox_hash, old.key_version))
            and (old.lifted_at is null or (new.lifted_at, new.lifted_as) = (old.lifted_at, old.lifted_as))
            and (new.lifted_at is null or new.lift_evidence is not null)
        then
            return new;
        end if;
        raise exception 'opt-outs are never changed or deleted: mkt.lift_opt_outs and mkt.retract_opt_outs lift them, with evidence'
            using errcode = 'restrict_violation';
    end $$;
create trigger guard before update or delete on ops.suppressions for each row execute function mkt.guard_suppression();
create trigger guard_all before truncate on ops.suppressions for each statement execute function mkt.guard_suppression();

-- Who works for which tenant, for the functions below.
create function mkt.bound_tenant(acting_user uuid)
    returns uuid
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    begin
        if tenant is null or not exists (select from auth.users u where u.tenant_id = tenant and u.user_id = acting_user) then
            raise exception 'the session is bound to no tenant that has the user %', acting_user using errcode = 'insufficient_privilege';
        end if;
        return tenant;
    end $$;

-- The person agreed anew, and there is evidence: the active entries of the mailbox in exactly this scope (NULL: the whole tenant) are
-- lifted. By default those that the person can take back alone; what weighs more has to be named (decision 16).
create function mkt.lift_opt_outs(address text, audience uuid, lift_evidence jsonb, acting_user uuid, kinds text[] default array['unsubscribe', 'bounce'])
    returns table (suppression_id bigint, kind text)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := mkt.bound_tenant(acting_user);
        asked text := mkt.mailbox(mkt.stored_form(address));
        hashes bytea[];
        any_lifted boolean;
    begin
        if coalesce(lift_evidence, 'null') in ('null', '{}', '[]', '""') then
            raise exception 'an opt-out is lifted by evidence alone' using errcode = 'null_value_not_allowed';
        end if;
        perform pg_advisory_xact_lock(hashtext('mkt.opt_outs'), hashtext(tenant::text));
        select coalesce(array_agg(mkt.keyed_hash(p.inner_pad, p.outer_pad, asked)), '{}') into hashes from mkt.known_pads(tenant) p;
        perform set_config('mkt.opt_outs_by', 'mkt', true);
        return query
            update ops.suppressions s
            set lifted_at = clock_timestamp(), lifted_as = 'reconsent', lifted_by_user_id = acting_user, lift_evidence = lift_opt_outs.lift_evidence
            where s.tenant_id = tenant and (s.mailbox = asked or (s.email is null and s.mailbox_hash = any(hashes)))
              and s.audience_id is not distinct from audience and s.kind = any(kinds) and s.lifted_at is null
            returning s.suppression_id, s.kind;
        any_lifted := found;
        perform set_config('mkt.opt_outs_by', '', true);
        if any_lifted then
            insert into audit.events (tenant_id, user_id, action, subject, details)
            values (tenant, acting_user, 'opt_outs_lifted', 'suppressions', jsonb_build_object(
                'mailbox_hashes', coalesce((select jsonb_agg(encode(h, 'hex')) from unnest(hashes) h), '[]'),
                'audience_id', audience, 'kinds', to_jsonb(kinds)));
        end if;
    end $$;

-- The job was wrong: what it said is lifted, and so is what followed from that alone (a correction takes opt-outs along). Whoever
-- is opted out by anything else stays so. Returns how many addresses were lifted, and how many of them stay opted out.
create function mkt.retract_opt_outs(job uuid, reason text, acting_user uuid)
    returns table (entries bigint, addresses bigint, staying bigint)
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := mkt.bound_tenant(acting_user);
        proof jsonb := jsonb_build_object('reason', reason, 'import_job_id', job);
        retracted bigint[];
        following bigint[];
    begin
        if coalesce(btrim(reason), '') = '' then
            raise exception 'a job is retracted for a reason' using errcode = 'null_value_not_allowed';
        end if;
        perform pg_advisory_xact_lock(hashtext('mkt.opt_outs'), hashtext(tenant::text));
        perform set_config('mkt.opt_outs_by', 'mkt', true);
        with done as (
            update ops.suppressions s
            set lifted_at = clock_timestamp(), lifted_as = 'retracted', lifted_by_user_id = acting_user, lift_evidence = proof
            where s.tenant_id = tenant and s.import_job_id = job and s.lifted_at is null
            returning s.suppression_id)
        select coalesce(array_agg(d.suppression_id), '{}') into retracted from done d;
        following := retracted;
        while following <> '{}' loop
            with done as (
                update ops.suppressions s
                set lifted_at = clock_timestamp(), lifted_as = 'retracted', lifted_by_user_id = acting_user, lift_evidence = proof
                where s.tenant_id = tenant and s.lifted_at is null
                  and s.import_job_id in (select j.import_job_id from mkt.import_jobs j where j.tenant_id = tenant and j.kind = 'correction')
                  and s.evidence -> 'follows' <> '[]' and not exists (
                      select from jsonb_array_elements_text(s.evidence -> 'follows') f (id)
                      where not exists (
                          select from ops.suppressions o
                          where o.suppression_id = f.id::bigint and o.tenant_id = tenant and o.lifted_as = 'retracted'))
                returning s.suppression_id)
            select coalesce(array_agg(d.suppression_id), '{}') into following from done d;
            retracted := retracted || following;
        end loop;
        perform set_config('mkt.opt_outs_by', '', true);
        select count(*), count(distinct s.known_by), count(distinct s.known_by) filter (where s.stays)
        into entries, addresses, staying
        from (
            select coalesce(s.email, encode(s.mailbox_hash, 'hex')) as known_by,
                exists (select from ops.suppressions o where o.tenant_id = tenant and o.mailbox = s.mailbox and o.lifted_at is null
                    and (o.audience_id is null or o.audience_id = s.audience_id))
                or exists (select from ops.suppressions o where o.tenant_id = tenant and o.email is null and o.mailbox_hash = s.mailbox_hash
                    and o.lifted_at is null and (o.audience_id is null or o.audience_id = s.audience_id)) as stays
            from unnest(retracted) r (id) join ops.suppressions s on s.suppression_id = r.id
        ) s;
        if entries > 0 then
            insert into audit.events (tenant_id, user_id, action, subject, details)
            values (tenant, acting_user, 'opt_outs_retracted', job::text,
                jsonb_build_object('reason', reason, 'entries', entries, 'addresses', addresses, 'staying', staying));
        end if;
        return next;
    end $$;

-- Gives entries that another service added their form and their hash: `addresses` are those of `ids`, brought into their stored form,
-- or null where there is none to be read: that is noted, so that it is asked once. Returns how many have a hash now; none where the
-- session has no key.
create function mkt.complete_opt_outs(ids bigint[], addresses text[])
    returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    declare
        tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
        completed bigint;
    begin
        perform pg_advisory_xact_lock(hashtext('mkt.opt_outs'), hashtext(tenant::text));
        perform set_config('mkt.opt_outs_by', 'mkt', true);
        update ops.suppressions s
        set email = w.address, mailbox = mkt.mailbox(w.address), key_version = p.key_version,
            mailbox_hash = mkt.keyed_hash(p.inner_pad, p.outer_pad, mkt.mailbox(w.address))
        from mkt.current_pads(tenant) p, unnest(ids, addresses) w (id, address)
        where s.suppression_id = w.id and w.address is not null and s.tenant_id = tenant and s.mailbox_hash is null and s.email is not null;
        get diagnostics completed = row_count;
        update ops.suppressions s
        set evidence = case when jsonb_typeof(s.evidence) = 'object' then s.evidence else jsonb_build_object('said', s.evidence) end
            || jsonb_build_object('unreadable', true)
        from unnest(ids, addresses) w (id, address)
        where s.suppression_id = w.id and w.address is null and s.tenant_id = tenant and s.mailbox_hash is null and s.email is not null;
        perform set_config('mkt.opt_outs_by', '', true);
        return completed;
    end $$;

create function mkt.tenants_with_incomplete_opt_outs()
    returns setof uuid
    language sql stable security definer set search_path = pg_catalog, pg_temp
    as $$ select distinct tenant_id from ops.suppressions where mailbox_hash is null and not evidence ? 'unreadable' $$;

revoke execute on function mkt.blanks, mkt.stored_form, mkt.is_stored_form, mkt.complete_suppression, mkt.guard_suppression, mkt.bound_tenant,
    mkt.lift_opt_outs, mkt.retract_opt_outs, mkt.complete_opt_outs, mkt.tenants_with_incomplete_opt_outs from public;
grant execute on function mkt.blanks, mkt.stored_form, mkt.is_stored_form to mkt_worker, mkt_reader;
grant execute on function mkt.lift_opt_outs, mkt.retract_opt_outs, mkt.complete_opt_outs, mkt.tenants_with_incomplete_opt_outs to mkt_worker;
