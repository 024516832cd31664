"""What can be asked of an import: one model for the command line, for messages of other services, and for the job itself."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from db.contacts import Policies
from db.statuses import Duplicates, FieldPolicy, OnExisting
from pipeline.reading import DateOrder, ReadingOptions

#: Options that allow something, and change nothing of what is done: the same request with or without them.
_PERMISSIONS = frozenset({"allow_opt_outs"})


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
    mends: UUID | None = None  # the job whose rejected rows the file brings, corrected

    def to_json(self) -> dict[str, Any]:
        """Return the options as they are kept with the job: what was asked for, without what nobody spoke of."""
        always = {"on_existing": str(self.on_existing), "map": dict(sorted(self.map.items()))}
        return {**self.model_dump(mode="json", exclude_defaults=True), **always}

    @classmethod
    def from_json(cls, value: Any) -> ImportOptions:  # noqa: ANN401 (JSON)
        """Make the options from what `to_json` returned. Raises pydantic.ValidationError for what is none."""
        return cls.model_validate(value)

    def fingerprint(self) -> str:
        """Return the SHA-256 of the options in canonical form, permissions aside."""
        asked = {key: value for key, value in self.to_json().items() if key not in _PERMISSIONS}
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

    def mending(self, import_job_id: UUID) -> ImportOptions:
        """Return the options for a file that brings this job's rejected rows, corrected: what concerned the first file's form is gone."""
        return ImportOptions(
            on_existing=self.on_existing,
            duplicates=self.duplicates,
            policies=self.policies,
            clear_token=self.clear_token,
            several=self.several,
            mends=import_job_id,
        )
