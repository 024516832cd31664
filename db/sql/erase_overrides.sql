-- What was decided about the address goes; a note about another may name it.
with gone as (
    delete from mkt.verdict_overrides where tenant_id = :tenant and entry like '%@%' and mkt.mailbox(entry) = :mailbox
)
update mkt.verdict_overrides set note = mkt.redacted(note, :pattern)
where tenant_id = :tenant and note ~* :pattern and not (entry like '%@%' and mkt.mailbox(entry) = :mailbox)
