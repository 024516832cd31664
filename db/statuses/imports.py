"""What an import is asked to do with contacts, and what is said of its rows."""

from __future__ import annotations

from enum import StrEnum


class OnExisting(StrEnum):
    """The job's policy for contacts that are there already."""

    FILL = "fill"  # fills what is empty; a different non-empty value changes nothing
    OVERWRITE = "overwrite"  # non-empty cells replace; an empty cell never clears
    SKIP = "skip"  # existing contacts stay as they are


class FieldPolicy(StrEnum):
    """The job's policy for one field of contacts that are there already; without one, that of the job."""

    KEEP = "keep"  # what is there stays, also if it is empty
    FILL = "fill"
    OVERWRITE = "overwrite"


class Duplicates(StrEnum):
    """Which row of an address in the file is the contact's; the others are duplicates of it."""

    FIRST = "first"
    LAST = "last"
    MERGE = "merge"  # the first, with every field that it lacks from the first row that has it


class ParseStatus(StrEnum):
    """Whether the row's text holds an address; written once, by parse."""

    OK = "ok"
    ERROR = "error"


class ContactChange(StrEnum):
    """What an import did to a contact; a contact without an entry was left as it was."""

    CREATED = "created"  # set by upsert; there is no before-image
    UPDATED = "updated"  # set by upsert, with the values before
