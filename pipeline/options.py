"""What can be asked of an import: one model for the command line, for messages of other services, and for the job itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from db.contacts import Policies
from db.statuses import ConsentSource, Duplicates, FieldPolicy, LegalBasis, OnExisting, OptOutKind
from pipeline.reading import DateOrder, ReadingOptions

#: Options that allow something, and change nothing of what is done: the same request with or without them.
_PERMISSIONS = frozenset({"allow_opt_outs"})
#: Nobody collected an address by e-mail or on a page before; an older date is a typing error.
EARLIEST_COLLECTION: Final = datetime(1995, 1, 1, tzinfo=UTC)


class ImportOptions(BaseModel):
    """The options of an import; two requests with equal options and bytes are the same request. See ``docs/cli.md``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    on_existing: OnExisting = OnExisting.FILL
    duplicates: Duplicates = Duplicates.FIRST
    policies: dict[str, FieldPolicy] = {}  # by attribute, or "name"
    clear_token: str | None = Field(None, min_length=1)  # a cell with nothing but this empties the contact's field
    map: dict[str, str] = {}  # column of the file -> field of the contact
    mapping: str | None = None  # name of a saved mapping
    encoding: str | None = None
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    quote: str | None = Field(None, min_length=1, max_length=1)
    header_row: int | None = Field(None, ge=0)
    sheets: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    date_order: DateOrder | None = None
    several: Literal["first", "reject"] = "first"
    allow_opt_outs: int | None = Field(None, ge=0)
    basis: LegalBasis | None = (
        None  # on what grounds people of the file may be written to, where their row does not say it
    )
    source: ConsentSource | None = None  # where their addresses are from, likewise
    collected_at: datetime | None = None  # and since when; without a zone, in the tenant's
    consent_form: str | None = Field(None, min_length=1)  # the page or paper on which they agreed
    evidence: str | None = Field(None, min_length=1)  # what else shows it: a contract, a ticket, whom to ask
    readmit: bool = False  # bring those back who were taken out of the audience
    mends: UUID | None = None  # the job whose rejected rows the file brings, corrected

    def to_json(self) -> dict[str, Any]:
        """Return the options as they are kept with the job: what was asked for, without what nobody spoke of."""
        always = {"on_existing": str(self.on_existing), "map": dict(sorted(self.map.items()))}
        return {**self.model_dump(mode="json", exclude_defaults=True), **always}

    @classmethod
    def from_json(cls, value: Any) -> Self:  # noqa: ANN401 (JSON)
        """Make the options from what `to_json` returned. Raises pydantic.ValidationError for what is none."""
        return cls.model_validate(value)

    def fingerprint(self, beside: Mapping[str, Any] | None = None) -> str:
        """Return the SHA-256 of the options in canonical form, permissions aside, and of what holds beside them."""
        asked = {key: value for key, value in self.to_json().items() if key not in _PERMISSIONS} | dict(beside or {})
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    @property
    def merging(self) -> Policies:
        """What the job may change in contacts that are there."""
        return Policies(self.on_existing, self.policies)

    @property
    def reading(self) -> ReadingOptions:
        """What was said about reading the file."""
        return ReadingOptions(
            mapping=self.map,
            encoding=self.encoding,
            delimiter=self.delimiter,
            quotechar=self.quote,
            header_row=self.header_row,
            sheets=self.sheets,
            keep=self.keep,
            date_order=self.date_order,
            saved_mapping=self.mapping,
            several=self.several,
        )

    def collected(self, timezone: str) -> datetime | None:
        """Return when the addresses were collected, in this zone (IANA) where nobody named another."""
        if self.collected_at is None or self.collected_at.tzinfo is not None:
            return self.collected_at
        return self.collected_at.replace(tzinfo=ZoneInfo(timezone))

    def mending(self, import_job_id: UUID) -> ImportOptions:
        """Return the options for a file that brings this job's rejected rows, corrected: what concerned the first file's form is gone."""
        return ImportOptions(
            on_existing=self.on_existing,
            duplicates=self.duplicates,
            policies=self.policies,
            clear_token=self.clear_token,
            several=self.several,
            basis=self.basis,
            source=self.source,
            collected_at=self.collected_at,
            consent_form=self.consent_form,
            evidence=self.evidence,
            readmit=self.readmit,
            mends=import_job_id,
        )


class SuppressionOptions(ImportOptions):
    """The options of a suppression: those of an import that concern the reading, and in what way everybody is opted out."""

    suppress: OptOutKind = OptOutKind.UNSUBSCRIBE

    def to_json(self) -> dict[str, Any]:
        """Return the options as they are kept with the job, with the kind in any case."""
        asked = {name: value for name, value in super().to_json().items() if name != "on_existing"}
        return {**asked, "suppress": str(self.suppress)}
