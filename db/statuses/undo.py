"""What an undo takes back, what became of it, and why."""

from __future__ import annotations

from enum import StrEnum


class UndoThing(StrEnum):
    """What an import did with a contact that can be taken back; written by undo, once for each thing, never changed."""

    CONTACT = "contact"  # it created the contact
    FIELDS = "fields"  # it changed the name or attributes
    LINK = "link"  # it put the contact into its audience
    CONSENT = "consent"  # it said why somebody who was there may be written to
    READMISSION = "readmission"  # it brought somebody back whom people had taken out
    RETIREMENT = "retirement"  # a correction: it took the contact out under the old address


class UndoOutcome(StrEnum):
    """What became of it. Set by undo; `reversed` becomes `failed` where the database does not let a contact go."""

    REVERSED = "reversed"
    KEPT = "kept"  # somebody has built on it since; the reason says how
    FAILED = "failed"  # it should have been taken back, and could not be


class UndoReason(StrEnum):
    """Why a thing was kept, or could not be taken back. Where several hold, the first of them is written."""

    GONE = "gone"  # kept: the contact is there no more, by another hand
    ERASED = "erased"  # kept: the person was erased, and stays so
    MESSAGED = "messaged"  # kept: there is a message to the contact
    IN_CAMPAIGN = "in_campaign"  # kept: a send has written the contact down
    SUPPRESSED = "suppressed"  # kept: opted out by something else since
    CHANGED = "changed"  # kept: changed since
    TAKEN_OUT = "taken_out"  # kept: people took the contact out of the audience since
    CORRECTED = "corrected"  # kept: a correction took the contact out of the audience since
    LINKED = "linked"  # kept: a member of an audience by something else, or still of this one
    RESTATED = "restated"  # kept: another import has said more of the consent since
    IMPORTED_AGAIN = "imported_again"  # kept: a row of another import says the same
    REFERENCED = "referenced"  # kept: another module refers to the contact
    ROW_GONE = "row_gone"  # failed: the row is gone from the ledger, so what the import had written is not known
    REFUSED = "refused"  # failed: the database did not let the contact go
