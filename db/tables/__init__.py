"""Every table of mkt as SQLAlchemy Core metadata, one module per family of rows.

The migrations are what a database is built from; a test holds these definitions equal to what they build.
"""

from db.tables.audiences import audience_contacts, audiences
from db.tables.base import metadata
from db.tables.campaigns import campaign_audiences, campaign_contacts, campaign_policies, tenant_policies
from db.tables.chunks import import_chunks
from db.tables.jobs import import_jobs, quarantines, saved_mappings
from db.tables.keys import hash_keys
from db.tables.limits import tenant_limits
from db.tables.neighbours import (
    campanhas,
    contatos,
    deliveries,
    events,
    mailboxes,
    mensagens,
    suppressions,
    tenants,
    users,
)
from db.tables.rows import import_rows
from db.tables.undo import contact_changes, undo_items
from db.tables.validations import (
    domain_checks,
    email_validation_history,
    email_validations,
    resolvers,
    verdict_overrides,
    verdict_policies,
)

#: Tables that other modules of the platform own; built here only by the ``standalone`` migration branch.
NEIGHBOURS = (tenants, users, contatos, campanhas, mensagens, suppressions, deliveries, mailboxes, events)

__all__ = [
    "NEIGHBOURS",
    "audience_contacts",
    "audiences",
    "campaign_audiences",
    "campaign_contacts",
    "campaign_policies",
    "campanhas",
    "contact_changes",
    "contatos",
    "deliveries",
    "domain_checks",
    "email_validation_history",
    "email_validations",
    "events",
    "hash_keys",
    "import_chunks",
    "import_jobs",
    "import_rows",
    "mailboxes",
    "mensagens",
    "metadata",
    "quarantines",
    "resolvers",
    "saved_mappings",
    "suppressions",
    "tenant_limits",
    "tenant_policies",
    "tenants",
    "undo_items",
    "users",
    "verdict_overrides",
    "verdict_policies",
]
