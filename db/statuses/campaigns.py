"""What audiences and campaigns are to those who send."""

from __future__ import annotations

from enum import StrEnum


class AudienceStatus(StrEnum):
    """Whether an audience can be used."""

    ACTIVE = "active"  # set on creation and by reactivate; taken away by archive
    ARCHIVED = "archived"  # set by archive; taken away by reactivate; takes no import and no campaign


class CampaignOutcome(StrEnum):
    """What became of a person whom a campaign chose."""

    PLANNED = "planned"  # set by plan; taken away by send
    RECIPIENT = "recipient"  # set by send, with the message; final
    EXCLUDED = "excluded"  # set by send, with the rule; final
