-- Rows that were there before get their mailbox by the rules of providers.
update ops.suppressions set mailbox = mkt.mailbox(email) where email is not null and mailbox is distinct from mkt.mailbox(email);

-- Whoever adds an opt-out, also another service: the address in its stored form, and the mailbox that it belongs to.
create function mkt.complete_suppression()
    returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$ begin
        new.email := lower(btrim(new.email));
        new.mailbox := mkt.mailbox(new.email);
        return new;
    end $$;
create trigger complete before insert on ops.suppressions for each row execute function mkt.complete_suppression();
