-- As before, but whoever has no key, or not all of them, is told another thing than whoever has another one: most often that is a
-- session of another service, and the file is where it was.
create or replace function mkt.checked_pads(secrets text, tenant uuid)
    returns table (key_version smallint, inner_pad bytea, outer_pad bytea)
    language plpgsql stable set search_path = pg_catalog, pg_temp
    as $$
    declare
        unusable record;
    begin
        select k.key_version, p.key_version is null as is_missing into unusable
        from mkt.hash_keys k left join mkt.pads_of(secrets, tenant) p using (key_version)
        where k.tenant_id = tenant and k.canary is distinct from mkt.keyed_hash(p.inner_pad, p.outer_pad, 'canary')
        order by k.key_version limit 1;
        if unusable.is_missing then
            raise exception 'this session has no key version %, which hashes of tenant % were made with', unusable.key_version, tenant
                using errcode = 'config_file_error',
                      hint = 'Open the connection with the option mkt.hash_secrets=<version>:<key>,...: all keys of the key file; where that is lost, bring it back.';
        elsif unusable.key_version is not null then
            raise exception 'key version % is not the one that hashes of tenant % were made with', unusable.key_version, tenant
                using errcode = 'config_file_error', hint = 'Bring back the key file; mkt doctor names it.';
        end if;
        return query select p.* from mkt.pads_of(secrets, tenant) p where exists (
            select from mkt.hash_keys k where k.tenant_id = tenant and k.key_version = p.key_version);
    end $$;
