"""What the local part of an address says: whose mailbox it is, and whether there can be such a mailbox at all."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final, NamedTuple

from pipeline.verdicts import lists
from pipeline.verdicts.evidence import Policy
from pipeline.verdicts.reasons import Flag, ReasonCode

#: RFC 5321 section 4.5.3.1.1, in octets.
LONGEST_LOCAL_PART: Final = 64

#: What may stand where two words of a name meet.
_JOINTS: Final = ("", "-", "_", ".")
#: What may follow a name: vendas2, vendas_01. More figures than two are a year, or a person's.
_NUMBER: Final = "0123456789"
_NUMBERED: Final = re.compile(r"(.*?)[._-]?[0-9]{1,2}")
_SHORTEST, _LONGEST = 6, 30
_LETTERS_FIGURES_DOTS: Final = re.compile(r"[A-Za-z0-9.]+")
#: Nothing beyond ASCII, no tag, not too long.
_PLAIN: Final = re.compile(r"[!-*,-~]{1,64}")


class Mailbox(NamedTuple):
    """What was found. ``local_part``: how it must be written at its provider, where that is known and another way."""

    reasons: tuple[ReasonCode, ...] = ()
    flags: tuple[str, ...] = ()
    local_part: str | None = None


def read(local_part: str, domain: str, policy: Policy) -> Mailbox:
    """Return what the local part says, written at this domain."""
    name, plus, _ = local_part.partition("+")
    kind = _kind(name if name.isascii() else _bare(name))
    reasons = [*_of_kind(kind, policy), *_of_form(local_part, policy)]
    flags = []
    if kind in ("role", "fiscal"):
        flags.append(Flag.ROLE_ACCOUNT if kind == "role" else Flag.FISCAL_MAILBOX)
    if plus and name:
        flags.append(Flag.PLUS_TAG)
    mended = None
    if not _is_possible(name if plus else local_part, domain):
        reasons.append(ReasonCode.PROVIDER_RULE)
        mended = unaccented(local_part, domain)
    return Mailbox(tuple(reasons), tuple(flags), mended)


def is_plain(local_part: str) -> bool:
    """Whether `read` has nothing to say of it at any domain but those of `is_picky`; quickly, and no rather than yes."""
    return _PLAIN.fullmatch(local_part) is not None and not (
        local_part.rstrip("0123456789._-") in _stems() or _unread_words().match(local_part)
    )


def is_letters_and_figures(local_part: str) -> bool:
    """Whether a plain local part is plain at Gmail too: the rule of its names, and no dot that means nothing."""
    return local_part.isalnum() and _SHORTEST <= len(local_part) <= _LONGEST


def is_picky(domain: str) -> bool:
    """Whether the domain's provider has more to say about plain local parts."""
    return domain in _letters_figures_dots()


def unaccented(local_part: str, domain: str) -> str | None:
    """Return an accented local part as the domain's provider must have it; None where that is not known, or nothing else."""
    if local_part.isascii() or domain not in _ascii():
        return None
    bare = _bare(local_part)
    return bare if bare.isascii() and _is_possible(bare.partition("+")[0], domain) else None


def is_unaccented_at(local_part: str, domain: str) -> bool:
    """Whether a local part has no letter that the domain's provider is known not to have."""
    return local_part.isascii() or domain not in _ascii()


def _of_kind(kind: str | None, policy: Policy) -> tuple[ReasonCode, ...]:
    if kind in ("system", "unread"):
        return (ReasonCode.SYSTEM_MAILBOX,)
    return (ReasonCode.ROLE_ACCOUNT,) if kind == "role" and policy.risky_roles else ()


def _of_form(local_part: str, policy: Policy) -> tuple[ReasonCode, ...]:
    found = []
    if len(local_part.encode()) > LONGEST_LOCAL_PART:
        found.append(ReasonCode.LOCAL_PART_TOO_LONG)
    if not local_part.isascii() and not policy.smtputf8:
        found.append(ReasonCode.SMTPUTF8_REQUIRED)
    return tuple(found)


def _is_possible(name: str, domain: str) -> bool:
    if domain in _letters_figures_dots():
        return _LETTERS_FIGURES_DOTS.fullmatch(name) is not None and _has_length(name)
    return is_unaccented_at(name, domain)


def _has_length(name: str) -> bool:
    # Google says that dots do not count. In doubt they do where that makes a name long enough, and not where too long.
    return len(name) >= _SHORTEST and len(name.replace(".", "")) <= _LONGEST


def _kind(name: str) -> str | None:
    if kind := _kinds().get(name):
        return kind
    if _unread_words().match(name):
        return "unread"
    if name[-1:] in _NUMBER and (numbered := _NUMBERED.fullmatch(name)):
        kind = _kinds().get(numbered[1])
        return kind if kind in _may_be_numbered() else None
    return None


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@cache
def _kinds() -> dict[str, str]:
    """Return every way of writing a name, and the kind of its mailbox; a name of several kinds is of the first."""
    found: dict[str, str] = {}
    for kind, section in _sections():
        for name in section["names"]:
            for joint in _JOINTS:
                found.setdefault(name.replace("-", joint), kind)
    return found


def _sections() -> list[tuple[str, dict[str, list[str]]]]:
    return [(kind, section) for kind, section in lists.load("mailboxes").items() if isinstance(section, dict)]


@cache
def _unread_words() -> re.Pattern[str]:
    words = lists.load("mailboxes")["unread"]["whatever_follows"]
    return re.compile(rf"(?:{'|'.join(word.replace('-', '[._-]?') for word in words)})[._-].")


@cache
def _may_be_numbered() -> frozenset[str]:
    return frozenset(kind for kind, section in _sections() if section["digits"])


@cache
def _stems() -> frozenset[str]:
    return frozenset(_kinds())


@cache
def _letters_figures_dots() -> frozenset[str]:
    return frozenset(lists.load("mailbox_rules")["letters_figures_dots"])


@cache
def _ascii() -> frozenset[str]:
    return frozenset(lists.load("mailbox_rules")["ascii"])
