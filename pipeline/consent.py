"""What is said of consent when a file comes in: by whoever brings it, beside what its rows say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from db import tenants
from db.audiences import Audience
from db.memberships import Told
from db.statuses import ConsentSource, LegalBasis
from db.unit import Unit
from pipeline.options import EARLIEST_COLLECTION, ImportOptions

#: Under this name a job keeps, beside its options, what held for its audience when it was asked for.
OF_AUDIENCE: Final = "audience_consent"


def of_audience(audience: Audience) -> dict[str, dict[str, str]]:
    """Return what a job keeps of its audience's defaults: one that changes while the job runs must not reach half of its people."""
    said = {"basis": audience.default_legal_basis, "source": audience.default_consent_source}
    kept = {name: str(value) for name, value in said.items() if value is not None}
    return {OF_AUDIENCE: kept} if kept else {}


def told(unit: Unit, asked: Mapping[str, Any]) -> Told:
    """Return what a job's options say of everybody in its file, else what held for its audience; times in the tenant's zone."""
    options = ImportOptions.from_json(asked)
    default = asked.get(OF_AUDIENCE, {})
    basis, source = options.basis or default.get("basis"), options.source or default.get("source")
    return Told(
        basis=basis and LegalBasis(basis),
        source=source and ConsentSource(source),
        collected_at=options.collected_at and options.collected(tenants.this(unit).timezone),
        form=options.consent_form,
        evidence=options.evidence,
        readmit=options.readmit,
    )


def is_plausible(collected_at: datetime | None, now: datetime) -> bool:
    """Say whether addresses can have been collected then: not in the future, and not before anybody did."""
    return collected_at is None or EARLIEST_COLLECTION <= collected_at <= now
