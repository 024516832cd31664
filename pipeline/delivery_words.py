"""What columns and cells of delivery reports say, in English, Portuguese and Spanish, and in the words of sending services.

Only words that are certain stand here. A plain "bounce" says neither hard nor soft: that takes a second column or a code.
"""

from __future__ import annotations

import re
from enum import StrEnum, unique
from typing import Final

from db.statuses import DeliveryKind
from pipeline.reading.table.words import comparable


@unique
class DeliveryField(StrEnum):
    """What a column of a delivery report can mean."""

    EMAIL = "email"
    KIND = "kind"
    OCCURRED_AT = "occurred_at"
    EVENT_ID = "event_id"  # unique in the tenant; else it is derived from the three above
    DETAIL = "detail"  # of which SMTP codes are kept
    BOUNCE_TYPE = "bounce_type"  # hard or soft, where `kind` says only that a message came back


#: Names of columns, as `comparable` leaves them, the best first. Addresses are found by the reader too, by their looks.
COLUMNS: Final[dict[DeliveryField, tuple[str, ...]]] = {
    DeliveryField.EMAIL: (
        "recipient", "recipient email", "rcpt to", "email recipient", "destinatario", "e mail do destinatario",
        "email do destinatario", "email del destinatario", "correo del destinatario", "to", "para",
    ),
    DeliveryField.KIND: (
        "kind", "event", "event type", "eventtype", "delivery event", "evento", "tipo de evento", "tipo do evento",
        "status", "delivery status", "status de entrega", "status da entrega", "estado de entrega", "estado",
        "situacao", "resultado", "result", "type", "tipo", "bounce type", "tipo de bounce", "tipo de rebote",
    ),
    DeliveryField.OCCURRED_AT: (
        "occurred at", "occurred", "event time", "event date", "event timestamp", "timestamp", "ts", "ocorrido em",
        "ocorreu em", "data do evento", "data hora do evento", "data e hora", "data hora", "quando", "ocurrido en",
        "ocurrio en", "fecha del evento", "fecha y hora", "fecha hora", "momento", "bounced at", "delivered at",
        "received at", "receivedat", "datetime", "date time", "date", "time", "created at", "created", "data", "fecha",
        "hora", "when",
    ),
    DeliveryField.EVENT_ID: ("event id", "eventid", "sg event id", "id do evento", "id evento", "id del evento", "event uuid"),
    DeliveryField.DETAIL: (
        "detail", "details", "smtp code", "status code", "statuscode", "enhanced status code", "diagnostic code",
        "diagnosticcode", "code", "codigo", "codigo smtp", "smtp response", "response", "resposta", "respuesta",
        "reason", "motivo", "razon", "razao", "detalhe", "detalhes", "detalle", "detalles", "status", "delivery status",
        "status de entrega", "status da entrega",
    ),
    DeliveryField.BOUNCE_TYPE: (
        "bounce type", "bouncetype", "tipo de bounce", "tipo de rebote", "bounce class", "bounce classification",
        "severity", "gravidade", "gravedad",
    ),
}  # fmt: skip

_WORDS: Final[dict[DeliveryKind, tuple[str, ...]]] = {
    DeliveryKind.DELIVERED: ("delivered", "delivery", "message delivered", "entregue", "entregada", "entregado", "entrega"),
    DeliveryKind.BOUNCE_HARD: (
        "bounce hard", "hard", "hard bounce", "hardbounce", "hard bounced", "permanent", "permanent bounce",
        "permanent failure", "permanent fail", "permanente", "bounce permanente", "falha permanente", "erro permanente",
        "devolucao permanente", "fallo permanente", "error permanente", "rebote permanente", "rebote duro",
    ),
    DeliveryKind.BOUNCE_SOFT: (
        "bounce soft", "soft", "soft bounce", "softbounce", "soft bounced", "temporary", "temporary bounce",
        "temporary failure", "temporary fail", "transient", "transient bounce", "temporario", "temporaria",
        "bounce temporario", "falha temporaria", "erro temporario", "devolucao temporaria", "temporal", "fallo temporal",
        "error temporal", "rebote temporal", "rebote suave", "rebote blando", "mailbox full", "caixa cheia",
        "caixa postal cheia", "buzon lleno",
    ),
    DeliveryKind.COMPLAINT: (
        "complaint", "complaints", "complained", "spam", "spam complaint", "spamcomplaint", "spam report", "spamreport",
        "marked as spam", "marcado como spam", "marcada como spam", "abuse", "abuse report", "reclamacao", "reclamacoes",
        "denuncia", "denuncia de spam", "reclamacion", "queja", "queja de spam",
    ),
}  # fmt: skip
_KINDS: Final = {word: kind for kind, words in _WORDS.items() for word in words}

#: That a message came back, and not why.
_CAME_BACK: Final = frozenset(
    (
        "bounce", "bounced", "bounces", "failed", "failure", "fail", "falha", "falhou", "fallo", "fallido", "fallida",
        "devolvido", "devolvida", "devolucao", "devuelto", "devuelta", "retornado", "retornada", "rebote", "rebotado",
        "undelivered", "nao entregue", "no entregado", "no entregada",
    )
)  # fmt: skip
#: Of a message, and nothing of a mailbox: still on its way, refused before it was sent, or read. An opt-out is none of
#: these: who leaves it out loses it.
_NOTHING: Final = frozenset(
    (
        "processed", "queued", "accepted", "scheduled", "request", "requests", "sent", "send", "enviado", "enviada",
        "deferred", "deferral", "delayed", "delivery delay", "deliverydelay", "delay", "adiado", "adiada", "diferido",
        "dropped", "drop", "suppressed", "rejected", "reject", "blocked", "block", "bloqueado", "bloqueada",
        "rendering failure", "open", "opened", "opens", "unique opened", "first opening", "uniqueopened", "aberto",
        "aberta", "abertura", "abierto", "abierta", "apertura", "loaded by proxy", "click", "clicked", "clicks",
        "clicado", "clicada", "clique", "clic",
    )
)  # fmt: skip

#: Basic and enhanced status codes (RFC 5321 4.2, RFC 3463 2).
_BASIC: Final = re.compile(r"(?<![0-9.])([245][0-9]{2})(?![0-9.])")
_ENHANCED: Final = re.compile(r"(?<![0-9.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")
_BEGINS_WITH_CODE: Final = re.compile(
    r"\s*(?:smtp\s*;\s*)?[245](?:[0-9]{2}(?![0-9])|\.[0-9]{1,3}\.[0-9])", re.IGNORECASE
)

_PERMANENT: Final = "5"
#: Subjects of RFC 3463 3 that are not the mailbox: the mail system (full, message too large), routes, the message's form,
#: security and policy (as a rule, what the receiver thinks of the sender).
_OTHER_SUBJECTS: Final = frozenset({"3", "4", "6", "7"})
#: Mailbox full, which RFC 3463 calls a persistent transient failure, and message too long.
_NOT_NOW: Final = frozenset({("2", "2"), ("2", "3")})
#: RFC 5321 4.2.3: mailbox unavailable, user not local, mailbox name not allowed; and what only takes time.
_BASIC_HARD: Final = frozenset({"550", "551", "553"})
_BASIC_SOFT: Final = frozenset({"421", "450", "451", "452", "552"})


@unique
class Unsaid(StrEnum):
    """What a cell says that is no kind."""

    NOTHING = "nothing"  # nothing of a mailbox
    UNREADABLE = "unreadable"  # a word or a code that is not known, or a message that came back without why


def kind_of(said: str, *, bounce_type: str = "", detail: str = "") -> DeliveryKind | Unsaid:
    """Return what a cell says that happened; of a message that came back, the other two may say why."""
    if _BEGINS_WITH_CODE.match(said):
        return _of_code(said) or Unsaid.UNREADABLE
    word = comparable(said)
    if word in _KINDS:
        return _KINDS[word]
    if word in _NOTHING:
        return Unsaid.NOTHING
    if word not in _CAME_BACK:
        return Unsaid.UNREADABLE
    if _BEGINS_WITH_CODE.match(bounce_type):
        why = _of_code(bounce_type)
    else:
        why = _KINDS.get(comparable(bounce_type)) or _of_code(detail)
    return why if why in (DeliveryKind.BOUNCE_HARD, DeliveryKind.BOUNCE_SOFT) else Unsaid.UNREADABLE


def _of_code(text: str) -> DeliveryKind | None:
    """Return what the first status codes of a text come to; the enhanced one says more. None: nothing that is certain."""
    if enhanced := _ENHANCED.search(text):
        level, subject, detail = enhanced.groups()
        if level == "2":
            return DeliveryKind.DELIVERED
        is_mailbox = subject not in _OTHER_SUBJECTS and (subject, detail) not in _NOT_NOW
        return DeliveryKind.BOUNCE_HARD if level == _PERMANENT and is_mailbox else DeliveryKind.BOUNCE_SOFT
    basic = _BASIC.search(text)
    if basic is None:
        return None
    if basic[1] == "250":
        return DeliveryKind.DELIVERED
    if basic[1] in _BASIC_HARD:
        return DeliveryKind.BOUNCE_HARD
    return DeliveryKind.BOUNCE_SOFT if basic[1] in _BASIC_SOFT else None


def codes_of(detail: str) -> str | None:
    """Return the status codes of a text, as ``550 5.1.1``; the rest often has the address in it, and is not kept."""
    found = [match[0] for pattern in (_BASIC, _ENHANCED) if (match := pattern.search(detail))]
    return " ".join(found) or None
