"""What is known of a person, or of an address: opt-outs, consent, verdicts, deliveries."""

from __future__ import annotations

from enum import StrEnum


class OptOutKind(StrEnum):
    """In what way a person is opted out, by a file or by the platform; only ever added, by an operation of its own lifted."""

    UNSUBSCRIBE = "unsubscribe"  # asked not to be written to
    BOUNCE = "bounce"  # the mailbox does not exist
    COMPLAINT = "complaint"  # called a message spam
    MANUAL = "manual"  # somebody of the tenant decided so
    ERASURE = "erasure"  # asked to be forgotten (LGPD art. 18); known by a keyed hash alone


class LiftedAs(StrEnum):
    """Why an opt-out holds no longer; set once, with evidence, never taken away: what was said stays on record."""

    RECONSENT = "reconsent"  # set by `mkt suppress lift`: the person agreed anew
    RETRACTED = "retracted"  # set by `mkt suppress retract`: the job that said so was wrong


class LegalBasis(StrEnum):
    """On what grounds a person may be written to: the words of the LGPD, art. 7 (I to X). Set with the membership."""

    CONSENT = "consentimento"  # I
    LEGAL_OBLIGATION = "obrigacao_legal"  # II
    PUBLIC_POLICY = "politica_publica"  # III
    RESEARCH = "pesquisa"  # IV
    CONTRACT = "execucao_de_contrato"  # V
    LEGAL_CLAIMS = "exercicio_de_direitos"  # VI
    PROTECTION_OF_LIFE = "protecao_da_vida"  # VII
    HEALTH = "tutela_da_saude"  # VIII
    LEGITIMATE_INTEREST = "legitimo_interesse"  # IX
    CREDIT = "protecao_do_credito"  # X
    NOT_STATED = "nao_informada"  # nobody said; taken away by the first import that does


class ConsentSource(StrEnum):
    """Where the tenant has the address from. Set with the membership; free words of a file stay in its evidence."""

    WEB_FORM = "web_form"  # the person entered it on a page of the tenant's
    EVENT = "event"
    CUSTOMER = "customer"  # bought something
    REFERRAL = "referral"  # somebody else named the person
    PARTNER = "partner"  # another company handed it over, with the person's knowledge
    PURCHASED = "purchased"  # a list that was bought
    PUBLIC = "public"  # found where everybody can read it
    OTHER = "other"


class DeliveryKind(StrEnum):
    """What the platform heard of a message; told once, never changed."""

    DELIVERED = "delivered"  # the receiving server took it
    BOUNCE_HARD = "bounce_hard"  # the mailbox does not exist: becomes a suppression
    BOUNCE_SOFT = "bounce_soft"  # not this time: a full mailbox is no opt-out
    COMPLAINT = "complaint"  # the receiver called it spam: becomes a suppression


class OverrideDecision(StrEnum):
    """What a tenant decided about an address or a domain; set by `mkt verdict allow|deny`, taken away by `mkt verdict forget`."""

    ALLOW = "allow"  # lifts `risky`, never `invalid`, a bounce or an opt-out
    DENY = "deny"  # wins over everything


class VerdictStatus(StrEnum):
    """Whether an address should be used. Set by validate and re-validation, replaced by the next judgement."""

    VALID = "valid"
    INVALID = "invalid"
    RISKY = "risky"
    UNKNOWN = "unknown"
