"""The audit trail: who did what to what, in the platform's ``audit.events``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from db.unit import Unit


def record(unit: Unit, *, action: str, subject: str, user_id: UUID | None, details: Mapping[str, Any]) -> None:
    """Append one event of the tenant."""
    unit.execute(
        "insert into audit.events (tenant_id, user_id, action, subject, details) values (:tenant, :user, :action, :subject, cast(:details as jsonb))",
        {
            "tenant": unit.tenant_id,
            "user": user_id,
            "action": action,
            "subject": subject,
            "details": json.dumps(dict(details)),
        },
    )
