"""What the name of a domain says, and the names of its mail servers: lists, scripts, look-alikes."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from disposable_email_domains import blocklist
from publicsuffixlist import PublicSuffixList

from pipeline.verdicts import lists
from pipeline.verdicts.reasons import Flag, ReasonCode
from pipeline.verdicts.version import DISPOSABLE_VERSION

#: Letters of other scripts that look like Latin ones (UTS #39, confusables; those alone that make words of them).
_LOOK_ALIKES: Final = str.maketrans("аԁеһіјӏкмоԛрѕтухԝνοαιρτυ\u0131", "adehijlkmoqpstyxwvoaiptui")
#: Scripts of which no two belong in one label (UTS #39 section 5.2: Latin goes with others, but not with these).
_SEPARATE_SCRIPTS: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE"})
_A_LABEL: Final = "xn--"


class DomainName(NamedTuple):
    """What was found, and the lists that have it, with their versions."""

    reasons: tuple[ReasonCode, ...] = ()
    flags: tuple[str, ...] = ()
    lists: Mapping[str, str] = MappingProxyType({})


_NOTHING: Final = DomainName()


@lru_cache(maxsize=65_536)
def read(domain: str) -> DomainName:
    """Return what the name of a domain says, given in lower case and as A-labels."""
    reasons: list[ReasonCode] = []
    flags: list[str] = []
    hits: dict[str, str] = {}
    if domain in _free():
        flags.append(Flag.FREE_PROVIDER)
        hits["providers"] = lists.version("providers")
    if is_under(domain, _forwarders()):
        flags.append(Flag.FORWARDING_ALIAS)
        hits["forwarders"] = lists.version("forwarders")
    elif hit := _disposable_list(domain):
        reasons.append(ReasonCode.DISPOSABLE_DOMAIN)
        hits |= hit
    if _A_LABEL in domain:
        flags.append(Flag.IDN)
        labels = [_decoded(label) for label in domain.split(".")]
        if None in labels:
            flags.append(Flag.IDN_UNDECODABLE)
        elif is_confusable([label for label in labels if label is not None]):
            reasons.append(ReasonCode.CONFUSABLE_DOMAIN)
    return DomainName(tuple(reasons), tuple(flags), hits)


def read_mail_servers(exchanges: Sequence[str]) -> DomainName:
    """Return what the names of a domain's mail servers say: only what is true of all of them."""
    if not exchanges or not (marks := _marks(exchanges[0])):
        return _NOTHING
    reasons = tuple(marks.intersection(*map(_marks, exchanges)))
    return DomainName(reasons, (), {"mail_servers": lists.version("mail_servers")}) if reasons else _NOTHING


def is_confusable(labels: Sequence[str]) -> bool:
    """Whether a reader takes the (decoded) labels for others: mixed scripts in one, or a provider's name in disguise."""
    return any(map(_is_mixed, labels)) or _skeleton(".".join(labels)) in _free()


def registrable(domain: str) -> str | None:
    """Return the part of a domain that somebody registered; None: it is a public suffix (nom.br, ana.nom.br) itself."""
    found: str | None = _suffixes().privatesuffix(domain)
    return found


def is_under(name: str, names: frozenset[str]) -> bool:
    """Whether one of ``names`` is this one or the end of it, compared by whole labels."""
    return not names.isdisjoint(_with_parents(name))


def _disposable_list(domain: str) -> dict[str, str]:
    """Return the list that has the domain or a parent of it, down to the registrable one: a public suffix never matches."""
    names = _with_parents(domain)
    # Most domains are on no list at all: only for the others it matters what is registrable.
    if blocklist.isdisjoint(names) and _more_disposable().isdisjoint(names):
        return {}
    own = registrable(domain)
    if own is None or is_under(domain, _never_disposable()):
        return {}
    candidates = [name for name in names if len(name) >= len(own)]
    if not blocklist.isdisjoint(candidates):
        return {"disposable": DISPOSABLE_VERSION}
    return {} if _more_disposable().isdisjoint(candidates) else {"disposable_extra": lists.version("disposable")}


def _with_parents(name: str) -> list[str]:
    found = []
    while name:
        found.append(name)
        name = name.partition(".")[2]
    return found


def _decoded(label: str) -> str | None:
    if not label.startswith(_A_LABEL):
        return label
    try:
        return label.removeprefix(_A_LABEL).encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return None


def _is_mixed(label: str) -> bool:
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in label if not c.isascii() or c.isalpha()}
    return len(scripts & _SEPARATE_SCRIPTS) > 1


def _skeleton(text: str) -> str:
    """Return the word that a reader takes the text for."""
    bare = unicodedata.normalize("NFKD", text.lower().translate(_LOOK_ALIKES))
    return "".join(c for c in bare if not unicodedata.combining(c)).translate(_LOOK_ALIKES)


@cache
def _free() -> frozenset[str]:
    return frozenset(lists.load("providers")["free"])


@cache
def _forwarders() -> frozenset[str]:
    return frozenset(lists.load("forwarders")["domains"])


@cache
def _never_disposable() -> frozenset[str]:
    return frozenset(lists.load("disposable")["never"])


@cache
def _more_disposable() -> frozenset[str]:
    return frozenset(lists.load("disposable")["extra"])


@lru_cache(maxsize=65_536)
def _marks(mail_server: str) -> frozenset[ReasonCode]:
    parents = _with_parents(mail_server)
    return frozenset([reason for reason, names in _mail_servers().items() if not names.isdisjoint(parents)])


@cache
def _mail_servers() -> dict[ReasonCode, frozenset[str]]:
    found = lists.load("mail_servers")
    return {
        ReasonCode.DISPOSABLE_MX: frozenset(found["disposable"]),
        ReasonCode.PARKED_MX: frozenset(found["parked"]),
    }


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
