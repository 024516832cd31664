"""What the cells of delivery reports say, and what of it is kept."""

from __future__ import annotations

import pytest

from db.statuses import DeliveryKind
from pipeline.delivery_words import Unsaid, codes_of, kind_of

DELIVERED, HARD, SOFT, COMPLAINT = DeliveryKind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("delivered", DELIVERED),
        ("Entregue", DELIVERED),
        ("250 2.1.5 Ok", DELIVERED),
        ("bounce_hard", HARD),
        ("Hard Bounce", HARD),
        ("HardBounce", HARD),
        ("Permanente", HARD),
        ("5.1.1", HARD),
        ("550", HARD),
        ("smtp; 550 5.1.1 user unknown", HARD),
        ("soft", SOFT),
        ("Temporário", SOFT),
        ("Transient", SOFT),
        ("4.2.2", SOFT),
        ("421", SOFT),
        ("Complaint", COMPLAINT),
        ("SpamComplaint", COMPLAINT),
        ("spam", COMPLAINT),
        ("Reclamação", COMPLAINT),
        # RFC 3463: a full mailbox is "a persistent transient failure"; the others are not about the mailbox.
        ("5.2.2", SOFT),
        ("552", SOFT),
        ("550 5.7.1 message refused", SOFT),
        ("5.4.7", SOFT),
        # Of a message, and nothing of a mailbox.
        ("processed", Unsaid.NOTHING),
        ("deferred", Unsaid.NOTHING),
        ("Aberto", Unsaid.NOTHING),
        ("click", Unsaid.NOTHING),
        # Nothing that is certain.
        ("bounce", Unsaid.UNREADABLE),
        ("554", Unsaid.UNREADABLE),
        ("unsubscribe", Unsaid.UNREADABLE),
        ("", Unsaid.UNREADABLE),
        ("2026", Unsaid.UNREADABLE),
        ("5.1", Unsaid.UNREADABLE),
        ("x" * 100_000, Unsaid.UNREADABLE),
    ],
)
def test_kinds(said: str, kind: DeliveryKind | Unsaid) -> None:
    assert kind_of(said) is kind


@pytest.mark.parametrize(
    ("said", "bounce_type", "detail", "kind"),
    [
        ("bounce", "Permanent", "", HARD),
        ("Bounce", "Transient", "", SOFT),
        ("failed", "temporary", "550 5.1.1", SOFT),
        ("failed", "", "550 5.1.1 <ana@empresa.com.br>", HARD),
        ("devolvido", "", "452 4.2.2", SOFT),
        ("bounce", "5.1.1", "", HARD),
        ("bounce", "Undetermined", "", Unsaid.UNREADABLE),
        ("bounce", "spam", "", Unsaid.UNREADABLE),
        ("bounce", "", "250 2.0.0", Unsaid.UNREADABLE),
        ("delivered", "Permanent", "550", DELIVERED),
    ],
)
def test_why_a_message_came_back(said: str, bounce_type: str, detail: str, kind: DeliveryKind | Unsaid) -> None:
    assert kind_of(said, bounce_type=bounce_type, detail=detail) is kind


def test_only_codes_are_kept() -> None:
    assert codes_of("550 5.1.1 <ana@empresa.com.br>: user unknown in 192.0.2.550") == "550 5.1.1"
    assert codes_of("smtp;550-5.1.1 no such user 11987654321") == "550 5.1.1"
    assert codes_of("host 192.0.2.1 said no") is None
    assert codes_of("") is None
