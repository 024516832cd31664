-- Whether an audience has anybody whom people took out of it: an import asks that for every chunk.
create index ix_audience_contacts_taken_out on mkt.audience_contacts (audience_id) where removed_at is not null and removed_by_job_id is null;

-- What files said in their own words becomes the platform's. The words themselves are in the evidence, as they were.
update mkt.audience_contacts
set legal_basis = case
        when btrim(lower(legal_basis)) in ('consentimento', 'consent', 'opt-in', 'opt in') then 'consentimento'
        when btrim(lower(legal_basis)) in ('legítimo interesse', 'legitimo interesse', 'interesse legítimo', 'legitimate interest') then 'legitimo_interesse'
        when btrim(lower(legal_basis)) in ('contrato', 'execução de contrato', 'contract') then 'execucao_de_contrato'
        else 'nao_informada' end
where legal_basis is not null and legal_basis not in ('consentimento', 'obrigacao_legal', 'politica_publica', 'pesquisa', 'execucao_de_contrato', 'exercicio_de_direitos', 'protecao_da_vida', 'tutela_da_saude', 'legitimo_interesse', 'protecao_do_credito', 'nao_informada');
update mkt.audience_contacts
set consent_source = case
        when btrim(lower(consent_source)) in ('site', 'formulário', 'formulario', 'form', 'web form') then 'web_form'
        when btrim(lower(consent_source)) in ('evento', 'feira', 'event') then 'event'
        when btrim(lower(consent_source)) in ('comprada', 'comprado', 'base comprada', 'purchased') then 'purchased'
        else 'other' end
where consent_source is not null and consent_source not in ('web_form', 'event', 'customer', 'referral', 'partner', 'purchased', 'public', 'other');

-- The audit trail is added to, and never changed: not by us, not by the owner of the table. And it holds no address of a person,
-- who could not be forgotten otherwise (nor as a URL writes one): ids, keyed hashes, and what `*@empresa.com.br` shows.
create function mkt.holds_address(what text)
    returns boolean
    language sql immutable parallel safe
    return what ~ '[^\s"*@](@|%40)[^\s"@]+\.[^\s"@]';

-- As its owner: other services have no business in our schema.
create function mkt.refuse_address_in_event()
    returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp
    as $$
    begin
        if mkt.holds_address(new.action) or mkt.holds_address(new.subject) or mkt.holds_address(new.details::text) then
            raise exception 'the audit trail takes no e-mail address' using errcode = 'MK001';
        end if;
        return new;
    end $$;

create function mkt.refuse_change_of_event()
    returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp
    as $$
    begin
        raise exception 'events of the audit trail are never changed or deleted' using errcode = 'MK002';
    end $$;

revoke execute on function mkt.holds_address, mkt.refuse_address_in_event, mkt.refuse_change_of_event from public;
grant execute on function mkt.holds_address to mkt_worker, mkt_reader;

create trigger mkt_no_address before insert on audit.events
    for each row execute function mkt.refuse_address_in_event();
create trigger mkt_append_only before update or delete or truncate on audit.events
    for each statement execute function mkt.refuse_change_of_event();
